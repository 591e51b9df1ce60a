"""How long magnetisation lasts behind a barrier: Arrhenius' law, stability factors, a wire that breaks into domains."""

import math
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants

__all__ = [
    "arrhenius_time",
    "required_barrier",
    "ring_barrier",
    "stability_factor",
    "wire_barrier",
    "wire_end_barrier",
    "wire_lifetime",
]


def arrhenius_time(Ea: ArrayLike, T: ArrayLike, tau0: ArrayLike = 1e-9) -> Array:
    """τ = τ0 exp(Ea/kT), s.

    - `Ea`: barrier, J. `T`: temperature, K. `tau0`: time between attempts, s.

    >>> from magjax.analytic import lifetime
    >>> round(float(lifetime.arrhenius_time(1e-19, 300.0)), 2)
    30.57
    """
    return jnp.asarray(tau0) * jnp.exp(jnp.asarray(Ea) / constants.KB / jnp.asarray(T))


def stability_factor(time: ArrayLike, tau0: ArrayLike = 1e-9) -> Array:
    """ξ = KV/kT = ln(τ/τ0) that a particle needs to keep its direction for a time τ.

    25.3 for 100 s, 40.3 for ten years, with τ0 = 1 ns; recording media are built with 60, for their errors.

    - `time`: τ, s. `tau0`: time between attempts, s.

    >>> from magjax.analytic import lifetime
    >>> round(float(lifetime.stability_factor(100.0)), 1), round(float(lifetime.stability_factor(10 * 3.15576e7)), 1)
    (25.3, 40.3)
    """
    return jnp.log(jnp.asarray(time)) - jnp.log(jnp.asarray(tau0))


def required_barrier(time: ArrayLike, T: ArrayLike, tau0: ArrayLike = 1e-9) -> Array:
    """Ea = kT ln(τ/τ0), the barrier that is crossed once in a time τ, J.

    - `time`: τ, s. `T`: temperature, K. `tau0`: time between attempts, s.

    >>> from magjax.analytic import lifetime, two_state
    >>> from magjax import constants
    >>> round(float(lifetime.required_barrier(100.0, 300.0)) / constants.KB)  # K
    7599
    """
    return constants.KB * (jnp.asarray(T) * stability_factor(time, tau0))


def wire_barrier(A: ArrayLike, K: ArrayLike, D: ArrayLike) -> Array:
    """Ea = 8 D² √(AK), J: two domain walls of 4√(AK) each, across a square wire.

    That is what a domain costs inside a wire that is thinner, and longer, than a wall is wide.

    - `A`: exchange stiffness, J/m. `K`: anisotropy along the wire, J/m³. `D`: edge of the cross section, m.

    >>> from magjax.analytic import lifetime
    >>> round(float(lifetime.wire_barrier(10e-12, 1e6, 1e-9)) * 1e20, 4)
    2.5298
    """
    return 8 * jnp.asarray(D) ** 2 * jnp.sqrt(jnp.asarray(A) * jnp.asarray(K))


def wire_end_barrier(A: ArrayLike, K: ArrayLike, D: ArrayLike) -> Array:
    """Ea = 4 D² √(AK), J: a single wall, let in at a free end.

    - `A`, `K`, `D`: as for `wire_barrier`.

    >>> from magjax.analytic import lifetime
    >>> float(lifetime.wire_end_barrier(10e-12, 1e6, 1e-9) / lifetime.wire_barrier(10e-12, 1e6, 1e-9))
    0.5
    """
    return wire_barrier(A, K, D) / 2


def ring_barrier(A: float, K: float, D: float, length: float) -> float:
    """The barrier of a wire closed to a ring, J; half of it is that of a wire of half the length with free ends.

    Ea = D² √(AK) [8 E(k) − 4 (1 − k²) K(k)] with 4 K(k) = L/Δ, K and E the complete elliptic integrals.

    At the saddle the angle swings along the wire like a pendulum. Below L = 2πΔ all spins turn together, Ea = K D² L;
    far above it is two walls.

    - `A`, `K`, `D`: as for `wire_barrier`. `length`: L, m; Δ = √(A/K).

    **Raises** `ValueError` for a length that is not positive.

    Source: H.-B. Braun, Phys. Rev. Lett. 71, 3557 (1993).

    >>> from magjax.analytic import lifetime
    >>> wire, wall = (10e-12, 1e6, 1e-9), (10e-12 / 1e6) ** 0.5
    >>> [round(lifetime.ring_barrier(*wire, n * wall) / float(lifetime.wire_barrier(*wire)), 3) for n in (4, 8, 20)]
    [0.5, 0.918, 1.0]
    """
    from scipy.optimize import brentq
    from scipy.special import ellipe, ellipkm1

    if not length > 0:
        raise ValueError(f"Argument `length` must be > 0 in m, but got {length!r}.")
    turns = length / (A / K) ** 0.5
    if turns <= 2 * constants.PI:
        return K * D**2 * length
    # By ln(1 − k²): at long rings k is 1 to all digits.
    log_rest: Any = brentq(lambda log: 4 * ellipkm1(math.exp(log)) - turns, -700.0, 0.0, xtol=1e-13)
    rest = math.exp(float(log_rest))
    return D**2 * (A * K) ** 0.5 * float(8 * ellipe(1 - rest) - rest * turns)


def wire_lifetime(A: ArrayLike, K: ArrayLike, D: ArrayLike, T: ArrayLike, tau0: ArrayLike = 1e-9) -> Array:
    """τ0 exp(8D²√(AK)/kT), the time until a domain appears in a wire, s.

    - `A`, `K`, `D`: as for `wire_barrier`. `T`: temperature, K. `tau0`: time between attempts, s.

    >>> from magjax.analytic import lifetime
    >>> round(float(lifetime.wire_lifetime(10e-12, 1e6, 2e-9, 300.0)), 1)
    40.8
    """
    return arrhenius_time(wire_barrier(A, K, D), T, tau0)
