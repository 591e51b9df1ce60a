"""`design`: the values of parameters that make something as small as it gets, and meet conditions exactly."""

import dataclasses
import json
import os
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.fit.observation import AbstractObservation
from magjax.fit.parameter import Parameter, Tie
from magjax.fit.problem import Mode, Problem
from magjax.io.atomic import replacing
from magjax.results import Outcome

#: Up to so many numbers, derivatives are carried along; beyond, back: one pass back costs some five forward.
_FEW = 16
#: A cost in place of one that is no number: a step that leads there is taken back.
_NO_NUMBER = 1e6


@dataclasses.dataclass(frozen=True, eq=False)
class Design:
    """A finished design; it prints itself. `design(found.model, …)` goes on with one that did not finish.

    - `problem`: its parameters. `z`: their coordinates, `(n,)`.
    - `cost`: what was made small. `start_cost`: at the start.
    - `violation`: the largest condition's distance from zero. `result`: how it ended. `steps`: how many it took.
    - `diverged`: how many tries were no number and were taken back.

    >>> from magjax import fit
    >>> found = fit.design({"x": 1.0, "y": 0.5}, lambda m: (m["x"] ** 2 + m["y"] ** 2, m["x"] + m["y"] - 1), ["x", "y"])
    >>> {name: round(value, 6) for name, value in found.values.items()}, found.result.name
    ({'x': 0.5, 'y': 0.5}, 'SUCCESS')
    """

    problem: Problem
    z: np.ndarray
    cost: float
    start_cost: float
    violation: float
    result: Outcome
    steps: int
    diverged: int

    @property
    def values(self) -> dict[str, Any]:
        """Values by name: numbers, or arrays where a parameter is one; SI units."""
        found = {name: np.asarray(v) for name, v in self.problem.values(jnp.asarray(self.z)).items()}
        return {name: v.item() if not v.ndim else v for name, v in found.items()}

    @property
    def model(self) -> Any:
        """The model with these values."""
        return self.problem.build(jnp.asarray(self.z, self.problem.start.dtype))

    def __str__(self) -> str:
        lines = [f"Design of {self.problem.size} numbers, {self.steps} steps: {self.start_cost:.6g} → {self.cost:.6g}"]
        if self.violation:
            lines[0] += f", conditions met to {self.violation:.1e}"
        units = {p.name: f" {p.unit}" if p.unit else "" for p in self.problem.parameters}
        for name, v in self.values.items():
            some = f"{v:.6g}" if np.ndim(v) == 0 else f"{np.size(v)} values from {np.min(v):.4g} to {np.max(v):.4g}"
            lines.append(f"{name} = {some}{units[name]}")
        if self.diverged:
            lines.append(f"{self.diverged} tries led to where the model is no number, and were taken back.")
        if not self.result.succeeded:
            lines.append(f"The design is not finished: {self.result.advice}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write values, cost and outcome as JSON."""
        content = {
            "outcome": self.result.name,
            "cost": self.cost,
            "violation": self.violation,
            "steps": self.steps,
            "values": {name: np.asarray(v).tolist() for name, v in self.values.items()},
            "units": {p.name: p.unit for p in self.problem.parameters},
        }
        with replacing(path) as file:
            file.write(json.dumps(content, indent=1, ensure_ascii=False).encode())


def design(
    model: Any,
    goal: Callable[..., Any],
    parameters: str | Parameter | Sequence[str | Parameter],
    *,
    ties: Sequence[Tie] = (),
    mode: Mode = "auto",
    tolerance: float = 1e-9,
    max_steps: int = 300,
    progress: Callable[[str], None] | None = None,
) -> Design:
    """Make a number that depends on a model as small as it gets, subject to conditions: inverse design.

    min over parameters of cost(model) + what priors and smoothness add, with conditions(model) = 0.

    - `model`: any pytree: a `mj.System`, a dictionary. `parameters`, `ties`: as for `fit`, with bounds and scales.
    - `goal`: a function of the model, or an observation such as `fit.Evolution(…)` and `fit.Minimum(…)`; it returns the
      cost, or a pair: the cost, and an array of conditions, of order 1, that are to vanish.
    - `mode`: "forward" or "reverse" derivatives; forward up to 16 numbers unless given.
    - `tolerance`: relative change of the cost at which it ends; conditions are met to its root or better.
    - `max_steps`: at most so many steps. `progress`: takes a line every ten steps; Ctrl-C ends with what there is.

    Sequential quadratic programming where there are conditions, else bounded L-BFGS; both find the nearest minimum.

    **Returns** `Design`, also when it did not finish: look at `.result`, or print it.

    **Raises** `ValueError` for what `Problem` refuses, and for a goal that is no number at the start.

    Source: D. Kraft, DFVLR-FB 88-28 (1988).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, energy=mj.UniaxialAnisotropy(K=4e4, axis=(0, 0, 1)) + mj.Zeeman(B=(0.02, 0, 0)))
    >>> goal = mj.fit.Minimum(mj.textures.uniform(mesh, (0, 0, 1)), lambda state, x: (state.m[0, 0, 0, 0] - 0.5) ** 2)
    >>> found = mj.fit.design(spin, goal, mj.fit.Parameter("B", at="zeeman.B[0]", unit="T"))
    >>> round(found.values["B"], 4)  # 2K sin θ/Ms
    0.05
    """
    problem = Problem(model, (), parameters, ties=ties)
    sight = goal if isinstance(goal, AbstractObservation) else None
    wanted = ("forward", "reverse") if problem.size <= _FEW else ("reverse", "forward")
    allowed = wanted if sight is None else tuple(w for w in wanted if w in sight.directions)
    if mode != "auto" and mode not in allowed:
        raise ValueError(f"Argument `mode` must be 'auto' or one of {', '.join(allowed)} here, but got {mode!r}.")
    direction: Any = allowed[0] if mode == "auto" else mode
    search = _Search(problem, goal if sight is None else sight.differentiated(direction), direction == "forward")
    cost, conditions = search.at(np.asarray(problem.start, float))[:2]
    if not np.isfinite(cost) or not np.isfinite(conditions).all():
        raise ValueError(f"Argument `goal` must be a number at the start, but got {cost} and conditions {conditions}.")
    outcome, z, steps = _minimised(search, cost, conditions.size, tolerance, max_steps, progress)
    end, left, *_ = search.at(z)
    violation = float(np.max(np.abs(left), initial=0.0))
    if outcome is Outcome.SUCCESS and violation > tolerance**0.5:
        outcome = Outcome.NOT_CONVERGED
    return Design(problem, z, float(end), float(cost), violation, outcome, steps, search.diverged)


class _Search:
    """The goal with its derivatives at coordinates, computed once for each of them."""

    def __init__(self, problem: Problem, goal: Callable[..., Any], forward: bool):
        self.problem, self.goal, self.forward, self.diverged = problem, goal, forward, 0
        self.z: np.ndarray | None = None
        self.known: tuple[Any, ...] = ()

    def at(self, z: np.ndarray) -> tuple[Any, ...]:
        """Cost, conditions `(k,)`, and their derivatives `(n,)`, `(k, n)`."""
        if self.z is None or not np.array_equal(z, self.z):
            values, slopes = _both(self.problem, self.goal, jnp.asarray(z, self.problem.start.dtype), self.forward)
            values, slopes = np.asarray(values, float), np.asarray(slopes, float)
            self.diverged += not np.isfinite(values).all()
            self.z, self.known = z.copy(), (values[0], values[1:], slopes[0], slopes[1:])
        return self.known


@eqx.filter_jit
def _both(problem: Problem, goal: Any, z: Array, forward: bool) -> tuple[Array, Array]:
    """Cost and conditions, `(1 + k,)`, and their derivatives."""

    def values(z: Array) -> tuple[Array, Array]:
        seen = goal(problem.build(z))
        cost, conditions = seen if isinstance(seen, tuple) else (seen, jnp.zeros(0, z.dtype))
        if jnp.ndim(cost):
            raise ValueError(f"Argument `goal` must return one number as the cost, but got shape {jnp.shape(cost)}.")
        cost = cost + jnp.sum(jnp.concatenate([jnp.zeros(1, z.dtype), *problem.beliefs(z)]) ** 2)
        both = jnp.concatenate([jnp.ravel(cost), jnp.ravel(jnp.asarray(conditions))])
        return both, both

    slopes, found = (jax.jacfwd if forward else jax.jacrev)(values, has_aux=True)(z)
    return found, slopes


def _minimised(
    search: _Search, cost: float, conditions: int, tolerance: float, max_steps: int, progress: Any
) -> tuple[Outcome, np.ndarray, int]:
    """The descent on the host: outcome, coordinates, steps."""
    from scipy.optimize import Bounds, minimize

    problem, unit = search.problem, abs(cost) or 1.0
    start = np.asarray(problem.start, float)
    best, steps = start, 0

    def value(z: np.ndarray) -> tuple[float, np.ndarray]:
        found, _, slope, _ = search.at(z)
        sound = np.isfinite(found) and np.isfinite(slope).all()
        return (found / unit, slope / unit) if sound else (_NO_NUMBER, np.zeros_like(z))

    def after(z: np.ndarray) -> None:
        nonlocal best, steps
        best, steps = np.array(z), steps + 1
        if progress is not None and steps % 10 == 0:
            found, left, *_ = search.at(best)
            progress(f"step {steps}: {found:.6g}, conditions {np.max(np.abs(left), initial=0.0):.1e}")

    options: dict[str, Any] = {"maxiter": max_steps, "ftol": tolerance}
    more: dict[str, Any] = {"method": "L-BFGS-B"}
    if conditions:
        left = {
            "type": "eq",
            "fun": lambda z: np.nan_to_num(search.at(z)[1], nan=1.0),
            "jac": lambda z: search.at(z)[3],
        }
        more = {"method": "SLSQP", "constraints": [left]}
    else:
        options |= {"gtol": 1e-12, "maxfun": 20 * max_steps}
    low, high = (np.asarray(b, float) for b in (problem.low, problem.high))
    bounds: Any = Bounds(low, high)  # type: ignore[arg-type]
    try:
        found: Any = minimize(value, start, jac=True, bounds=bounds, callback=after, options=options, **more)
    except KeyboardInterrupt:
        return Outcome.INTERRUPTED, best, steps
    if found.success:
        return Outcome.SUCCESS, np.asarray(found.x), steps
    return (Outcome.MAX_STEPS if found.nit >= max_steps else Outcome.NOT_CONVERGED), np.asarray(found.x), steps
