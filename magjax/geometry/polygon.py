"""Prisms over any polygon."""

import dataclasses
import itertools
from collections.abc import Sequence
from typing import final

import numpy as np
from jaxtyping import Float

from magjax.geometry import arguments
from magjax.geometry.frame import around
from magjax.geometry.shape import AbstractShape
from magjax.geometry.solid import AbstractFixed
from magjax.mesh import Axis


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Polygon(AbstractFixed):
    """Inside a closed chain of corners (even–odd rule), and |w| ≤ height/2."""

    vertices: tuple[tuple[float, float], ...]
    height: float | None
    axis: Axis

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """An odd number of edges is crossed on the way to infinity."""
        u, v, w = around(self.axis, x, y, z)
        inside = np.zeros(np.broadcast_shapes(np.shape(u), np.shape(v)), dtype=bool)
        for (u0, v0), (u1, v1) in itertools.pairwise((*self.vertices, self.vertices[0])):
            if v0 != v1:
                crossing = u0 + (v - v0) * (u1 - u0) / (v1 - v0)
                inside ^= ((v0 <= v) != (v1 <= v)) & (u < crossing)
        return inside if self.height is None else inside & (np.abs(w) <= self.height / 2)


def polygon(
    vertices: Sequence[Sequence[float]] | Float[np.ndarray, "n 2"],
    height: float | None = None,
    *,
    axis: Axis = "z",
) -> AbstractShape:
    """A prism whose cross-section is a polygon, in the coordinates of the mesh.

    **Arguments**

    - `vertices`: its corners in order, shape `(n, 2)`, m: pairs (x, y) for axis "z", (y, z) for "x", (z, x) for "y".
    - `height`: length along the axis, m, half of it on either side of 0; left out, it is endless.
    - `axis`: "x", "y" or "z".

    **Raises** `ValueError` for fewer than three corners, or corners that are not in metres.

    >>> import magjax as mj
    >>> triangle = mj.shapes.polygon([(0, 0), (100e-9, 0), (50e-9, 80e-9)])
    """
    corners = [tuple(corner) for corner in vertices]
    if len(corners) < 3 or any(len(corner) != 2 for corner in corners):
        raise ValueError(f"Argument `vertices` must hold three or more pairs in metres, but got {vertices!r}.")
    checked = tuple((arguments.coordinate("vertices", u), arguments.coordinate("vertices", v)) for u, v in corners)
    thickness = None if height is None else arguments.length("height", height)
    return Polygon(checked, thickness, arguments.axis("axis", axis))
