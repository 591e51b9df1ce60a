"""What every shape checks about the numbers it is given."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from magjax.mesh import AXES, Axis

Point = tuple[float, float, float]

# A sample larger than this is a slip of units: 5 given for 5 nm.
_LARGEST = 1e-2


def length(name: str, value: Any) -> float:
    """`value` as a length > 0, m.

    **Raises** `ValueError` where it is not positive and finite, or so large that it must be nanometres.
    """
    number = _number(name, value)
    if number <= 0:
        raise ValueError(f"Argument `{name}` must be a length > 0 in metres, but got {value!r}.")
    return _metres(name, number)


def coordinate(name: str, value: Any) -> float:
    """`value` as a coordinate, m; infinite means without bound."""
    if isinstance(value, (int, float)) and math.isinf(value):
        return float(value)
    return _metres(name, _number(name, value))


def point(name: str, value: Any) -> Point:
    """`value` as a point (or a shift) x, y, z, m."""
    x, y, z = (_metres(name, component) for component in _three(name, value))
    return x, y, z


def direction(name: str, value: Any) -> Point:
    """`value` as a unit vector: "x", "y", "z" or three numbers."""
    if isinstance(value, str):
        value = [float(a == axis(name, value)) for a in AXES]
    x, y, z = _three(name, value)
    norm = math.hypot(x, y, z)
    if norm == 0:
        raise ValueError(f"Argument `{name}` must have a length, but got {value!r}.")
    return x / norm, y / norm, z / norm


def axis(name: str, value: Any) -> Axis:
    """`value` as "x", "y" or "z"."""
    if value not in AXES:
        raise ValueError(f"Argument `{name}` must be 'x', 'y' or 'z', but got {value!r}.")
    return value


def lengths(name: str, value: Any, count: int) -> tuple[float, ...]:
    """`value` as `count` lengths > 0, m."""
    given = tuple(value) if isinstance(value, (Sequence, np.ndarray)) else ()
    if len(given) != count:
        raise ValueError(f"Argument `{name}` must hold {count} lengths in metres, but got {value!r}.")
    return tuple(length(name, each) for each in given)


def radius(radius: Any, diameter: Any) -> float:
    """The radius, m, from whichever of the two was given."""
    if (radius is None) == (diameter is None):
        raise ValueError(
            f"Exactly one of `radius` and `diameter` must be given, but got radius={radius!r}, diameter={diameter!r}."
        )
    return length("radius", radius) if diameter is None else length("diameter", diameter) / 2


def angle(name: str, value: Any) -> float:
    """`value` as an angle, rad."""
    if not (math.isfinite(value) and abs(value) <= 2 * math.pi + 1e-9):
        raise ValueError(
            f"Argument `{name}` must be in radians, between −2π and 2π, but got {value!r}; did you give degrees?"
        )
    return float(value)


def factors(name: str, value: Any) -> Point:
    """`value`, one number > 0 or three, as three."""
    given = [value] * 3 if isinstance(value, (int, float)) else list(value)
    if len(given) != 3 or not all(math.isfinite(f) and f > 0 for f in given):
        raise ValueError(f"Argument `{name}` must hold one or three numbers > 0, but got {value!r}.")
    x, y, z = (float(f) for f in given)
    return x, y, z


def counts(name: str, value: Any) -> tuple[int, int, int]:
    """`value` as three whole numbers ≥ 1."""
    given = tuple(value) if isinstance(value, (Sequence, np.ndarray)) else ()
    if len(given) != 3 or any(isinstance(n, bool) or n != int(n) or n < 1 for n in given):
        raise ValueError(f"Argument `{name}` must hold three whole numbers ≥ 1, but got {value!r}.")
    nx, ny, nz = (int(n) for n in given)
    return nx, ny, nz


def _three(name: str, value: Any) -> Point:
    given = tuple(value) if isinstance(value, (Sequence, np.ndarray)) and not isinstance(value, str) else ()
    if len(given) != 3:
        raise ValueError(f"Argument `{name}` must hold three numbers x, y, z, but got {value!r}.")
    x, y, z = (_number(name, each) for each in given)
    return x, y, z


def _number(name: str, value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `{name}` must be a number, but got {value!r}.") from None
    if not math.isfinite(number):
        raise ValueError(f"Argument `{name}` must be finite, but got {value!r}.")
    return number


def _metres(name: str, number: float) -> float:
    if abs(number) > _LARGEST:
        raise ValueError(
            f"Argument `{name}` must be in metres, but got {number!r}; did you give nanometres (5 nm is 5e-9)?"
        )
    return number
