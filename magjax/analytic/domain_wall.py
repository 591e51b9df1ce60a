"""A straight 180° wall that moves as a whole: its place q and the angle φ of its spins.

Across x it has the profile m_z = cos θ, tan(θ/2) = exp((x − q)/Δ): the easy axis is z, w = K sin²θ + K⊥ sin²θ sin²φ.
The hard axis is as strong as the field B_d = 2K⊥/Ms = μ0(N_hard − N_easy)Ms. Equation of motion in a field B along z
and a current of drift velocity u (Walker; Slonczewski; Thiaville):

(1+α²) dφ/dt = γB + (β−α)u/Δ − αγ(B_d/2) sin 2φ
(1+α²) dq/dt = (1+αβ)u + αγΔB + γΔ(B_d/2) sin 2φ

for a head of the domain along B that moves forward.
"""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants

__all__ = [
    "breakdown_drift",
    "doring_mass",
    "energy",
    "mass",
    "rates",
    "steady_angle",
    "velocity",
    "walker_field",
    "walker_velocity",
    "width",
]


def width(A: ArrayLike, K: ArrayLike) -> Array:
    """Δ = √(A/K) of a wall that turns freely, m; on πΔ it turns by most of 180°.

    - `A`: exchange stiffness, J/m. `K`: uniaxial anisotropy, J/m³.

    Source: L. Landau, E. Lifshitz, Phys. Z. Sowjetunion 8, 153 (1935).

    >>> from magjax.analytic import domain_wall
    >>> round(float(domain_wall.width(1e-11, 4e5)) * 1e9, 6)
    5.0
    """
    return jnp.sqrt(jnp.asarray(A) / K)


def energy(A: ArrayLike, K: ArrayLike) -> Array:
    """σ = 4√(AK), the energy per area, J/m²: half of it exchange, half anisotropy.

    - `A`: exchange stiffness, J/m. `K`: uniaxial anisotropy, J/m³.

    >>> from magjax.analytic import domain_wall
    >>> round(float(domain_wall.energy(1e-11, 4e5)) * 1e3, 6)
    8.0
    """
    return 4 * jnp.sqrt(jnp.asarray(A) * K)


def walker_field(alpha: ArrayLike, Bd: ArrayLike) -> Array:
    """B_W = αB_d/2, T: in larger fields the spins of a wall turn round and round, and it stumbles.

    - `alpha`: Gilbert damping. `Bd`: strength of the hard axis, T.

    Source: N. L. Schryer, L. R. Walker, J. Appl. Phys. 45, 5406 (1974).

    >>> from magjax.analytic import domain_wall
    >>> float(domain_wall.walker_field(0.1, 0.5))
    0.025
    """
    return jnp.asarray(alpha) * Bd / 2


def steady_angle(B: ArrayLike, alpha: ArrayLike, Bd: ArrayLike) -> Array:
    """φ with sin 2φ = B/B_W, rad, at which a wall moves steadily; NaN above the Walker field.

    - `B`: field, T. `alpha`: Gilbert damping. `Bd`: strength of the hard axis, T.

    >>> from magjax.analytic import domain_wall
    >>> round(float(domain_wall.steady_angle(0.025, 0.1, 0.5)), 6)  # π/4, at the Walker field
    0.785398
    """
    return jnp.arcsin(jnp.asarray(B) / walker_field(alpha, Bd)) / 2


