"""Cones and truncated cones."""

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
class Cone(AbstractSolid):
    """The radius falls linearly from `radius` at w = −height/2 to `top_radius` at w = height/2."""

    radius: float
    height: float
    top_radius: float
    axis: Axis

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """Within the radius at that height."""
        u, v, w = around(self.axis, x, y, z)
        risen = w / self.height + 0.5
        here = self.radius + (self.top_radius - self.radius) * risen
        # Beyond the tip the radius is negative: its square must not open a second cone.
        return (u**2 + v**2 <= here**2) & (risen >= 0) & (risen <= 1)


def cone(
    radius: float,
    height: float,
    *,
    top_radius: float = 0.0,
    axis: Axis = "z",
    center: Sequence[float] | None = None,
) -> AbstractShape:
    """A circular cone with its tip towards +`axis`.

    **Arguments**

    - `radius`: of the base, m.
    - `height`: from base to tip, m; the origin of the shape is half-way.
    - `top_radius`: of the upper face of a truncated cone, m.
    - `axis`: "x", "y" or "z".
    - `center`: the point half-way up its axis, m; left out, the middle of the mesh.

    **Raises** `ValueError` for lengths that are not positive, or not in metres.

    >>> import magjax as mj
    >>> mj.shapes.cone(radius=50e-9, height=80e-9)
    cone(radius=5e-08, height=8e-08, top_radius=0.0, axis='z')
    """
    top = 0.0 if top_radius == 0 else arguments.length("top_radius", top_radius)
    solid = Cone(
        arguments.length("radius", radius), arguments.length("height", height), top, arguments.axis("axis", axis)
    )
    return solid.centered(center)
