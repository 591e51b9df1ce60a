"""Barriers spread as a Gaussian bell, cut off at zero."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm
from jaxtyping import Array, PRNGKeyArray

from magjax import constants
from magjax.kinetics.arguments import positive
from magjax.kinetics.barriers.base import AbstractSmoothBarriers, in_kelvin, kelvin

#: Standard deviations beyond which a bell holds 1e-17.
REACH = 8.5


class Normal(AbstractSmoothBarriers):
    """P ∝ exp(−(E − E0)²/2σ²) for E ≥ 0: there are no barriers below zero, and none are counted.

    **Arguments**

    - `center`: E0 > 0, J; the mean, as long as σ is well below it. `width`: σ, J.

    **Raises** `ValueError` for a centre or a width that is not positive.

    >>> from magjax.kinetics import barriers
    >>> bell = barriers.Normal(center=1e-19, width=1e-20)
    >>> round(float(bell.survival(1e-19)), 6), f"{float(bell.density(1e-19)):.4g}"
    (0.5, '3.989e+19')
    """

    center: Array
    width: Array

    def __init__(self, center: Any, width: Any):
        self.center = positive("center", center, "an energy in J", "Are there no barriers at all?")
        self.width = positive(
            "width", width, "an energy in J", "Without a width the density is not normalisable by any number."
        )

    def density(self, E: Any) -> Array:
        z = self.coordinate(in_kelvin("E", E))
        inside = jnp.exp(norm.logpdf(z) - norm.logcdf(-self._start()))
        return jnp.where(jnp.asarray(E) >= 0, inside / self.width, 0)

    def survival(self, E: Any) -> Array:
        z = self.coordinate(in_kelvin("E", E))
        return jnp.exp(norm.logcdf(-jnp.maximum(z, self._start())) - norm.logcdf(-self._start()))

    def edges(self) -> Array:
        steps = jnp.linspace(0, 1, 25, dtype=self._start().dtype)
        first = jnp.maximum(self._start(), -REACH)
        return first + (REACH - first) * steps

    def place(self, z: Array) -> Array:
        return kelvin(self.center) + kelvin(self.width) * z

    def coordinate(self, energy: Array) -> Array:
        return (energy - kelvin(self.center)) / kelvin(self.width)

    def weight(self, z: Array) -> Array:
        return jnp.exp(norm.logpdf(z) - norm.logcdf(-self._start()))

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        # Bounded above, too: single precision has no quantile of 1.
        z = jax.random.truncated_normal(key, self._start(), REACH, (number,), self._start().dtype)
        return constants.KB * self.place(z)

    def mean(self) -> Array:
        return self.center + self.width * jnp.exp(norm.logpdf(self._start()) - norm.logcdf(-self._start()))

    def _start(self) -> Array:
        """Zero energy, in standard deviations."""
        return self.coordinate(jnp.zeros((), jnp.result_type(self.center, self.width)))
