import sys

import matplotlib
import numpy as np
import pytest

from magjax.mesh import Mesh
from magjax.plot.colors import spin_colors
from magjax.plot.fields import plot_field


def shown(figure) -> np.ndarray:
    return np.ma.filled(figure.axes[0].images[0].get_array(), np.nan)


@pytest.mark.parametrize(("axis", "across"), [("x", ("y", "z")), ("y", ("x", "z")), ("z", ("x", "y"))])
def test_slices_show_the_right_cells(mesh, spins, rendered, axis, across):
    figure = plot_field(mesh, spins, axis=axis, index=2)
    plane = np.take(spins, 2, axis=3 - "xyz".index(axis))
    np.testing.assert_allclose(shown(figure), spin_colors(plane), atol=1e-6)
    axes = figure.axes[0]
    lower = [1e9 * mesh.origin["xyz".index(a)] for a in across]
    upper = [lo + 1e9 * mesh.extent["xyz".index(a)] for a, lo in zip(across, lower, strict=True)]
    np.testing.assert_allclose(axes.images[0].get_extent(), [lower[0], upper[0], lower[1], upper[1]], atol=1e-9)
    assert (axes.get_xlabel(), axes.get_ylabel()) == (f"${across[0]}$ (nm)", f"${across[1]}$ (nm)")
    assert axes.get_title("left").startswith(f"${axis}$ = ")
    assert rendered(figure).std() > 20


def test_what_is_drawn_is_what_is_there(rendered):
    """Left half along +x, right half up, an empty cell: their pixels are red, white and grey."""
    mesh = Mesh((4, 2, 1), 5e-9)
    m = np.zeros((3, 1, 2, 4))
    m[0, 0, :, :2] = 1
    m[2, 0, :, 2:] = 1
    m[:, 0, 1, 3] = 0
    figure = plot_field(mesh, m, arrows=False)
    pixels = rendered(figure)
    axes = figure.axes[0]

    def pixel(x, y):
        column, row = axes.transData.transform((x, y))
        return tuple(pixels[round(pixels.shape[0] - row), round(column)])

    assert pixel(5, 5) == (255, 0, 0)
    assert pixel(17.5, 2.5) == (255, 255, 255)
    assert pixel(17.5, 7.5) == (230, 230, 230)


@pytest.mark.parametrize("component", ["x", "y", "z"])
def test_component(mesh, spins, rendered, component):
    figure = plot_field(mesh, spins, component=component, position=3e-9)
    plane = spins["xyz".index(component), 0].astype(float)
    plane[(spins[:, 0] == 0).all(axis=0)] = np.nan
    np.testing.assert_allclose(shown(figure), plane)
    low, high = figure.axes[0].images[0].get_clim()
    assert low == -high
    bar = figure.axes[0].child_axes[0]
    assert bar.get_ylabel() == f"$m_{{{component}}}$"
    assert rendered(figure).std() > 20


def test_scalar_field_with_units(mesh, rendered):
    density = np.linspace(0, 5e5, mesh.n_cells).reshape(mesh.shape)
    density[:, 0, 0] = np.nan
    figure = plot_field(mesh, density, name="energy_density", units="J/m³", index=0)
    np.testing.assert_allclose(shown(figure), density[0] / 1e3)
    assert figure.axes[0].child_axes[0].get_ylabel() == "energy density (kJ/m³)"
    figure = plot_field(mesh, density, units="J/m³", limits=(0, 1e6))
    assert figure.axes[0].images[0].get_clim() == pytest.approx((0, 1), rel=1e-6, abs=0)
    assert rendered(figure).std() > 20


def test_arrows_point_along_the_field(mesh, spins):
    """Every arrow stands in a cell and has that cell's direction."""
    figure = plot_field(mesh, spins, axis="y", index=3)
    (quiver,) = [c for c in figure.axes[0].collections if hasattr(c, "U")]
    x, z = (mesh.coordinates(a) * 1e9 for a in "xz")
    for at, u, v in zip(quiver.get_offsets(), quiver.U, quiver.V, strict=True):
        i, k = np.argmin(abs(x - at[0])), np.argmin(abs(z - at[1]))
        np.testing.assert_allclose(at, (x[i], z[k]))
        if u is not np.ma.masked:
            np.testing.assert_allclose((u, v), spins[[0, 2], k, 3, i], rtol=1e-6)
    assert not [c for c in plot_field(mesh, spins, arrows=False).axes[0].collections if hasattr(c, "U")]


def test_box_cuts_the_picture(mesh, spins):
    figure = plot_field(mesh, spins, box={"x": (0.0, 20e-9)}, index=1)
    np.testing.assert_allclose(shown(figure), spin_colors(spins[:, 1, :, 2:6]), atol=1e-6)
    np.testing.assert_allclose(figure.axes[0].get_xlim(), (0, 20), atol=1e-9)


def test_fields_in_tesla_are_coloured_relative_to_the_longest(mesh, spins):
    figure = plot_field(mesh, spins * np.float32(0.003), index=0)
    assert shown(figure)[..., :3].std() > 0.2


@pytest.mark.parametrize("cells", [(1, 1, 1), (200, 1, 1), (1, 50, 1), (300, 40, 1), (3, 90, 1)])
def test_any_shape_is_drawn(cells, rendered):
    mesh = Mesh(cells, (2e-9, 3e-9, 1e-9))
    m = np.zeros((3, *mesh.shape))
    m[1] = 1
    for axis in ("x", "y", "z"):
        figure = plot_field(mesh, m, axis=axis)
        assert rendered(figure).std() > 5
        assert max(figure.get_size_inches()) < 8


def test_an_empty_field_is_drawn(mesh, rendered):
    assert rendered(plot_field(mesh, np.zeros((3, *mesh.shape)))).std() > 5
    assert rendered(plot_field(mesh, np.full(mesh.shape, np.nan))).std() > 5


def test_into_given_axes(mesh, spins):
    from matplotlib.figure import Figure

    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert plot_field(mesh, spins, ax=left, title="a") is figure
    assert plot_field(mesh, spins, ax=right, component="x") is figure
    assert left.get_title("left") == "a"


def test_nothing_global_changes(mesh, spins):
    before = dict(matplotlib.rcParams), matplotlib.get_backend(auto_select=False)
    was_loaded = "matplotlib.pyplot" in sys.modules
    plot_field(mesh, spins)._repr_png_()
    assert (dict(matplotlib.rcParams), matplotlib.get_backend(auto_select=False)) == before
    assert ("matplotlib.pyplot" in sys.modules) == was_loaded


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"axis": "w"}, "`axis`"),
        ({"component": "w"}, "`component`"),
        ({"index": 4}, "within the 4 cells"),
        ({"position": 7.0}, "did you give nm"),
        ({"position": 3e-9, "index": 1}, "not both"),
        ({"box": {"x": (0, 0)}}, "`box`"),
    ],
)
def test_bad_arguments(mesh, spins, options, message):
    with pytest.raises(ValueError, match=message):
        plot_field(mesh, spins, **options)


def test_bad_shapes(mesh, spins):
    with pytest.raises(ValueError, match="component comes first"):
        plot_field(mesh, np.moveaxis(spins, 0, -1))
    with pytest.raises(ValueError, match="scalar"):
        plot_field(mesh, spins[0], component="x")
