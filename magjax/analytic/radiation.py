"""A magnetisation whose own precession radiates a field that acts back on it: Gilbert damping, and what lies beside it.

All forms follow from one equation for the unit vector m,

    dm/dt = −γ m×[c B + s m×B],  c = 1 − λ0α0 − λ̄,  s = (1 + a) λ0,  λ0 = α0/(1 + α0²),

with α0 the Gilbert damping, λ0 the strength of the radiation field, λ̄ an additional field −λ̄B ("extra field") and a an
additional torque in units of the original one ("extra torque"). Without either it is Gilbert's equation. The names with
`_seed` are the seed paper's own forms where they are misprinted or incomplete, for comparison only.
"""

import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = [
    "effective_damping",
    "effective_damping_seed",
    "field_and_torque",
    "gilbert_damping",
    "longitudinal",
    "longitudinal_rate",
    "longitudinal_rate_seed",
    "magnetisation",
    "precession_frequency",
    "precession_frequency_seed",
    "radiation_parameter",
    "relaxation_time",
    "transverse",
]


def radiation_parameter(alpha0: ArrayLike) -> Array:
    """Strength of the radiation field λ0 = α0/(1+α0²) that goes with the Gilbert damping α0: never more than ½.

    - `alpha0`: Gilbert damping, dimensionless.

    >>> from magjax.analytic import radiation
    >>> float(radiation.radiation_parameter(1.0)), float(radiation.radiation_parameter(2.0))
    (0.5, 0.4)
    """
    alpha0 = jnp.asarray(alpha0)
    return alpha0 / (1 + alpha0**2)


def gilbert_damping(radiation: ArrayLike) -> Array:
    """Gilbert damping α0 = 2λ0/(1+√(1−4λ0²)) of a radiation field of strength λ0: the root α0 ≤ 1, the other is 1/α0.

    - `radiation`: λ0, −½ ≤ λ0 ≤ ½, dimensionless.

    **Raises** `ValueError` for a |λ0| above ½, which no real damping has.

    >>> from magjax.analytic import radiation
    >>> round(float(radiation.gilbert_damping(0.4)), 12)
    0.5
    """
    strength = jnp.asarray(radiation)
    if not isinstance(strength, Tracer) and bool(jnp.any(jnp.abs(strength) > 0.5)):
        raise ValueError(
            f"Argument `radiation` must lie between −½ and ½, as λ0 = α0/(1+α0²) does for every α0, but got "
            f"{radiation!r}; did you give α0 for λ0?"
        )
    return 2 * strength / (1 + jnp.sqrt(1 - 4 * strength**2))


def field_and_torque(
    alpha0: ArrayLike, extra_field: ArrayLike = 0.0, extra_torque: ArrayLike = 0.0
) -> tuple[Array, Array]:
    """The coefficients c and s of dm/dt = −γ m×[c B + s m×B]: c = 1 − λ0α0 − λ̄, s = (1+a) λ0.

    - `alpha0`: Gilbert damping. `extra_field`: λ̄. `extra_torque`: a. All dimensionless.

    **Returns** c and s, dimensionless.

    Source: derived here; c contains λ0α0, which the seed paper's Eq. 47 leaves out.

    >>> from magjax.analytic import radiation
    >>> [float(x) for x in radiation.field_and_torque(1.0, extra_torque=-2.0)]
    [0.5, -0.5]
    """
    strength = radiation_parameter(alpha0)
    return 1 - strength * alpha0 - jnp.asarray(extra_field), (1 + jnp.asarray(extra_torque)) * strength


