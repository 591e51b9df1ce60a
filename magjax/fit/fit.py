"""`fit`: parameters of any model from data."""

import os
from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.fit.data import Data, flat
from magjax.fit.parameter import Parameter, Tie
from magjax.fit.pieces import fit_in_pieces, line, write_checkpoint
from magjax.fit.problem import Mode, Problem
from magjax.fit.result import Fit
from magjax.fit.solve import Solution, solve_batch
from magjax.results import Outcome


def fit(
    model: Any,
    data: Data | Sequence[Data],
    parameters: str | Parameter | Sequence[str | Parameter],
    *,
    ties: Sequence[Tie] = (),
    method: Any = "levenberg-marquardt",
    mode: Mode = "auto",
    starts: int = 1,
    seed: int = 0,
    tolerance: float | None = None,
    max_steps: int = 200,
    progress: Callable[[str], None] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
) -> Fit:
    """Fit parameters of a model to data by least squares, and say what they are and how well they are known.

    χ² = Σ ((y − model)/error)² + what priors and smoothness add is made as small as it gets; derivatives are exact.

    **Arguments**

    - `model`: any pytree: a ready model of this room, a `mj.System`, a dictionary. `data`: `Data`, or several that
      share the model. `parameters`: what is fitted, by name or as `Parameter`. `ties`: leaves that follow from those.
    - `method`: "levenberg-marquardt", "gauss-newton", "lbfgs", or an optax transformation with any schedule.
    - `mode`: "forward" derivatives for few parameters, "reverse" for very many, or "auto".
    - `starts`: so many starts, as one batch: the given one and others drawn between the bounds, or within a factor of e
      where there are none. `seed`: of theirs.
    - `tolerance`: relative change at which the fit ends. `max_steps`: at most so many steps.
    - `progress`: takes a line with χ² and the parameters every ten steps (of a first-order method every hundred);
      Ctrl-C then ends the fit with what it has. A fit is gone on with by `fit(found.model, …)`.
    - `checkpoint`: a JSON file for the best `values` so far, written as often, for when the fit is killed.

    **Returns** `Fit`, also when it did not finish: look at `.result`, or print it.

    **Raises** `ValueError` for what `Problem` refuses, as many parameters as points without known errors, and a model
    that is no number at the start.

    Source: J. J. Moré, Lecture Notes in Mathematics 630, 105 (1978).

    >>> import jax.numpy as jnp
    >>> from magjax import fit
    >>> t = jnp.linspace(0, 3, 20)
    >>> data = fit.Data(t, 2 * jnp.exp(-0.7 * t), 0.01, observe=lambda m, t: m["a"] * jnp.exp(-m["rate"] * t))
    >>> print(fit.fit({"a": 1.0, "rate": 1.0}, data, [fit.Parameter("a"), fit.Parameter("rate", unit="1/s")]).table())
    a     =  2.0000 ± 0.0062
    rate  =  0.7000 ± 0.0036  1/s
    """
    if not isinstance(data, Data) and not data:
        raise ValueError("Argument `data` must hold at least one data set, but got none.")
    if mode == "auto" and method not in ("levenberg-marquardt", "gauss-newton"):
        # The slope of one number, χ²: back is cheaper than along, and all that optax takes.
        mode = "reverse"
    problem = Problem(model, data, parameters, ties=ties, mode=mode)
    if not problem.weighted and problem.points <= problem.size:
        raise ValueError(
            f"Argument `data` must hold more points than the {problem.size} parameters where errors are unknown and "
            f"taken from the scatter, but got {problem.points}; give an `error`."
        )
    begin = problem.start[None]
    if starts > 1:
        begin = jnp.concatenate([begin, draw_starts(problem, starts - 1, jax.random.key(seed))])
    options = {"method": method, "tolerance": tolerance}
    if progress is None and checkpoint is None:
        found, stopped = solve_batch(problem, begin, max_steps=max_steps, **options), False
    else:

        def watch(done: Solution) -> None:
            if checkpoint is not None:
                write_checkpoint(checkpoint, problem, done)
            if progress is not None:
                progress(line(problem, done))

        found, stopped = fit_in_pieces(problem, begin, options, max_steps, watch)
    if not np.isfinite(np.asarray(found.chi_square)).any():
        shown = ", ".join(f"{name} = {np.asarray(v)}" for name, v in problem.values(problem.start).items())
        raise ValueError(f"Argument `model` must give numbers at the start of the fit, but got NaN at {shown}.")
    return _finish(problem, found, method, stopped)


