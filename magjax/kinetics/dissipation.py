"""Free energy and entropy of populations on their way to equilibrium."""

from typing import Any

import jax.numpy as jnp
from jax.scipy.special import xlogy
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.arguments import floats, temperature
from magjax.kinetics.master import MasterEquation


def free_energy(equation: MasterEquation, p: Any, T: Any, B: Any = 0.0) -> Array:
    """F = Σ P_i (E_i + kT ln P_i), J: it falls, under constant conditions, to −kT ln Z.

    **Arguments**

    - `equation`: the states and barriers. `p`: populations, `(…, n)`. `T`: temperature, K. `B`: field, T.

    **Returns** `(…)`, J.

    **Raises** `ValueError` for a temperature that is not positive.

    >>> from magjax import constants
    >>> from magjax.kinetics import MasterEquation, free_energy
    >>> wells = MasterEquation((0.0, 0.0), ((0, 1),), tops=1e-19)
    >>> round(float(free_energy(wells, (0.5, 0.5), T=300.0)) / constants.KB / 300.0, 4)  # −ln 2
    -0.6931
    """
    p = floats("p", p).astype(equation.energies.dtype)
    kelvin = temperature(T).astype(p.dtype)
    states = equation.in_field(B).energies.reshape(*(1,) * (p.ndim - 1), -1)
    return jnp.sum(p * states, -1) + constants.KB * kelvin * jnp.sum(xlogy(p, p), -1)


def entropy_production(equation: MasterEquation, p: Any, T: Any, B: Any = 0.0) -> Array:
    """Σ_links k (W_ji P_i − W_ij P_j) ln(W_ji P_i / W_ij P_j) ≥ 0, W/K: −(dF/dt)/T under constant conditions.

    **Arguments**

    - `equation`: the states and barriers. `p`: populations, `(…, n)`. `T`: temperature, K. `B`: field, T.

    **Returns** `(…)`, W/K; infinite where a link leads from an occupied state to an empty one.

    **Raises** `ValueError` for a temperature that is not positive.

    Source: J. Schnakenberg, Rev. Mod. Phys. 48, 571 (1976).

    >>> from magjax.kinetics import MasterEquation, entropy_production
    >>> wells = MasterEquation((0.0, 0.0), ((0, 1),), tops=1e-19)
    >>> float(entropy_production(wells, (0.5, 0.5), T=300.0))
    0.0
    """
    p = floats("p", p).astype(equation.energies.dtype)
    first, second = equation.ends
    there, back = (w.reshape(*(1,) * (p.ndim - 1), -1) for w in equation.log_rates(T, B))
    here, beyond = p[..., first], p[..., second]
    empty = (here == 0) & (beyond == 0)
    log_here, log_beyond = (jnp.log(jnp.where(empty, 1, x)) for x in (here, beyond))
    flow = jnp.exp(there) * here - jnp.exp(back) * beyond
    affinity = (there - back) + (log_here - log_beyond)
    return constants.KB * jnp.sum(jnp.where(empty, 0, flow * affinity), -1)
