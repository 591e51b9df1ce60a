"""Ways to solve a problem of least squares, pure: to be traced, differentiated and batched."""

from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import optimistix as optx
from jax import lax
from jaxtyping import Array

from magjax.fit.problem import Problem
from magjax.fit.search import LeastSquares
from magjax.results import Outcome

#: Names of methods; an optax transformation is one, too.
Method = Literal["levenberg-marquardt", "gauss-newton", "lbfgs"]


class Solution(eqx.Module):
    """Where a fit ended.

    - `z`: coordinates `(n,)`. `chi_square`: χ² there. `outcome`: an `Outcome` code. `steps`: how many were tried.
    - `diverged`: how many of them were taken back because the model was no number there.

    >>> import jax.numpy as jnp
    >>> from magjax import fit
    >>> fit.Solution(jnp.zeros(1), jnp.array(0.5), jnp.array(0), jnp.array(7), jnp.array(0)).result.name
    'SUCCESS'
    """

    z: Array
    chi_square: Array
    outcome: Array
    steps: Array
    diverged: Array

    @property
    def result(self) -> Outcome:
        """How it ended; of a batch, the worst."""
        return Outcome.worst(self.outcome)


def solve(
    problem: Problem,
    start: Array | None = None,
    y: Array | None = None,
    *,
    held: Array | None = None,
    method: Any = "levenberg-marquardt",
    tolerance: float | None = None,
    max_steps: int = 200,
) -> Solution:
    """Minimise χ² from one start: a pure function, to be batched by `jax.vmap` over starts or data.

    **Arguments**

    - `problem`: what is fitted. `start`: coordinates z within the bounds `(n,)`; the problem's unless given.
    - `y`: other data, as `Problem.measured` returns them. `held`: `(n,)` of bool, coordinates that stay at the start.
    - `method`: "levenberg-marquardt", "gauss-newton", "lbfgs", or an optax transformation such as `optax.adam(0.01)`.
    - `tolerance`: relative change at which it ends; 1e-8 in double precision and 1e-4 in single unless given.
    - `max_steps`: how many steps at most.

    **Returns** `Solution`. The optimum is differentiated implicitly, by `problem`'s numbers and `y` alike.

    >>> import jax.numpy as jnp
    >>> from magjax import fit
    >>> data = fit.Data(jnp.arange(4.0), jnp.array([1.0, 3.0, 5.0, 7.0]), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> problem = fit.Problem({"a": 0.5, "b": 1.0}, data, ["a", "b"])
    >>> {name: round(float(v), 6) for name, v in problem.values(fit.solve(problem).z).items()}
    {'a': 1.0, 'b': 2.0}
    """
    z0 = problem.start if start is None else jnp.asarray(start, problem.start.dtype)
    stay = jnp.zeros(z0.shape, bool) if held is None else held
    # Twice the spacing of numbers below a bound is still inside.
    z0 = jnp.where(stay, z0, _within(problem, z0))

    args = (problem, z0, stay, y)
    single = z0.dtype == jnp.float32
    tol = tolerance or (1e-4 if single else 1e-8)
    options = {"jac": "fwd", "autodiff_mode": "fwd" if problem.mode == "forward" else "bwd"}
    solver = _solver(method, tol)
    function = _linearised if isinstance(solver, LeastSquares) else _residuals
    found = optx.least_squares(function, solver, jnp.zeros_like(z0), args, options, max_steps=max_steps, throw=False)
    z = _place(found.value, args)
    left = problem.residuals(z, y)
    chi_square = jnp.sum(left**2)
    full = found.result == optx.RESULTS.nonlinear_max_steps_reached
    done = jnp.where(found.result == optx.RESULTS.successful, Outcome.SUCCESS, Outcome.NOT_CONVERGED)
    failed = jnp.where(full, Outcome.MAX_STEPS, done)
    counted = getattr(found.state, "search_state", None)
    diverged = getattr(counted, "diverged", jnp.array(0))
    return Solution(
        z,
        chi_square,
        jnp.where(jnp.isfinite(chi_square), failed, Outcome.NOT_FINITE),
        found.stats["num_steps"],
        lax.stop_gradient(diverged),
    )