def draw_starts(problem: Problem, number: int, key: Array) -> Array:
    """Starts for a fit: spread evenly between bounds, normally with width 1 (a factor of e) where there are none.

    - `problem`: what is fitted. `number`: of starts. `key`: random key.

    **Returns** coordinates `(number, n)`.

    >>> import jax
    >>> from magjax import fit
    >>> data = fit.Data((0.0, 1.0), (0.0, 1.0), observe=lambda m, x: m["a"] * x)
    >>> problem = fit.Problem({"a": 1.0}, data, fit.Parameter("a", bounds=(0, 10)))
    >>> bool((fit.draw_starts(problem, 100, jax.random.key(0)) < 10).all())
    True
    """
    even, normal = jax.random.split(key)
    shape, dtype = (number, problem.size), problem.start.dtype
    part = jax.random.uniform(even, shape, dtype, 0.02, 0.98)
    low, high, start = (x[None] for x in (problem.low, problem.high, problem.start))
    bounded = jnp.isfinite(high - low)
    between = jnp.where(bounded, low + (jnp.where(bounded, high - low, 1)) * part, start)
    around = start + jax.random.normal(normal, shape, dtype) if number else between
    # Where one side is bounded only, what would lie beyond it is mirrored.
    around = jnp.where(around <= low, 2 * low - around + 1e-3, around)
    around = jnp.where(around >= high, 2 * high - around - 1e-3, around)
    return jnp.where(bounded, between, around)


def _finish(problem: Problem, found: Solution, method: Any, stopped: bool) -> Fit:
    """The best of all ends, and what the others say about it."""
    chi = np.where(np.isfinite(found.chi_square), found.chi_square, np.inf)
    best = int(np.argmin(chi))
    minima, chis = _different(np.asarray(found.z), chi, np.asarray(found.outcome))
    remarks = [*_symmetries(problem, found.z[best]), *_at_bounds(problem, np.asarray(found.z[best]))]
    if len(minima) > 1:
        remarks += _rivals(problem, minima, chis)
    return Fit(
        problem,
        np.asarray(found.z[best]),
        float(found.chi_square[best]),
        Outcome.INTERRUPTED if stopped else Outcome(int(found.outcome[best])),
        int(found.steps[best]),
        int(found.diverged[best]),
        method if isinstance(method, str) else "optax",
        minima,
        chis,
        tuple(dict.fromkeys(remarks)),
    )


def _different(z: np.ndarray, chi: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ends that differ by more than 2 % in some coordinate, best first; of those that came to an end."""
    kept: list[int] = []
    for i in np.argsort(chi, kind="stable"):
        ended = not kept or outcome[i] == Outcome.SUCCESS
        if np.isfinite(chi[i]) and ended and all(np.abs(z[i] - z[j]).max() > 0.02 for j in kept):
            kept.append(int(i))
    kept = kept or [int(np.argmin(chi))]
    return z[kept], chi[kept]


def _rivals(problem: Problem, minima: np.ndarray, chis: np.ndarray) -> list[str]:
    """Other minima that describe the data nearly as well."""
    noise = 1.0 if problem.weighted else chis[0] / max(problem.points - problem.size, 1)
    lines = []
    for z, chi in list(zip(minima, chis, strict=True))[1:4]:
        if chi - chis[0] < 4 * noise:
            shown = ", ".join(f"{n} = {float(v):.5g}" for n, v in problem.values(jnp.asarray(z)).items() if not v.ndim)
            lines.append(f"{shown} fits these data, too: χ² is larger by {chi - chis[0]:.2g}.")
    return lines


def _symmetries(problem: Problem, z: Array) -> list[str]:
    """Other values that give the same data exactly, as the model itself knows them."""
    model, lines = problem.build(z), []
    for text, twin in getattr(model, "twins", tuple)():
        one, other = (np.asarray(_predicted(problem.data, each)) for each in (model, twin))
        known = np.asarray(problem.weights()) > 0
        if np.abs(one - other)[known].max() <= 1e-5 * np.abs(one)[known].max():
            lines.append(f"{text}: the two cannot be told apart by these data.")
    return lines


@eqx.filter_jit
def _predicted(data: tuple[Data, ...], model: Any) -> Array:
    return flat([d.predicted(model) for d in data])


def _at_bounds(problem: Problem, z: np.ndarray) -> list[str]:
    low, high, lines = np.asarray(problem.low), np.asarray(problem.high), []
    for i, name in enumerate(problem.names):
        room = high[i] - low[i] if np.isfinite(high[i] - low[i]) else 1.0
        for bound, side in ((low[i], "lower"), (high[i], "upper")):
            if np.isfinite(bound) and abs(z[i] - bound) < 1e-3 * room:
                lines.append(f"{name} is at its {side} bound: its error there means little.")
    return lines
