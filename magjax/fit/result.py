"""What a fit found: values with errors, their correlations, and how well the model describes the data."""

import dataclasses
import functools
import json
import os
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import numpy as np

from magjax.fit.fisher import Fisher
from magjax.fit.identifiability import Identifiability, identify
from magjax.fit.level import check_level
from magjax.fit.problem import Problem
from magjax.fit.text import columns, with_error
from magjax.io.atomic import replacing
from magjax.results import Outcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """A finished fit; it prints as a table of values ± errors.

    - `problem`: what was fitted. `z`: the coordinates found, `(n,)`. `chi_square`: χ² there.
    - `result`: how it ended. `steps`: steps tried. `diverged`: steps taken back because the model was no number there.
    - `method`: how. `minima`: coordinates of all different ends of several starts, best first, `(k, n)`; their
      `chi_squares` `(k,)`. `remarks`: what a person should know.

    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> found = fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"])
    >>> {name: round(value, 3) for name, value in found.values.items()}, round(found.errors["b"], 4)
    ({'a': 1.05, 'b': 1.95}, 0.0707)
    """

    problem: Problem
    z: np.ndarray
    chi_square: float
    result: Outcome
    steps: int
    diverged: int
    method: str
    minima: np.ndarray
    chi_squares: np.ndarray
    remarks: tuple[str, ...] = ()

    # ------------------------------------------------------------------------------------------------------- values
    @property
    def values(self) -> dict[str, Any]:
        """Fitted values by name: numbers, or arrays where a parameter is one; SI units."""
        found = {name: np.asarray(v) for name, v in self.problem.values(self.z).items()}
        return {name: v.item() if not v.ndim else v for name, v in found.items()}

    @property
    def errors(self) -> dict[str, Any]:
        """Standard errors by name, in the form of `values`; of a logarithm times the value."""
        return self._by_name(np.sqrt(np.diag(self.covariance)))

    @property
    def model(self) -> Any:
        """The model with the fitted values."""
        return self.problem.build(self.z)

    @property
    def degrees_of_freedom(self) -> int:
        """Number of known points less that of fitted numbers."""
        return self.problem.points - self.problem.size

    @property
    def p_value(self) -> float:
        """Probability of a larger χ² if the model and the errors are right; NaN where errors are unknown."""
        from scipy.stats import chi2

        if not self.problem.weighted or self.degrees_of_freedom < 1:
            return float("nan")
        return float(chi2.sf(self.chi_square, self.degrees_of_freedom))

    # -------------------------------------------------------------------------------------------------- uncertainty
    @functools.cached_property
    def fisher(self) -> Fisher:
        """The Fisher information in the coordinates z, with errors from the scatter where they are unknown."""
        jacobian = np.asarray(eqx.filter_jit(Problem.jacobian)(self.problem, self.z))
        return Fisher.of(jacobian / np.asarray(self.noise, jacobian.dtype))

    @property
    def noise(self) -> float:
        """Factor on the errors: 1 where all are given, else √(χ²/degrees of freedom)."""
        return (
            1.0 if self.problem.weighted else float(np.sqrt(self.chi_square / max(self.degrees_of_freedom, 1))) or 1.0
        )

    @property
    def slopes(self) -> np.ndarray:
        """Slopes d value/dz of each fitted number, `(n,)`: the value itself for logarithms, else its scale."""
        flat = np.concatenate([np.ravel(v) for v in self.problem.values(self.z).values()]).astype(float)
        return np.where(self.problem.logs, flat, np.asarray(self.problem.scale, float))

    @property
    def covariance(self) -> np.ndarray:
        """Covariance of the values, to first order in the errors, `(n, n)`; inf and NaN for what is not determined."""
        return self.fisher.covariance * np.outer(self.slopes, self.slopes)

    @property
    def correlation(self) -> np.ndarray:
        """Correlations of the values, `(n, n)`."""
        covariance = self.fisher.covariance
        errors = np.sqrt(np.diag(covariance))
        with np.errstate(invalid="ignore"):
            return np.where(np.eye(len(errors), dtype=bool), 1.0, covariance / np.outer(errors, errors))

    def interval(self, name: str, level: float = 0.6827) -> tuple[Any, Any]:
        """Ends of the interval that holds a parameter with probability `level`; not symmetric for logarithms."""
        from scipy.stats import norm

        check_level(level)
        reach = norm.ppf((1 + level) / 2) * self.fisher.errors
        z = np.asarray(self.z, float)
        ends = [self.problem.values(jax.numpy.asarray(z + sign * reach)) for sign in (-1, 1)]
        low, high = (np.asarray(end[name]) for end in ends)
        return (low.item(), high.item()) if not low.ndim else (low, high)

    @property
    def identifiability(self) -> Identifiability:
        """What these data say about each parameter and what not, in words."""
        found = self.fisher
        flat = np.concatenate([np.ravel(v) for v in self.problem.values(self.z).values()])
        scale = np.where(self.problem.logs, 1, np.asarray(self.problem.scale))
        return identify(self.problem.names, found, flat, found.errors * scale, self.problem.logs, self.remarks)

    # ------------------------------------------------------------------------------------------------------ the data
    @functools.cached_property
    def predicted(self) -> tuple[Any, ...]:
        """The model's values of each data set, in the form of its `y`."""
        return eqx.filter_jit(Problem.predict)(self.problem, self.z)

    @property
    def residuals(self) -> tuple[Any, ...]:
        """(measured − model)/error of each data set, in the form of its `y`; NaN where missing."""
        return tuple(
            jax.tree.map(
                lambda y, p, e, m: np.where(np.asarray(m), (np.asarray(y) - np.asarray(p)) / np.asarray(e), np.nan),
                *(d.y, p, jax.tree.map(np.ones_like, d.y) if d.error is None else d.error, d.mask),
            )
            for d, p in zip(self.problem.data, self.predicted, strict=True)
        )

    # -------------------------------------------------------------------------------------------------- for a person
    def table(self) -> str:
        """Values ± errors with units, a line each."""
        units = [
            p.unit for p, s in zip(self.problem.parameters, self.problem.shapes, strict=True) for _ in np.ndindex(*s)
        ]
        flat = np.concatenate([np.ravel(v) for v in self.problem.values(self.z).values()])
        errors, logs = self.fisher.errors, self.problem.logs
        rows = []
        long = [s for s in self.problem.shapes for _ in np.ndindex(*s)]
        for i, name in enumerate(self.problem.names):
            if np.prod(long[i], dtype=int) > 12:
                continue
            if logs[i] and np.isfinite(errors[i]) and errors[i] > 0.3:
                text = f"{flat[i]:.3g} ×÷ {np.exp(min(errors[i], 700)):.2g}"
            else:
                text = with_error(float(flat[i]), float(errors[i] * abs(self.slopes[i])))
            rows.append((name, "=", text, units[i]))
        for p, shape in zip(self.problem.parameters, self.problem.shapes, strict=True):
            if np.prod(shape, dtype=int) > 12:
                v, e = self.values[p.name], np.ravel(self.errors[p.name])
                some = f"{v.min():.4g} … {v.max():.4g} in {v.size} places, ± {np.median(e):.2g} in the middle of them"
                rows.append((p.name, "=", some, p.unit))
        return "\n".join(columns(rows))

    def __str__(self) -> str:
        missing = sum(d.missing for d in self.problem.data)
        head = f"Fit of {self.problem.points} points" + (f" ({missing} missing)" if missing else "")
        quality = f"χ² = {self.chi_square:.4g} for {self.degrees_of_freedom} degrees of freedom"
        if self.problem.weighted:
            quality += f" (p = {self.p_value:.2g})" if self.degrees_of_freedom else ""
        else:
            quality = f"error of a point from the scatter: {self.noise:.4g}"
        lines = [f"{head}, {self.method}, {self.steps} steps: {quality}", self.table()]
        if self.result is Outcome.INTERRUPTED:
            lines.append("The fit is not finished: it was stopped. `fit(found.model, …)` goes on from here.")
        elif not self.result.succeeded:
            lines.append(f"The fit is not finished: {self.result.advice}")
        if self.diverged:
            lines.append(f"{self.diverged} steps led to where the model is no number, and were taken back.")
        return "\n".join([*lines, *self.identifiability.lines])

    def __repr__(self) -> str:
        return str(self)

    def plot(self) -> "Figure":
        """Data, model and residuals of every data set."""
        from magjax.fit.figures import plot_fit

        return plot_fit(self)

    def corner(self) -> "Figure":
        """Ellipses of 68 % and 95 % of every pair of parameters."""
        from magjax.fit.figures import corner

        return corner(self)

    def to_json(self) -> str:
        """Everything as JSON: values, errors, units, covariance, correlation, χ², findings."""
        known = {name: np.asarray(v).tolist() for name, v in self.values.items()}
        content = {
            "outcome": self.result.name,
            "method": self.method,
            "steps": self.steps,
            "diverged": self.diverged,
            "points": self.problem.points,
            "missing": sum(d.missing for d in self.problem.data),
            "chi_square": self.chi_square,
            "degrees_of_freedom": self.degrees_of_freedom,
            "p_value": self.p_value,
            "values": known,
            "errors": {name: np.asarray(v).tolist() for name, v in self.errors.items()},
            "units": {p.name: p.unit for p in self.problem.parameters},
            "names": list(self.problem.names),
            "covariance": self.covariance.tolist(),
            "correlation": self.correlation.tolist(),
            "identifiability": list(self.identifiability.lines),
        }
        return json.dumps(_plain(content), indent=1, allow_nan=False, ensure_ascii=False)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write `to_json` to a file."""
        with replacing(path) as file:
            file.write(self.to_json().encode())

    def _by_name(self, flat: np.ndarray) -> dict[str, Any]:
        found, at = {}, 0
        for p, shape in zip(self.problem.parameters, self.problem.shapes, strict=True):
            size = int(np.prod(shape, dtype=int))
            found[p.name] = flat[at].item() if not shape else flat[at : at + size].reshape(shape)
            at += size
        return found


def _plain(value: Any) -> Any:
    """JSON knows no infinities: null stands for what is not determined."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value
