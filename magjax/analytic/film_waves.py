"""Spin waves of a film, with the dipolar field: the lowest mode, even through the thickness."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants

__all__ = ["forward_volume_frequency", "frequency", "mean_demagnetization"]


def mean_demagnetization(kd: ArrayLike) -> Array:
    """P = 1 − (1 − e^(−kd))/(kd): how much of a wave's charges the faces leave; 0 at k = 0, 1 at short waves.

    - `kd`: wave number times thickness, ≥ 0.

    >>> from magjax.analytic import film_waves
    >>> [round(float(film_waves.mean_demagnetization(kd)), 6) for kd in (0.0, 1e-6, 1.0)]
    [0.0, 0.0, 0.367879]
    """
    kd = jnp.asarray(kd, jnp.result_type(float, kd))
    small = kd < 1e-3
    safe = jnp.where(small, 1, kd)
    return jnp.where(small, kd / 2 - kd**2 / 6, 1 + jnp.expm1(-safe) / safe)


def frequency(
    k: ArrayLike,
    *,
    A: ArrayLike,
    Ms: ArrayLike,
    thickness: ArrayLike,
    B: ArrayLike = 0.0,
    K: ArrayLike = 0.0,
    angle: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """Angular frequency of the lowest spin wave of a film magnetised in its plane along field and easy axis, rad/s.

    ω = γ √[b (b + μ0Ms F)], b = B + 2(K + A k²)/Ms, F = 1 − P cos²φ + P(1 − P) sin²φ μ0Ms/b

    with P of `mean_demagnetization`. Profiles are taken as uniform through the thickness, which is right while kd ≲ 1.

    - `k`: wave number, 1/m. `A`: exchange stiffness, J/m. `Ms`: saturation magnetisation, A/m. `thickness`: d, m.
    - `B`: field in the plane, T. `K`: anisotropy constant of an easy axis along it, J/m³.
    - `angle`: φ between wave vector and magnetisation, rad: 0 backward volume waves, π/2 surface waves.
    - `gamma`: |γ|, rad/(s·T).

    Source: B. A. Kalinikos, A. N. Slavin, J. Phys. C 19, 7013 (1986), Eq. 45.

    >>> from magjax.analytic import film_waves
    >>> uniform = film_waves.frequency(0.0, A=1.3e-11, Ms=8e5, thickness=20e-9, B=0.1)
    >>> round(float(uniform) / 6.283185307e9, 2)  # Kittel's, GHz
    9.32
    """
    k, angle = jnp.asarray(k), jnp.asarray(angle)
    M = constants.MU0 * jnp.asarray(Ms)
    b = jnp.asarray(B) + 2 * (jnp.asarray(K) + jnp.asarray(A) * k**2) / jnp.asarray(Ms)
    P = mean_demagnetization(jnp.abs(k) * thickness)
    F = 1 - P * jnp.cos(angle) ** 2 + P * (1 - P) * jnp.sin(angle) ** 2 * M / b
    return jnp.asarray(gamma) * jnp.sqrt(b * (b + M * F))


def forward_volume_frequency(
    k: ArrayLike,
    *,
    A: ArrayLike,
    Ms: ArrayLike,
    thickness: ArrayLike,
    B: ArrayLike = 0.0,
    K: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """Angular frequency of the lowest spin wave of a film magnetised along its normal, rad/s; NaN where unstable.

    ω = γ √[b (b + μ0Ms P)], b = B − μ0Ms + 2(K + A k²)/Ms

    - `B`, `K`: field and easy axis along the normal, T and J/m³. The others are those of `frequency`.

    Source: B. A. Kalinikos, A. N. Slavin, J. Phys. C 19, 7013 (1986), Eq. 45.

    >>> from magjax.analytic import film_waves
    >>> uniform = film_waves.forward_volume_frequency(0.0, A=1.3e-11, Ms=8e5, thickness=20e-9, B=1.2)
    >>> round(float(uniform) / 6.283185307e9, 2)  # γ (B − μ0Ms), GHz
    5.46
    """
    k, M = jnp.asarray(k), constants.MU0 * jnp.asarray(Ms)
    b = jnp.asarray(B) - M + 2 * (jnp.asarray(K) + jnp.asarray(A) * k**2) / jnp.asarray(Ms)
    return jnp.asarray(gamma) * jnp.sqrt(b * (b + M * mean_demagnetization(jnp.abs(k) * thickness)))
