"""Helices, cycloids and cones."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from magjax.mesh import Axis, Mesh
from magjax.textures.field import sign, unit_field, vector

Direction = Axis | Sequence[float]


def helix(
    mesh: Mesh,
    period: float,
    direction: Direction = "x",
    normal: Direction | None = None,
    handedness: int = 1,
    cone_angle: float = np.pi / 2,
    phase: float = 0.0,
    dtype: Any = None,
) -> Float[Array, "3 nz ny nx"]:
    """Spins that turn about `normal` at a constant rate along `direction`.

    m = cos θ n̂ + sin θ (cos χ ê₁ + handedness · sin χ ê₂), χ = 2π r·d̂/period + phase, with ê₁, ê₂, n̂ right-handed.

    **Arguments**

    - `period`: distance of a full turn, m.
    - `direction`: d̂, along which the spins turn.
    - `normal`: n̂, about which they turn: by default `direction` itself, a proper (Bloch) helix; anything
      perpendicular to it makes a cycloid (Néel).
    - `handedness`: +1 right-handed, −1 left-handed.
    - `cone_angle`: θ between the spins and `normal`, radians: π/2 flat, less a conical state.
    - `phase`: χ at the origin, radians, from ê₁: the axis of coordinates most nearly perpendicular to `normal` (the
      last of equals, so z before y before x), made perpendicular to it.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for a period that is not positive, zero vectors, and an angle that must be in degrees.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((40, 1, 1), 1e-9, origin=(-0.5e-9, 0, 0), periodic="x")
    >>> m = mj.textures.helix(mesh, period=40e-9)
    >>> (m[:, 0, 0, [0, 10]].round(6) + 0.0).tolist()
    [[0.0, 0.0], [0.0, -1.0], [1.0, 0.0]]
    """
    if not (np.isfinite(period) and period > 0):
        raise ValueError(f"Argument `period` must be a length > 0 in metres, but got {period!r}.")
    if not 0 <= cone_angle <= np.pi:
        raise ValueError(
            f"Argument `cone_angle` must be in radians, between 0 and π, but got {cone_angle!r}; did you give degrees?"
        )
    along = vector("direction", direction)
    n = along if normal is None else vector("normal", normal)
    first = _perpendicular(n)
    second = sign("handedness", handedness) * np.cross(n, first)
    distance = sum(c * d for c, d in zip(mesh.centers(), along, strict=True))
    chi = 2 * np.pi * distance / period + phase
    flat, up = np.sin(cone_angle), np.cos(cone_angle)
    m = [up * c + flat * (np.cos(chi) * a + np.sin(chi) * b) for a, b, c in zip(first, second, n, strict=True)]
    return unit_field(mesh, m, dtype)


def _perpendicular(n: np.ndarray) -> np.ndarray:
    sizes = np.abs(n).round(12)
    axis = np.eye(3)[2 - np.argmin(sizes[::-1])]
    across = axis - (axis @ n) * n
    return across / np.linalg.norm(across)
