"""What data say about parameters and what they do not, in words."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from magjax.fit.fisher import Fisher
from magjax.fit.text import with_error

#: Pairs are named from this correlation on; logarithms count as not determined from this many decades on.
CORRELATED, DECADES = 0.95, 0.5


@dataclasses.dataclass(frozen=True)
class Identifiability:
    """The report on a fit: prints itself.

    - `singular_values`: of the Jacobian in relative or logarithmic coordinates, falling, `(n,)`: 1/s is the relative
      error along the direction. `directions`: `(n, n)`, rows. `degenerate`: how many directions the data are blind to.
    - `lines`: the findings, a sentence each; none if all parameters are determined.

    >>> from magjax.fit import Identifiability
    >>> import numpy as np
    >>> print(Identifiability(np.ones(1), np.ones((1, 1)), 0, ()))
    All parameters are determined by these data.
    """

    singular_values: np.ndarray
    directions: np.ndarray
    degenerate: int
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines) or "All parameters are determined by these data."


def identify(
    names: Sequence[str],
    fisher: Fisher,
    values: np.ndarray,
    errors: np.ndarray,
    logs: np.ndarray,
    extra: Sequence[str] = (),
) -> Identifiability:
    """Put into words what a Fisher information says.

    - `names`: of the numbers fitted, n of them. `fisher`: in their coordinates. `values`: `(n,)`.
    - `errors`: standard errors of the coordinates `(n,)`, of ln where `logs`, else of the values.
    - `extra`: further findings.

    >>> import numpy as np
    >>> from magjax.fit import Fisher, identify
    >>> fisher = Fisher.of(np.array([[1.0, -1.0], [2.0, -2.0]]))
    >>> print(identify(["A", "Ms"], fisher, np.array([1e-11, 8e5]), fisher.errors, np.array([True, True])))
    A and Ms cannot be told apart: these data do not change when A goes up by 1 % and Ms goes up by 1 %.
    """
    lines = [_blind(names, row) for row in fisher.directions[fisher.blind]]
    named = [i for i in range(len(names)) if fisher.undetermined[i]]
    for i, name in enumerate(names):
        if i in named:
            continue
        if logs[i] and errors[i] / np.log(10) > DECADES:
            lines.append(
                f"{name} is not determined by these data: {values[i]:.2g} ± {errors[i] / np.log(10):.1f} decades."
            )
        elif not logs[i] and errors[i] > abs(values[i]):
            lines.append(f"{name} is not determined by these data: {with_error(values[i], errors[i])}.")
    lines += _pairs(names, fisher, named)
    return Identifiability(fisher.singular_values, fisher.directions, int(fisher.blind.sum()), (*lines, *extra))


def _blind(names: Sequence[str], row: np.ndarray) -> str:
    """A direction to which data are blind, as percentages."""
    part = np.flatnonzero(np.abs(row) > 1e-3 * np.abs(row).max())
    top = part[np.argmax(np.abs(row[part]))]
    if len(part) == 1:
        return f"{names[top]} does not change these data at all."
    change = row[part] / row[top]
    order = np.argsort(-np.abs(change), kind="stable")
    steps = [f"{names[int(part[i])]} goes {'up' if change[i] > 0 else 'down'} by {abs(change[i]):.2g} %" for i in order]
    who = _and([names[int(i)] for i in part[order]])
    return f"{who} cannot be told apart: these data do not change when {_and(steps)}."


def _pairs(names: Sequence[str], fisher: Fisher, skipped: Sequence[int]) -> list[str]:
    covariance, errors = fisher.covariance, fisher.errors
    found = []
    for i in range(len(names)):
        for j in range(i):
            if i in skipped or j in skipped:
                continue
            rho = covariance[i, j] / (errors[i] * errors[j])
            if abs(rho) > CORRELATED:
                found.append((abs(rho), f"{names[j]} and {names[i]} are correlated: {rho:+.4g}."))
    return [text for _, text in sorted(found, reverse=True)[:6]]


def _and(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
