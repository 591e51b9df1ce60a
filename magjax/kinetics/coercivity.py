"""Coercivity against waiting time, and against sweep rate, by the exact hazard."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.arguments import attempt_time, floats, not_negative, positive, temperature
from magjax.kinetics.field_barrier import AbstractFieldBarrier
from magjax.kinetics.hazard import log_hazard
from magjax.numerics.root import find_root
from magjax.results import Outcome


class Coercivity(eqx.Module):
    """A field at which a given part has switched.

    - `H`: the field, A/m. `outcome`: `Outcome` code.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import Coercivity
    >>> Coercivity(jnp.array(2e5), jnp.array(0)).result.name
    'SUCCESS'
    """

    H: Array
    outcome: Array

    @property
    def result(self) -> Outcome:
        """How the search ended; of a batch, the worst."""
        return Outcome.worst(self.outcome)


def waiting_coercivity(
    barrier: AbstractFieldBarrier,
    time: Any,
    T: Any,
    *,
    tau0: Any = 1e-9,
    quantile: Any = 0.5,
    back: bool = False,
    weights: Any = None,
) -> Coercivity:
    """The constant field in which a part `quantile` of the particles has switched after a time.

    Σ_j w_j exp(−Γ_j(H) t) = 1 − q, Γ = exp(−E(H)/kT)/τ0. With `back` a particle can return, and
    p = p_∞ + (1 − p_∞) exp(−(Γ₋ + Γ₊)t), p_∞ = Γ₊/(Γ₋ + Γ₊), is what has not: without a barrier worth its name Hc = 0
    then, and q = ½ is where M = 0.

    **Arguments**

    - `barrier`: of a particle; of an ensemble, with `weights`, every number `(n,)`. `weights`: `(n,)`, their sum is 1.
    - `time`: how long the field acts, s. `T`: temperature, K. `tau0`: time between attempts, s.
    - `quantile`: the part that has switched, 0 … 1; 1 − 1/e for Sharrock's τ itself. `back`: whether they come back.

    **Returns** `Coercivity`: H between 0 (has switched anyway) and the largest switching field.

    **Raises** `ValueError` for times and temperatures ≤ 0, quantiles outside 0 … 1, weights whose sum is not 1.

    Source: M. P. Sharrock, J. Appl. Phys. 76, 6413 (1994).

    >>> from magjax.analytic import sharrock
    >>> from magjax.kinetics import PowerBarrier, waiting_coercivity
    >>> found = waiting_coercivity(PowerBarrier(H0=4e5, E0=2.5e-19, m=1.5), time=100.0, T=300.0, quantile=0.632120559)
    >>> round(float(found.H)), round(float(sharrock.waiting(100.0, H0=4e5, xi=2.5e-19 / 1.380649e-23 / 300)))
    (175797, 175797)
    """
    time, T = positive("time", time, "a time in s"), temperature(T)
    barrier, shares = _ensemble(barrier, weights)
    target = jnp.log(-jnp.log1p(-_quantile(quantile)))
    limit = jnp.max(_each(lambda one: one.switching_field(), barrier, weights))
    args = (barrier, shares, jnp.log(time / attempt_time(tau0)), T, target)
    zero, top, args = _same_type(limit, args)
    H = find_root(_waited_back if back else _waited, zero, top, args)
    return _found(H, zero, top)


def sweep_coercivity(
    barrier: AbstractFieldBarrier,
    rate: Any,
    T: Any,
    *,
    tau0: Any = 1e-9,
    quantile: Any = 0.5,
    start: Any = 0.0,
    weights: Any = None,
) -> Coercivity:
    """The field at which a part `quantile` has switched while the field rises at a constant rate.

    Σ_j w_j exp(−∫Γ_j dH/r) = 1 − q, by the exact integral (`hazard.log_hazard`), of particles that do not come back;
    `dynamic_loop` is for those that do. Beyond H0, Γ = 1/τ0: the fastest sweeps overshoot by r τ0 ln(1/(1−q)).

    **Arguments**

    - `barrier`: of a particle; of an ensemble, with `weights`, every number `(n,)`. `weights`: `(n,)`, their sum is 1.
    - `rate`: dH/dt, A/(m·s). `T`: temperature, K. `tau0`: time between attempts, s.
    - `quantile`: the part that has switched, 0 … 1. `start`: field ≥ 0 at which the sweep begins, A/m.

    **Returns** `Coercivity`.

    **Raises** `ValueError` for rates and temperatures ≤ 0, quantiles outside 0 … 1, weights whose sum is not 1.

    Source: J. Kurkijärvi, Phys. Rev. B 6, 832 (1972).

    >>> from magjax.kinetics import PowerBarrier, sweep_coercivity
    >>> grain = PowerBarrier(H0=4e5, E0=2.5e-19, m=1.5)
    >>> [round(float(sweep_coercivity(grain, rate, T=300.0).H) * 1e-3, 1) for rate in (1e3, 1e5)]  # kA/m
    [190.5, 219.1]
    """
    rate, T = positive("rate", rate, "a rate dH/dt in A/(m·s)"), temperature(T)
    start = not_negative("start", start, "a field in A/m", "`dynamic_loop` sweeps through both signs.")
    barrier, shares = _ensemble(barrier, weights)
    tau0 = attempt_time(tau0)
    target = jnp.log(-jnp.log1p(-_quantile(quantile)))
    limit = jnp.max(_each(lambda one: one.switching_field(), barrier, weights))
    # Beyond the last barrier the hazard gathers at 1/(r τ0).
    limit = jnp.maximum(limit, start) + rate * tau0 * jnp.exp(target)
    low, top, args = _same_type(limit, (barrier, shares, rate, T, tau0, start, target))
    H = find_root(_swept, low + start, top, args)
    return _found(H, low, top)


def survival(barrier: AbstractFieldBarrier, H: Any, rate: Any, T: Any, *, tau0: Any = 1e-9, start: Any = 0.0) -> Array:
    """The part that has not switched when the rising field passes H: exp(−Λ(H)).

    - `barrier`: of one particle. `H`: fields `(n,)` or one, A/m. The others as for `sweep_coercivity`.

    **Raises** `ValueError` for rates and temperatures ≤ 0.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import PowerBarrier, survival
    >>> survival(PowerBarrier(4e5, 2.5e-19), jnp.array([1e5, 1.99e5, 3e5]), 1e3, 300.0).round(2).tolist()
    [1.0, 0.06, 0.0]
    """
    return jnp.exp(-jnp.exp(_log_hazards(barrier, H, rate, T, tau0, start)))


def switching_density(
    barrier: AbstractFieldBarrier, H: Any, rate: Any, T: Any, *, tau0: Any = 1e-9, start: Any = 0.0
) -> Array:
    """The distribution of switching fields, p(H) = Γ(H)/r exp(−Λ(H)), m/A.

    - `barrier`: of one particle. `H`: fields `(n,)` or one, A/m. The others as for `sweep_coercivity`.

    **Raises** `ValueError` for rates and temperatures ≤ 0.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import PowerBarrier, switching_density
    >>> H = jnp.linspace(0, 4e5, 4001)
    >>> round(float(jnp.trapezoid(switching_density(PowerBarrier(4e5, 2.5e-19), H, 1e3, 300.0), H)), 4)
    1.0
    """
    hazard = _log_hazards(barrier, H, rate, T, tau0, start)
    height = barrier.barrier(jnp.asarray(H, hazard.dtype)) / (constants.KB * jnp.asarray(T, hazard.dtype))
    density = jnp.exp(-height - jnp.exp(hazard)) / (rate * tau0)
    return jnp.where(hazard > -jnp.inf, density, 0)


def switching_statistics(
    barrier: AbstractFieldBarrier, rate: Any, T: Any, *, tau0: Any = 1e-9, start: Any = 0.0
) -> tuple[Array, Array]:
    """Mean and standard deviation of the switching field of one particle, A/m.

    ⟨Hⁿ⟩ = ∫ H(Λ)ⁿ e^(−Λ) dΛ over the hazard, which is exponentially distributed whatever the barrier is; by the
    trapezoidal rule in ln Λ, whose error is below rounding.

    - The arguments are those of `sweep_coercivity`.

    **Raises** `ValueError` for rates and temperatures ≤ 0.

    >>> from magjax.kinetics import PowerBarrier, switching_statistics
    >>> mean, width = switching_statistics(PowerBarrier(H0=4e5, E0=2.5e-19, m=1.5), rate=1e3, T=300.0)
    >>> round(float(mean) * 1e-3, 1), round(float(width) * 1e-3, 1)  # kA/m
    (189.3, 7.6)
    """
    rate, T = positive("rate", rate, "a rate dH/dt in A/(m·s)"), temperature(T)
    tau0, start = attempt_time(tau0), not_negative("start", start, "a field in A/m")
    g = np.arange(-38.0, 4.7, 0.2)
    weights = np.exp(g - np.exp(g))
    limit = jnp.maximum(barrier.switching_field(), start) + rate * tau0 * float(np.exp(g[-1]))
    low, top, args = _same_type(limit, (barrier, jnp.asarray(1.0), rate, T, tau0, start))
    fields = jax.vmap(lambda target: find_root(_swept, low + start, top, (*args, target)))(jnp.asarray(g, top.dtype))
    share = jnp.asarray(weights / weights.sum(), top.dtype)
    mean = jnp.sum(share * fields)
    return mean, jnp.sqrt(jnp.sum(share * (fields - mean) ** 2))


# ------------------------------------------------------------------------------------- what rises through zero at Hc
def _waited(H: Array, barrier: Any, shares: Array, log_time: Array, T: Array, target: Array) -> Array:
    height = _each(lambda one: one.barrier(H), barrier, shares) / (constants.KB * T)
    return _gathered(log_time - height, shares) - target


def _waited_back(H: Array, barrier: Any, shares: Array, log_time: Array, T: Array, target: Array) -> Array:
    kT = constants.KB * T
    away, back = (_each(lambda one, s=s: one.barrier(s * H), barrier, shares) / kT for s in (1, -1))
    log_x = log_time + jnp.logaddexp(-away, -back)
    share = jax.nn.sigmoid(back - away)
    # −ln(1 − share (1 − e^−x)), which for small x is share·x, whose logarithm does not underflow.
    small = log_x < -14
    x = jnp.exp(jnp.where(small, -14, log_x))
    hazard = jnp.where(small, jnp.log(share) + log_x, jnp.log(-jnp.log1p(share * jnp.expm1(-x))))
    return _gathered(hazard, shares) - target


def _swept(
    H: Array, barrier: Any, shares: Array, rate: Array, T: Array, tau0: Array, start: Array, target: Array
) -> Array:
    return _gathered(_each(lambda one: log_hazard(one, H, rate, T, tau0, start), barrier, shares), shares) - target


def _gathered(log_hazards: Array, shares: Array) -> Array:
    """Ln of the hazard that a whole ensemble seems to have, −ln Σ w exp(−Λ)."""
    if shares.ndim == 0:
        return log_hazards
    most = jnp.max(log_hazards)
    # While next to nothing has switched, 1 − Σ w exp(−Λ) = Σ w Λ.
    early = jax.nn.logsumexp(log_hazards, b=shares)
    hazards = jnp.exp(jnp.where(most < -14, -14, log_hazards))
    late = -jnp.log(jnp.clip(jnp.sum(shares * jnp.exp(-hazards)), jnp.finfo(shares.dtype).tiny))
    return jnp.where(most < -14, early, jnp.log(jnp.where(late > 0, late, jnp.finfo(shares.dtype).tiny)))


def _each(function: Any, barrier: Any, shares: Any) -> Array:
    single = shares is None or jnp.ndim(shares) == 0
    return function(barrier) if single else jax.vmap(function)(barrier)


# ---------------------------------------------------------------------------------------------------------- arguments
def _log_hazards(barrier: Any, H: Any, rate: Any, T: Any, tau0: Any, start: Any) -> Array:
    rate, T, tau0 = positive("rate", rate, "a rate dH/dt in A/(m·s)"), temperature(T), attempt_time(tau0)
    start, H = not_negative("start", start, "a field in A/m"), floats("H", H)

    def one(H: Array) -> Array:
        return log_hazard(barrier, H, rate, T, tau0, start)

    return jax.vmap(one)(H.ravel()).reshape(H.shape) if H.ndim else one(H)


def _quantile(value: Any) -> Array:
    array = floats("quantile", value)
    if not isinstance(array, Tracer) and not ((np.asarray(array) > 0) & (np.asarray(array) < 1)).all():
        raise ValueError(
            f"Argument `quantile` must be a part between 0 and 1, but got {value!r}. Did you give per cent?"
        )
    return array


def _ensemble(barrier: Any, weights: Any) -> tuple[Any, Array]:
    """Every number of an ensemble along the first axis, and its weights; a single particle as it is, with weight 1."""
    if weights is None:
        return barrier, jnp.asarray(1.0)
    shares = not_negative("weights", weights, "parts of the ensemble")
    total = None if isinstance(shares, Tracer) else float(np.asarray(shares).sum())
    if shares.ndim != 1 or (total is not None and not abs(total - 1) < 1e-3):
        raise ValueError(f"Argument `weights` must be one number for each particle with the sum 1, but got {total}.")
    return jax.tree_util.tree_map(lambda x: jnp.broadcast_to(x, shares.shape), barrier), shares


def _same_type(top: Array, args: Any) -> tuple[Array, Array, Any]:
    """Zero, the upper end, and all arguments, in the precision of the barrier and what acts on it."""
    leaves = [x for x in jax.tree_util.tree_leaves((top, args)) if not getattr(x, "weak_type", False)]
    dtype = jnp.result_type(*leaves) if leaves else jnp.result_type(float)
    top = lax.stop_gradient(jnp.asarray(top, dtype))
    return jnp.zeros_like(top), top, jax.tree_util.tree_map(lambda x: jnp.asarray(x, dtype), args)


def _found(H: Array, low: Array, top: Array) -> Coercivity:
    inside = jnp.isfinite(H) & (low <= H) & (top >= H)
    return Coercivity(H, jnp.where(inside, Outcome.SUCCESS.value, Outcome.NOT_FINITE.value))