def _place(u: Array, args: Any) -> Array:
    problem, z0, stay, _ = args
    return jnp.where(stay, z0, problem.place(u, jnp.where(stay, _within(problem, z0), z0)))


def _residuals(u: Array, args: Any) -> Array:
    return args[0].residuals(_place(u, args), args[3])


@eqx.filter_custom_jvp
def _linearised(u: Array, args: Any) -> Array:
    """The residuals, whose whole Jacobian is computed once and kept: a simulation is run for no column twice."""
    return _residuals(u, args)


@_linearised.def_jvp
def _linearised_jvp(primals: Any, tangents: Any) -> tuple[Array, Array]:
    (u, args), (du, dargs) = primals, tangents
    jacobian = jax.jacfwd if args[0].mode == "forward" else jax.jacrev
    left = _linearised(u, args)
    change = jnp.zeros_like(left) if du is None else jacobian(_residuals)(u, args) @ du
    if jax.tree.leaves(dargs):
        change = change + eqx.filter_jvp(lambda args: _residuals(u, args), (args,), (dargs,))[1]
    return left, change


def _within(problem: Problem, z0: Array) -> Array:
    """A start a little inside its bounds, where the way from u to z is not flat."""
    room = jnp.where(jnp.isfinite(problem.high - problem.low), problem.high - problem.low, 1)
    edge = 1e-6 * jnp.where(room > 0, room, 1)
    return jnp.clip(z0, problem.low + edge, problem.high - edge)


def _solver(method: Any, tol: float) -> Any:
    if method in ("levenberg-marquardt", "gauss-newton"):
        return LeastSquares(tol, tol, damped=method == "levenberg-marquardt")
    if method == "lbfgs":
        return optx.LBFGS(tol, tol)
    if hasattr(method, "init") and hasattr(method, "update"):
        return optx.OptaxMinimiser(method, tol, tol)
    raise ValueError(
        f"Argument `method` must be 'levenberg-marquardt', 'gauss-newton', 'lbfgs' or an optax transformation, but got "
        f"{method!r}."
    )


def solve_batch(problem: Problem, starts: Array, y: Array | None = None, **options: Any) -> Solution:
    """Fits from many starts, or of many data sets, as one program.

    - `problem`: what is fitted. `starts`: coordinates `(batch, n)`. `y`: data `(batch, m)`, or the problem's own.
    - `options`: `method`, `tolerance` and `max_steps` of `solve`.

    **Returns** `Solution`, every number with the batch in front.

    >>> import jax.numpy as jnp
    >>> from magjax import fit
    >>> data = fit.Data(jnp.arange(4.0), jnp.array([1.0, 3.0, 5.0, 7.0]), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> problem = fit.Problem({"a": 0.5, "b": 1.0}, data, ["a", "b"])
    >>> fit.solve_batch(problem, jnp.ones((5, 2))).z.shape
    (5, 2)
    """
    return _solve_batch(problem, jnp.asarray(starts), y, _Options(tuple(sorted(options.items(), key=lambda i: i[0]))))


class _Options(eqx.Module):
    items: tuple[Any, ...] = eqx.field(static=True)


@eqx.filter_jit
def _solve_batch(problem: Problem, starts: Array, y: Array | None, options: _Options) -> Solution:
    def one(start: Array, y: Array | None) -> Solution:
        return solve(problem, start, y, **dict(options.items))

    if starts.shape[0] == 1:
        # Alone it need not take every branch, nor compile for it.
        return jax.tree.map(lambda v: v[None], one(starts[0], None if y is None else y[0]))
    return jax.vmap(one, in_axes=(0, None if y is None else 0))(starts, y)
