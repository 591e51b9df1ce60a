"""A fit in pieces, so that it can be watched and stopped."""

import json
import os
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.fit.descent import Descent, as_solution, descend, losses
from magjax.fit.problem import Problem
from magjax.fit.solve import Solution, solve_batch
from magjax.io.atomic import replacing
from magjax.results import Outcome

#: Steps of a piece. A quasi-Newton method forgets what it has learnt at the end of one.
_STEPS = {"levenberg-marquardt": 10, "gauss-newton": 10, "lbfgs": 50}
_FIRST_ORDER = 100


def fit_in_pieces(
    problem: Problem, starts: Array, options: dict[str, Any], max_steps: int, watch: Callable[[Solution], None]
) -> tuple[Solution, bool]:
    """Fits from many starts, shown to somebody after every piece; Ctrl-C ends them where they are.

    - `problem`: what is fitted. `starts`: coordinates `(batch, n)`. `options`: `method` and `tolerance` of `solve`.
    - `max_steps`: how many steps at most. `watch`: is given what there is after each piece.

    **Returns** `Solution`, and whether it was stopped.

    >>> from magjax import fit
    >>> from magjax.fit.pieces import fit_in_pieces
    >>> data = fit.Data((0.0, 1.0), (1.0, 1.0), 1.0, observe=lambda m, x: m["a"] + 0 * x)
    >>> problem = fit.Problem({"a": 3.0}, data, "a")
    >>> options = {"method": "levenberg-marquardt", "tolerance": None}
    >>> found, stopped = fit_in_pieces(problem, problem.start[None], options, 30, lambda done: None)
    >>> found.result.name, stopped
    ('SUCCESS', False)
    """
    method = options["method"]
    chi_square = losses(problem, starts)
    none = jnp.zeros(len(starts), int)
    done = Solution(starts, chi_square, none + int(Outcome.MAX_STEPS), none, none)
    descent = Descent.begin(problem, starts, method) if hasattr(method, "update") else None
    size, steps = _STEPS.get(method, _FIRST_ORDER) if isinstance(method, str) else _FIRST_ORDER, 0
    if not np.isfinite(np.asarray(chi_square)).any():
        return done, False
    try:
        while steps < max_steps and (np.asarray(done.outcome) == Outcome.MAX_STEPS).any():
            number = min(size, max_steps - steps)
            steps += number
            if descent is None:
                piece = solve_batch(problem, done.z, max_steps=number, **options)
                done = _after(done, piece)
            else:
                before, descent = descent.chi_square, descend(problem, descent, method, number)
                tolerance = options["tolerance"] or (1e-4 if starts.dtype == jnp.float32 else 1e-8)
                ended = jnp.abs(before - descent.chi_square) <= tolerance * (descent.chi_square + tolerance)
                done = as_solution(problem, descent, steps, ended)
            watch(done)
    except KeyboardInterrupt:
        return done, True
    return done, False


def _after(done: Solution, piece: Solution) -> Solution:
    """A piece with the steps of those before it."""
    counts = done.steps + piece.steps, done.diverged + piece.diverged
    return eqx.tree_at(lambda s: (s.steps, s.diverged), piece, counts)


def best(problem: Problem, done: Solution) -> tuple[int, dict[str, Array]]:
    """Which of several fits is the best, and its parameters by name."""
    index = int(np.argmin(np.where(np.isfinite(done.chi_square), done.chi_square, np.inf)))
    return index, problem.values(done.z[index])


def line(problem: Problem, done: Solution) -> str:
    """Step, loss and values of the best fit."""
    index, values = best(problem, done)
    numbers = [f"{name} = {float(v):.5g}" for name, v in values.items() if not v.ndim]
    several = f" (best of {len(done.z)})" if len(done.z) > 1 else ""
    said = f"step {int(np.max(done.steps))}: χ² = {float(done.chi_square[index]):.6g}{several}"
    return ", ".join([said, *numbers])


def write_checkpoint(path: str | os.PathLike[str], problem: Problem, done: Solution) -> None:
    """Keep the values of the best fit, as JSON: all of it, or what was there before.

    - `path`: where. `problem`: what is fitted. `done`: how far it has come.
    """
    index, values = best(problem, done)
    kept = {"values": {name: np.asarray(v).tolist() for name, v in values.items()}}
    with replacing(path) as file:
        file.write(json.dumps(kept | {"chi_square": float(done.chi_square[index])}).encode())
