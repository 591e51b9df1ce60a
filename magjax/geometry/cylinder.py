"""Cylinders: discs, dots, wires."""

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
class Cylinder(AbstractSolid):
    """u² + v² ≤ radius², |w| ≤ height/2, with w along the axis."""

    radius: float
    height: float | None
    axis: Axis

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Within the radius of the axis and between the two lids."""
        u, v, w = around(self.axis, x, y, z)
        inside = u**2 + v**2 <= self.radius**2
        return inside if self.height is None else inside & (np.abs(w) <= self.height / 2)


def cylinder(
    radius: float | None = None,
    height: float | None = None,
    *,
    diameter: float | None = None,
    axis: Axis = "z",
    center: Sequence[float] | None = None,
) -> AbstractShape:
    """A circular cylinder; stretch it by `.scale` for an elliptic one.

    **Arguments**

    - `radius` or `diameter`: m.
    - `height`: length along the axis, m; left out, it is endless and so fills the thickness of a film.
    - `axis`: "x", "y" or "z".
    - `center`: its middle, m; left out, the middle of the mesh.

    **Raises** `ValueError` for lengths that are not positive, or not in metres.

    >>> import magjax as mj
    >>> mj.shapes.cylinder(diameter=100e-9, height=20e-9)
    cylinder(radius=5e-08, height=2e-08, axis='z')
    """
    thickness = None if height is None else arguments.length("height", height)
    solid = Cylinder(arguments.radius(radius, diameter), thickness, arguments.axis("axis", axis))
    return solid.centered(center)
