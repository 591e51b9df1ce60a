"""Coercivity against time, sweep rate and temperature, of a barrier E = E0 (1 − H/H0)^m; ξ = E0/kT."""

import jax.numpy as jnp
from jax.scipy.special import gammaincc, gammaln
from jaxtyping import Array, ArrayLike

from magjax import constants

__all__ = [
    "effective_time",
    "kneller_luborsky",
    "sweep",
    "sweep_hazard",
    "sweep_seed",
    "switching_field_mean",
    "switching_field_width",
    "waiting",
]

_EULER = 0.5772156649015329


def waiting(time: ArrayLike, H0: ArrayLike, xi: ArrayLike, tau0: ArrayLike = 1e-9, m: ArrayLike = 1.5) -> Array:
    """Sharrock's law, paper A, Eq. 28: the field in which a time τ is the lifetime, A/m.

    Hc = H0 [1 − (ln(τ/τ0)/ξ)^{1/m}].

    - `time`: τ, s. With t/ln 2 for τ, half of the particles have switched after t. `H0`: field without barrier, A/m.
    - `xi`: ξ = E0/kT. `tau0`: time between attempts, s. `m`: exponent of the barrier.

    0 once ln(τ/τ0) > ξ: the magnetisation is lost without a field; H0 for τ < τ0.

    Source: E. F. Kneller in *Handbuch der Physik* XVIII/2 (1966); M. P. Sharrock, J. Appl. Phys. 76, 6413 (1994).

    >>> from magjax.analytic import sharrock
    >>> round(float(sharrock.waiting(100.0, H0=1.0, xi=60.0, m=2.0)), 4)
    0.3503
    """
    part = jnp.log(jnp.asarray(time) / tau0) / xi
    return jnp.asarray(H0) * (1 - _root(part, m))


def effective_time(h: ArrayLike, rate: ArrayLike, xi: ArrayLike, m: ArrayLike = 1.5) -> Array:
    """τ = 1/(ln 2 · r ξ m (1−h)^{m−1}): the lifetime at which a sweep has switched half of the particles, s.

    - `h`: Hc/H0. `rate`: r = (dH/dt)/H0, 1/s. `xi`: E0/kT. `m`: exponent of the barrier.

    The time in which E falls by kT is 1/(r ξ m (1−h)^{m−1}); the hazard gathered there is ln 2 for one half.

    >>> from magjax.analytic import sharrock
    >>> round(float(sharrock.effective_time(0.5, rate=1.0, xi=40.0, m=2.0)), 5)
    0.03607
    """
    return 1 / (jnp.log(2.0) * jnp.asarray(rate) * xi * m * (1 - jnp.asarray(h)) ** (jnp.asarray(m) - 1))


def sweep(
    rate: ArrayLike,
    H0: ArrayLike,
    xi: ArrayLike,
    tau0: ArrayLike = 1e-9,
    m: ArrayLike = 1.5,
    quantile: ArrayLike = 0.5,
) -> Array:
    """Hc = H0 [1 − (ln(τ/τ0)/ξ)^{1/m}] of a sweep, τ being the effective time at Hc itself, A/m.

    With u = E(Hc)/kT it solves u + (1 − 1/m) ln u = −ln(λ r τ0 m ξ^{1/m}/H0), λ = −ln(1−q). What it leaves out is of
    the order (1 − 1/m)/u beside 1 in the hazard, and the beginning of the sweep.

    - `rate`: dH/dt, A/(m·s). `H0`: field without barrier, A/m. `xi`: ξ = E0/kT. `tau0`: time between attempts, s.
    - `m`: exponent of the barrier. `quantile`: q, the part that has switched.

    0 where the barrier is too low to matter.

    Source: A. Garg, Phys. Rev. B 51, 15592 (1995).

    >>> from magjax.analytic import sharrock
    >>> Hc = float(sharrock.sweep(2.0, H0=1.0, xi=60.0, m=2.0))
    >>> tau = sharrock.effective_time(Hc, rate=2.0, xi=60.0, m=2.0)
    >>> abs(float(sharrock.waiting(tau, H0=1.0, xi=60.0, m=2.0)) - Hc) < 1e-6
    True
    """
    u = _reduced_barrier(rate, H0, xi, tau0, m, -jnp.log1p(-jnp.asarray(quantile)))
    return jnp.asarray(H0) * (1 - _root(u / xi, m))


def sweep_seed(rate: ArrayLike, H0: ArrayLike, xi: ArrayLike, tau0: ArrayLike = 1e-9, m: ArrayLike = 1.5) -> Array:
    """Paper A's law with the inverse rate for the time, τ = H0/(dH/dt), for comparison only, A/m.

    The time for which the field counts is shorter, by ln 2 ξ m (1−h)^{m−1}: this coercivity is too small by about
    kT ln(that)/|dE/dH|. Use `sweep`, whose arguments it shares.

    >>> from magjax.analytic import sharrock
    >>> round(float(sharrock.sweep(1.0, H0=1.0, xi=60.0) - sharrock.sweep_seed(1.0, H0=1.0, xi=60.0)), 4)
    0.0607
    """
    return waiting(jnp.asarray(H0) / rate, H0, xi, tau0, m)


