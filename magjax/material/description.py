"""Parameters in words, as a system prints them."""

from collections.abc import Iterable, Mapping
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from magjax.drive import AbstractDrive, Driven
from magjax.drive.profile import Profile


def describe(value: Any, unit: str = "") -> str:
    """A parameter in a few words: numbers as they are, arrays by their range, drives by how they are made.

    - `value`: any parameter. `unit`: its unit.

    >>> import numpy as np
    >>> from magjax.material.description import describe
    >>> describe({"film": 8e5, "cap": np.float32(4e5)}, "A/m")
    'film: 800000 A/m, cap: 400000 A/m'
    >>> describe(np.linspace(1e-12, 2e-12, 12).reshape(1, 3, 4), "J/m")
    '1e-12 … 2e-12 J/m'
    """
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {describe(each, unit)}" for name, each in value.items())
    if isinstance(value, Profile):
        text = "f(x, y, z)"
    elif isinstance(value, (AbstractDrive, Driven)):
        text = repr(value)
    elif isinstance(value, (jax.Array, np.ndarray, np.generic, int, float)):
        text = _numbers(value)
    else:
        return str(value)
    return f"{text} {unit}".rstrip()


def _numbers(value: Any) -> str:
    if isinstance(value, Tracer):
        return f"traced {value.dtype}{list(value.shape)}"
    array = np.asarray(value)
    if array.size == 1:
        return f"{array.item():.6g}"
    if array.shape == (3,):
        return f"({', '.join(f'{x:.6g}' for x in array)})"
    low, high = np.min(array), np.max(array)
    return f"{low:.6g} everywhere" if low == high else f"{low:.6g} … {high:.6g}"


def numbered(names: Iterable[str]) -> tuple[str, ...]:
    """Names told apart by numbers where one occurs again.

    >>> from magjax.material.description import numbered
    >>> numbered(["zeeman", "exchange", "zeeman"])
    ('zeeman', 'exchange', 'zeeman_2')
    """
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(found)
