"""Barriers spread evenly between two energies."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, PRNGKeyArray

from magjax import constants
from magjax.kinetics.arguments import not_negative, positive
from magjax.kinetics.barriers.base import AbstractSmoothBarriers, in_kelvin, kelvin


class Uniform(AbstractSmoothBarriers):
    """P = 1/(E₂ − E₁) for E₁ ≤ E ≤ E₂: what makes relaxation exactly logarithmic between its ends.

    **Arguments**

    - `lowest`: E₁ ≥ 0, J. `highest`: E₂ > E₁, J.

    **Raises** `ValueError` for energies below zero, infinite ones, and ends that do not rise.

    >>> from magjax.kinetics import barriers
    >>> flat = barriers.Uniform(lowest=0.0, highest=2e-19)
    >>> float(flat.survival(5e-20)), float(flat.density(1e-19)), float(flat.density(3e-19))
    (0.75, 5e+18, 0.0)
    """

    lowest: Array
    highest: Array

    def __init__(self, lowest: Any, highest: Any):
        self.lowest = not_negative("lowest", lowest, "an energy in J")
        self.highest = positive("highest", highest, "an energy in J")
        check_rising(self.lowest, self.highest)

    def density(self, E: Any) -> Array:
        E = jnp.asarray(E)
        return jnp.where((self.lowest <= E) & (self.highest >= E), 1 / (self.highest - self.lowest), 0)

    def survival(self, E: Any) -> Array:
        return jnp.clip(1 - self.coordinate(in_kelvin("E", E)), 0, 1)

    def edges(self) -> Array:
        return jnp.linspace(0, 1, 9, dtype=jnp.result_type(self.lowest, self.highest))

    def place(self, z: Array) -> Array:
        return kelvin(self.lowest) + kelvin(self.highest - self.lowest) * z

    def coordinate(self, energy: Array) -> Array:
        return (energy - kelvin(self.lowest)) / kelvin(self.highest - self.lowest)

    def weight(self, z: Array) -> Array:
        return jnp.ones_like(z)

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        dtype = jnp.result_type(self.lowest, self.highest)
        return constants.KB * self.place(jax.random.uniform(key, (number,), dtype))

    def mean(self) -> Array:
        return (self.lowest + self.highest) / 2


def check_rising(lowest: Array, highest: Array) -> None:
    """**Raises** `ValueError` unless `highest` is above `lowest`, where both are known."""
    if isinstance(lowest, Tracer) or isinstance(highest, Tracer):
        return
    if not (np.asarray(highest) > np.asarray(lowest)).all():
        raise ValueError(
            f"Argument `highest` must be above `lowest`, else the density is not normalisable, but got {highest} J "
            f"and {lowest} J."
        )
