"""Any density of frequencies, measured or computed, as straight lines between points."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from magjax.analytic import dephasing
from magjax.drive.arguments import known, leaf
from magjax.kinetics.frequencies.base import AbstractDensity, check_number


class Tabulated(AbstractDensity):
    """A density given at points, with straight lines between them and nothing outside; scaled so that ∫p dω = 1.

    Its `nodes` are Gauss–Legendre nodes in every interval.

    **Arguments**

    - `omega`: rising frequencies `(n,)`, rad/s. `values`: the density at them `(n,)`, in any unit.

    **Raises** `ValueError` for frequencies that do not rise, lengths that differ, negative values, and a density that
    is not normalisable.

    >>> from magjax.kinetics.frequencies import Tabulated
    >>> triangle = Tabulated(omega=(0.0, 1e9, 2e9), values=(0.0, 7.0, 0.0))
    >>> float(triangle.density(1e9)), round(float(triangle.mean()))
    (1e-09, 1000000000)
    """

    omega: Array
    values: Array

    def __init__(self, omega: Any, values: Any):
        self.omega = leaf("omega", omega, ndim=1)
        if known(self.omega) and not np.all(np.diff(np.asarray(self.omega)) > 0):
            raise ValueError("Argument `omega` must hold rising frequencies in rad/s.")
        raw = np.asarray(values, float) if not isinstance(values, jax.Array) else values
        if raw.shape != self.omega.shape or self.omega.shape[0] < 2:
            raise ValueError(
                f"Argument `values` must hold a density for each of 2 or more frequencies {self.omega.shape}, but got "
                f"{raw.shape}."
            )
        _check_normalisable(self.omega, raw)
        self.values = leaf("values", raw, ndim=1)

    def density(self, omega: Any) -> Array:
        return jnp.interp(jnp.asarray(omega), self.omega, self.values, left=0, right=0) / jnp.sum(self._shares())

    def characteristic(self, t: Any) -> Array:
        return dephasing.piecewise_linear(t, self.omega, self.values)

    def nodes(self, number: int) -> tuple[Array, Array]:
        check_number(number)
        each = max(2, -(-number // (self.omega.shape[0] - 1)))
        nodes, weights = (jnp.asarray(x, self.omega.dtype) for x in np.polynomial.legendre.leggauss(each))
        middle, half = (self.omega[1:] + self.omega[:-1]) / 2, jnp.diff(self.omega) / 2
        place = middle[:, None] + half[:, None] * nodes[None]
        rise = jnp.diff(self.values)[:, None] * nodes[None] / 2
        value = (self.values[1:] + self.values[:-1])[:, None] / 2 + rise
        weight = value * half[:, None] * weights[None]
        return place.ravel(), weight.ravel() / jnp.sum(weight)

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        check_number(number)
        shares = self._shares()
        below = jnp.concatenate([jnp.zeros(1, shares.dtype), jnp.cumsum(shares)])
        drawn = jax.random.uniform(key, (number,), shares.dtype) * below[-1]
        i = jnp.clip(jnp.searchsorted(below, drawn, side="right") - 1, 0, shares.shape[0] - 1)
        within, width = drawn - below[i], self.omega[i + 1] - self.omega[i]
        left, slope = self.values[i], (self.values[i + 1] - self.values[i]) / width
        # The quadratic left·s + slope·s²/2 = within, solved without cancellation.
        root = jnp.sqrt(jnp.maximum(left**2 + 2 * slope * within, 0))
        total = left + root
        return self.omega[i] + jnp.clip(jnp.where(total > 0, 2 * within / jnp.where(total > 0, total, 1), 0), 0, width)

    def mean(self) -> Array:
        place, weight = self.nodes(2 * (self.omega.shape[0] - 1))
        return jnp.sum(place * weight)

    def _shares(self) -> Array:
        """How much lies in each interval, before scaling."""
        return jnp.diff(self.omega) * (self.values[1:] + self.values[:-1]) / 2


def tabulate(density: Callable[[Array], Any], low: float, high: float, points: int = 1001) -> Tabulated:
    """Any density p(ω) as a table.

    - `density`: a function of ω (rad/s), in any unit. `low`, `high`: where the table begins and ends, rad/s; nothing
      lies outside. `points`: how many.

    **Raises** `ValueError` for a density that is not normalisable, and for an interval without width.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics.frequencies import tabulate
    >>> wings = tabulate(lambda w: jnp.cosh(w / 1e9), -3e9, 3e9)
    >>> round(float(wings.density(0.0)) * 1e9, 3)
    0.05
    """
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"Arguments `low` and `high` must be finite and rise, in rad/s, but got {low!r} and {high!r}.")
    omega = jnp.linspace(low, high, points)
    return Tabulated(omega, jnp.asarray(density(omega)))


def _check_normalisable(omega: Array, values: Any) -> None:
    if not known(omega, values):
        return
    where, what = np.asarray(omega), np.asarray(values)
    if not np.isfinite(what).all():
        first = int(np.argmin(np.isfinite(what)))
        raise ValueError(
            f"Argument `values` must be a density that is normalisable, but got {what[first]} at {where[first]:g} "
            "rad/s. Does it diverge there? Then begin the table beside it."
        )
    if (what < 0).any():
        raise ValueError(f"Argument `values` must be a density ≥ 0, but got {what.min():g}.")
    if not np.trapezoid(what, where) > 0:
        raise ValueError("Argument `values` must be a density that is normalisable, but got nothing but zeros.")
