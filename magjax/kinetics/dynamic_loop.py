"""Loops at a finite rate and temperature: two states, between which particles go to and fro."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.arguments import attempt_time, floats, not_negative, positive, temperature
from magjax.kinetics.field_barrier import AbstractFieldBarrier
from magjax.kinetics.static_loop import LoopCurve

# Radau IIA with three stages: order 5, and right where Γ dt is huge: the population is then its equilibrium.
_ROOT = np.sqrt(6)
_C = np.array([(4 - _ROOT) / 10, (4 + _ROOT) / 10, 1])
_A = np.array(
    [
        [(88 - 7 * _ROOT) / 360, (296 - 169 * _ROOT) / 1800, (-2 + 3 * _ROOT) / 225],
        [(296 + 169 * _ROOT) / 1800, (88 + 7 * _ROOT) / 360, (-2 - 3 * _ROOT) / 225],
        [(16 - _ROOT) / 36, (16 + _ROOT) / 36, 1 / 9],
    ]
)


def dynamic_loop(
    barrier: AbstractFieldBarrier,
    H: Any,
    rate: Any,
    T: Any,
    *,
    tau0: Any = 1e-9,
    weights: Any = None,
    start: Any = None,
    substeps: int = 8,
) -> LoopCurve:
    """M(H) along a path of fields swept at a constant |dH/dt|: the master equation of two states.

    dn/dt = −Γ (n − n_∞), n = p₊ − p₋, Γ = Γ₋ + Γ₊, n_∞ = tanh((E₊ − E₋)/2kT), E∓ the barriers out of − and +; then
    M/Ms = p₋ branch(H) − p₊ branch(−H). Solved by Radau's method of order 5 on the path itself, which no stiffness
    disturbs: from frozen grains to superparamagnetic ones, M = n_∞, in one ensemble.

    **Arguments**

    - `barrier`: of a particle; of an ensemble, with `weights`, every number `(n,)`. `weights`: `(n,)`, their sum is 1.
    - `H`: `(k,)` fields in their order, A/m; straight between them. Choose steps over which E changes by a few kT.
    - `rate`: |dH/dt|, A/(m·s). `T`: temperature, K. `tau0`: time between attempts, s.
    - `start`: n before the first field, −1 … 1; in equilibrium by default. `substeps`: steps between two fields.

    **Returns** `LoopCurve` with h in A/m.

    **Raises** `ValueError` for rates and temperatures ≤ 0, fewer than two fields, weights without the sum 1.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import PowerBarrier, dynamic_loop
    >>> path = jnp.concatenate([jnp.linspace(4e5, -4e5, 161), jnp.linspace(-4e5, 4e5, 161)])
    >>> slow, fast = (dynamic_loop(PowerBarrier(4e5, 2.5e-19), path, rate, T=300.0) for rate in (1e3, 1e6))
    >>> round(float(slow.coercivity()) * 1e-3), round(float(fast.coercivity()) * 1e-3)  # kA/m
    (190, 234)
    """
    H, rate, T = floats("H", H), positive("rate", rate, "a rate |dH/dt| in A/(m·s)"), temperature(T)
    if H.ndim != 1 or H.size < 2:
        raise ValueError(f"Argument `H` must be a path of at least two fields, but got an array of shape {H.shape}.")
    tau0 = attempt_time(tau0)
    if weights is None:
        return LoopCurve(H, _magnetization(barrier, H, rate, T, tau0, start, substeps))
    shares = not_negative("weights", weights, "parts of the ensemble")
    if not isinstance(shares, Tracer) and not abs(float(np.asarray(shares).sum()) - 1) < 1e-3:
        raise ValueError(f"Argument `weights` must have the sum 1, but got {float(np.asarray(shares).sum()):g}.")
    barrier = jax.tree_util.tree_map(lambda x: jnp.broadcast_to(x, shares.shape), barrier)

    def one(barrier: AbstractFieldBarrier) -> Array:
        return _magnetization(barrier, H, rate, T, tau0, start, substeps)

    return LoopCurve(H, jnp.sum(shares[:, None] * jax.vmap(one)(barrier), axis=0))


def _magnetization(
    barrier: AbstractFieldBarrier, H: Array, rate: Array, T: Array, tau0: Array, start: Any, substeps: int
) -> Array:
    dtype = jnp.result_type(H, barrier.switching_field())
    A, C = jnp.asarray(_A, dtype), jnp.asarray(_C, dtype)
    part = jnp.arange(substeps, dtype=dtype) / substeps
    step = (H[1:] - H[:-1])[:, None] / substeps
    begin = H[:-1, None] + step * substeps * part[None]
    stages = (begin[:, :, None] + step[:, :, None] * C[None, None]).reshape(-1, 3).astype(dtype)
    kT = constants.KB * T

    def populations(fields: Array) -> tuple[Array, Array]:
        """Γ τ0 and n_∞."""
        away, back = barrier.barrier(fields) / kT, barrier.barrier(-fields) / kT
        return jnp.exp(-away) + jnp.exp(-back), jnp.tanh((back - away) / 2)

    speed, goal = populations(stages)
    # A path that stands still takes no time.
    time = jnp.broadcast_to(jnp.abs(step) / (rate * tau0), (H.size - 1, substeps)).reshape(-1, 1)
    pull = (speed * time).astype(dtype)
    matrix = jnp.eye(3, dtype=dtype)[None] + A[None] * pull[:, None, :]
    right = jnp.stack([jnp.ones_like(goal), jnp.sum(A[None] * (pull * goal)[:, None, :], axis=2)], axis=2)
    last = jnp.linalg.solve(matrix, right)[:, 2]
    first = populations(H[:1])[1][0] if start is None else jnp.asarray(start, dtype)

    def advance(n: Array, factors: Array) -> tuple[Array, Array]:
        n = factors[0] * n + factors[1]
        return n, n

    _, n = lax.scan(advance, first.astype(dtype), last)
    n = jnp.concatenate([first[None].astype(dtype), n[substeps - 1 :: substeps]])
    return ((1 - n) * barrier.branch(H) - (1 + n) * barrier.branch(-H)) / 2
