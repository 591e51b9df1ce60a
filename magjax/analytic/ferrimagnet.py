"""Ferrimagnets of two antiparallel sublattices: their modes, and the compensation of their angular momenta."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants

__all__ = ["effective_gamma", "exchange_mode", "modes", "net_angular_momentum"]

#: One number for each of two sublattices.
Pair = tuple[ArrayLike, ArrayLike]


def effective_gamma(Ms: Pair, gamma: Pair) -> Array:
    """γ of the slow mode of a ferrimagnet, rad/(s·T): (Ms_a − Ms_b)/(Ms_a/γ_a − Ms_b/γ_b).

    It diverges where the angular momenta compensate each other, and vanishes where the magnetisations do.

    - `Ms`: A/m. `gamma`: |γ|, rad/(s·T).

    Source: R. K. Wangsness, Phys. Rev. 91, 1085 (1953).

    >>> from magjax.analytic import ferrimagnet
    >>> f"{float(ferrimagnet.effective_gamma((4e5, 3e5), (1.76e11, 1.76e11))):.3g}"
    '1.76e+11'
    """
    return (jnp.asarray(Ms[0]) - Ms[1]) / net_angular_momentum(Ms, gamma)


def exchange_mode(J: ArrayLike, Ms: Pair, gamma: Pair) -> Array:
    """Angular frequency of the exchange mode of a ferrimagnet without field and anisotropy, rad/s.

    ω = J (γ_a/Ms_a − γ_b/Ms_b)

    It vanishes where the angular momenta compensate each other.

    - `J`: intersublattice exchange, J/m³. `Ms`: A/m. `gamma`: |γ|, rad/(s·T).

    Source: J. Kaplan and C. Kittel, J. Chem. Phys. 21, 760 (1953).

    >>> from magjax.analytic import ferrimagnet
    >>> float(ferrimagnet.exchange_mode(1e8, (4e5, 2e5), (2e11, 1e11)))
    0.0
    """
    return jnp.asarray(J) * (jnp.asarray(gamma[0]) / Ms[0] - jnp.asarray(gamma[1]) / Ms[1])


def modes(
    *,
    J: ArrayLike,
    Ms: Pair,
    K: Pair = (0.0, 0.0),
    gamma: Pair = (constants.GAMMA, constants.GAMMA),
    B: ArrayLike = 0.0,
    A: Pair = (0.0, 0.0),
    A_ab: ArrayLike = 0.0,
    k_square: ArrayLike = 0.0,
) -> Array:
    """Both angular frequencies of small waves about ↑↓, rad/s, `(2, …)`, in falling order; exact without damping.

    ω m_a = γ_a [(B_aa + B) m_a + B_ab m_b],  ω m_b = γ_b [(B − B_bb) m_b − B_ba m_a]

    with B_ss = (J + 2K_s + 2A_s k²)/Ms_s, B_ab = (J + A_ab k²)/Ms_a, B_ba = (J + A_ab k²)/Ms_b and m_x + i m_y ∝
    exp(iωt): a positive frequency turns as a free moment does, a negative one the other way. The numbers are complex;
    an imaginary part that is not 0 says that ↑↓ is unstable.

    - `J`: intersublattice exchange, J/m³. `Ms`: A/m. `K`: uniaxial anisotropy, J/m³. `gamma`: |γ|, rad/(s·T).
    - `B`: field along z, T. `A`: exchange within each sublattice, J/m; `A_ab`: between them, J/m. `k_square`: k², 1/m²;
      `dispersion.lattice_square` gives that of a mesh.

    Source: J. Kaplan and C. Kittel, J. Chem. Phys. 21, 760 (1953).

    >>> from magjax.analytic import ferrimagnet
    >>> found = ferrimagnet.modes(J=8e7, Ms=(4e5, 3e5), K=(1e5, 1e5))
    >>> [round(float(f.real) / 6.283185307e12, 3) for f in found]  # THz
    [0.106, -1.979]
    """
    (Ma, Mb), (Ka, Kb), (ga, gb), (Aa, Ab) = (tuple(map(jnp.asarray, pair)) for pair in (Ms, K, gamma, A))
    J, B, k2 = jnp.asarray(J), jnp.asarray(B), jnp.asarray(k_square)
    joint = J + jnp.asarray(A_ab) * k2
    first, second = ga * (B + (J + 2 * Ka + 2 * Aa * k2) / Ma), gb * (B - (J + 2 * Kb + 2 * Ab * k2) / Mb)
    square = (first - second) ** 2 - 4 * ga * gb * joint**2 / (Ma * Mb)
    root = jnp.sqrt(square.astype(jnp.result_type(square.dtype, jnp.complex64)))
    middle = first + second
    return jnp.stack([(middle + root) / 2, (middle - root) / 2])


def net_angular_momentum(Ms: Pair, gamma: Pair) -> Array:
    """Angular momentum density Ms_a/γ_a − Ms_b/γ_b of antiparallel sublattices, J·s/m³: 0 at compensation.

    - `Ms`: A/m. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import ferrimagnet
    >>> float(ferrimagnet.net_angular_momentum((4e5, 2e5), (2e11, 1e11)))
    0.0
    """
    return jnp.asarray(Ms[0]) / gamma[0] - jnp.asarray(Ms[1]) / gamma[1]
