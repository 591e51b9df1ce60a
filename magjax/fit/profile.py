"""Profile likelihood: how χ² grows as one parameter is held and all others are fitted again."""

import dataclasses
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.fit.level import check_level
from magjax.fit.problem import Problem
from magjax.fit.result import Fit
from magjax.fit.solve import Solution, solve

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclasses.dataclass(frozen=True, eq=False)
class Profile:
    """χ² along one parameter, all others fitted again at each value.

    - `name`, `unit`: of the parameter. `values`: `(points,)`. `excess`: χ² less its minimum, over the noise.
    - `others`: the fitted coordinates at each value, `(points, n)`. `best`: the fitted value.

    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> along = fit.profile(fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"]), "b")
    >>> [round(float(end), 3) for end in along.interval()]
    [1.879, 2.021]
    """

    name: str
    unit: str
    values: np.ndarray
    excess: np.ndarray
    others: np.ndarray
    best: float

    def interval(self, level: float = 0.6827) -> tuple[float, float]:
        """Values between which χ² is less than its minimum + the quantile of `level`; inf where it never gets there."""
        from scipy.stats import chi2

        check_level(level)
        height = float(chi2.ppf(level, 1))
        return self._crossing(height, -1), self._crossing(height, 1)

    def plot(self) -> "Figure":
        """The profile with its 68 % and 95 % lines."""
        from magjax.fit.figures import plot_profile

        return plot_profile(self)

    def _crossing(self, height: float, side: int) -> float:
        order = np.argsort(self.values)
        x, y = self.values[order], np.sqrt(np.maximum(self.excess[order], 0))
        part = (x - self.best) * side >= 0
        x, y = np.r_[self.best, x[part][::side]], np.r_[0.0, y[part][::side]]
        above = np.flatnonzero(y >= np.sqrt(height))
        if not above.size:
            return side * np.inf
        i = int(above[0])
        # √excess is a straight line for a parabola.
        return float(x[i - 1] + (x[i] - x[i - 1]) * (np.sqrt(height) - y[i - 1]) / (y[i] - y[i - 1]))


def profile(found: Fit, name: str, values: Any = None, *, points: int = 31, reach: float = 3.0) -> Profile:
    """The profile likelihood of a parameter, all its points fitted as one batch.

    - `found`: a fit. `name`: of a number that was fitted, such as `"tau0"`.
    - `values`: where χ² is wanted; else `points` of them, up to `reach` standard errors away.

    **Returns** `Profile`.

    **Raises** `ValueError` for an unknown name, values beyond the bounds, and where the error is infinite and no
    `values` are given.

    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> along = fit.profile(fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"]), "a", (1.0, 1.1))
    >>> along.excess.round(3).tolist()
    [0.3, 0.3]
    """
    problem = found.problem
    if name not in problem.names:
        raise ValueError(f"Argument `name` must be one of {', '.join(problem.names)}, but got {name!r}.")
    i = problem.names.index(name)
    parameter = next(p for p in problem.parameters if p.name == name.split("[")[0])
    low, high, z = float(problem.low[i]), float(problem.high[i]), np.asarray(found.z)
    if values is None:
        error = float(found.fisher.errors[i])
        if not np.isfinite(error):
            raise ValueError(f"Argument `values` must be given, because {name} is not determined by these data.")
        at = np.clip(z[i] + np.linspace(-reach, reach, points) * error, low, high)
    else:
        given = np.asarray(values, float)
        least, most = parameter.bounds
        if not ((given >= least) & (given <= most) & ((given > 0) | (not parameter.log))).all():
            raise ValueError(f"Argument `values` must lie within the bounds of {name}, but got {values!r}.")
        at = np.log(given) if parameter.log else given / float(problem.scale[i])
    starts = np.tile(z, (len(at), 1))
    starts[:, i] = at
    held = np.arange(len(z)) == i
    ends = _held(problem, jnp.asarray(starts), jnp.asarray(held))
    noise = 1.0 if problem.weighted else found.noise**2
    excess = (np.asarray(ends.chi_square, float) - found.chi_square) / noise
    real = np.exp(at) if parameter.log else at * float(problem.scale[i])
    best = np.exp(z[i]) if parameter.log else z[i] * float(problem.scale[i])
    return Profile(name, parameter.unit, real, excess, np.asarray(ends.z), float(best))


@eqx.filter_jit
def _held(problem: Problem, starts: Array, held: Array) -> Solution:
    return jax.vmap(lambda start: solve(problem, start, held=held))(starts)
