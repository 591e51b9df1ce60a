"""Pictures of modes: planes and curves, empty cells, panels that are left over."""

import numpy as np
import pytest

import magjax as mj
from magjax.plot.modes import plot_modes


@pytest.mark.slow
def test_planes_and_empty_cells() -> None:
    """Two pictures for each of five modes in two rows of four; no pixel where no spin is."""
    mesh = mj.Mesh((6, 4, 2), (5e-9, 4e-9, 3e-9))
    u = np.random.default_rng(0).normal(size=(5, 3, *mesh.shape)) * (1 + 1j)
    u[:, :, :, :, 0] = 0
    figure = plot_modes(mesh, u, titles=("first",))
    assert len(figure.axes) == 10
    assert figure.axes[0].get_title() == "first"
    shown = figure.axes[0].images[0].get_array()
    assert shown.shape == (4, 6)
    assert np.ma.getmaskarray(shown)[:, 0].all()
    assert not np.ma.getmaskarray(shown)[:, 1:].any()


@pytest.mark.slow
def test_a_row_of_cells_is_a_curve() -> None:
    mesh = mj.Mesh((1, 8, 1), 5e-9)
    y = mesh.centers()[1]
    figure = plot_modes(mesh, np.stack([np.cos(y * 1e8), 0 * y, 0 * y])[None])
    assert figure.axes[0].get_xlabel() == "$y$ (nm)"
    assert np.allclose(figure.axes[1].lines[0].get_ydata(), np.cos(y * 1e8).ravel(), rtol=1e-12, atol=1e-12)


def test_shapes_are_checked() -> None:
    mesh = mj.Mesh((2, 2, 1), 5e-9)
    for shape in ((3, 1, 2, 2), (0, 3, 1, 2, 2), (1, 3, 2, 2, 1)):
        with pytest.raises(ValueError, match=r"Argument `profiles` must have the shape"):
            plot_modes(mesh, np.ones(shape))
