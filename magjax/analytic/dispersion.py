"""Spin waves of exchange, anisotropy and an external field, in the continuum and on a mesh."""

from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = ["decay_rate", "frequency", "group_velocity", "lattice_square"]


def frequency(
    k_square: ArrayLike,
    *,
    A: ArrayLike,
    Ms: ArrayLike,
    B: ArrayLike = 0.0,
    K: ArrayLike = 0.0,
    alpha: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """Angular frequency of a spin wave about a magnetisation along field and easy axis, rad/s; either sign of k alike.

    ω = γ (B + 2K/Ms + 2A k²/Ms)/(1+α²)

    with the square of the wave vector in the continuum; `lattice_square` gives what a mesh makes of it. The wave is
    circular: it turns about the magnetisation at ω and decays at α ω.

    **Arguments**

    - `k_square`: k², 1/m². `A`: exchange stiffness, J/m. `Ms`: saturation magnetisation, A/m.
    - `B`: external field along the magnetisation, T. `K`: uniaxial anisotropy constant, J/m³.
    - `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).

    Source: C. Herring and C. Kittel, Phys. Rev. 81, 869 (1951).

    >>> from magjax.analytic import dispersion
    >>> round(float(dispersion.frequency(1e16, A=1.3e-11, Ms=8e5)) / 6.283185307e9, 2)  # GHz at 63 nm wavelength
    9.11
    """
    stiffness = jnp.asarray(B) + 2 * (jnp.asarray(K) + jnp.asarray(A) * jnp.asarray(k_square)) / jnp.asarray(Ms)
    return jnp.asarray(gamma) * stiffness / (1 + jnp.asarray(alpha) ** 2)


def decay_rate(omega: ArrayLike, alpha: ArrayLike) -> Array:
    """Rate α ω at which the amplitude of a circular wave of frequency `omega` (rad/s) decays, 1/s.

    >>> from magjax.analytic import dispersion
    >>> float(dispersion.decay_rate(1e10, alpha=0.5))
    5000000000.0
    """
    return jnp.asarray(alpha) * omega


def group_velocity(
    k: ArrayLike, *, A: ArrayLike, Ms: ArrayLike, alpha: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """Velocity dω/dk = 4γAk/(Ms(1+α²)) of a wave packet, m/s.

    - `k`: wave number, 1/m; or wave vector. The other arguments as for `frequency`.

    >>> from magjax.analytic import dispersion
    >>> round(float(dispersion.group_velocity(1e8, A=1.3e-11, Ms=8e5)))
    1145
    """
    return 4 * jnp.asarray(gamma) * A * jnp.asarray(k) / (jnp.asarray(Ms) * (1 + jnp.asarray(alpha) ** 2))


def lattice_square(k: Sequence[ArrayLike] | ArrayLike, cell_size: Sequence[float]) -> Array:
    """What the six-neighbour Laplacian makes of k² of a plane wave, 1/m².

    Σ_i 2(1 − cos kᵢ dᵢ)/dᵢ² = k² − Σ_i kᵢ⁴ dᵢ²/12 + …

    - `k`: wave vector `(…, 3)`, 1/m. `cell_size`: edges of a cell along x, y, z, m.

    >>> from magjax.analytic import dispersion
    >>> d = 5e-9
    >>> round(float(dispersion.lattice_square((3.14159265 / d, 0, 0), (d, d, d))) * d**2, 6)
    4.0
    """
    k, d = floats(k, cell_size)
    d = d.reshape(*(1,) * (k.ndim - 1), 3)
    half = k * d / 2
    # 2(1 − cos x) = 4 sin²(x/2), which keeps its digits at long waves.
    return jnp.sum((2 * jnp.sin(half) / d) ** 2, axis=-1)
