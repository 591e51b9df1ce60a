"""Levenberg–Marquardt that backs off where a model diverges, and counts how often it had to."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import lineax as lx
import optimistix as optx
from jaxtyping import Array, Bool, Scalar


class SearchState(eqx.Module):
    """How far a step may go, how many steps led to where the model is no number, how many in a row gained nothing.

    >>> import jax.numpy as jnp
    >>> from magjax.fit.search import SearchState
    >>> int(SearchState(jnp.array(1.0), jnp.array(0), jnp.array(0)).diverged)
    0
    """

    step_size: Array
    diverged: Array
    idle: Array


class Cautious(optx.AbstractSearch):
    """A trust region: a step counts by how much of its predicted gain came true; one into NaN is taken back.

    The first damping is 1e-3 of the largest curvature, so that units of the residuals do not matter. A step whose
    predicted gain is below rounding is accepted, and ends the search; so do six in a row that gain less than 1e-7
    of χ², as steps do for ever along a direction that the data do not determine.

    - `adapts`: whether there is a damping to adapt; else every finite step downhill is taken.

    >>> from magjax.fit.search import Cautious
    >>> Cautious().adapts
    True
    """

    adapts: bool = eqx.field(static=True, default=True)

    def init(self, y: Any, f_info_struct: Any) -> SearchState:
        del f_info_struct
        return SearchState(jnp.ones((), jnp.result_type(y)), jnp.array(0), jnp.array(0))

    def step(
        self, first_step: Bool[Array, ""], y: Any, y_eval: Any, f_info: Any, f_eval_info: Any, state: SearchState
    ) -> tuple[Scalar, Bool[Array, ""], Any, SearchState]:
        before, after = f_info.as_min(), f_eval_info.as_min()
        move = y_eval - y
        predicted = 0.5 * jnp.sum((f_info.jac.mv(move) + f_info.residual) ** 2) - before
        sound = jnp.isfinite(after)
        lost = after - before
        idle = jnp.abs(predicted) <= 4 * jnp.finfo(y.dtype).eps * before
        accept = first_step | (
            sound & ((lost <= 0.01 * predicted) | (idle & (lost <= -2 * predicted))) | (idle & sound)
        )
        good = sound & (lost < 0.9 * predicted)
        columns = jax.vmap(f_eval_info.jac.mv)(jnp.eye(y.size, dtype=y.dtype))
        curvature = jnp.max(jnp.sum(columns**2, axis=1))
        first = 1e3 / jnp.where(jnp.isfinite(curvature) & (curvature > 0), curvature, 1) if self.adapts else 1.0
        longer = state.step_size * (10.0 if self.adapts else 1.0)
        size = jnp.where(good, longer, state.step_size)
        size = jnp.where(accept, size if self.adapts else 1.0, 0.2 * state.step_size)
        size = jnp.where(first_step, first, size)
        slow = accept & ~first_step & (jnp.abs(predicted) < 1e-7 * before)
        waited = jnp.where(slow, state.idle + 1, jnp.where(accept, 0, state.idle))
        size = jnp.where(waited >= 6, 1e-30, size).astype(y.dtype)
        state = SearchState(size, state.diverged + jnp.where(sound, 0, 1), waited)
        return size, accept, optx.RESULTS.successful, state


class LeastSquares(optx.AbstractGaussNewton):
    """Levenberg–Marquardt, or Gauss–Newton with halved steps, with a cautious search.

    - `rtol`, `atol`: the end is where coordinates and residuals change by less than atol + rtol·themselves.
    - `damped`: Levenberg–Marquardt if True.

    >>> import jax.numpy as jnp, optimistix as optx
    >>> from magjax.fit.search import LeastSquares
    >>> solution = optx.least_squares(lambda x, _: jnp.exp(x) - 2, LeastSquares(1e-9, 1e-9), jnp.array([3.0]))
    >>> round(float(solution.value[0]), 6)
    0.693147
    """

    rtol: float
    atol: float
    norm: Any
    descent: Any
    search: Any
    verbose: Any

    def __init__(self, rtol: float, atol: float, *, damped: bool = True):
        self.rtol, self.atol, self.norm = rtol, atol, optx.max_norm
        solver = lx.QR() if damped else lx.AutoLinearSolver(well_posed=None)
        self.descent = (optx.DampedNewtonDescent if damped else optx.NewtonDescent)(linear_solver=solver)
        self.search, self.verbose = Cautious(adapts=damped), _silent


def _silent(**_: Any) -> None:
    """Progress is reported from the host."""
