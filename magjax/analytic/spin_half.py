"""Closed forms of a spin ½, and of spins that fill a field's levels thermally."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = [
    "berry_phase",
    "brillouin",
    "polarisation",
    "precession",
    "rabi_probability",
    "singlet_triplet_beat",
    "zeeman_splitting",
]


def zeeman_splitting(B: ArrayLike, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Distance of the two levels of a spin ½ as an angular frequency, ω = γB, rad/s; ħω = gμ_B B.

    - `B`: field, T. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import spin_half
    >>> round(float(spin_half.zeeman_splitting(1.0)) / 6.283185307e9, 3)  # GHz
    28.025
    """
    return jnp.asarray(gamma) * B


def precession(t: ArrayLike, n0: ArrayLike, B: ArrayLike, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Direction ⟨S⟩/S of a spin in a constant field: dn/dt = −γ n×B, turned about b = B/|B| by φ = γ|B|t.

    n = (n0·b) b + cos φ (n0 − (n0·b) b) + sin φ b×n0; the same for a spin ½, any S and a classical moment.

    - `t`: times, s; any shape. `n0`: unit vector `(3,)` at t = 0. `B`: field `(3,)`, T.
    - `gamma`: γ, rad/(s·T); negative for a moment along the spin.

    **Returns** n, `(*t.shape, 3)`.

    >>> from magjax.analytic import spin_half
    >>> quarter = 0.25 / 28.02495e9
    >>> [round(float(x), 5) + 0.0 for x in spin_half.precession(quarter, (1.0, 0, 0), (0, 0, 1.0))]
    [0.0, 1.0, 0.0]
    """
    t, n0, B, gamma = floats(t, n0, B, gamma)
    square = jnp.sum(B**2)
    strength = jnp.sqrt(jnp.where(square > 0, square, 1))
    b = B / strength
    phase = jnp.where(square > 0, gamma * strength * t, 0)[..., None]
    along = jnp.sum(n0 * b) * b
    along, across, beside = (v.reshape(*(1,) * t.ndim, 3) for v in (along, n0 - along, jnp.cross(b, n0)))
    return along + jnp.cos(phase) * across + jnp.sin(phase) * beside


def berry_phase(theta: ArrayLike, turns: ArrayLike = 1) -> Array:
    """Phase of a spin ½ led round a cone: −Ω/2 = −π(1 − cosθ) for each turn, rad.

    - `theta`: half opening angle, rad, of the cone on which the spin points. `turns`: how often it goes round.

    Source: M. V. Berry, Proc. R. Soc. A 392, 45 (1984).

    >>> from magjax.analytic import spin_half
    >>> round(float(spin_half.berry_phase(3.14159265 / 3)), 6)  # −π/2
    -1.570796
    """
    return -constants.PI * (1 - jnp.cos(jnp.asarray(theta))) * turns


def rabi_probability(
    t: ArrayLike, B1: ArrayLike, detuning: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """Probability that a spin ½ has flipped in a field B1 rotating with it: P = (γB1/Ω)² sin²(Ωt/2).

    Ω = √((γB1)² + δ²). Exact for a circularly polarised field; a linear one of amplitude 2B1 adds the Bloch–Siegert
    shift.

    - `t`: time, s. `B1`: rotating field, T. `detuning`: δ = ω − γB, rad/s. `gamma`: |γ|, rad/(s·T).

    Source: I. I. Rabi, Phys. Rev. 51, 652 (1937).

    >>> from magjax.analytic import spin_half
    >>> round(float(spin_half.rabi_probability(0.5 / 28.02495e6, 1e-3)), 6)  # a π pulse of 1 mT
    1.0
    """
    flip = jnp.asarray(gamma) * B1
    square = flip**2 + jnp.asarray(detuning) ** 2
    some = square > 0
    rate = jnp.sqrt(jnp.where(some, square, 1))
    return jnp.where(some, (flip / rate) ** 2 * jnp.sin(rate * t / 2) ** 2, 0)


def polarisation(B: ArrayLike, T: ArrayLike, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Thermal polarisation m = tanh(ħγB/2kT) of a spin ½ along the field, −1 to 1.

    - `B`: field, T. `T`: temperature, K. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import spin_half
    >>> round(float(spin_half.polarisation(1.0, 1.0)), 4)
    0.5866
    """
    ratio = constants.HBAR / (2 * constants.KB)
    return jnp.tanh(ratio * jnp.asarray(gamma) * B / jnp.asarray(T))


def brillouin(B: ArrayLike, T: ArrayLike, S: ArrayLike = 0.5, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Brillouin's function: the thermal ⟨m⟩ of a free spin S along the field, −1 to 1.

    B_S = ((2S+1)/2S) coth((2S+1)x/2S) − (1/2S) coth(x/2S) with x = ħγSB/kT.

    - `B`: field, T. `T`: temperature, K. `S`: spin length. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import spin_half
    >>> round(float(spin_half.brillouin(1.0, 1.0, S=0.5)), 4)
    0.5866
    """
    B, T, S, gamma = floats(B, T, S, gamma)
    y = (constants.HBAR / (2 * constants.KB)) * gamma * B / T  # x/2S
    whole = 2 * S + 1
    # Each coth diverges at 0, where the difference is a series that begins with (S + 1)x/3S.
    large = jnp.abs(whole * y) > 0.03
    z = jnp.where(large, y, 1)
    exact = (whole / jnp.tanh(whole * z) - 1 / jnp.tanh(z)) / (2 * S)
    series = 1 - (whole**2 + 1) * y**2 / 15 + 2 * (whole**4 + whole**2 + 1) * y**4 / 315
    return jnp.where(large, exact, 2 * (S + 1) * y / 3 * series)


def singlet_triplet_beat(t: ArrayLike, J: ArrayLike) -> Array:
    """⟨S^z⟩ of the first of two spins ½ coupled by H = −2J S₁·S₂ that start as |↑↓⟩: ½ cos(2Jt/ħ).

    The staggered state is no eigenstate: singlet and triplet, 2J apart, beat.

    - `t`: time, s. `J`: exchange, J.

    >>> from magjax import constants
    >>> from magjax.analytic import spin_half
    >>> half_period = constants.PI * constants.HBAR / 2e-22
    >>> round(float(spin_half.singlet_triplet_beat(half_period, 1e-22)), 6)
    -0.5
    """
    return jnp.cos(2 * jnp.asarray(J) / constants.HBAR * t) / 2
