"""How the numbers of a drive become leaves, and follow the precision of the time they meet."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array


def leaf(name: str, value: Any, *, ndim: int = 0, minimum: float | None = None, above: float | None = None) -> Array:
    """`value` as a floating-point array of `ndim` dimensions, checked wherever its numbers are known already.

    **Raises** `ValueError` for numbers that are not finite, below `minimum` or not `above` a bound, and other shapes.
    """
    try:
        array = value if isinstance(value, jax.Array) else np.asarray(value, dtype=float)
    except jax.errors.TracerArrayConversionError:  # a list that holds traced numbers
        array = jnp.stack([jnp.asarray(each) for each in value])
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must hold numbers, but got {value!r}.") from None
    if array.ndim != ndim:
        kind = "a single number" if ndim == 0 else f"an array of {ndim} dimension{'s' * (ndim > 1)}"
        raise ValueError(f"Argument `{name}` must be {kind}, but got shape {array.shape}.")
    if not isinstance(array, Tracer):
        known = np.asarray(array)
        if not np.isfinite(known).all():
            raise ValueError(f"Argument `{name}` must be finite, but got {value!r}.")
        if minimum is not None and (known < minimum).any():
            raise ValueError(f"Argument `{name}` must be ≥ {minimum:g}, but got {value!r}.")
        if above is not None and (known <= above).any():
            raise ValueError(f"Argument `{name}` must be > {above:g}, but got {value!r}.")
    inexact = isinstance(array, jax.Array) and jnp.issubdtype(array.dtype, jnp.floating)
    return array if inexact else jnp.asarray(array, dtype=jnp.result_type(float))  # type: ignore[return-value]


def known(*arrays: Array) -> bool:
    """Whether the numbers are there to be checked, and not being traced."""
    return not any(isinstance(array, Tracer) for array in arrays)


def like(t: Any, *parameters: Array) -> tuple[Array, ...]:
    """The time and the parameters of a drive, all in the precision of the time."""
    time = jnp.asarray(t)
    if not jnp.issubdtype(time.dtype, jnp.floating):
        time = time.astype(jnp.result_type(float))
    return (time, *(parameter.astype(time.dtype) for parameter in parameters))


def quarter_period(frequency: Array) -> Array:
    """1/(4f) in s without a derivative, infinity for f = 0: error control sees every oscillation."""
    frequency = lax.stop_gradient(frequency)
    return jnp.where(frequency > 0, 0.25 / jnp.where(frequency > 0, frequency, 1), jnp.inf)


def short(value: Any) -> str:
    """A number or a small array as a person writes it; large ones by their shape."""
    if isinstance(value, Tracer) or not isinstance(value, (jax.Array, np.ndarray)):
        return repr(value)
    if value.size > 4:
        return f"<{value.dtype}{list(value.shape)}>"
    return re.sub(r"[^,\[\] ]+", lambda m: f"{float(m[0]):.6g}", str(np.asarray(value).tolist()))
