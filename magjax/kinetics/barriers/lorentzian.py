"""Barriers with heavy tails, cut off at two energies."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, PRNGKeyArray

from magjax import constants
from magjax.kinetics.arguments import floats, not_negative, positive
from magjax.kinetics.barriers.base import AbstractSmoothBarriers, in_kelvin, kelvin
from magjax.kinetics.barriers.uniform import check_rising


class Lorentzian(AbstractSmoothBarriers):
    """P ∝ 1/((E − E0)² + w²) between two energies; without the upper one there is no mean.

    **Arguments**

    - `center`: E0, J. `width`: w, half the width at half the maximum, J.
    - `highest`: where it ends, J. `lowest`: where it begins, J.

    **Raises** `ValueError` for a width that is not positive, energies below zero, and ends that do not rise.

    >>> from magjax.kinetics import barriers
    >>> wings = barriers.Lorentzian(center=1e-19, width=1e-20, highest=2e-19)
    >>> round(float(wings.survival(1e-19)), 6), round(float(wings.survival(1.1e-19)), 4)
    (0.5, 0.2331)
    """

    center: Array
    width: Array
    highest: Array
    lowest: Array

    def __init__(self, center: Any, width: Any, highest: Any, lowest: Any = 0.0):
        self.center = floats("center", center)
        self.width = positive("width", width, "an energy in J", "Without a width the density is not normalisable.")
        self.highest = positive("highest", highest, "an energy in J")
        self.lowest = not_negative("lowest", lowest, "an energy in J")
        check_rising(self.lowest, self.highest)

    def density(self, E: Any) -> Array:
        E = jnp.asarray(E)
        x = (in_kelvin("E", E) - kelvin(self.center)) / kelvin(self.width)
        inside = 1 / (self._span() * self.width * (1 + x**2))
        return jnp.where((self.lowest <= E) & (self.highest >= E), inside, 0)

    def survival(self, E: Any) -> Array:
        ends = self._ends()
        z = jnp.clip(self.coordinate(in_kelvin("E", E)), ends[0], ends[1])
        return (ends[1] - z) / self._span()

    def edges(self) -> Array:
        first, last = self._ends()
        return first + (last - first) * jnp.linspace(0, 1, 25, dtype=first.dtype)

    def place(self, z: Array) -> Array:
        return kelvin(self.center) + kelvin(self.width) * jnp.tan(z)

    def coordinate(self, energy: Array) -> Array:
        return jnp.arctan((energy - kelvin(self.center)) / kelvin(self.width))

    def weight(self, z: Array) -> Array:
        return jnp.ones_like(z) / self._span()

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        first, last = self._ends()
        z = first + (last - first) * jax.random.uniform(key, (number,), first.dtype)
        return constants.KB * self.place(z)

    def mean(self) -> Array:
        first, last = self._ends()
        return self.center + self.width * (jnp.log(jnp.cos(first)) - jnp.log(jnp.cos(last))) / (last - first)

    def _ends(self) -> tuple[Array, Array]:
        dtype = jnp.result_type(self.center, self.width, self.highest, self.lowest)
        first, last = (self.coordinate(kelvin(E.astype(dtype))) for E in (self.lowest, self.highest))
        return first, last

    def _span(self) -> Array:
        first, last = self._ends()
        return last - first
