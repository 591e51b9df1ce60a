import jax.numpy as jnp
import numpy as np
import pytest

from magjax.numerics.stencil import array_axis, next_neighbour, previous_neighbour

AXES = pytest.mark.parametrize("axis", ["x", "y", "z"])
LEADING = pytest.mark.parametrize("leading", [(), (3,), (2, 3)], ids=["scalar", "vector", "sublattices"])


def test_x_is_the_fastest_axis():
    assert [array_axis(a) for a in "xyz"] == [-1, -2, -3]


@AXES
@LEADING
def test_neighbours_on_a_periodic_axis_are_rolls(axis, leading, rng):
    field = rng.normal(size=(*leading, 2, 3, 4))
    k = "zyx".index(axis) - 3
    np.testing.assert_array_equal(next_neighbour(jnp.asarray(field), axis, periodic=True), np.roll(field, -1, k))
    np.testing.assert_array_equal(previous_neighbour(jnp.asarray(field), axis, periodic=True), np.roll(field, 1, k))


@AXES
@LEADING
def test_differences_vanish_at_free_edges(axis, leading, rng):
    field = rng.normal(size=(*leading, 2, 3, 4))
    k = "zyx".index(axis) - 3
    forward = np.asarray(next_neighbour(jnp.asarray(field), axis, periodic=False)) - field
    backward = np.asarray(previous_neighbour(jnp.asarray(field), axis, periodic=False)) - field
    n = field.shape[k]
    assert np.all(np.take(forward, n - 1, k) == 0)
    assert np.all(np.take(backward, 0, k) == 0)
    np.testing.assert_array_equal(np.take(forward, range(n - 1), k), np.diff(field, axis=k))
    np.testing.assert_array_equal(np.take(backward, range(1, n), k), -np.diff(field, axis=k))


@AXES
def test_a_single_cell_is_its_own_neighbour(axis):
    field = jnp.arange(3.0).reshape(3, 1, 1, 1)
    for periodic in (False, True):
        np.testing.assert_array_equal(next_neighbour(field, axis, periodic=periodic), field)
        np.testing.assert_array_equal(previous_neighbour(field, axis, periodic=periodic), field)
