"""Synthetic data and bootstrap: many fits as one program."""

import dataclasses
import functools
from typing import TYPE_CHECKING, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.fit.level import check_level
from magjax.fit.problem import Problem
from magjax.fit.result import Fit
from magjax.fit.solve import solve_batch
from magjax.results import Outcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclasses.dataclass(frozen=True, eq=False)
class Samples:
    """Parameters of many fits, or of a posterior.

    - `problem`: what was fitted. `z`: coordinates `(number, n)`. `outcomes`: `Outcome` codes `(number,)`.

    >>> import jax
    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> drawn = fit.bootstrap(fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"]), 400, seed=1)
    >>> drawn.values["b"].shape, bool(0.06 < drawn.errors["b"] < 0.08)
    ((400,), True)
    """

    problem: Problem
    z: np.ndarray
    outcomes: np.ndarray

    @functools.cached_property
    def values(self) -> dict[str, np.ndarray]:
        """Values by name, `(number, …)`, SI units."""
        found = jax.vmap(self.problem.values)(jnp.asarray(self.z, self.problem.start.dtype))
        return {name: np.asarray(v) for name, v in found.items()}

    @property
    def errors(self) -> dict[str, Any]:
        """Standard deviations by name."""
        return {name: np.std(v, axis=0, ddof=1) for name, v in self.values.items()}

    @property
    def result(self) -> Outcome:
        """The worst of all outcomes."""
        return Outcome.worst(self.outcomes)

    def interval(self, name: str, level: float = 0.6827) -> tuple[Any, Any]:
        """Ends of the central interval that holds a part `level` of the values of a parameter."""
        check_level(level)
        low, high = np.quantile(self.values[name], [(1 - level) / 2, (1 + level) / 2], axis=0)
        return low, high

    def corner(self) -> "Figure":
        """Scatter of every pair of parameters."""
        from magjax.fit.figures import corner_of_samples

        return corner_of_samples(self)


def draw_data(problem: Problem, z: Any, number: int, key: Array) -> Array:
    """Synthetic measurements: the model at z plus normal noise of the data's errors.

    - `problem`: whose inputs and errors are used. `z`: coordinates `(n,)`. `number`: of sets. `key`: random key.

    **Returns** `(number, m)`, as `Problem.measured` has them.

    **Raises** `ValueError` where errors are unknown.

    >>> import jax
    >>> from magjax import fit
    >>> data = fit.Data((0.0, 1.0), (0.0, 1.0), 0.1, observe=lambda m, x: m["a"] * x)
    >>> problem = fit.Problem({"a": 1.0}, data, "a")
    >>> fit.draw_data(problem, problem.start, 5, jax.random.key(0)).shape
    (5, 2)
    """
    if not problem.weighted:
        raise ValueError("Argument `problem` must have data with errors, whose noise is drawn, but some are unknown.")
    return _noisy(problem, jnp.asarray(z), number, key, 1.0)


def bootstrap(
    found: Fit,
    number: int = 1000,
    *,
    kind: Literal["parametric", "residual"] = "parametric",
    seed: int = 0,
    max_steps: int = 100,
) -> Samples:
    """Fit synthetic data again and again, all as one batch: how far the parameters scatter.

    - `found`: a fit. `number`: of repetitions. `seed`: of the noise. `max_steps`: of each fit.
    - `kind`: "parametric" draws normal noise of the data's errors; "residual" draws from the residuals that were found,
      whatever their distribution is.

    **Returns** `Samples`.

    Source: B. Efron, Ann. Stat. 7, 1 (1979).

    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> drawn = fit.bootstrap(fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"]), 50, kind="residual")
    >>> drawn.result.name
    'SUCCESS'
    """
    if kind not in ("parametric", "residual"):
        raise ValueError(f"Argument `kind` must be 'parametric' or 'residual', but got {kind!r}.")
    if number < 2:
        raise ValueError(f"Argument `number` must be 2 fits or more, but got {number!r}.")
    problem, z, key = found.problem, jnp.asarray(found.z), jax.random.key(seed)
    normal = kind == "parametric"
    y = _noisy(problem, z, number, key, found.noise) if normal else _resampled(problem, z, number, key)
    ends = solve_batch(problem, jnp.tile(z, (number, 1)), y, max_steps=max_steps)
    return Samples(problem, np.asarray(ends.z), np.asarray(ends.outcome))


def _noisy(problem: Problem, z: Array, number: int, key: Array, noise: float) -> Array:
    weights, exact = problem.weights(), _exact(problem, z)
    errors = jnp.where(weights > 0, noise / jnp.where(weights > 0, weights, 1), 0).astype(exact.dtype)
    return exact[None] + errors[None] * jax.random.normal(key, (number, exact.size), exact.dtype)


def _resampled(problem: Problem, z: Array, number: int, key: Array) -> Array:
    """Residuals drawn with replacement from those of known points, wider by what the fit has taken out of them."""
    weights, exact = problem.weights(), _exact(problem, z)
    known = np.flatnonzero(np.asarray(weights) > 0)
    left = ((problem.measured() - exact) * weights)[known]
    left = (left - jnp.mean(left)) * np.sqrt(len(known) / max(len(known) - problem.size, 1))
    drawn = jax.random.choice(key, left, (number, exact.size))
    return exact[None] + jnp.where(weights > 0, 1 / jnp.where(weights > 0, weights, 1), 0)[None] * drawn


def _exact(problem: Problem, z: Array) -> Array:
    """The model's values; 0 where a point is missing."""
    weights = problem.weights()
    free = problem.residuals(z, jnp.zeros_like(weights))[: weights.size]
    return jnp.where(weights > 0, free / jnp.where(weights > 0, weights, 1), 0).astype(free.dtype)
