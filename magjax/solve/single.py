"""What solvers ask of single numbers, wherever those are known already."""

from typing import Any

import jax
import numpy as np
from jax.core import Tracer

#: As many steps as 32 bits can count.
_MOST = 2**31 - 1


def single(name: str, value: Any, what: str, *, above: float | None = None, minimum: float | None = None) -> None:
    """Refuse what is not one finite number, or not beyond a bound; traced numbers cannot be looked at.

    - `what`: the quantity with its unit, as in "a time in s".

    **Raises** `TypeError` for what is no number, `ValueError` for other numbers.

    >>> from magjax.solve.single import single
    >>> single("dt", 1e-13, "a time > 0 in s", above=0)
    """
    if isinstance(value, Tracer):
        return
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, jax.errors.TracerArrayConversionError):
        array = np.asarray(None)
    if array.dtype.kind not in "fiu" or array.ndim:
        slip = "; units are for configurations: write the number in SI units" if isinstance(value, str) else ""
        raise TypeError(f"Argument `{name}` must be {what}, but got {value!r}{slip}.")
    low = (above is not None and not array > above) or (minimum is not None and array < minimum)
    if low or not np.isfinite(array):
        raise ValueError(f"Argument `{name}` must be {what}, but got {value!r}.")


def number_of_steps(value: Any) -> Any:
    """A number of steps > 0, of at most 32 bits: nobody waits for more.

    **Raises** as `single` does, and `ValueError` for what is not whole.

    >>> from magjax.solve.single import number_of_steps
    >>> number_of_steps(1e3)
    1000
    """
    if isinstance(value, Tracer):
        return value
    single("max_steps", value, "a number of steps > 0", above=0)
    if value != int(value):
        raise ValueError(f"Argument `max_steps` must be a whole number of steps > 0, but got {value!r}.")
    return min(int(value), _MOST)
