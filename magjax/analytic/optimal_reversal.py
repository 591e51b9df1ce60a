"""The field pulse of least energy, and the fastest one, that turns a uniaxial macrospin over.

A field across m, in the direction that turns its polar angle θ, is worth B with
θ' = γB/√(1+α²) − ½ω sin 2θ and ω = 2αγK/((1+α²)Ms), the rate at which the spin relaxes. What else acts turns m about
the axis, where nothing depends on the angle. ∫B² dt is therefore the action of a pendulum in 2θ.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = [
    "azimuth",
    "least_cost",
    "long_pulse_cost",
    "polar_angle",
    "pulse",
    "pulse_strength",
    "short_pulse_cost",
    "shortest_time",
    "threshold_field",
]

# Steps of the arithmetic–geometric mean: they double the digits, once its two numbers are of one size.
_MEANS = 13
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(96)


def short_pulse_cost(duration: ArrayLike, alpha: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA) -> Array:
    """∫B² dt = (1+α²) π²/(γ²T), the least for pulses short against relaxation; exact for α = 0 or K = 0. T²·s.

    - `duration`: T, s. `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import optimal_reversal
    >>> round(float(optimal_reversal.short_pulse_cost(1e-9)) * 1e15, 4)  # mT²·ns
    318.31
    """
    return (1 + jnp.asarray(alpha) ** 2) * constants.PI**2 / (jnp.asarray(gamma) ** 2 * duration)


def long_pulse_cost(K: ArrayLike, Ms: ArrayLike, alpha: ArrayLike, gamma: ArrayLike = constants.GAMMA) -> Array:
    """∫B² dt = 4αK/(γMs), the least for pulses of any length, T²·s: over the barrier slowly, then down by itself.

    With the moment μ = Ms V and the barrier KV it is 4α(KV)/(γμ). In units: (J/m³)/((A/m)·(rad/(s·T))) = T²·s.

    - `K`: anisotropy constant, J/m³. `Ms`: saturation magnetisation, A/m. `alpha`, `gamma`: as for `short_pulse_cost`.

    >>> from magjax.analytic import optimal_reversal
    >>> round(float(optimal_reversal.long_pulse_cost(1e5, 1e6, alpha=0.1)) * 1e15, 4)  # mT²·ns
    227.1618
    """
    return 4 * jnp.asarray(alpha) * K / (jnp.asarray(gamma) * Ms)


def least_cost(
    duration: ArrayLike, K: ArrayLike, Ms: ArrayLike, alpha: ArrayLike, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """The least ∫B² dt of any pulse that takes a uniaxial macrospin from +z to −z within a time T, T²·s.

    Φ = (1+α²) ω [2E(p) − (1−p)K(p)] / (γ²√p) with 4√p K(p) = ωT, complete elliptic integrals of the parameter p = k².
    It lies above both `short_pulse_cost` and `long_pulse_cost`, and tends to them.

    - `duration`: T, s; ωT up to 1000 in double precision and 300 in single. `K`: anisotropy constant of the axis z,
      J/m³, ≥ 0. `Ms`: saturation magnetisation, A/m. `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).

    Source: G. J. Kwiatkowski et al., Phys. Rev. Lett. 126, 177206 (2021).

    >>> from magjax.analytic import optimal_reversal
    >>> round(float(optimal_reversal.least_cost(1e-9, 1e5, 1e6, alpha=0.1)) * 1e15, 4)  # mT²·ns
    370.0462
    """
    way = _way(duration, K, Ms, alpha, gamma)
    rest = jnp.exp(-(way.u**2))
    return (1 + way.alpha**2) / way.gamma**2 * way.speed * (2 * way.E - rest * way.K)


def polar_angle(
    t: ArrayLike,
    duration: ArrayLike,
    K: ArrayLike,
    Ms: ArrayLike,
    alpha: ArrayLike,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """The angle of m to +z under the optimal pulse: θ = ½ [am(Ωt + K(p) | p) − π/2], rad, with Ω = 4K(p)/T.

    - `t`: times, s, 0 … T; any shape. All others: numbers, as for `least_cost`.

    >>> from magjax.analytic import optimal_reversal
    >>> angles = optimal_reversal.polar_angle((0.0, 0.5e-9, 1e-9), 1e-9, 1e5, 1e6, alpha=0.1)
    >>> [round(float(a), 4) for a in angles]
    [0.0, 1.5708, 3.1416]
    """
    way = _way(duration, K, Ms, alpha, gamma)
    return _angle(way, _part(t, duration))


def pulse_strength(
    t: ArrayLike,
    duration: ArrayLike,
    K: ArrayLike,
    Ms: ArrayLike,
    alpha: ArrayLike,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """The strength of the optimal pulse, T: B = (√(1+α²)/γ) (θ' + ½ω sin 2θ).

    - All arguments: as for `polar_angle`.

    >>> from magjax.analytic import optimal_reversal
    >>> strengths = optimal_reversal.pulse_strength((0.0, 0.25e-9, 0.75e-9), 1e-9, 1e5, 1e6, alpha=0.1)
    >>> [round(1e3 * float(B), 2) for B in strengths]  # mT: strong while it climbs
    [16.58, 29.29, 9.38]
    """
    way = _way(duration, K, Ms, alpha, gamma)
    theta = _angle(way, _part(t, duration))
    # θ' = ½Ω √(1 − p sin²χ), χ = 2θ + π/2, in which no large numbers cancel.
    rest = jnp.exp(-(way.u**2))
    rate = way.speed * jnp.sqrt(jnp.sin(2 * theta) ** 2 + rest * jnp.cos(2 * theta) ** 2) / 2
    return jnp.sqrt(1 + way.alpha**2) / way.gamma * (rate + way.omega * jnp.sin(2 * theta) / 2)


def azimuth(
    t: ArrayLike,
    duration: ArrayLike,
    K: ArrayLike,
    Ms: ArrayLike,
    alpha: ArrayLike,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """The angle by which m has turned about z under the optimal pulse: ∫ 2γK cos θ/((1+α²)Ms) dt, rad; 0 at both ends.

    - All arguments: as for `polar_angle`.

    >>> from magjax.analytic import optimal_reversal
    >>> turned = optimal_reversal.azimuth((0.5e-9, 1e-9), 1e-9, 1e5, 1e6, alpha=0.1)
    >>> [round(float(a), 3) for a in turned]
    [11.041, 0.0]
    """
    way = _way(duration, K, Ms, alpha, gamma)
    part = _part(t, duration) - 0.5
    along = part[..., None] * jnp.asarray(_NODES + 1, part.dtype).reshape(*(1,) * part.ndim, -1) / 2 + 0.5
    weights = jnp.asarray(_WEIGHTS / 2, part.dtype).reshape(*(1,) * part.ndim, -1)
    since_middle = part * jnp.sum(weights * jnp.cos(_angle(way, along)), axis=-1)
    half = jnp.asarray(_NODES + 1, part.dtype) / 4
    ends = jnp.sum(jnp.asarray(_WEIGHTS / 2, part.dtype) * jnp.cos(_angle(way, half)))
    rate = way.gamma * 2 * jnp.asarray(K) / ((1 + way.alpha**2) * jnp.asarray(Ms))
    return rate * duration * (since_middle + ends / 2)


def pulse(
    t: ArrayLike,
    duration: ArrayLike,
    K: ArrayLike,
    Ms: ArrayLike,
    alpha: ArrayLike,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """The optimal pulse as a field, T: along (e_φ + α e_θ)/√(1+α²), for a spin that leaves +z towards +x.

    - All arguments: as for `polar_angle`.

    **Returns** B, `(*t.shape, 3)`.

    >>> from magjax.analytic import optimal_reversal
    >>> B = optimal_reversal.pulse(0.5e-9, 1e-9, 0.0, 1e6, alpha=0.0)  # no anisotropy: a constant field along y
    >>> [round(1e3 * float(b), 2) for b in B]
    [0.0, 17.84, 0.0]
    """
    args = (duration, K, Ms, alpha, gamma)
    theta, phi, B = polar_angle(t, *args), azimuth(t, *args), pulse_strength(t, *args)
    alpha = jnp.asarray(alpha)
    along = jnp.stack([-jnp.sin(phi), jnp.cos(phi), jnp.zeros_like(phi)], axis=-1)
    down = jnp.stack([jnp.cos(theta) * jnp.cos(phi), jnp.cos(theta) * jnp.sin(phi), -jnp.sin(theta)], axis=-1)
    return B[..., None] * (along + alpha * down) / jnp.sqrt(1 + alpha**2)


def threshold_field(K: ArrayLike, Ms: ArrayLike, alpha: ArrayLike) -> Array:
    """The weakest field that can turn a uniaxial macrospin over if its direction follows m: αK/(Ms√(1+α²)), T.

    - `K`: anisotropy constant, J/m³. `Ms`: saturation magnetisation, A/m. `alpha`: Gilbert damping.

    Source: Z. Z. Sun and X. R. Wang, Phys. Rev. Lett. 97, 077205 (2006).

    >>> from magjax.analytic import optimal_reversal
    >>> round(1e3 * float(optimal_reversal.threshold_field(1e5, 1e6, alpha=0.1)), 3)  # mT, of 200 without precession
    9.95
    """
    alpha = jnp.asarray(alpha)
    return alpha * K / (jnp.asarray(Ms) * jnp.sqrt(1 + alpha**2))


def shortest_time(
    B: ArrayLike, K: ArrayLike, Ms: ArrayLike, alpha: ArrayLike, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """The shortest time in which a field of strength B, in any direction at any time, turns a macrospin over, s.

    T = π(1+α²) / (γ √((1+α²)B² − α²K²/Ms²)), infinite below `threshold_field`.

    - `B`: largest field, T. `K`, `Ms`, `alpha`: as for `threshold_field`. `gamma`: |γ|, rad/(s·T).

    Source: Z. Z. Sun and X. R. Wang, Phys. Rev. Lett. 97, 077205 (2006).

    >>> from magjax.analytic import optimal_reversal
    >>> round(1e12 * float(optimal_reversal.shortest_time(0.02, 1e5, 1e6, alpha=0.1)), 1)  # ps
    1033.5
    """
    B, alpha = jnp.asarray(B), jnp.asarray(alpha)
    square = (1 + alpha**2) * B**2 - (alpha * jnp.asarray(K) / jnp.asarray(Ms)) ** 2
    reach = jnp.sqrt(jnp.where(square > 0, square, 1))
    return jnp.where(square > 0, constants.PI * (1 + alpha**2) / (jnp.asarray(gamma) * reach), jnp.inf)


def _part(t: ArrayLike, duration: ArrayLike) -> Array:
    """The part of the pulse that is over."""
    t, duration = floats(t, duration)
    return t / duration


class _Way(NamedTuple):
    """What a pulse of given length looks like: 1 − p = exp(−u²), the elliptic integrals of p, Ω = 4K(p)/T, and ω."""

    u: Array
    K: Array
    E: Array
    speed: Array
    omega: Array
    alpha: Array
    gamma: Array


def _way(*given: Any) -> _Way:
    duration, K, Ms, alpha, gamma = floats(*given)
    omega = 2 * alpha * gamma * K / ((1 + alpha**2) * Ms)
    u = _solved(omega * duration / 4)
    full, part = _complete(u)
    return _Way(u, full, part, 4 * full / duration, omega, alpha, gamma)


@jax.jit
def _complete(u: Array) -> tuple[Array, Array]:
    """Complete elliptic integrals K and E of p = 1 − exp(−u²), by the arithmetic–geometric mean."""

    def mean(carry: tuple[Array, ...], weight: Array) -> tuple[tuple[Array, ...], None]:
        a, b, rest = carry
        return ((a + b) / 2, jnp.sqrt(a * b), rest + weight * ((a - b) / 2) ** 2), None

    start = (jnp.ones_like(u), jnp.exp(-(u**2) / 2), -jnp.expm1(-(u**2)) / 2)
    (a, _, rest), _ = lax.scan(mean, start, 2.0 ** jnp.arange(_MEANS, dtype=u.dtype))
    full = constants.PI / (2 * a)
    return full, full * (1 - rest)


@jax.jit
def _solved(x: Array) -> Array:
    """The u with √p K(p) = x, where d(√p K)/du = uE/√p: Newton's steps from above, as the curve is convex.

    The last of them can be differentiated.
    """

    def step(u: Array, x: Array) -> Array:
        full, part = _complete(u)
        # √p/u, whose limit is 1.
        ratio = jnp.where(
            u > 1e-6, jnp.sqrt(-jnp.expm1(-(jnp.where(u > 1e-6, u, 1) ** 2))) / jnp.where(u > 1e-6, u, 1), 1
        )
        return u - (ratio * u * full - x) * ratio / part

    held = lax.stop_gradient(x)
    start = jnp.minimum(2 * held / constants.PI, jnp.sqrt(2 * held))
    return step(lax.stop_gradient(lax.fori_loop(0, 12, lambda _, u: step(u, held), start)), x)


@jax.jit
def _angle(way: _Way, part: Array) -> Array:
    """The θ at a part of the duration, by the descending Landen transformation of Jacobi's amplitude."""

    def mean(carry: tuple[Array, Array], _: None) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        a, b = carry
        middle = (a + b) / 2, jnp.sqrt(a * b)
        return middle, ((a - b) / 2 / middle[0], middle[1] / middle[0])

    def turn(phi: Array, ratios: tuple[Array, Array]) -> tuple[Array, None]:
        ratio, other = ratios
        # The asin of ratio·sin φ, also where that is near 1.
        less = jnp.arctan2(ratio * jnp.sin(phi), jnp.sqrt(jnp.cos(phi) ** 2 + (other * jnp.sin(phi)) ** 2))
        return (phi + less) / 2, None

    _, ratios = lax.scan(mean, (jnp.ones_like(way.u), jnp.exp(-(way.u**2) / 2)), None, length=_MEANS)
    # With K = π/(2aₙ), 2ⁿ aₙ (4K part + K): the amplitude of the n-th mean is the angle of a circle.
    phi, _ = lax.scan(turn, 2.0**_MEANS * constants.PI / 2 * (4 * part + 1), ratios, reverse=True)
    return (phi - constants.PI / 2) / 2
