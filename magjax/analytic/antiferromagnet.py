"""Antiferromagnets of two equal sublattices: resonance, spin flop, canting, spin waves and walls.

B_E = J/Ms and B_A = 2K/Ms are the fields of the exchange J m_a·m_b between the sublattices and of their anisotropy
K (1 − (m·z)²), each per sublattice. Sublattice a points along +z, where fields are positive.
"""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants

__all__ = [
    "canting",
    "dispersion",
    "dmi_canting",
    "instability_field",
    "resonance",
    "resonance_seed",
    "spin_flip_field",
    "spin_flop_angle",
    "spin_flop_field",
    "spin_flop_limit",
    "wall_contraction",
    "wall_velocity",
    "wall_width",
    "wave_velocity",
]


def resonance(B_E: ArrayLike, B_A: ArrayLike, B: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Both angular frequencies of an antiferromagnet in a field along its axis, rad/s, `(2, …)`.

    ω = γ [√(B_A (2B_E + B_A)) ± B]

    The square root is that of the product of the two stiffnesses of an antiparallel pair, B_A for turning both
    sublattices together and 2B_E + B_A for turning them against each other: each mode does both by turns.

    - `B_E`, `B_A`, `B`: exchange, anisotropy, external field, T. `gamma`: |γ|, rad/(s·T).

    Source: C. Kittel, Phys. Rev. 82, 565 (1951); F. Keffer and C. Kittel, Phys. Rev. 85, 329 (1952).

    >>> from magjax.analytic import antiferromagnet
    >>> [round(float(w) / 6.283185307e12, 3) for w in antiferromagnet.resonance(52.6, 0.82, 1.0)]  # MnF2, THz
    [0.289, 0.233]
    """
    middle = jnp.sqrt(jnp.asarray(B_A) * (2 * jnp.asarray(B_E) + B_A))
    return jnp.asarray(gamma) * jnp.stack([middle + B, middle - B])


def resonance_seed(B_E: ArrayLike, B_A: ArrayLike, gamma: ArrayLike = constants.GAMMA) -> Array:
    """The frequencies as the seed paper prints them, γ B_A and γ (B_A + B_E), rad/s, `(2, …)`: for comparison only.

    They are taken as eigenvalues of an energy, while precession joins the two modes into one frequency: `resonance`.
    The energy of Eq. 22, K m_A² + K m_B² + J (m_A − m_B)², has the eigenvalues K and K + 2J; the frequency is γ times
    the root of their product. The matrix of Eq. 23 has neither these eigenvalues nor the ones said of it.

    - `B_E`, `B_A`: exchange and anisotropy field, T. `gamma`: |γ|, rad/(s·T), for which the paper has 1/γ0.

    Source: Eq. 23 of a review of quantum and nanoscale spin dynamics.

    >>> from magjax.analytic import antiferromagnet
    >>> antiferromagnet.resonance_seed(100.0, 1.0, gamma=1.0).tolist()
    [1.0, 101.0]
    """
    return jnp.asarray(gamma) * jnp.stack([jnp.asarray(B_A) + 0 * jnp.asarray(B_E), jnp.asarray(B_A) + B_E])


def spin_flop_field(B_E: ArrayLike, B_A: ArrayLike) -> Array:
    """Field along the axis, T, in which the spin-flop state and the antiparallel one have one energy.

    B = √(B_A (2B_E − B_A))

    - `B_E`, `B_A`: exchange and anisotropy field, T; B_A < B_E, else there is no such state.

    Source: L. Néel, Ann. Phys. 11, 232 (1936).

    >>> from magjax.analytic import antiferromagnet
    >>> round(float(antiferromagnet.spin_flop_field(52.6, 0.82)), 2)  # MnF2 flops at 9.3 T
    9.25
    """
    return jnp.sqrt(jnp.asarray(B_A) * (2 * jnp.asarray(B_E) - B_A))


def instability_field(B_E: ArrayLike, B_A: ArrayLike) -> Array:
    """Field along the axis, T, at which the antiparallel state itself gives way: √(B_A (2B_E + B_A)), a mode at 0.

    - `B_E`, `B_A`: exchange and anisotropy field, T.

    >>> from magjax.analytic import antiferromagnet
    >>> float(antiferromagnet.instability_field(12.0, 1.0))
    5.0
    """
    return jnp.sqrt(jnp.asarray(B_A) * (2 * jnp.asarray(B_E) + B_A))


def spin_flop_limit(B_E: ArrayLike, B_A: ArrayLike) -> Array:
    """Field along the axis, T, below which the spin-flop state gives way: (2B_E − B_A) √(B_A/(2B_E + B_A)).

    Between it and `instability_field` a loop has two branches. There the Néel vector turns freely: the energy's second
    derivative along the rotation of both sublattices, with their canting let go, is 0.

    - `B_E`, `B_A`: exchange and anisotropy field, T.

    Source: F. B. Anderson and H. B. Callen, Phys. Rev. 136, A1068 (1964).

    >>> from magjax.analytic import antiferromagnet
    >>> round(float(antiferromagnet.spin_flop_limit(12.0, 1.0)), 6)
    4.6
    """
    return (2 * jnp.asarray(B_E) - B_A) * jnp.sqrt(jnp.asarray(B_A) / (2 * jnp.asarray(B_E) + B_A))


def spin_flip_field(B_E: ArrayLike, B_A: ArrayLike) -> Array:
    """Field along the axis, T, from which on both sublattices point along it: 2B_E − B_A.

    - `B_E`, `B_A`: exchange and anisotropy field, T.

    >>> from magjax.analytic import antiferromagnet
    >>> float(antiferromagnet.spin_flip_field(12.0, 1.0))
    23.0
    """
    return 2 * jnp.asarray(B_E) - B_A


def spin_flop_angle(B: ArrayLike, B_E: ArrayLike, B_A: ArrayLike) -> Array:
    """Angle of either sublattice to the field in the spin-flop state, rad: cos θ = B/(2B_E − B_A); 0 beyond.

    - `B`: field along the easy axis, T. `B_E`, `B_A`: exchange and anisotropy field, T.

    >>> from magjax.analytic import antiferromagnet
    >>> round(float(antiferromagnet.spin_flop_angle(11.5, 12.0, 1.0)), 4)  # π/3
    1.0472
    """
    return jnp.arccos(jnp.clip(jnp.asarray(B) / spin_flip_field(B_E, B_A), -1, 1))


def canting(B: ArrayLike, B_E: ArrayLike, B_A: ArrayLike) -> Array:
    """Angle by which a field across the axis cants either sublattice, rad: sin φ = B/(2B_E + B_A); π/2 beyond.

    - `B`: field across the easy axis, T. `B_E`, `B_A`: exchange and anisotropy field, T.

    >>> from magjax.analytic import antiferromagnet
    >>> round(float(antiferromagnet.canting(12.5, 12.0, 1.0)), 4)  # π/6
    0.5236
    """
    return jnp.arcsin(jnp.clip(jnp.asarray(B) / (2 * jnp.asarray(B_E) + B_A), -1, 1))


def dmi_canting(J: ArrayLike, D: ArrayLike) -> Array:
    """Angle by which D·(m_a×m_b) cants either sublattice in the plane across D, rad: tan 2φ = D/J, without anisotropy.

    - `J`, `D`: exchange and Dzyaloshinskii–Moriya interaction between the sublattices, J/m³.

    Source: T. Moriya, Phys. Rev. 120, 91 (1960).

    >>> from magjax.analytic import antiferromagnet
    >>> round(float(antiferromagnet.dmi_canting(1e7, 1e5)), 4)
    0.005
    """
    return jnp.arctan2(jnp.asarray(D), jnp.asarray(J)) / 2


def dispersion(
    k_square: ArrayLike,
    *,
    B_E: ArrayLike,
    B_A: ArrayLike,
    Ms: ArrayLike,
    A: ArrayLike,
    A_ab: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """Angular frequency of spin waves of an antiferromagnet of two equal sublattices, rad/s.

    ω = γ √[(B_A + (2A − A_ab) k²/Ms) (2B_E + B_A + (2A + A_ab) k²/Ms)]

    - `k_square`: k², 1/m²; of a mesh that of `dispersion.lattice_square`. `B_E`, `B_A`: exchange and anisotropy field,
      T. `Ms`: A/m, of either sublattice. `A`, `A_ab`: exchange within and between them, J/m. `gamma`: rad/(s·T).

    >>> from magjax.analytic import antiferromagnet
    >>> float(antiferromagnet.dispersion(0.0, B_E=12.0, B_A=1.0, Ms=4e5, A=1e-11, gamma=1.0))
    5.0
    """
    k2 = jnp.asarray(k_square) / Ms
    soft = jnp.asarray(B_A) + (2 * jnp.asarray(A) - A_ab) * k2
    hard = 2 * jnp.asarray(B_E) + B_A + (2 * jnp.asarray(A) + A_ab) * k2
    return jnp.asarray(gamma) * jnp.sqrt(soft * hard)


def wave_velocity(
    B_E: ArrayLike, Ms: ArrayLike, A: ArrayLike, A_ab: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """The largest velocity of long spin waves, and of walls: c = γ √(2B_E (2A − A_ab)/Ms), m/s, for B_A ≪ B_E.

    - `B_E`: exchange field, T. `Ms`: A/m. `A`, `A_ab`: exchange within and between the sublattices, J/m. `gamma`:
      rad/(s·T).

    >>> from magjax.analytic import antiferromagnet
    >>> round(float(antiferromagnet.wave_velocity(100.0, 4e5, 5e-12, -5e-12)), 0)
    15249.0
    """
    return jnp.asarray(gamma) * jnp.sqrt(2 * jnp.asarray(B_E) * (2 * jnp.asarray(A) - A_ab) / Ms)


def wall_width(A: ArrayLike, K: ArrayLike, A_ab: ArrayLike = 0.0) -> Array:
    """Width Δ of a wall at rest, n_z = tanh(x/Δ), m: √((2A − A_ab)/(2K)) of two equal sublattices.

    - `A`, `A_ab`: exchange within and between the sublattices, J/m. `K`: anisotropy of either, J/m³.

    >>> from magjax.analytic import antiferromagnet
    >>> float(antiferromagnet.wall_width(1e-11, 1e5, -2e-11)) / 1e-9  # nm
    14.142135...
    """
    return jnp.sqrt((2 * jnp.asarray(A) - A_ab) / (2 * jnp.asarray(K)))


def wall_contraction(v: ArrayLike, c: ArrayLike) -> Array:
    """Width of a moving wall over that at rest: √(1 − v²/c²), as of a rod in relativity.

    - `v`: its velocity, m/s. `c`: `wave_velocity`, m/s.

    Source: I. V. Bar'yakhtar and B. A. Ivanov, Sov. J. Low Temp. Phys. 5, 361 (1979); E. G. Galkina and B. A. Ivanov,
    Low Temp. Phys. 44, 618 (2018).

    >>> from magjax.analytic import antiferromagnet
    >>> round(float(antiferromagnet.wall_contraction(0.6, 1.0)), 6)
    0.8
    """
    return jnp.sqrt(1 - (jnp.asarray(v) / c) ** 2)


def wall_velocity(
    B: ArrayLike, alpha: ArrayLike, width: ArrayLike, c: ArrayLike, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """Velocity of a wall in a staggered field ±B along the axis, m/s: v = v₀/√(1 + v₀²/c²), v₀ = γΔB/α.

    The field's pressure 4 Ms B is balanced by the damping, which grows as the wall contracts; B and B_A ≪ B_E.

    - `B`: field on either sublattice, T. `alpha`: damping of either. `width`: of the wall at rest, m. `c`:
      `wave_velocity`, m/s. `gamma`: rad/(s·T).

    Source: O. Gomonay, T. Jungwirth, J. Sinova, Phys. Rev. Lett. 117, 017202 (2016).

    >>> from magjax.analytic import antiferromagnet
    >>> round(float(antiferromagnet.wall_velocity(1.0, 0.5, 1.5, 4.0, gamma=1.0)), 6)
    2.4
    """
    free = jnp.asarray(gamma) * width * B / alpha
    return free / jnp.sqrt(1 + (free / c) ** 2)
