"""Directions as people give them."""

from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from magjax.material.parameter import Parameter, parameter
from magjax.mesh import AXES


def direction(value: Any, name: str) -> Parameter:
    """A vector parameter that must have a direction: "x", "-z", …, or vectors of any length but zero.

    **Raises** `ValueError` for another text, and where a vector is of length zero.

    >>> from magjax.material.direction import direction
    >>> direction("-y", "axis").tolist()
    [0.0, -1.0, 0.0]
    """
    if isinstance(value, str):
        axis = value.removeprefix("-")
        if axis not in AXES:
            raise ValueError(
                f"Argument `{name}` must be 'x', 'y', 'z', '-x', '-y', '-z' or a vector, but got {value!r}."
            )
        sign = -1.0 if value.startswith("-") else 1.0
        return parameter([sign if each == axis else 0.0 for each in AXES], name)
    checked = parameter(value, name)
    for part in checked.values() if isinstance(checked, dict) else (checked,):
        # More axes may be those of a batch.
        if isinstance(part, jax.Array) and part.ndim < 2 and part.shape != (3,):
            raise ValueError(
                f"Argument `{name}` must be 'x', 'y', 'z', '-x', '-y', '-z' or vectors of three numbers, components "
                f"first, but got an array of shape {part.shape}."
            )
        if isinstance(part, jax.Array) and not isinstance(part, Tracer):
            without = np.argwhere(~np.any(np.asarray(part), axis=0))
            if part.ndim == 4 and len(without):
                place = tuple(int(k) for k in without[0])
                raise ValueError(
                    f"Argument `{name}` must have a direction in every cell, but got a vector of length zero at "
                    f"(z, y, x) = {place}, and {len(without)} such cells in all; in empty cells any direction will do."
                )
            if not np.any(np.asarray(part)):
                raise ValueError(f"Argument `{name}` must have a direction, but got a vector of length zero.")
    return checked
