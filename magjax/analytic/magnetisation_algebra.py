"""The moments of spins in a radiation field of their own making: their size, and whether they close to an algebra.

The moment is M̂ = (1 − λ0α0 − λ̄) M̂0 + λ0 M̂0×m + κλ0 m (m·M̂0), where m is the direction of M = ⟨M̂⟩ and the last term
comes from a part of the radiation field along m, which exerts no torque. λ0 = α0/(1+α0²).
"""

from typing import Literal

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.radiation import field_and_torque, radiation_parameter

__all__ = ["bare_moment", "bare_moment_seed", "nondissipative_parameter", "total_gyromagnetic_ratio"]


def bare_moment(alpha0: ArrayLike, kappa: ArrayLike = 0.0, extra_field: ArrayLike = 0.0) -> Array:
    """⟨M̂0⟩/M = 1/(1 − λ0(α0 − κ) − λ̄): the moment without the radiation's share, along the whole moment.

    - `alpha0`: Gilbert damping. `kappa`: the field κλ0 m(m·B) beside it. `extra_field`: λ̄. All dimensionless.

    >>> from magjax.analytic import magnetisation_algebra as algebra
    >>> float(algebra.bare_moment(1.0)), float(algebra.bare_moment(1.0, kappa=-0.5))
    (2.0, 4.0)
    """
    along = field_and_torque(alpha0, extra_field)[0]
    return 1 / (along + jnp.asarray(kappa) * radiation_parameter(alpha0))


def bare_moment_seed(alpha0: ArrayLike, kappa: ArrayLike = 0.0) -> Array:
    """⟨M̂0⟩/M = 1/(1 − λ0(α0 + κ)) of the seed paper's Eq. 55, with the wrong sign of κ: for comparison only.

    - `alpha0`: Gilbert damping. `kappa`: κ. Use `bare_moment`.

    >>> from magjax.analytic import magnetisation_algebra as algebra
    >>> float(algebra.bare_moment_seed(1.0, kappa=0.5))
    4.0
    """
    return bare_moment(alpha0, -jnp.asarray(kappa))


def nondissipative_parameter(alpha0: ArrayLike, branch: Literal[1, -1] = 1) -> Array:
    """κ± = (−1 ± √(1+α0²))/α0, the roots of 1/κ − κ = 2/α0, for which the moments close to an SU(2) algebra.

    κ₊κ₋ = −1; κ₊ → α0/2 and κ₋ → −2/α0 for weak damping.

    - `alpha0`: Gilbert damping. `branch`: 1 or −1, the sign.

    **Raises** `ValueError` for any other branch.

    >>> from magjax.analytic import magnetisation_algebra as algebra
    >>> [round(float(algebra.nondissipative_parameter(0.75, branch)), 6) for branch in (1, -1)]
    [0.333333, -3.0]
    """
    _check_branch(branch)
    alpha0 = jnp.asarray(alpha0)
    # Not (√(1+α0²) − 1)/α0, which loses all digits at small α0.
    upper = alpha0 / (1 + jnp.sqrt(1 + alpha0**2))
    return upper if branch == 1 else -1 / upper


def total_gyromagnetic_ratio(
    alpha0: ArrayLike, branch: Literal[1, -1] = 1, gamma: ArrayLike = constants.GAMMA
) -> Array:
    """γ_tot = ±γ/√(1+α0²), the gyromagnetic ratio of the closed algebra [M_a, M_b] = iħγ_tot ε_abc M_c.

    - `alpha0`: Gilbert damping. `branch`: 1 or −1, that of κ. `gamma`: γ of the bare moments, rad/(s·T).

    **Raises** `ValueError` for any other branch.

    >>> from magjax.analytic import magnetisation_algebra as algebra
    >>> float(algebra.total_gyromagnetic_ratio(0.75, -1, gamma=1.0))
    -0.8
    """
    _check_branch(branch)
    return branch * jnp.asarray(gamma) / jnp.sqrt(1 + jnp.asarray(alpha0) ** 2)


def _check_branch(branch: int) -> None:
    if branch not in (1, -1):
        raise ValueError(f"Argument `branch` must be 1 or −1, the sign of κ±, but got {branch!r}.")
