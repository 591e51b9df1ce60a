"""The shapes that annotations promise are checked while tests run."""

import jax.numpy as jnp
import jaxtyping
import pytest
from jaxtyping import Array, Float
from shape_checker import check_shapes

import magjax as mj


@jaxtyping.jaxtyped(typechecker=check_shapes)
def _transposed(a: Float[Array, "n k"], scale: float = 1.0) -> Float[Array, "k n"]:
    return scale * a.T if scale else a


def test_right_shapes_pass() -> None:
    """Numbers that jax traces or promotes are none of the checker's business."""
    assert _transposed(jnp.ones((2, 3)), scale=2).shape == (3, 2)


def test_wrong_results_are_caught() -> None:
    """Too few axes, and axes that do not agree with those of the arguments."""
    with pytest.raises(jaxtyping.TypeCheckError):
        _transposed(jnp.ones(3))
    with pytest.raises(jaxtyping.TypeCheckError):
        _transposed(jnp.ones((2, 3)), scale=0)


def test_library_is_checked() -> None:
    """The import hook reached the library before anything imported it."""
    assert hasattr(mj.textures.uniform, "__wrapped__")
