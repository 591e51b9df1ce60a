"""Half of space, to cut other shapes with."""

import dataclasses
from collections.abc import Sequence
from typing import final

import numpy as np

from magjax.geometry import arguments
from magjax.geometry.arguments import Point
from magjax.geometry.shape import AbstractShape
from magjax.geometry.solid import AbstractSolid


@final
@dataclasses.dataclass(frozen=True, repr=False)
class HalfSpace(AbstractSolid):
    """r·normal ≥ 0."""

    normal: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """On the side that the normal points to."""
        nx, ny, nz = self.normal
        return x * nx + y * ny + z * nz >= 0


def half_space(normal: str | Sequence[float], point: Sequence[float] | None = None) -> AbstractShape:
    """The half of space that `normal` points into, from the plane through `point` on.

    **Arguments**

    - `normal`: "x", "y", "z" or a vector.
    - `point`: any point of the plane, m; left out, the middle of the mesh.

    **Raises** `ValueError` for a normal without length.

    >>> import magjax as mj
    >>> upper = mj.shapes.half_space(normal=(0, 0, 1))
    >>> dome = mj.shapes.sphere(radius=30e-9) & upper
    """
    solid = HalfSpace(arguments.direction("normal", normal))
    return solid if point is None else solid.at(point)
