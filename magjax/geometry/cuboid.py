"""Rectangular blocks."""

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
class Cuboid(AbstractSolid):
    """|x| ≤ lx/2, |y| ≤ ly/2, |z| ≤ lz/2."""

    size: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Within half an edge of the centre along every axis."""
        lx, ly, lz = self.size
        return (np.abs(x) <= lx / 2) & (np.abs(y) <= ly / 2) & (np.abs(z) <= lz / 2)


def cuboid(size: Sequence[float], center: Sequence[float] | None = None) -> AbstractShape:
    """A rectangular block.

    **Arguments**

    - `size`: edge lengths along x, y, z, m.
    - `center`: its middle, m; left out, the middle of the mesh.

    **Raises** `ValueError` for lengths that are not positive, or not in metres.

    >>> import magjax as mj
    >>> mj.shapes.cuboid((100e-9, 50e-9, 10e-9))
    cuboid(size=(1e-07, 5e-08, 1e-08))
    """
    lx, ly, lz = arguments.lengths("size", size, 3)
    return Cuboid((lx, ly, lz)).centered(center)
