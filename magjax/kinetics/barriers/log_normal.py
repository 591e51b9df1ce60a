"""Barriers whose logarithms are spread as a Gaussian bell: those of ground or grown particles."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.stats import norm
from jaxtyping import Array, PRNGKeyArray

from magjax import constants
from magjax.kinetics.arguments import positive
from magjax.kinetics.barriers.base import AbstractSmoothBarriers, in_kelvin, kelvin
from magjax.kinetics.barriers.normal import REACH


class LogNormal(AbstractSmoothBarriers):
    """P = exp(−ln²(E/E0)/2σ²)/(√(2π)σE).

    **Arguments**

    - `median`: E0, J. `sigma`: σ, the standard deviation of ln E; three times that of ln of a diameter.

    **Raises** `ValueError` for numbers that are not positive.

    Source: L. B. Kiss, J. Söderlund, G. A. Niklasson, C. G. Granqvist, Nanotechnology 10, 25 (1999), on why it appears.

    >>> from magjax.kinetics import barriers
    >>> grains = barriers.LogNormal(median=1e-19, sigma=0.4)
    >>> round(float(grains.survival(1e-19)), 6), f"{float(grains.mean()):.4g}"
    (0.5, '1.083e-19')
    """

    median: Array
    sigma: Array

    def __init__(self, median: Any, sigma: Any):
        self.median = positive("median", median, "an energy in J")
        self.sigma = positive("sigma", sigma, "a standard deviation of ln E", "Without it nothing is normalisable.")

    def density(self, E: Any) -> Array:
        some = jnp.asarray(E) > 0
        safe = jnp.where(some, E, 1e-20)
        z = self.coordinate(in_kelvin("E", safe))
        return jnp.where(some, norm.pdf(z) / self.sigma / safe, 0)

    def survival(self, E: Any) -> Array:
        return norm.cdf(-self.coordinate(in_kelvin("E", E)))

    def edges(self) -> Array:
        return jnp.linspace(-REACH, REACH, 25, dtype=jnp.result_type(self.median, self.sigma))

    def place(self, z: Array) -> Array:
        return kelvin(self.median) * jnp.exp(self.sigma * z)

    def coordinate(self, energy: Array) -> Array:
        # Energies of zero and below lie left of everything, at a distance that derivatives can bear.
        some = energy > 0
        ratio = jnp.where(some, energy, 1) / kelvin(self.median)
        return jnp.where(some, jnp.log(ratio) / self.sigma, -2 * REACH)

    def weight(self, z: Array) -> Array:
        return norm.pdf(z)

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        dtype = jnp.result_type(self.median, self.sigma)
        return constants.KB * self.place(jax.random.normal(key, (number,), dtype))

    def mean(self) -> Array:
        return self.median * jnp.exp(self.sigma**2 / 2)
