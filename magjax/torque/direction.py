"""The direction of the spins in a current."""

from typing import Any

import numpy as np
from jax.core import Tracer

from magjax.material.parameter import Parameter, parameter

_AXES = {"x": (1.0, 0.0, 0.0), "y": (0.0, 1.0, 0.0), "z": (0.0, 0.0, 1.0)}


def polarisation_axis(p: Any) -> Parameter:
    """The direction of spins as a parameter: "x", "-x", …, or a vector of any length but zero.

    **Raises** `ValueError` for another text, and a vector of length zero.

    >>> from magjax.torque.direction import polarisation_axis
    >>> polarisation_axis("-y").tolist()
    [0.0, -1.0, 0.0]
    """
    if isinstance(p, str):
        if p.removeprefix("-") not in _AXES:
            raise ValueError(f"Argument `p` must be 'x', 'y', 'z', '-x', '-y', '-z' or a vector, but got {p!r}.")
        sign = -1.0 if p.startswith("-") else 1.0
        return parameter([sign * c + 0.0 for c in _AXES[p.removeprefix("-")]], "p")
    found = parameter(p, "p")
    if hasattr(found, "shape") and not isinstance(found, Tracer) and found.shape == (3,) and not np.any(found):
        raise ValueError("Argument `p` must have a direction, but got a vector of length zero.")
    return found
