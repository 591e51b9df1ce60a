"""Spheres and ellipsoids."""

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
class Ellipsoid(AbstractSolid):
    """(2x/lx)² + (2y/ly)² + (2z/lz)² ≤ 1."""

    size: Point

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Within the surface."""
        lx, ly, lz = self.size
        return (2 * x / lx) ** 2 + (2 * y / ly) ** 2 + (2 * z / lz) ** 2 <= 1


def ellipsoid(size: Sequence[float], center: Sequence[float] | None = None) -> AbstractShape:
    """An ellipsoid with axes along x, y, z.

    **Arguments**

    - `size`: its three diameters (full lengths, as a cuboid's), m.
    - `center`: its middle, m; left out, the middle of the mesh.

    **Raises** `ValueError` for lengths that are not positive, or not in metres.

    >>> import magjax as mj
    >>> mj.shapes.ellipsoid((100e-9, 50e-9, 20e-9))
    ellipsoid(size=(1e-07, 5e-08, 2e-08))
    """
    lx, ly, lz = arguments.lengths("size", size, 3)
    return Ellipsoid((lx, ly, lz)).centered(center)


def sphere(
    radius: float | None = None, *, diameter: float | None = None, center: Sequence[float] | None = None
) -> AbstractShape:
    """A ball, from its radius or its diameter, about `center` (m; left out, the middle of the mesh).

    **Raises** `ValueError` unless exactly one of them is given, positive and in metres.

    >>> import magjax as mj
    >>> mj.shapes.sphere(radius=20e-9)
    ellipsoid(size=(4e-08, 4e-08, 4e-08))
    """
    across = 2 * arguments.radius(radius, diameter)
    return Ellipsoid((across, across, across)).centered(center)
