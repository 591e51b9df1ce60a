"""Tori."""

import dataclasses
from collections.abc import Sequence
from typing import final

import numpy as np

from magjax.geometry import arguments
from magjax.geometry.frame import around
from magjax.geometry.shape import AbstractShape
from magjax.geometry.solid import AbstractSolid
from magjax.mesh import Axis


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Torus(AbstractSolid):
    """(√(u² + v²) − radius)² + w² ≤ tube_radius², with w along the axis."""

    radius: float
    tube_radius: float
    axis: Axis

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Within the tube."""
        u, v, w = around(self.axis, x, y, z)
        return (np.hypot(u, v) - self.radius) ** 2 + w**2 <= self.tube_radius**2


def torus(
    radius: float, tube_radius: float, *, axis: Axis = "z", center: Sequence[float] | None = None
) -> AbstractShape:
    """A torus about `axis`.

    **Arguments**

    - `radius`: from the centre to the middle of the tube, m.
    - `tube_radius`: of the tube itself, m.
    - `axis`: "x", "y" or "z".
    - `center`: its middle, m; left out, the middle of the mesh.

    **Raises** `ValueError` for lengths that are not positive, or not in metres.

    >>> import magjax as mj
    >>> mj.shapes.torus(radius=50e-9, tube_radius=10e-9)
    torus(radius=5e-08, tube_radius=1e-08, axis='z')
    """
    solid = Torus(
        arguments.length("radius", radius),
        arguments.length("tube_radius", tube_radius),
        arguments.axis("axis", axis),
    )
    return solid.centered(center)
