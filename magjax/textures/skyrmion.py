"""Skyrmions and their relatives."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Array, Float

from magjax.mesh import Mesh
from magjax.textures.field import length, polar, sign, unit_field, whole


def skyrmion(
    mesh: Mesh,
    radius: float,
    wall_width: float,
    kind: Literal["neel", "bloch"] = "neel",
    polarity: int = -1,
    chirality: int = 1,
    winding: int = 1,
    center: Sequence[float] | None = None,
    dtype: Any = None,
) -> Float[Array, "3 nz ny nx"]:
    """A skyrmion in a uniform background: a disc of reversed spins within a circular wall.

    m = (sin θ cos Φ, sin θ sin Φ, −polarity · cos θ), tan(θ/2) = sinh(R/w)/sinh(r/w), Φ = winding · φ + ψ.
    Its topological charge (1/4π)∫ m·(∂x m × ∂y m) dx dy is polarity · winding.

    **Arguments**

    - `radius`: R, where m_z = 0, m.
    - `wall_width`: w, the Δ of the wall, m.
    - `kind`: "neel" (hedgehog; ψ = 0 or π) or "bloch" (spiral; ψ = ±π/2).
    - `polarity`: m_z of the core; the background has the opposite.
    - `chirality`: +1 outwards ("neel") or counter-clockwise ("bloch"), −1 the reverse.
    - `winding`: turns of the in-plane direction on a circle; −1 makes an antiskyrmion, ±2, … higher orders.
    - `center`: x and y, m; the middle of the mesh when left out.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for lengths that are not positive, signs other than ±1, and an unknown kind.

    Source: X. S. Wang, H. Y. Yuan and X. R. Wang, Commun. Phys. 1, 31 (2018).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((64, 64, 1), 2e-9)
    >>> m = mj.textures.skyrmion(mesh, radius=20e-9, wall_width=5e-9)
    >>> bool(m[2, 0, 32, 32] < -0.99), bool(m[2, 0, 0, 0] > 0.99)
    (True, True)
    """
    a, b = length("radius", radius), length("wall_width", wall_width)
    if kind not in ("neel", "bloch"):
        raise ValueError(f"Argument `kind` must be 'neel' or 'bloch', but got {kind!r}.")
    r, phi = polar(mesh, center)
    theta = wall_angle(a / b, r / b)
    start = {"neel": 0.0, "bloch": np.pi / 2}[kind] + (0.0 if sign("chirality", chirality) == 1 else np.pi)
    direction = whole("winding", winding) * phi + start
    components = (
        np.sin(theta) * np.cos(direction),
        np.sin(theta) * np.sin(direction),
        -sign("polarity", polarity) * np.cos(theta),
    )
    return unit_field(mesh, components, dtype)


def wall_angle(a: float, b: np.ndarray) -> np.ndarray:
    """2 arctan(sinh(a)/sinh(b)), the angle of a round wall: π in the middle, π/2 at b = a.

    Neither may the sines overflow, nor their quotient at b = 0.

    - `a`, `b`: radius, and distances from the middle, in widths of the wall.
    """
    # Both divided by eᵇ/2. Beyond e^±300 the angle is π or 0 to the last digit.
    return 2 * np.arctan2(-np.exp(np.clip(a - b, -300, 300)) * np.expm1(-2 * a), -np.expm1(-2 * b))
