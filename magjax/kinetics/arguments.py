"""What the functions of this room ask of their numbers, wherever those are known already."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array


def floats(name: str, value: Any) -> Array:
    """`value` as floating-point numbers; a single Python number takes on the precision of what it meets.

    **Raises** `TypeError` for what is no number, `ValueError` for NaN and infinities.
    """
    try:
        array = jnp.asarray(value)
        array = array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(jnp.result_type(float))
    except (TypeError, ValueError):
        raise TypeError(f"Argument `{name}` must hold numbers, but got {value!r}.") from None
    if not isinstance(array, Tracer) and not np.isfinite(np.asarray(array)).all():
        raise ValueError(f"Argument `{name}` must be finite, but got {value!r}.")
    return array


def positive(name: str, value: Any, what: str, slip: str = "") -> Array:
    """`value` as floating-point numbers > 0.

    - `what`: the quantity with its unit, as in "a temperature in K". `slip`: what was likely done wrong, a sentence.

    **Raises** `ValueError` for numbers ≤ 0, and whatever `floats` raises.
    """
    array = floats(name, value)
    if not isinstance(array, Tracer) and not (np.asarray(array) > 0).all():
        raise ValueError(f"Argument `{name}` must be {what}, > 0, but got {value!r}.{slip and ' ' + slip}")
    return array


def not_negative(name: str, value: Any, what: str, slip: str = "") -> Array:
    """`value` as floating-point numbers ≥ 0, as `positive` does."""
    array = floats(name, value)
    if not isinstance(array, Tracer) and not (np.asarray(array) >= 0).all():
        raise ValueError(f"Argument `{name}` must be {what}, ≥ 0, but got {value!r}.{slip and ' ' + slip}")
    return array


def temperature(value: Any, name: str = "T") -> Array:
    """A temperature, or an array of them, > 0 K.

    **Raises** `ValueError` for temperatures that are not positive.
    """
    return positive(name, value, "a temperature in K", "Did you give °C?")


def attempt_time(value: Any, name: str = "tau0") -> Array:
    """The time between attempts at a barrier, > 0 s.

    **Raises** `ValueError` for times that are not positive, and for seconds where nanoseconds were meant.
    """
    time = positive(name, value, "a time in s")
    if not isinstance(time, Tracer) and (np.asarray(time) > 1e-3).any():
        raise ValueError(f"Argument `{name}` must be a time in s, but got {value!r}. Did you mean ns (1 ns is 1e-9)?")
    return time
