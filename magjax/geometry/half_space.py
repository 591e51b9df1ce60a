"""Half of space, to cut other shapes with."""

import dataclasses
from collections.abc import Sequence
from typing import final

import numpy as np

from magjax.geometry import arguments
from magjax.geometry.arguments import Point
from magjax.geometry.shape import AbstractShape, AbstractSolid


@final
@dataclasses.dataclass(frozen=True, repr=False)
class HalfSpace(AbstractSolid):
    """(r − point)·normal ≥ 0."""

    normal: Point
    point: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """On the side that the normal points to."""
        (nx, ny, nz), (px, py, pz) = self.normal, self.point
        return (x - px) * nx + (y - py) * ny + (z - pz) * nz >= 0


def half_space(normal: str | Sequence[float], point: Sequence[float] = (0.0, 0.0, 0.0)) -> AbstractShape:
    """The half of space that `normal` points into, from the plane through `point` (m) on.

    **Arguments**

    - `normal`: "x", "y", "z" or a vector.
    - `point`: any point of the plane, m.

    **Raises** `ValueError` for a normal without length.

    >>> import magjax as mj
    >>> upper = mj.shapes.half_space(normal=(0, 0, 1))
    >>> dome = mj.shapes.sphere(radius=30e-9) & upper
    """
    return HalfSpace(arguments.direction("normal", normal), arguments.point("point", point))