def walker_velocity(
    B: ArrayLike,
    A: ArrayLike,
    K: ArrayLike,
    *,
    alpha: ArrayLike,
    Bd: ArrayLike,
    Ms: ArrayLike,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """Velocity γΔB/α with Δ = √(A/(K + K⊥ sin²φ)), m/s: exact up to the Walker field, NaN above it.

    The wall is thinner the further its spins turn to the hard axis, K⊥ = MsB_d/2.

    - `B`: field along the easy axis, T. `A`: exchange stiffness, J/m. `K`: easy axis, J/m³. `Bd`: hard axis, T.
    - `Ms`: A/m. `alpha`: Gilbert damping. `gamma`: rad/(s·T).

    Source: N. L. Schryer, L. R. Walker, J. Appl. Phys. 45, 5406 (1974).

    >>> from magjax.analytic import domain_wall
    >>> round(float(domain_wall.walker_velocity(1e-3, 1e-11, 4e5, alpha=0.1, Bd=0.5, Ms=8e5)), 3)
    8.803
    """
    sine = jnp.sin(steady_angle(B, alpha, Bd))
    hard = jnp.asarray(Ms) * Bd / 2
    return width(A, K + hard * sine**2) * gamma * B / alpha


def rates(
    phi: ArrayLike,
    *,
    B: ArrayLike = 0.0,
    u: ArrayLike = 0.0,
    beta: ArrayLike = 0.0,
    alpha: ArrayLike,
    Bd: ArrayLike,
    width: ArrayLike,
    gamma: ArrayLike = constants.GAMMA,
) -> tuple[Array, Array]:
    """Velocity dq/dt, m/s, and rate of turning dφ/dt, rad/s, of a wall at the angle φ.

    - `phi`: φ from the easier direction across the easy axis, rad.
    - `B`: field, T. `u`: drift velocity, m/s; `beta`: its non-adiabatic part.
    - `alpha`: Gilbert damping. `Bd`: hard axis, T. `width`: Δ, m. `gamma`: rad/(s·T).

    Source: A. Thiaville et al., Europhys. Lett. 69, 990 (2005).

    >>> from magjax.analytic import domain_wall
    >>> q, phi = domain_wall.rates(0.0, u=100.0, beta=0.1, alpha=0.1, Bd=0.5, width=5e-9)
    >>> float(q), float(phi)  # β = α: as fast as the electrons
    (100.0, 0.0)
    """
    alpha = jnp.asarray(alpha)
    turning = gamma * jnp.asarray(Bd) / 2 * jnp.sin(2 * jnp.asarray(phi))
    field, scale, width = gamma * jnp.asarray(B), 1 + alpha**2, jnp.asarray(width)
    velocity = ((1 + alpha * beta) * jnp.asarray(u) + width * (alpha * field + turning)) / scale
    push = (beta - alpha) * jnp.asarray(u) / width
    return velocity, jnp.asarray((field + push - alpha * turning) / scale)


def velocity(
    *,
    B: ArrayLike = 0.0,
    u: ArrayLike = 0.0,
    beta: ArrayLike = 0.0,
    alpha: ArrayLike,
    Bd: ArrayLike,
    width: ArrayLike,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """Mean velocity of a wall of constant width, m/s, below the breakdown and above it.

    With the drive f = γB + (β−α)u/Δ and f_W = γB_W: v = (γΔB + βu)/α for |f| ≤ f_W, and
    less by Δ sgn(f) √(f² − f_W²)/(α(1+α²)) above. A current alone: βu/α, and (1+αβ)u/(1+α²) far above.

    - `B`: field, T. `u`: drift velocity, m/s; `beta`: its non-adiabatic part.
    - `alpha`: Gilbert damping. `Bd`: hard axis, T. `width`: Δ, m. `gamma`: rad/(s·T).

    Source: A. Mougin et al., Europhys. Lett. 78, 57007 (2007).

    >>> from magjax.analytic import domain_wall
    >>> wall = {"alpha": 0.1, "Bd": 0.5, "width": 5e-9}
    >>> slow, fast = domain_wall.velocity(u=10.0, beta=0.02, **wall), domain_wall.velocity(B=1.0, **wall)
    >>> round(float(slow), 6), round(float(fast))
    (2.0, 90)
    """
    alpha = jnp.asarray(alpha)
    drive = gamma * jnp.asarray(B) + (beta - alpha) * jnp.asarray(u) / width
    square = drive**2 - (gamma * walker_field(alpha, Bd)) ** 2
    turning = jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1)), 0) * jnp.sign(drive)
    width = jnp.asarray(width)
    return (width * gamma * B + beta * jnp.asarray(u) - width * turning / (1 + alpha**2)) / alpha


def breakdown_drift(
    alpha: ArrayLike, beta: ArrayLike, Bd: ArrayLike, width: ArrayLike, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """The u above which a wall driven by current alone turns round and round, αγΔB_d/(2|β−α|), m/s; ∞ for β = α.

    - `alpha`: Gilbert damping. `beta`: non-adiabatic part. `Bd`: hard axis, T. `width`: Δ, m. `gamma`: rad/(s·T).

    >>> from magjax.analytic import domain_wall
    >>> round(float(domain_wall.breakdown_drift(0.1, 0.0, 0.5, 5e-9)), 1)
    220.1
    """
    return walker_field(alpha, Bd) * gamma * width / jnp.abs(jnp.asarray(beta) - alpha)


def mass(Bd: ArrayLike, width: ArrayLike, Ms: ArrayLike, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Inertia per area of a wall, 2Ms/(γ²ΔB_d), kg/m².

    A wall that moves slowly has turned by φ = v/(γΔB_d), which costs 2ΔK⊥φ² = ½ mass v² with K⊥ = MsB_d/2.

    - `Bd`: hard axis, T. `width`: Δ, m. `Ms`: A/m. `gamma`: rad/(s·T).

    Source: W. Döring, Z. Naturforsch. A 3, 373 (1948).

    >>> from magjax.analytic import domain_wall
    >>> f"{float(domain_wall.mass(0.5, 5e-9, 8e5)):.3e}"
    '2.064e-08'
    """
    return jnp.asarray(Ms) * 2 / (jnp.asarray(gamma) ** 2 * width * Bd)


def doring_mass(width: ArrayLike, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Döring's mass per area 2/(μ0γ²Δ), kg/m²: that of a Bloch wall in an endless crystal, where B_d = μ0Ms.

    - `width`: Δ, m. `gamma`: rad/(s·T).

    Source: W. Döring, Z. Naturforsch. A 3, 373 (1948).

    >>> from magjax.analytic import domain_wall
    >>> f"{float(domain_wall.doring_mass(5e-9)):.3e}"
    '1.027e-08'
    """
    return 2 / (constants.MU0 * jnp.asarray(gamma) ** 2 * width)
