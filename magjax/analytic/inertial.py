"""A spin with inertia: precession and nutation.

ṁ = −γ m×B + m×(α ṁ + η m̈). With p = η m×ṁ this is the motion of a top: d(p − m)/dt = γ m×B − α p/η, so that
L = m − p is what a torque changes, and m·L = 1 always.
"""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants

__all__ = ["free_nutation", "frequencies", "modes", "steady_precession"]


def modes(
    B: ArrayLike, eta: ArrayLike, alpha: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA
) -> tuple[Array, Array]:
    """The two small motions m_x + i m_y ∝ exp(iωt) of a spin about a field along z: complex ω of both, rad/s.

    ηω² + (1 − iα)ω − γB = 0. Precession, ω₊ = γB(1 + iα)/(1 + α²) as η → 0, and nutation in the opposite sense,
    ω₋ ≈ −(1 − iα)/η; Im ω is the rate at which either decays.

    - `B`: field, T; with an easy axis along z, B + 2K/Ms. `eta`: inertia η, s. `alpha`: Gilbert damping.
    - `gamma`: |γ|, rad/(s·T).

    **Returns** ω₊ and ω₋, complex.

    Source: from the equation, as in E. Olive et al., J. Appl. Phys. 117, 213904 (2015).

    >>> from magjax.analytic import inertial
    >>> precession, nutation = inertial.modes(1.0, eta=100e-15)
    >>> round(float(precession.real) / 6.283185307e9, 3), round(float(nutation.real) / 6.283185307e12, 3)  # GHz, THz
    (27.548, -1.619)
    """
    B, eta, alpha, gamma = jnp.broadcast_arrays(*map(_floats, (B, eta, alpha, gamma)))
    lossy = 1 - 1j * alpha
    # The sum, never the difference, of two nearly equal numbers: Vieta gives the small root from the large one.
    both = lossy + jnp.sqrt(lossy**2 + 4 * eta * gamma * B)
    return 2 * gamma * B / both, -both / (2 * eta)


def frequencies(
    B1: ArrayLike, B2: ArrayLike, eta: ArrayLike, gamma: ArrayLike = constants.GAMMA
) -> tuple[Array, Array]:
    """Resonance and nutation of an undamped spin that two directions hold with different fields, rad/s.

    η²ω⁴ − (1 + ηγ(B₁ + B₂))ω² + γ²B₁B₂ = 0: Kittel's γ√(B₁B₂) as η → 0, and 1/η.

    - `B1`, `B2`: second derivatives of the energy over Ms V along the two directions across m, T. `eta`: inertia, s.
    - `gamma`: |γ|, rad/(s·T).

    **Returns** both angular frequencies, > 0.

    >>> from magjax.analytic import inertial
    >>> low, high = inertial.frequencies(0.1, 1.1, eta=100e-15)
    >>> round(float(low) / 6.283185307e9, 3), round(float(high) / 6.283185307e12, 3)  # GHz, THz
    (9.198, 1.608)
    """
    B1, B2, eta, gamma = map(_floats, (B1, B2, eta, gamma))
    sum_, product = 1 + eta * gamma * (B1 + B2), (eta * gamma) ** 2 * B1 * B2
    both = sum_ + jnp.sqrt(sum_**2 - 4 * product)
    return gamma * jnp.sqrt(2 * B1 * B2 / both), jnp.sqrt(both / 2) / eta


def steady_precession(cosine: ArrayLike, B: ArrayLike, eta: ArrayLike, gamma: ArrayLike = constants.GAMMA) -> Array:
    """Angular velocity of an undamped spin that goes round a field at a constant angle θ, exact at any θ, rad/s.

    η cos θ ω² + ω − γB = 0: inertia slows it where cos θ > 0, and drives it where the spin points against the field.

    - `cosine`: cos θ, with 1 + 4ηγB cos θ ≥ 0. `B`: field, T. `eta`: inertia, s. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import inertial
    >>> [round(float(inertial.steady_precession(c, 1.0, eta=1e-12)) / 6.283185307e9, 3) for c in (0.0, 0.5)]  # GHz
    [28.025, 25.915]
    """
    cosine, B, eta, gamma = map(_floats, (cosine, B, eta, gamma))
    return 2 * gamma * B / (1 + jnp.sqrt(1 + 4 * eta * gamma * B * cosine))


def free_nutation(t: ArrayLike, m0: ArrayLike, velocity: ArrayLike, eta: ArrayLike) -> Array:
    """An undamped spin without any field: it turns about L = m − η m×ṁ, which stays, at the rate −|L|/η, exact.

    - `t`: times, s; any shape. `m0`: unit vector `(3,)`. `velocity`: ṁ at t = 0 `(3,)`, across m0, 1/s. `eta`: s.

    **Returns** m, `(*t.shape, 3)`.

    >>> from magjax.analytic import inertial
    >>> m = inertial.free_nutation(1e-13, (0.0, 0.0, 1.0), (1e12, 0.0, 0.0), eta=1e-13)
    >>> [round(float(x), 4) for x in m]
    [0.084, -0.0459, 0.9954]
    """
    t, m0, velocity, eta = map(_floats, (t, m0, velocity, eta))
    L = m0 - eta * jnp.cross(m0, velocity)
    length = jnp.sqrt(jnp.sum(L**2))
    axis = L / length
    angle = (-length / eta * t)[..., None]
    along = jnp.sum(m0 * axis) * axis
    fixed, across, beside = (v.reshape(*(1,) * t.ndim, 3) for v in (along, m0 - along, jnp.cross(axis, m0)))
    return fixed + jnp.cos(angle) * across + jnp.sin(angle) * beside


def _floats(value: ArrayLike) -> Array:
    array = jnp.asarray(value)
    return array if jnp.issubdtype(array.dtype, jnp.floating) else array.astype(jnp.result_type(float))
