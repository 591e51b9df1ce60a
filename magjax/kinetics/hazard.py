"""The hazard that a swept field gathers: ∫Γ dt, of which survival is the exponential."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.field_barrier import AbstractFieldBarrier


def log_hazard(barrier: AbstractFieldBarrier, H: Any, rate: Any, T: Any, tau0: Any, start: Any = 0.0) -> Array:
    """Ln Λ, Λ(H) = ∫ Γ(H') dH'/r from `start` to H, Γ = exp(−E/kT)/τ0, of a particle that cannot come back.

    The rate rises towards the upper end, by tens of orders of magnitude: the double exponential rule gathers its points
    there, however narrow the peak, and at the singular point H0 of a barrier (1 − H/H0)^m. From H0 on, Γ = 1/τ0.

    **Arguments**

    - `barrier`: of one particle. `H`: field, A/m, one number. `start`: field ≥ 0 at which the sweep begins, A/m.
    - `rate`: of the sweep, A/(m·s). `T`: temperature, K. `tau0`: time between attempts, s.

    **Returns** ln Λ, −∞ for H ≤ `start`.

    Source: H. Takahasi, M. Mori, Publ. RIMS 9, 721 (1974), for the rule.

    >>> import math
    >>> from magjax.kinetics import PowerBarrier
    >>> from magjax.kinetics.hazard import log_hazard
    >>> linear = PowerBarrier(H0=4e5, E0=40 * 1.380649e-23 * 300, m=1)  # Λ = (H0/40rτ0) (e^(−40(1−h)) − e^(−40))
    >>> exact = math.log(4e5 / 40 / 1e3 / 1e-9 * (math.exp(-20) - math.exp(-40)))
    >>> abs(float(log_hazard(linear, 2e5, rate=1e3, T=300, tau0=1e-9)) - exact) < 1e-11
    True
    """
    limit = barrier.switching_field()
    H, rate, T, tau0, start, limit = (
        jnp.asarray(x, jnp.result_type(H, limit)) for x in (H, rate, T, tau0, start, limit)
    )
    top = jnp.minimum(H, limit)
    width = jnp.where(top > start, top - start, limit)
    places, weights = (jnp.asarray(x, H.dtype) for x in _rule(float(jnp.finfo(H.dtype).tiny)))
    height = barrier.barrier(top - width * places) / (constants.KB * T)
    gathered = jax.nn.logsumexp(jnp.log(weights) - height) + jnp.log(width / (rate * tau0))
    gathered = jnp.where(top > start, gathered, -jnp.inf)
    above = H - jnp.maximum(limit, start)
    free = jnp.where(above > 0, jnp.log(jnp.where(above > 0, above, 1) / (rate * tau0)), -jnp.inf)
    return jnp.where(above > 0, jnp.logaddexp(jnp.where(above > 0, gathered, 0), free), gathered)


def _rule(tiny: float) -> tuple[np.ndarray, np.ndarray]:
    """Points in (0, 1) as distances from its upper end, and weights, of the double exponential rule."""
    t = np.arange(-3.3, 4.0, 1 / 18)
    # 1/(1 + e^x), x = π sinh t: relative precision at either end.
    x = np.pi * np.sinh(t)
    places = np.exp(-x) / (1 + np.exp(-x))
    weights = np.pi * np.cosh(t) / 18 * places / (1 + np.exp(-x))
    kept = weights > tiny
    return places[kept], weights[kept]
