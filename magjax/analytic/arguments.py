"""Arguments of closed forms as arrays of one precision."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array


def floats(*values: Any) -> tuple[Array, ...]:
    """The arguments as arrays of one floating-point type, double only if an array among them is.

    Python's own numbers, alone or in tuples, take on the precision of what they meet.

    >>> import jax.numpy as jnp
    >>> from magjax.analytic.arguments import floats
    >>> [array.dtype.name for array in floats((0.6, 0.0, 0.8), 1, jnp.float32(2.0))]
    ['float32', 'float32', 'float32']
    """
    dtype = jnp.result_type(0.0, *jax.tree.leaves(values))
    return tuple(jnp.asarray(value, dtype) for value in values)
