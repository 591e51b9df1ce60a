"""What a drive is multiplied with: its distribution in space."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer


class Profile(eqx.Module):
    """A function of position as the value of a parameter.

    - `function`: `f(x, y, z)` of the cell centres in m, arrays of shape `(nz, ny, nx)`.

    >>> from magjax.drive.profile import Profile
    >>> Profile(lambda x, y, z: 1e-11 * (1 + x / 1e-7)).function(1e-7, 0.0, 0.0)
    2e-11
    """

    function: Callable[..., Any] = eqx.field(static=True)


def in_space(value: Any) -> Any:
    """A vector, an array, a dictionary over regions or a function of position as a pytree of arrays.

    **Raises** `ValueError` for numbers that are not finite, `TypeError` for what is none of these.
    """
    if isinstance(value, Profile):
        return value
    if isinstance(value, dict):
        return {name: in_space(each) for name, each in value.items()}
    if callable(value) and not isinstance(value, (jax.Array, np.ndarray)):
        return Profile(value)
    if isinstance(value, Tracer):
        return value
    try:
        array = np.asarray(value, dtype=float)
    except jax.errors.TracerArrayConversionError:  # a tuple that holds traced numbers
        return jnp.stack([jnp.asarray(each) for each in value])
    except (TypeError, ValueError):
        raise TypeError(
            f"A drive must be multiplied by numbers, a dictionary or a function of position, but got {value!r}."
        ) from None
    if not np.isfinite(array).all():
        raise ValueError(f"A drive must be multiplied by finite numbers, but got {value!r}.")
    is_float = isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jnp.floating)
    return value if is_float else jnp.asarray(array, dtype=jnp.result_type(float))
