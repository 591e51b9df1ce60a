"""Magnetic viscosity: closed forms of M(t) = −Ms + 2Ms ∫P(E) exp(−(t/τ0) e^(−E/kT)) dE."""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, ArrayLike

from magjax import constants

__all__ = [
    "EULER",
    "critical_barrier",
    "exponential_integral",
    "scaling_variable",
    "uniform_remaining",
    "viscosity",
    "viscosity_seed",
]

#: Euler's constant.
EULER = 0.5772156649015329

#: The logarithm of an argument at which E₁ is 0 to rounding, and its exponential still a number.
_LATEST = 4.4


def critical_barrier(t: ArrayLike, T: ArrayLike, tau0: ArrayLike = 1e-9) -> Array:
    """E* = kT (ln(t/τ0) + 0.5772), the barrier that is being crossed at the time t, J.

    exp(−(t/τ0) e^(−E/kT)) is Gumbel's distribution function of E, whose mean this is. With P shallow over kT, the part
    of the barriers not yet crossed is that above E*, up to (π²/12)(kT)² P′(E*).

    - `t`: time, s. `T`: temperature, K. `tau0`: time between attempts, s.

    >>> from magjax.analytic import viscosity
    >>> round(float(viscosity.critical_barrier(1.0, 300.0)) * 1e20, 3)
    8.823
    """
    return constants.KB * (scaling_variable(t, T, tau0) + EULER * jnp.asarray(T))


def scaling_variable(t: ArrayLike, T: ArrayLike, tau0: ArrayLike = 1e-9) -> Array:
    """T ln(t/τ0), K: curves M(t) measured at several temperatures are one curve of it.

    - `t`: time, s. `T`: temperature, K. `tau0`: time between attempts, s.

    >>> from magjax.analytic import viscosity
    >>> round(float(viscosity.scaling_variable(1.0, 300.0)), 1)
    6217.0
    """
    return jnp.asarray(T) * (jnp.log(jnp.asarray(t)) - jnp.log(jnp.asarray(tau0)))


def viscosity(T: ArrayLike, Ms: ArrayLike, density: ArrayLike) -> Array:
    """S = −dM/d(ln t) = 2kT Ms P(E*), A/m, in the logarithmic regime.

    - `T`: temperature, K. `Ms`: saturation magnetisation, A/m.
    - `density`: P at E* of `critical_barrier`, 1/J. The seed paper takes it at 0: `viscosity_seed`.

    >>> from magjax.analytic import viscosity
    >>> round(float(viscosity.viscosity(300.0, 8e5, density=1e19)))
    66271
    """
    return 2 * (constants.KB * jnp.asarray(density)) * jnp.asarray(T) * jnp.asarray(Ms)


def viscosity_seed(T: ArrayLike, Ms: ArrayLike, density_at_zero: ArrayLike) -> Array:
    """The seed paper's S = 2kT Ms P(0), A/m, for comparison only.

    Barriers near 0 are crossed within τ0, long before any measurement; what relaxes at t are those near E*. The two
    agree for a P that is constant from 0 on.

    - `T`: temperature, K. `Ms`: saturation magnetisation, A/m. `density_at_zero`: P(0), 1/J.

    >>> from magjax.analytic import viscosity
    >>> float(viscosity.viscosity_seed(300.0, 8e5, density_at_zero=0.0))
    0.0
    """
    return viscosity(T, Ms, density_at_zero)


def uniform_remaining(
    t: ArrayLike, T: ArrayLike, lowest: ArrayLike, highest: ArrayLike, tau0: ArrayLike = 1e-9
) -> Array:
    """The part not yet reversed, of barriers spread evenly between two energies: exact at all times t > 0.

    R = (kT/(E₂ − E₁)) [E₁(x₂) − E₁(x₁)] with the exponential integral E₁ at xᵢ = (t/τ0) e^(−Eᵢ/kT).

    - `t`: time, s. `T`: temperature, K. `lowest`, `highest`: E₁ < E₂, J. `tau0`: time between attempts, s.

    >>> from magjax.analytic import viscosity
    >>> round(float(viscosity.uniform_remaining(1.0, 300.0, 0.0, 1.7e-19)), 4)
    0.481
    """
    T = jnp.asarray(T)
    late = jnp.log(jnp.asarray(t)) - jnp.log(jnp.asarray(tau0))
    low, high = (jnp.asarray(E) / constants.KB for E in (lowest, highest))
    above, below = (_integral(jnp.minimum(late - E / T, _LATEST)) for E in (high, low))
    return T / (high - low) * (above - below)


def exponential_integral(x: ArrayLike) -> Array:
    """E₁(x) = ∫ₓ^∞ e^(−u)/u du for x > 0.

    The series −γ − ln x − Σ (−x)ᵏ/(k·k!) up to x = 2, Stieltjes' continued fraction above: a fixed number of terms of
    each, where `jax.scipy.special.exp1` of an array may not come to an end.

    - `x`: any shape.

    >>> from magjax.analytic import viscosity
    >>> round(float(viscosity.exponential_integral(1.0)), 12)
    0.219383934396
    """
    return _integral(jnp.log(jnp.asarray(x)))


def _integral(log_x: Array) -> Array:
    """E₁ from ln x: x itself may be too small for a number."""
    small = log_x < jnp.log(2.0)
    log_near = jnp.where(small, log_x, 0)
    near, far = jnp.exp(log_near), jnp.exp(jnp.where(small, 1, log_x))
    term, series = jnp.ones_like(near), jnp.zeros_like(near)
    for k in range(1, 31):
        term = -term * near / k
        series = series - term / k
    # From its 60th step back: what is left out is exp(−4√(60x)).
    fraction = lax.fori_loop(0, 60, lambda n, f: far + (60 - n) / (1 + (60 - n) / f), far)
    return jnp.where(small, -EULER - log_near + series, jnp.exp(-far) / fraction)