def sweep_hazard(
    H: ArrayLike, rate: ArrayLike, H0: ArrayLike, xi: ArrayLike, tau0: ArrayLike = 1e-9, m: ArrayLike = 1.5
) -> Array:
    """The exact hazard gathered from H = 0 on, Λ = (H0/(r τ0)) ξ^{−1/m}/m [γ(1/m, ξ) − γ(1/m, ξ(1−H/H0)^m)].

    exp(−Λ) is the part that has not switched. γ is the lower incomplete gamma function; computed from what it lacks to
    Γ(1/m), which is small at high barriers, the difference keeps its digits there.

    - `H`: field, 0 … H0, A/m. `rate`: dH/dt, A/(m·s). The others as for `sweep`.

    >>> from magjax.analytic import sharrock
    >>> round(float(sharrock.sweep_hazard(0.5, rate=1e3, H0=1.0, xi=10.0, tau0=1e-6, m=1.0)), 4)
    0.6693
    """
    a = 1 / jnp.asarray(m)
    u = xi * (1 - jnp.asarray(H) / H0) ** m
    scale = jnp.exp(gammaln(a)) * H0 / (jnp.asarray(rate) * tau0 * m * xi**a)
    return scale * (gammaincc(a, u) - gammaincc(a, jnp.asarray(xi, u.dtype)))


def switching_field_mean(
    rate: ArrayLike, H0: ArrayLike, xi: ArrayLike, tau0: ArrayLike = 1e-9, m: ArrayLike = 1.5
) -> Array:
    """Mean of the distribution of switching fields, where ln Λ is nearly linear in the field, A/m.

    Λ is exponentially distributed, so that ⟨ln Λ⟩ = −0.577…: the field of `sweep` with that λ.

    - The arguments are those of `sweep`.

    Source: J. Kurkijärvi, Phys. Rev. B 6, 832 (1972); A. Garg, Phys. Rev. B 51, 15592 (1995).

    >>> from magjax.analytic import sharrock
    >>> round(float(sharrock.switching_field_mean(1.0, H0=1.0, xi=60.0)), 3)
    0.565
    """
    u = _reduced_barrier(rate, H0, xi, tau0, m, jnp.exp(-_EULER))
    return jnp.asarray(H0) * (1 - _root(u / xi, m))


def switching_field_width(
    rate: ArrayLike, H0: ArrayLike, xi: ArrayLike, tau0: ArrayLike = 1e-9, m: ArrayLike = 1.5
) -> Array:
    """Standard deviation of the switching field, (π/√6) kT/|dE/dH| at its mean, A/m: Kurkijärvi's.

    (π/√6) (H0/m) ξ^{−1/m} u^{1/m − 1}, with u = E/kT there.

    - The arguments are those of `sweep`.

    Source: J. Kurkijärvi, Phys. Rev. B 6, 832 (1972); A. Garg, Phys. Rev. B 51, 15592 (1995).

    >>> from magjax.analytic import sharrock
    >>> round(float(sharrock.switching_field_width(1.0, H0=1.0, xi=60.0)), 4)
    0.0212
    """
    u = _reduced_barrier(rate, H0, xi, tau0, m, jnp.exp(-_EULER))
    a = 1 / jnp.asarray(m)
    # The hazard's own logarithm grows as u + (1 − 1/m) ln u falls.
    slope = 1 + (1 - a) / u
    return constants.PI / jnp.sqrt(6.0) * jnp.asarray(H0) * a * jnp.asarray(xi) ** -a * u ** (a - 1) / slope


def kneller_luborsky(T: ArrayLike, H0: ArrayLike, T_B: ArrayLike, m: ArrayLike = 2.0) -> Array:
    """Hc = H0 [1 − (T/T_B)^{1/m}] below the blocking temperature T_B = E0/(k ln(t/τ0)), 0 above it, A/m.

    - `T`: temperature, K. `H0`: coercivity at 0 K, A/m. `T_B`: blocking temperature, K. `m`: exponent of the barrier.

    Source: E. F. Kneller, F. E. Luborsky, J. Appl. Phys. 34, 656 (1963).

    >>> from magjax.analytic import sharrock
    >>> float(sharrock.kneller_luborsky(100.0, H0=4e5, T_B=400.0))
    200000.0
    """
    return jnp.asarray(H0) * (1 - _root(jnp.asarray(T) / T_B, m))


def _root(part: Array, m: ArrayLike) -> Array:
    """part^{1/m} within 0 … 1."""
    inside = (part > 0) & (part < 1)
    return jnp.where(inside, jnp.where(inside, part, 0.5) ** (1 / jnp.asarray(m)), jnp.where(part > 0, 1.0, 0.0))


def _reduced_barrier(
    rate: ArrayLike, H0: ArrayLike, xi: ArrayLike, tau0: ArrayLike, m: ArrayLike, hazard: ArrayLike
) -> Array:
    """The u > 0 with u + (1 − 1/m) ln u = C, by Newton's steps in ln u, where the left side is convex."""
    a = 1 / jnp.asarray(m)
    C = -jnp.log(jnp.asarray(hazard) * jnp.asarray(rate) * tau0 / H0 * m * jnp.asarray(xi) ** a)
    v = jnp.log(jnp.maximum(C, 1.0))
    for _ in range(30):
        v = v - (jnp.exp(v) + (1 - a) * v - C) / (jnp.exp(v) + (1 - a))
    return jnp.exp(v)
