"""Rigid textures in motion: Thiele's equation G×(v − u) + D(αv − βu) = F for one layer.

G = (4πQ Ms t/γ) ẑ with the skyrmion number Q = (1/4π)∫m·(∂x m×∂y m), D_ij = (Ms t/γ)∫∂i m·∂j m, F the force.
"""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax.analytic.arguments import floats

__all__ = ["hall_angle", "velocity", "wall_dissipation"]


def velocity(u: Any, *, alpha: ArrayLike, beta: ArrayLike, Q: ArrayLike, D: Any, force: Any = (0.0, 0.0)) -> Array:
    """Velocity v of a texture, `(2,)`, m/s.

    Everything over Ms t/γ: 4πQ ẑ×(v − u) + D(αv − βu) = F. For β = α and without force v = u, whatever Q and D.

    - `u`: drift velocity `(2,)`, m/s. `alpha`: Gilbert damping. `beta`: non-adiabatic part.
    - `Q`: skyrmion number. `D`: ∫∂i m·∂j m dx dy, a number or `(2, 2)`. `force`: F γ/(Ms t), `(2,)`, m/s.

    Sources: A. A. Thiele, Phys. Rev. Lett. 30, 230 (1973); K. Everschor et al., Phys. Rev. B 84, 064401 (2011).

    >>> from magjax.analytic import thiele
    >>> [abs(round(float(v), 6)) for v in thiele.velocity((10.0, 0.0), alpha=0.3, beta=0.3, Q=-1, D=14.0)]
    [10.0, 0.0]
    """
    u, F, D, alpha, beta, Q = floats(u, force, D, alpha, beta, Q)
    D = D * jnp.eye(2, dtype=D.dtype) if D.ndim == 0 else D
    gyro = 4 * jnp.pi * Q * jnp.array([[0.0, -1.0], [1.0, 0.0]], Q.dtype)
    return jnp.linalg.solve(gyro + alpha * D, (gyro + beta * D) @ u + F)


def hall_angle(*, alpha: ArrayLike, beta: ArrayLike, Q: ArrayLike, D: ArrayLike) -> Array:
    """Angle from u to v of a round texture without force, rad: tan Θ = (α − β)·4πQ·D/((4πQ)² + αβD²).

    - `alpha`: Gilbert damping. `beta`: non-adiabatic part. `Q`: skyrmion number. `D`: ∫(∂x m)² dx dy.

    >>> from magjax.analytic import thiele
    >>> round(float(thiele.hall_angle(alpha=0.3, beta=0.0, Q=-1, D=14.0)), 4)
    -0.3226
    """
    G = 4 * jnp.pi * jnp.asarray(Q)
    D = jnp.asarray(D)
    return jnp.arctan2((jnp.asarray(alpha) - beta) * G * D, G**2 + alpha * beta * D**2)


def wall_dissipation(radius: ArrayLike, width: ArrayLike) -> Array:
    """D = ∫(∂x m)² dx dy = 2π(R/Δ + Δ/R) of a round skyrmion with a thin wall, R ≫ Δ.

    - `radius`: R, where m_z = 0, m. `width`: Δ of its wall, m.

    >>> from magjax.analytic import thiele
    >>> round(float(thiele.wall_dissipation(20e-9, 5e-9)), 3)
    26.704
    """
    ratio = jnp.asarray(radius) / width
    return 2 * jnp.pi * (ratio + 1 / ratio)
