"""Shapes given by a formula."""

import dataclasses
from collections.abc import Callable
from typing import final

import numpy as np

from magjax.geometry.shape import AbstractShape
from magjax.geometry.solid import AbstractFixed


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Function(AbstractFixed):
    """Where a function of position is true."""

    inside: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """What the function says."""
        return np.asarray(self.inside(x, y, z), dtype=bool)


def function(inside: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]) -> AbstractShape:
    """Any shape at all: the points where `inside(x, y, z)` is true.

    **Arguments**

    - `inside`: takes NumPy arrays of coordinates in m, those of the mesh, and returns booleans of the same shape.

    **Raises** `ValueError` for what cannot be called.

    >>> import magjax as mj
    >>> wavy = mj.shapes.function(lambda x, y, z: y < 10e-9 + 1e-9 * (x / 5e-9) ** 2)
    """
    if not callable(inside):
        raise ValueError(f"Argument `inside` must be a function of x, y, z in metres, but got {inside!r}.")
    return Function(inside)
