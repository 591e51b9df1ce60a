import copy
import math
import pickle

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import magjax as mj

CELLS = st.tuples(*[st.integers(1, 6)] * 3)
SIZES = st.tuples(*[st.floats(1e-10, 1e-6)] * 3)
ORIGINS = st.tuples(*[st.floats(-1e-6, 1e-6)] * 3)
PERIODIC = st.sets(st.sampled_from("xyz"))


@given(CELLS, SIZES, ORIGINS, PERIODIC)
def test_geometry_is_consistent(cells, sizes, origin, periodic):
    mesh = mj.Mesh(cells, sizes, origin=origin, periodic="".join(periodic))
    x, y, z = mesh.centers()
    assert x.shape == y.shape == z.shape == mesh.shape == cells[::-1]
    assert mesh.n_cells == x.size
    assert mesh.cell_volume * mesh.n_cells == pytest.approx(math.prod(mesh.extent), rel=1e-12, abs=0)
    for i, (axis, r) in enumerate(zip("xyz", (x, y, z), strict=True)):
        assert mesh.is_periodic(axis) == (axis in periodic)
        scale = abs(origin[i]) + mesh.extent[i]
        np.testing.assert_allclose(np.unique(r), mesh.coordinates(axis), rtol=1e-15)
        assert r.min() == pytest.approx(origin[i] + sizes[i] / 2, abs=1e-14 * scale)
        assert r.max() == pytest.approx(origin[i] + mesh.extent[i] - sizes[i] / 2, abs=1e-14 * scale)
        assert r.mean() == pytest.approx(mesh.center[i], abs=1e-13 * scale)


@given(CELLS, SIZES, ORIGINS, PERIODIC)
def test_equal_meshes_are_one_key(cells, sizes, origin, periodic):
    """Programs are compiled once per mesh, however its axes were spelt and wherever it was copied."""
    mesh = mj.Mesh(cells, sizes, origin=origin, periodic="".join(periodic))
    same = mj.Mesh(list(cells), np.array(sizes), origin=list(origin), periodic=sorted(periodic, reverse=True))
    assert mesh == same
    assert hash(mesh) == hash(same)
    assert pickle.loads(pickle.dumps(mesh)) == mesh == copy.deepcopy(mesh)
    assert jax.tree_util.tree_leaves(mesh) == []
    assert mesh != mj.Mesh((7, *cells[1:]), sizes, origin=origin)


def test_x_is_the_fastest_axis():
    x, y, z = mj.Mesh((4, 3, 2), 1.0e-9).centers()
    assert x[0, 0, 1] > x[0, 0, 0]
    assert y[0, 1, 0] > y[0, 0, 0]
    assert z[1, 0, 0] > z[0, 0, 0]


@pytest.mark.parametrize(
    ("cells", "size", "expected"),
    [
        (5, 2e-9, ((5, 1, 1), (2e-9, 2e-9, 2e-9))),
        ((5, 4), (2e-9, 3e-9), ((5, 4, 1), (2e-9, 3e-9, 3e-9))),
        (np.array([5, 4, 3]), [1e-9, 2e-9, 3e-9], ((5, 4, 3), (1e-9, 2e-9, 3e-9))),
        ((5.0, 4, 3), 1e-9, ((5, 4, 3), (1e-9, 1e-9, 1e-9))),
    ],
)
def test_short_ways_to_write_a_mesh(cells, size, expected):
    mesh = mj.Mesh(cells, size)
    assert (mesh.cells, mesh.cell_size) == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cells": (0, 1, 1)}, "`cells` must hold whole numbers ≥ 1"),
        ({"cells": (1.5, 1, 1)}, "`cells` must hold whole numbers ≥ 1"),
        ({"cells": (True, 1, 1)}, "`cells` must hold whole numbers ≥ 1"),
        ({"cells": (1, 1, 1, 1)}, "one to three numbers"),
        ({"cells": ()}, "one to three numbers"),
        ({"cell_size": 5.0}, r"must be in metres, but got 5.0; .* \(5 nm is 5e-9\)"),
        ({"cell_size": (1e-9, -1e-9, 1e-9)}, "lengths > 0"),
        ({"cell_size": np.nan}, "lengths > 0"),
        ({"cell_size": (1e-9,) * 4}, "one to three lengths"),
        ({"cell_size": "5 nm"}, "`cell_size` must hold one to three lengths > 0 in metres, but got '5 nm'"),
        ({"cell_size": 5e-18}, "`cell_size` must be at least 1e-12 m, .* got 5e-18; was it scaled to metres twice"),
        ({"cells": "abc"}, "`cells` must hold one to three numbers, but got 'abc'"),
        ({"cells": [[1, 2], [3]]}, "`cells` must hold one to three numbers"),
        ({"cells": (np.inf, 1, 1)}, "`cells` must hold one to three numbers"),
        ({"cells": None}, "`cells` must hold one to three numbers, but got None"),
        ({"origin": "abc"}, "three finite lengths"),
        ({"origin": 0.0}, "three finite lengths"),
        ({"periodic": True}, "name each repeating axis once, .* but got True"),
        ({"origin": (0, 0)}, "three finite lengths"),
        ({"origin": (0, 0, np.inf)}, "three finite lengths"),
        ({"periodic": "xx"}, "name each repeating axis once"),
        ({"periodic": "a"}, "name each repeating axis once"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        mj.Mesh(**{"cells": (2, 2, 2), "cell_size": 1e-9, **arguments})


def test_the_same_cells_elsewhere():
    mesh = mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9))
    assert mesh.has_cells_of(mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9), origin=(1e-9, 0, 0)))
    for cells, size, periodic in (
        ((4, 3, 1), (2e-9, 3e-9, 2.5e-9), ""),
        ((4, 3, 2), 2e-9, ""),
        ((4, 3, 2), mesh.cell_size, "x"),
    ):
        assert not mesh.has_cells_of(mj.Mesh(cells, size, periodic=periodic))
