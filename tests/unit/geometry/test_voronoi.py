"""Polycrystals."""

import jax
import numpy as np
import pytest
from scipy import ndimage

from magjax.geometry import Regions
from magjax.geometry.voronoi import tessellate
from magjax.mesh import Mesh


def test_mean_area_is_the_square_of_the_grain_size() -> None:
    """N cut-free grains on a torus have the mean area L²/N exactly, and N is Poisson with mean 400: ±5 % (one σ).

    Three σ is allowed; the key is fixed, so a pass today is a pass tomorrow.
    """
    mesh = Mesh((200, 160, 1), (4e-9, 5e-9, 3e-9), periodic="xy")
    grains = np.unique(tessellate(mesh, 40e-9, 0)).size
    assert grains == pytest.approx(400, rel=0.15, abs=0)


def test_grains_close_on_themselves_across_periodic_axes() -> None:
    """On a torus every Voronoi cell is convex, so in one piece; open edges have nothing in common."""
    mesh = Mesh((60, 50, 1), (4e-9, 5e-9, 3e-9), periodic="xy")
    index = tessellate(mesh, 60e-9, 3)[0]
    tiled = np.tile(index, (3, 3))
    for grain in np.unique(index):
        labels, _ = ndimage.label(tiled == grain, structure=np.ones((3, 3)))
        middle = labels[50:100, 60:120][index == grain]
        sizes = ndimage.sum_labels(np.ones_like(labels), labels, np.unique(middle))
        assert sizes.max() >= (index == grain).sum(), "a copy of the grain is whole somewhere in the tiling"
    # The neighbour across the seam is mostly the same grain, as across any other column.
    assert (index[:, 0] == index[:, -1]).mean() > 0.5
    open_index = tessellate(Mesh((60, 50, 1), (4e-9, 5e-9, 3e-9)), 60e-9, 3)[0]
    assert (open_index[:, 0] == open_index[:, -1]).mean() < 0.1


def test_columns_or_balls() -> None:
    mesh = Mesh((20, 24, 10), (5e-9, 4e-9, 6e-9))
    columns = tessellate(mesh, 30e-9, 1, columnar=True)
    np.testing.assert_array_equal(columns, np.broadcast_to(columns[:1], mesh.shape))
    balls = tessellate(mesh, 30e-9, 1)
    assert (balls[0] != balls[-1]).mean() > 0.5


def test_the_key_decides() -> None:
    mesh = Mesh((30, 20, 1), (4e-9, 5e-9, 3e-9))
    first = Regions.voronoi(mesh, 30e-9, key=5)
    same = Regions.voronoi(mesh, 30e-9, key=jax.random.key(5))
    other = Regions.voronoi(mesh, 30e-9, key=6)
    np.testing.assert_array_equal(first.index, same.index)
    assert first.names != other.names or (np.asarray(first.index) != np.asarray(other.index)).any()


def test_refusals() -> None:
    mesh = Mesh((3, 2, 1), 5e-9)
    with pytest.raises(ValueError, match="did you give nanometres"):
        Regions.voronoi(mesh, 30)
    with pytest.raises(ValueError, match="`key` must be"):
        Regions.voronoi(mesh, 30e-9, key=-1)
