"""Any density of barriers, measured or computed, as straight lines between points."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, PRNGKeyArray

from magjax import constants
from magjax.kinetics.arguments import not_negative
from magjax.kinetics.barriers.base import AbstractSmoothBarriers, in_kelvin, kelvin


class Tabulated(AbstractSmoothBarriers):
    """A density given at points, with straight lines between them and nothing outside; scaled so that ∫P dE = 1.

    **Arguments**

    - `E`: rising energies ≥ 0, `(n,)`, J. `values`: the density at them, `(n,)`, in any unit.

    **Raises** `ValueError` for energies that do not rise, lengths that differ, negative values, and a density that is
    not normalisable.

    >>> from magjax.kinetics import barriers
    >>> triangle = barriers.Tabulated(E=(0.0, 1e-19, 2e-19), values=(0.0, 3.0, 0.0))
    >>> float(triangle.density(1e-19)), round(float(triangle.survival(1.5e-19)), 6)
    (1e+19, 0.125)
    """

    E: Array
    values: Array

    def __init__(self, E: Any, values: Any):
        self.E = not_negative("E", E, "energies in J")
        raw = values if isinstance(values, jax.Array) else jnp.asarray(values, jnp.result_type(float))
        if self.E.ndim != 1 or self.E.size < 2 or raw.shape != self.E.shape:
            raise ValueError(
                f"Argument `values` must hold a density for each of 2 or more energies {self.E.shape}, but got "
                f"{raw.shape}."
            )
        if not isinstance(self.E, Tracer) and not (np.diff(np.asarray(self.E)) > 0).all():
            raise ValueError("Argument `E` must hold rising energies in J.")
        _check_normalisable(self.E, raw)
        self.values = raw

    def density(self, E: Any) -> Array:
        inside = jnp.interp(in_kelvin("E", E), self._kelvin(), self.values, left=0, right=0)
        return inside / jnp.sum(self._shares()) / constants.KB

    def survival(self, E: Any) -> Array:
        energies, shares = self._kelvin(), self._shares()
        x = jnp.clip(in_kelvin("E", E), energies[0], energies[-1])
        i = jnp.clip(jnp.searchsorted(energies, x, side="right") - 1, 0, shares.size - 1)
        above = jnp.concatenate([jnp.cumsum(shares[::-1])[::-1], jnp.zeros(1, shares.dtype)])
        here = jnp.interp(x, energies, self.values)
        return (above[i + 1] + (here + self.values[i + 1]) / 2 * (energies[i + 1] - x)) / above[0]

    def edges(self) -> Array:
        return self._kelvin()

    def place(self, z: Array) -> Array:
        return z

    def coordinate(self, energy: Array) -> Array:
        return energy

    def weight(self, z: Array) -> Array:
        return jnp.interp(z, self._kelvin(), self.values) / jnp.sum(self._shares())

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        energies, shares = self._kelvin(), self._shares()
        below = jnp.concatenate([jnp.zeros(1, shares.dtype), jnp.cumsum(shares)])
        drawn = jax.random.uniform(key, (number,), shares.dtype) * below[-1]
        i = jnp.clip(jnp.searchsorted(below, drawn, side="right") - 1, 0, shares.size - 1)
        within, width = drawn - below[i], energies[i + 1] - energies[i]
        left, slope = self.values[i], (self.values[i + 1] - self.values[i]) / width
        # The quadratic left·s + slope·s²/2 = within, solved without cancellation.
        total = left + jnp.sqrt(jnp.maximum(left**2 + 2 * slope * within, 0))
        step = jnp.where(total > 0, 2 * within / jnp.where(total > 0, total, 1), 0)
        return constants.KB * (energies[i] + jnp.clip(step, 0, width))

    def mean(self) -> Array:
        energies, weights = self.nodes()
        return jnp.sum(energies * weights)

    def _kelvin(self) -> Array:
        return kelvin(self.E).astype(jnp.result_type(self.E, self.values))

    def _shares(self) -> Array:
        """How much lies in each interval, before scaling."""
        return jnp.diff(self._kelvin()) * (self.values[1:] + self.values[:-1]) / 2


def tabulate(density: Callable[[Array], Any], lowest: float, highest: float, points: int = 1001) -> Tabulated:
    """Any density P(E) as a table, of straight lines between equidistant points.

    - `density`: a function of E (J), in any unit. `lowest`, `highest`: where the table begins and ends, J.
    - `points`: how many.

    **Raises** `ValueError` for a density that is not normalisable, and for an interval without width.

    >>> from magjax.kinetics import barriers
    >>> law = barriers.tabulate(lambda E: E**-0.5, 1e-21, 1e-19)
    >>> round(float(law.mean()) * 1e20, 2)
    3.7
    """
    if not (np.isfinite(lowest) and np.isfinite(highest) and 0 <= lowest < highest):
        raise ValueError(
            f"Arguments `lowest` and `highest` must be finite energies in J that rise from 0 or above, else the "
            f"density is not normalisable, but got {lowest!r} and {highest!r}."
        )
    E = jnp.linspace(lowest, highest, points)
    return Tabulated(E, jnp.asarray(density(E)))


def _check_normalisable(E: Array, values: Array) -> None:
    if isinstance(values, Tracer):
        return
    what = np.asarray(values, float)
    if not np.isfinite(what).all():
        where = "" if isinstance(E, Tracer) else f" at {float(E[int(np.argmin(np.isfinite(what)))]):g} J"
        raise ValueError(
            f"Argument `values` must be a density that is normalisable, but got {what[~np.isfinite(what)][0]}{where}. "
            "Does it diverge there? Then begin the table beside it."
        )
    if (what < 0).any():
        raise ValueError(f"Argument `values` must be a density ≥ 0, but got {what.min():g}.")
    if not what.any():
        raise ValueError("Argument `values` must be a density that is normalisable, but got nothing but zeros.")
