"""Spins whose coupling depends on the magnetisation itself: precession in the field of their correlations.

The coupling Λ Σ_{i≠j} (m·S_i)(m·S_j), with correlations I_ab = Σ_{i≠j} ⟨S_i^a S_j^b⟩, turns the magnetisation as a
field (2Λ/μ) I·m does. With I_zz = I alone it acts along z: M_z stays, and nothing is damped.
"""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = ["correlation_field", "magnetisation", "precession_frequency", "precession_frequency_seed"]


def correlation_field(coupling: ArrayLike, correlation: ArrayLike, moment: ArrayLike) -> Array:
    """The field of correlations along z at m_z = 1, B_c = 2ΛI/μ, T.

    - `coupling`: Λ, J. `correlation`: I = Σ_{i≠j} ⟨S_i^z S_j^z⟩, dimensionless. `moment`: μ of all spins, J/T.

    >>> from magjax.analytic import spin_spin
    >>> float(spin_spin.correlation_field(1e-24, 0.5, 2e-24))
    0.5
    """
    return 2 * jnp.asarray(coupling) * correlation / jnp.asarray(moment)


def precession_frequency(
    B: ArrayLike, correlation: ArrayLike, m_z: ArrayLike, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """Angular frequency ω = γ (B + B_c m_z), rad/s, in a field along z.

    - `B`: field, T. `correlation`: the field B_c of the correlations, T. `m_z`: M_z/M. `gamma`: |γ|, rad/(s·T).

    >>> from magjax.analytic import spin_spin
    >>> float(spin_spin.precession_frequency(1.0, 0.5, -0.5, gamma=1.0))
    0.75
    """
    return jnp.asarray(gamma) * (jnp.asarray(B) + jnp.asarray(correlation) * m_z)


def precession_frequency_seed(
    B: ArrayLike, correlation: ArrayLike, m_z: ArrayLike, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """The frequency γ (B − B_c m_z) of the seed paper's Eq. 76, which has the wrong sign: for comparison only.

    Its own Eq. 73–75 give a plus. Use `precession_frequency`, whose arguments it shares.

    >>> from magjax.analytic import spin_spin
    >>> float(spin_spin.precession_frequency_seed(1.0, 0.5, -0.5, gamma=1.0))
    1.25
    """
    return precession_frequency(B, -jnp.asarray(correlation), m_z, gamma)


def magnetisation(
    t: ArrayLike, m0: ArrayLike, B: ArrayLike, correlation: ArrayLike, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """The trajectory of dm/dt = −γ m×ẑ (B + B_c m_z): a turn about z by ωt at constant m_z.

    - `t`: times, s, any shape. `m0`: unit vector `(3,)` at t = 0. `B`: field along z, T.
    - `correlation`: the field B_c of the correlations, T. `gamma`: |γ|, rad/(s·T).

    **Returns** m, `(*t.shape, 3)`.

    >>> from magjax.analytic import spin_spin
    >>> m = spin_spin.magnetisation(3.141592653589793, (0.6, 0.0, 0.8), 0.1, 0.5, gamma=1.0)
    >>> [round(float(x), 6) for x in m]
    [0.0, 0.6, 0.8]
    """
    t, m0 = floats(t, m0)
    phase = precession_frequency(B, correlation, m0[2], gamma) * t
    cos, sin = jnp.cos(phase), jnp.sin(phase)
    return jnp.stack([cos * m0[0] - sin * m0[1], sin * m0[0] + cos * m0[1], m0[2] + 0 * t], axis=-1)