def precession_frequency(
    B: ArrayLike, alpha0: ArrayLike, extra_field: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """Angular frequency ω = γB (1 − λ0α0 − λ̄), rad/s, exact; γB/(1+α0²) without an extra field.

    It changes sign at λ̄ = 1/(1+α0²). An additional torque leaves it as it is.

    - `B`: field, T. `alpha0`: Gilbert damping. `extra_field`: λ̄. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import radiation
    >>> float(radiation.precession_frequency(2.0, alpha0=1.0, extra_field=0.25, gamma=1.0))
    0.5
    """
    return jnp.asarray(gamma) * B * field_and_torque(alpha0, extra_field)[0]


def precession_frequency_seed(B: ArrayLike, extra_field: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA) -> Array:
    """The frequency ω0 (1 − λ̄) of the seed paper's Eq. 47, for comparison only: too high by γBλ0α0.

    - `B`: field, T. `extra_field`: λ̄. `gamma`: |γ|, rad/(s·T). Use `precession_frequency`.

    >>> from magjax.analytic import radiation
    >>> float(radiation.precession_frequency_seed(2.0, extra_field=0.25, gamma=1.0))
    1.5
    """
    return jnp.asarray(gamma) * B * (1 - jnp.asarray(extra_field))


def effective_damping(alpha0: ArrayLike, extra_field: ArrayLike = 0.0, extra_torque: ArrayLike = 0.0) -> Array:
    """Gilbert damping of the whole, s/c = (1+a) λ0/(1 − λ0α0 − λ̄): the rate of relaxation per angle of precession.

    With it and γ' = γ (c + s²/c) the equation is Gilbert's. An extra torque alone makes it (1+a) α0, negative (a pump)
    for a < −1.

    - `alpha0`: Gilbert damping without extras. `extra_field`: λ̄. `extra_torque`: a.

    >>> from magjax.analytic import radiation
    >>> float(radiation.effective_damping(0.1, extra_torque=0.5)).__round__(12)
    0.15
    """
    along, across = field_and_torque(alpha0, extra_field, extra_torque)
    return across / along


def effective_damping_seed(alpha0: ArrayLike, extra_torque: ArrayLike) -> Array:
    """The damping α0/(1+a) that the seed paper prints as its Eq. 51, for comparison only.

    It keeps the product λ0α0 and hence the frequency; but it is no Gilbert damping, which grows with the torque.
    Use `effective_damping`.

    - `alpha0`: Gilbert damping without extras. `extra_torque`: a.

    >>> from magjax.analytic import radiation
    >>> float(radiation.effective_damping_seed(0.1, extra_torque=1.0))
    0.05
    """
    return jnp.asarray(alpha0) / (1 + jnp.asarray(extra_torque))


def relaxation_time(
    B: ArrayLike, alpha0: ArrayLike, extra_torque: ArrayLike = 0.0, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """Time 1/((1+a) λ0 γB) in which the magnetisation turns to the field, s; negative where it turns away.

    - `B`: field, T. `alpha0`: Gilbert damping. `extra_torque`: a. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import radiation
    >>> float(radiation.relaxation_time(2.0, alpha0=1.0, extra_torque=1.0, gamma=1.0))
    0.5
    """
    return 1 / (jnp.asarray(gamma) * B * field_and_torque(alpha0, 0.0, extra_torque)[1])


def longitudinal(
    t: ArrayLike,
    start: ArrayLike,
    B: ArrayLike,
    alpha0: ArrayLike,
    extra_torque: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """Component along the field, M_z/M = (tanh x + d)/(1 + d tanh x) with x = (1+a) λ0 γB t.

    An extra field does not change it.

    - `t`: time, s. `start`: d = M_z/M at t = 0. `B`: field, T. `alpha0`: Gilbert damping. `extra_torque`: a.
    - `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import radiation
    >>> float(radiation.longitudinal(0.0, -0.8, 1.0, alpha0=0.1)).__round__(12)
    -0.8
    """
    d, x = jnp.asarray(start), _advance(t, B, alpha0, extra_torque, gamma)
    # cosh x and sinh x over e^|x|: no overflow at late times, no 0/0 for d = ±1.
    cosh, sinh = _hyperbolic(x)
    return (sinh + d * cosh) / (cosh + d * sinh)


def transverse(
    t: ArrayLike,
    start: ArrayLike,
    B: ArrayLike,
    alpha0: ArrayLike,
    extra_torque: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """Length across the field, M_p/M = √(1−d²)/(cosh x + d sinh x) with x = (1+a) λ0 γB t; arguments of `longitudinal`.

    Starting behind the equator (d < 0) it passes 1 at x = −artanh d. At d = ±1 it is 0 at all times; the slope by d,
    infinite there, is returned as 0.

    >>> from magjax.analytic import radiation
    >>> float(radiation.transverse(0.0, -0.8, 1.0, alpha0=0.1)).__round__(12)
    0.6
    """
    d, x = jnp.asarray(start), _advance(t, B, alpha0, extra_torque, gamma)
    cosh, sinh = _hyperbolic(x)
    # A start along the field may be longer than 1 by rounding; there it stays.
    square = (1 - d) * (1 + d)
    across = jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1)), 0)
    return across * jnp.exp(-jnp.abs(x)) / (cosh + d * sinh)


def longitudinal_rate(
    along: ArrayLike,
    B: ArrayLike,
    alpha0: ArrayLike,
    extra_torque: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """d(M_z/M)/dt = (1+a) λ0 γB (M_p/M)², 1/s.

    - `along`: M_z/M. `B`: field, T. `alpha0`: Gilbert damping. `extra_torque`: a. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import radiation
    >>> float(radiation.longitudinal_rate(0.6, 1.0, alpha0=1.0, gamma=1.0)).__round__(12)
    0.32
    """
    return (1 - jnp.asarray(along) ** 2) / relaxation_time(B, alpha0, extra_torque, gamma)


def longitudinal_rate_seed(
    along: ArrayLike,
    B: ArrayLike,
    alpha0: ArrayLike,
    extra_torque: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """The rate λ0 γB M_p/M of the seed paper's Eq. 43, which misses the square of M_p: for comparison only.

    It disagrees with the paper's own Eq. 42 and 44 by the factor M/M_p. Use `longitudinal_rate`.

    >>> from magjax.analytic import radiation
    >>> float(radiation.longitudinal_rate_seed(0.6, 1.0, alpha0=1.0, gamma=1.0)).__round__(12)
    0.4
    """
    square = 1 - jnp.asarray(along) ** 2
    across = jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1)), 0)
    return across / relaxation_time(B, alpha0, extra_torque, gamma)


