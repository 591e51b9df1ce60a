"""Recurrence: a finite number of frequencies brings every state back, sooner or much later."""

import jax.numpy as jnp
from jax.scipy.special import gammaln
from jaxtyping import Array, ArrayLike

__all__ = ["comb", "mean_recurrence_time", "recurrence_time"]


def comb(t: ArrayLike, centre: ArrayLike, spacing: ArrayLike, number: int) -> Array:
    """χ(t) = ⟨e^{iωt}⟩ of N equidistant frequencies: e^{iω0 t} sin(Nδω t/2) / (N sin(δω t/2)).

    As long as t ≪ 2π/δω it looks like a rectangle of half width Nδω/2; at 2π/δω all spins meet again.

    - `t`: times, s; any shape. `centre`: their mean ω0, rad/s. `spacing`: δω, rad/s. `number`: N.

    **Returns** χ, complex, in the shape of `t`.

    >>> from magjax.analytic import recurrence
    >>> period = recurrence.recurrence_time(spacing=1e9)
    >>> [round(float(abs(recurrence.comb(x * period, 5e9, 1e9, number=10))), 4) for x in (0.1, 1.0)]
    [0.0, 1.0]
    """
    t, centre, spacing = (jnp.asarray(x, jnp.result_type(0.0, t, centre, spacing)) for x in (t, centre, spacing))
    x = spacing * t / 2
    turns = jnp.round(x / jnp.pi)
    # Within a quarter turn of a revival: there the quotient is one of two smooth functions.
    near = x - jnp.pi * turns
    sign = jnp.where((turns * (number - 1)) % 2 == 0, 1, -1)
    return jnp.exp(1j * centre * t) * sign * jnp.sinc(number * near / jnp.pi) / jnp.sinc(near / jnp.pi)


def recurrence_time(spacing: ArrayLike) -> Array:
    """T = 2π/δω, after which equidistant frequencies have brought their spins together again, s.

    - `spacing`: δω, rad/s. It goes to infinity as the frequencies become dense.

    >>> from magjax.analytic import recurrence
    >>> round(float(recurrence.recurrence_time(2e9)) * 1e9, 4)  # ns
    3.1416
    """
    return 2 * jnp.pi / jnp.asarray(spacing)


def mean_recurrence_time(omega: ArrayLike, tolerance: ArrayLike, weights: ArrayLike | None = None) -> Array:
    """Mean time between returns of M = Σ wᵢ cos ωᵢt to above 1 − ε, for N frequencies without rational relations, s.

    T = (2π)^N Π√wᵢ / [√(Σ wᵢωᵢ²) V_{N−1} (2ε)^{(N−1)/2}], with V_n the volume of the unit ball in n dimensions: the
    phases fill a torus evenly, and enter the neighbourhood of the start at the rate of the flow through its surface.
    It grows exponentially with N: recurrence is real, and never seen. Small ε is meant; corrections are of order ε.

    - `omega`: angular frequencies `(N,)`, rad/s. `tolerance`: ε.
    - `weights`: wᵢ `(N,)`, adding up to 1; alike if missing.

    Source: P. C. Hemmer, L. C. Maximon and H. Wergeland, Phys. Rev. 111, 689 (1958).

    >>> from magjax.analytic import recurrence
    >>> round(float(recurrence.mean_recurrence_time((6.283185307e9,), 1e-3)) * 1e9, 6)  # one spin: its period, ns
    1.0
    """
    omega = jnp.asarray(omega)
    N = omega.shape[0]
    w = jnp.full(N, 1 / N, omega.dtype) if weights is None else jnp.asarray(weights, omega.dtype)
    # In logarithms: (2π)^N overflows single precision at N = 48.
    log_ball = (N - 1) / 2 * jnp.log(jnp.pi) - gammaln((N + 1) / 2)
    speed = jnp.sqrt(jnp.sum(w * omega**2))
    radius = (N - 1) / 2 * jnp.log(2 * jnp.asarray(tolerance, omega.dtype))
    exponent = N * jnp.log(2 * jnp.pi) + jnp.sum(jnp.log(w)) / 2 - log_ball - radius
    return jnp.exp(exponent - jnp.log(speed)).astype(omega.dtype)
