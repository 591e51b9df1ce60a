"""Directions as people give them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.material.direction import direction


def test_names_and_vectors():
    assert direction("-z", "axis").tolist() == [0, 0, -1]
    assert direction((0, 2, 0), "axis").tolist() == [0, 2, 0]


@pytest.mark.parametrize("value", [(0, 0, 0), {"left": (0, 0, 1), "right": (0, 0, 0)}])
def test_a_vector_without_length_is_refused(value):
    with pytest.raises(ValueError, match=r"`axis.*` must have a direction, but got a vector of length zero"):
        direction(value, "axis")


def test_cells_without_a_direction_are_counted_and_the_first_is_named():
    axes = np.ones((3, 1, 2, 3))
    axes[:, 0, 1, 2] = axes[:, 0, 1, 0] = 0
    with pytest.raises(
        ValueError, match=r"length zero at \(z, y, x\) = \(0, 1, 0\), and 2 such cells in all; in empty"
    ):
        direction(axes, "axis")


def test_another_text_is_refused():
    with pytest.raises(ValueError, match="Argument `axis` must be 'x'"):
        direction("up", "axis")


@pytest.mark.parametrize("value", [3, (0, 1), (0, 0, 1, 0), {"left": 1.0}])
def test_what_is_no_vector_is_refused(value):
    with pytest.raises(ValueError, match=r"Argument `axis` must be .* or vectors of three numbers, components first"):
        direction(value, "axis")


def test_what_is_traced_passes():
    assert jax.eval_shape(lambda a: direction(a, "axis"), jnp.zeros(3)).shape == (3,)
