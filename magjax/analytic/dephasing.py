"""Dephasing: what is left of the average of many spins that precess at different rates.

All is said by the characteristic function χ(t) = ⟨e^{iωt}⟩ = ∫ p(ω) e^{iωt} dω of their angular frequencies. Spins that
start along x in a field along z have ⟨m_x⟩ = Re χ and ⟨m_y⟩ = Im χ.
"""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax.analytic.arguments import floats

__all__ = [
    "echo",
    "gaussian",
    "hahn_amplitude",
    "lorentzian",
    "piecewise_linear",
    "rectangular",
    "stimulated_amplitude",
]


def rectangular(t: ArrayLike, centre: ArrayLike, half_width: ArrayLike) -> Array:
    """All frequencies between ω0 − Δω and ω0 + Δω alike: χ = e^{iω0 t} sin(Δω t)/(Δω t).

    Δω is *half* of the width. The average first vanishes at t = π/Δω, though no spin has lost anything.

    - `t`: times, s; any shape. `centre`: ω0, rad/s. `half_width`: Δω, rad/s.

    **Returns** χ, complex, in the shape of `t`.

    Source: the first seed paper, Eq. 9, is its real part.

    >>> from magjax.analytic import dephasing
    >>> round(float(dephasing.rectangular(0.5e-9, centre=0.0, half_width=3.141592653589793e9).real), 4)  # 2/π
    0.6366
    """
    t, centre, half_width = floats(t, centre, half_width)
    return jnp.exp(1j * centre * t) * jnp.sinc(half_width * t / jnp.pi)


def gaussian(t: ArrayLike, centre: ArrayLike, sigma: ArrayLike) -> Array:
    """Normally distributed frequencies: χ = e^{iω0 t − σ²t²/2}.

    - `t`: times, s; any shape. `centre`: ω0, rad/s. `sigma`: standard deviation σ, rad/s.

    **Returns** χ, complex, in the shape of `t`.

    >>> from magjax.analytic import dephasing
    >>> round(float(abs(dephasing.gaussian(1e-9, centre=5e9, sigma=1e9))), 4)
    0.6065
    """
    t, centre, sigma = floats(t, centre, sigma)
    return jnp.exp(1j * centre * t - (sigma * t) ** 2 / 2)


def lorentzian(t: ArrayLike, centre: ArrayLike, half_width: ArrayLike) -> Array:
    """Frequencies with the density (Γ/π)/((ω − ω0)² + Γ²): χ = e^{iω0 t − Γ|t|}, the only *exponential* dephasing.

    - `t`: times, s; any shape. `centre`: ω0, rad/s. `half_width`: Γ, half of the width at half of the height, rad/s.

    **Returns** χ, complex, in the shape of `t`.

    >>> from magjax.analytic import dephasing
    >>> round(float(abs(dephasing.lorentzian(1e-9, centre=5e9, half_width=1e9))), 4)
    0.3679
    """
    t, centre, half_width = floats(t, centre, half_width)
    return jnp.exp(1j * centre * t - half_width * jnp.abs(t))


def piecewise_linear(t: ArrayLike, omega: ArrayLike, density: ArrayLike) -> Array:
    """A density given by straight lines between points, exactly: χ = Σ h e^{iω_c t} [p̄ j₀(x) + i (Δp/2) j₁(x)] / ∫p dω.

    Of each interval: h its width, ω_c its middle, p̄ and Δp mean and difference of the density at its ends, x = ht/2;
    j₀ and j₁ are spherical Bessel functions.

    - `t`: times, s; any shape. `omega`: rising frequencies `(n,)`, rad/s. `density`: p at them `(n,)`, in any unit.

    **Returns** χ, complex, in the shape of `t`.

    >>> from magjax.analytic import dephasing
    >>> triangle = dephasing.piecewise_linear(1.0, omega=(-2.0, 0.0, 2.0), density=(0.0, 1.0, 0.0))
    >>> round(float(triangle.real), 6)  # sin²(1), the square of a rectangle's
    0.708073
    """
    t, omega, density = floats(t, omega, density)
    across = (...,) + (None,) * t.ndim
    width, middle = jnp.diff(omega), (omega[1:] + omega[:-1]) / 2
    mean, rise = (density[1:] + density[:-1]) / 2, jnp.diff(density)
    x = width[across] * t[None] / 2
    even, odd = mean[across] * jnp.sinc(x / jnp.pi), rise[across] * _bessel1(x) / 2
    pieces = width[across] * jnp.exp(1j * middle[across] * t[None]) * (even + 1j * odd)
    return jnp.sum(pieces, 0) / jnp.sum(width * mean)


