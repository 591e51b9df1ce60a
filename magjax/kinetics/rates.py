"""Rates over energy barriers: with a constant prefactor, and with those of Brown, Kramers and Meyer and Neldel."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.analytic import brown
from magjax.kinetics.arguments import floats, not_negative, positive, temperature

#: A number of joules, or a function of the temperature that gives it.
Barrier = Any


def arrhenius(barrier: Barrier, T: Any, prefactor: Any = 1e9) -> Array:
    """Rate at which a state behind a barrier is left: Γ0 exp(−E/kT), 1/s.

    **Arguments**

    - `barrier`: E, J; or a function E(T), as where anisotropy falls with temperature. `T`: temperature, K.
    - `prefactor`: Γ0, 1/s.

    **Returns** the rate, in the shape that the arguments broadcast to.

    **Raises** `ValueError` for temperatures and prefactors that are not positive.

    >>> from magjax.kinetics import arrhenius
    >>> round(float(arrhenius(1e-19, 300.0)), 4), round(float(arrhenius(lambda T: 1e-19 - 1e-22 * T, 300.0)), 2)
    (0.0327, 45.74)
    """
    T = temperature(T)
    rate = positive("prefactor", prefactor, "attempts in 1/s", "Did you give the time τ0 between them?")
    return jnp.exp(jnp.log(rate) - height(barrier, T) / constants.KB / T)


def neel(KV: Any, T: Any, prefactor: Any = 1e9, moment: Any = 0.0, B: Any = 0.0) -> Array:
    """Rate at which a uniaxial particle relaxes between its two wells: Γ0 [e^(−σ(1+h)²) + e^(−σ(1−h)²)], 1/s.

    σ = KV/kT and h = μB/2KV, |h| < 1, for a field along the axis; 2Γ0 e^(−σ) without one.

    **Arguments**

    - `KV`: anisotropy energy, J. `T`: temperature, K. `prefactor`: Γ0, 1/s. `moment`: μ, A·m². `B`: field, T.

    **Raises** `ValueError` for energies, temperatures and prefactors that are not positive.

    Source: L. Néel, Ann. Géophys. 5, 99 (1949).

    >>> from magjax.kinetics import neel
    >>> round(float(neel(1e-19, 300.0)), 4)
    0.0654
    """
    T, KV = temperature(T), positive("KV", KV, "an energy in J")
    h = reduced_field(KV, moment, B)
    rate = positive("prefactor", prefactor, "attempts in 1/s", "Did you give the time τ0 between them?")
    sigma, start = KV / constants.KB / T, jnp.log(rate)
    return jnp.exp(start - sigma * (1 + h) ** 2) + jnp.exp(start - sigma * (1 - h) ** 2)


def brown_rate(KV: Any, T: Any, moment: Any, alpha: Any, B: Any = 0.0, gamma: Any = constants.GAMMA) -> Array:
    """The same with Brown's prefactor, which damping and precession set, for barriers well above kT, 1/s.

    Γ = σ^(3/2) π^(−1/2) (1 − h²) [(1 + h) e^(−σ(1+h)²) + (1 − h) e^(−σ(1−h)²)] / τ_N,  τ_N = μ(1 + α²)/(2αγkT)

    It is 25 % too high at σ = 3 to 5; the eigenvalues of the Fokker–Planck equation are right at any σ.

    **Arguments**

    - `KV`: anisotropy energy, J. `T`: temperature, K. `moment`: μ, A·m². `alpha`: Gilbert damping. `B`: field along the
      axis, T, |μB| < 2KV. `gamma`: |γ|, rad/(s·T).

    **Raises** `ValueError` for energies, temperatures, moments and dampings that are not positive.

    Source: W. F. Brown, Phys. Rev. 130, 1677 (1963).

    >>> from magjax.kinetics import brown_rate
    >>> round(float(brown_rate(1e-19, 300.0, moment=1e-18, alpha=0.1)), 4)
    0.6324
    """
    T, KV = temperature(T), positive("KV", KV, "an energy in J")
    return brown.high_barrier_rate(KV / constants.KB / T, reduced_field(KV, moment, B)) / diffusion_time(
        T, moment, alpha, gamma
    )


def diffusion_time(T: Any, moment: Any, alpha: Any, gamma: Any = constants.GAMMA) -> Array:
    """τ_N = μ(1 + α²)/(2αγkT), in which a moment without barriers forgets its direction, s.

    - `T`: temperature, K. `moment`: μ, A·m². `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).

    **Raises** `ValueError` for numbers that are not positive.

    >>> from magjax.kinetics import diffusion_time
    >>> round(float(diffusion_time(300.0, moment=1e-18, alpha=0.1)) * 1e9, 3)  # ns
    6.924
    """
    moment = positive("moment", moment, "a moment in A·m²", "It is Ms times the volume.")
    alpha = positive("alpha", alpha, "a damping", "Without damping there is no heat bath.")
    return moment / constants.KB * (1 + alpha**2) / (2 * alpha * gamma * temperature(T))


def kramers(barrier: Barrier, T: Any, well: Any, top: Any, friction: Any = 0.0) -> Array:
    """Rate out of a well of a coordinate with inertia and friction: κ (ω₀/2π) exp(−E/kT), 1/s.

    κ = √(1 + (η/2ω_b)²) − η/2ω_b: 1 without friction, which is transition-state theory, ω_b/η where friction rules.

    **Arguments**

    - `barrier`: E, J; or a function of `T`. `T`: temperature, K.
    - `well`: ω₀ at the bottom, and `top`: ω_b of the inverted top, rad/s. `friction`: η, 1/s.

    **Raises** `ValueError` for temperatures and frequencies that are not positive, and friction below zero.

    Source: H. A. Kramers, Physica 7, 284 (1940).

    >>> from magjax.kinetics import kramers
    >>> bare = kramers(0.0, 300.0, well=6.283185307179586e9, top=1e9)
    >>> round(float(bare)), round(float(kramers(0.0, 300.0, 6.283185307179586e9, 1e9, friction=1e12)))
    (1000000000, 999999)
    """
    T = temperature(T)
    well, top = (positive(n, w, "an angular frequency in rad/s") for n, w in (("well", well), ("top", top)))
    half = not_negative("friction", friction, "a friction in 1/s") / (2 * top)
    # The same as √(1 + half²) − half, without the loss of digits where friction rules.
    passing = 1 / (jnp.sqrt(1 + half**2) + half)
    return passing * well / (2 * constants.PI) * jnp.exp(-height(barrier, T) / constants.KB / T)


def reduced_field(KV: Any, moment: Any, B: Any) -> Array:
    """The field over that at which a well vanishes, h = μB/2KV.

    >>> from magjax.kinetics import reduced_field
    >>> round(float(reduced_field(1e-19, 1e-18, 0.1)), 6)
    0.5
    """
    energies = (positive("KV", KV, "an energy in J"), floats("moment", moment))
    KV, moment = (energy / constants.KB for energy in energies)
    return moment * floats("B", B) / (2 * KV)


def height(barrier: Barrier, T: Array) -> Array:
    """The energy of a barrier (a number, or a function of the temperature) at `T`, J."""
    return floats("barrier", barrier(T) if isinstance(barrier, Callable) else barrier)
