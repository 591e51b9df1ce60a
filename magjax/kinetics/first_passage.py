"""How long it takes, on average, until a state or one of several is reached for the first time."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from magjax.kinetics.master import MasterEquation


def mean_first_passage(equation: MasterEquation, target: int | tuple[int, ...], T: Any, B: Any = 0.0) -> Array:
    """Mean times τ_i from each state to the first visit of `target`: Σ_j W_ji (τ_i − τ_j) = 1, and 0 on the target.

    States are eliminated one by one in logarithms, without subtractions: times that span hundreds of orders of
    magnitude keep all their digits.

    **Arguments**

    - `equation`: the states and barriers. `target`: a state, or several. `T`: temperature, K. `B`: field, T.

    **Returns** `(n,)`, s.

    **Raises** `ValueError` for targets that are no states, states that no path joins, a temperature ≤ 0.

    Source: W. K. Grassmann, M. I. Taksar, D. P. Heyman, Oper. Res. 33, 1107 (1985), on elimination without subtraction.

    >>> from magjax.kinetics import MasterEquation, mean_first_passage
    >>> ladder = MasterEquation((0.0, 0.0, 0.0), ((0, 1), (1, 2)), tops=0.0)
    >>> [round(float(t) * 1e9, 6) for t in mean_first_passage(ladder, target=2, T=300.0)]  # ns
    [3.0, 2.0, 0.0]
    """
    equation.check_connected()
    goals = sorted({int(i) for i in np.atleast_1d(np.asarray(target))})
    n = equation.n_states
    if not goals or goals[0] < 0 or goals[-1] >= n:
        raise ValueError(f"Argument `target` must name states from 0 to {n - 1}, but got {target!r}.")
    there, back = equation.log_rates(T, B)
    rates = jnp.full((n, n), -jnp.inf, there.dtype)  # ln of the rate from the row to the column
    for k, (i, j) in enumerate(equation.links):
        rates = rates.at[i, j].set(jnp.logaddexp(rates[i, j], there[k]))
        rates = rates.at[j, i].set(jnp.logaddexp(rates[j, i], back[k]))
    others = np.array([i for i in range(n) if i not in goals], int)
    if not others.size:
        return jnp.zeros(n, there.dtype)
    return jnp.zeros(n, there.dtype).at[others].set(jnp.exp(_log_times(rates[others], tuple(goals))))


@functools.partial(jax.jit, static_argnums=1)
def _log_times(rates: Array, goals: tuple[int, ...]) -> Array:
    """The logarithm of τ of the states that are no goals."""
    m, n = rates.shape
    others, reached = np.setdiff1d(np.arange(n), goals), np.array(goals, int)
    # What derivatives of a logarithm of zero need: a rate that is nothing beside any other, but not zero.
    low = jnp.finfo(rates.dtype).min / 64
    between = jnp.maximum(rates[:, others], low)
    out = jnp.maximum(jax.nn.logsumexp(jnp.maximum(rates[:, reached], low), axis=1), low)
    waits = jnp.zeros(m, rates.dtype)
    index = np.arange(m)

    def eliminate(step: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        """Leave state k out: what went through it goes on to where it leads, and carries its waiting time along."""
        between, out, waits = carry
        k = m - 1 - step
        onward = jnp.where(index < k, between[k], low)
        leaving = jnp.logaddexp(out[k], jax.nn.logsumexp(onward))
        through = between[:, k] - leaving
        kept = index < k
        passed = jnp.logaddexp(between, through[:, None] + onward[None, :])
        between = jnp.where(kept[:, None] & kept[None, :] & ~np.eye(m, dtype=bool), passed, between)
        out = jnp.where(kept, jnp.logaddexp(out, through + out[k]), out)
        waits = jnp.where(kept, jnp.logaddexp(waits, through + waits[k]), waits)
        return between, out, waits

    between, out, waits = lax.fori_loop(0, m, eliminate, (between, out, waits))

    def follow(k: Array, times: Array) -> Array:
        """The time from k, from those of the states before it."""
        onward = jnp.where(index < k, between[k], low)
        leaving = jnp.logaddexp(out[k], jax.nn.logsumexp(onward))
        ahead = jnp.where(index < k, onward + times, low)
        return times.at[k].set(jnp.logaddexp(waits[k], jax.nn.logsumexp(ahead)) - leaving)

    return lax.fori_loop(0, m, follow, jnp.zeros(m, rates.dtype))