def magnetisation(
    t: ArrayLike,
    m0: ArrayLike,
    B: ArrayLike,
    alpha0: ArrayLike,
    extra_field: ArrayLike = 0.0,
    extra_torque: ArrayLike = 0.0,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """The whole vector in a constant field along any axis, with an additional field and torque: exact at all times.

    Along the field as `longitudinal`, across it as `transverse`, turned about it by ωt with `precession_frequency`.

    - `t`: times, s, any shape. `m0`: unit vector `(3,)` at t = 0. `B`: field `(3,)`, T.
    - `alpha0`: Gilbert damping. `extra_field`: λ̄. `extra_torque`: a. `gamma`: |γ|, rad/(s·T).

    **Returns** m, `(*t.shape, 3)`.

    >>> from magjax.analytic import radiation
    >>> m = radiation.magnetisation(1.0, (0.6, 0, 0.8), (0, 0, 1.0), alpha0=1.0, extra_torque=-1.0, gamma=6.283185)
    >>> [round(float(x), 4) for x in m]  # no damping is left: half a turn
    [-0.6, 0.0, 0.8]
    """
    t, m0, B, gamma = floats(t, m0, B, gamma)
    strength = jnp.linalg.norm(B)
    b = B / strength
    along = jnp.sum(m0 * b)
    cosh, sinh = _hyperbolic(x := _advance(t, strength, alpha0, extra_torque, gamma))
    phase = (precession_frequency(strength, alpha0, extra_field, gamma) * t)[..., None]
    b, across, beside = (v.reshape(*(1,) * t.ndim, 3) for v in (b, m0 - along * b, jnp.cross(b, m0)))
    turned = jnp.cos(phase) * across + jnp.sin(phase) * beside
    cosh, sinh, fade = (v[..., None] for v in (cosh, sinh, jnp.exp(-jnp.abs(x))))
    return ((sinh + along * cosh) * b + fade * turned) / (cosh + along * sinh)


def _advance(t: ArrayLike, B: ArrayLike, alpha0: ArrayLike, extra_torque: ArrayLike, gamma: ArrayLike) -> Array:
    return jnp.asarray(t) * (jnp.asarray(gamma) * B * field_and_torque(alpha0, 0.0, extra_torque)[1])


def _hyperbolic(x: Array) -> tuple[Array, Array]:
    """Cosh x and sinh x, both over e^|x|."""
    rising, falling = jnp.exp(x - jnp.abs(x)), jnp.exp(-x - jnp.abs(x))
    return (rising + falling) / 2, (rising - falling) / 2