def echo(free: Callable[[Any], Array], t: ArrayLike, tau: ArrayLike, angle: ArrayLike = jnp.pi) -> Array:
    """After a pulse at τ that turns spins about x, for any distribution: χ_τ(t) = cos²(θ/2) χ(t) + sin²(θ/2) χ(t − 2τ).

    Holds for t ≥ τ and spins that started along x. A π pulse replaces ωt by ω(t − 2τ): at 2τ every spin is back. What
    another angle leaves undone goes on dephasing, or is stored along the field.

    - `free`: χ without a pulse, a function of time that holds for negative times, too.
    - `t`: times ≥ τ, s. `tau`: time of the pulse, s. `angle`: θ, rad.

    **Returns** χ, complex, in the shape of `t`.

    Source: E. L. Hahn, Phys. Rev. 80, 580 (1950).

    >>> from magjax.analytic import dephasing
    >>> free = lambda t: dephasing.gaussian(t, centre=0.0, sigma=1e9)
    >>> [round(float(abs(dephasing.echo(free, t, tau=5e-9))), 4) for t in (5e-9, 10e-9)]
    [0.0, 1.0]
    """
    t, tau, angle = floats(t, tau, angle)
    turned = jnp.sin(angle / 2) ** 2
    return (1 - turned) * free(t) + turned * free(t - 2 * tau)


def hahn_amplitude(first: ArrayLike, second: ArrayLike) -> Array:
    """The echo of two pulses of any angles, where dephasing is complete between them: |sin θ₁| sin²(θ₂/2).

    - `first`, `second`: angles of the pulses, rad; the spins start along the field.

    **Returns** |⟨m⟩| at 2τ, at most 1.

    Source: E. L. Hahn, Phys. Rev. 80, 580 (1950).

    >>> from math import pi
    >>> from magjax.analytic import dephasing
    >>> round(float(dephasing.hahn_amplitude(pi / 2, pi / 2)), 6)  # Hahn's own pulses
    0.5
    """
    first, second = floats(first, second)
    return jnp.abs(jnp.sin(first)) * jnp.sin(second / 2) ** 2


def stimulated_amplitude(first: ArrayLike, second: ArrayLike, third: ArrayLike) -> Array:
    """The stimulated echo of three pulses of any angles: |sin θ₁ sin θ₂ sin θ₃|/2, where dephasing is complete.

    The second pulse stores a grating of m_z, which no precession washes out; the third reads it. The echo comes as long
    after the third pulse as the second came after the first.

    - `first`, `second`, `third`: angles of the pulses, rad; the spins start along the field.

    **Returns** |⟨m⟩| at the echo, at most ½.

    Source: E. L. Hahn, Phys. Rev. 80, 580 (1950).

    >>> from math import pi
    >>> from magjax.analytic import dephasing
    >>> round(float(dephasing.stimulated_amplitude(pi / 2, pi / 2, pi / 2)), 6)
    0.5
    """
    first, second, third = floats(first, second, third)
    return jnp.abs(jnp.sin(first) * jnp.sin(second) * jnp.sin(third)) / 2


def _bessel1(x: Array) -> Array:
    """j₁(x) = (sin x − x cos x)/x², whose numerator cancels near 0: there its series, exact to rounding below 1."""
    small = jnp.abs(x) < 1
    far, near = jnp.where(small, 1, x), jnp.where(small, x, 0)
    term = series = near / 3
    for k in range(1, 9):
        term = -term * near**2 / (2 * k * (2 * k + 3))
        series = series + term
    return jnp.where(small, series, (jnp.sin(far) - far * jnp.cos(far)) / far**2)
