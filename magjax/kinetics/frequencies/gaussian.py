"""Normally distributed frequencies."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from magjax.analytic import dephasing
from magjax.drive.arguments import leaf
from magjax.kinetics.frequencies.base import AbstractDensity, check_number

#: Where the grid of nodes ends, in standard deviations: 2e-16 lies beyond.
_REACH = 8.3


class Gaussian(AbstractDensity):
    """Normally distributed frequencies: p = e^{−(ω−ω0)²/2σ²}/(√(2π) σ).

    Its `nodes` are equidistant over ±8.3σ, right to rounding until shortly before they revive, at t = 2π/δω.

    **Arguments**

    - `centre`: ω0, rad/s. `sigma`: standard deviation σ > 0, rad/s.

    **Raises** `ValueError` for a width that is not positive.

    >>> from magjax.kinetics.frequencies import Gaussian
    >>> round(float(abs(Gaussian(centre=1e10, sigma=1e9).characteristic(1e-9))), 4)
    0.6065
    """

    centre: Array
    sigma: Array

    def __init__(self, centre: Any, sigma: Any):
        self.centre, self.sigma = leaf("centre", centre), leaf("sigma", sigma, above=0)

    def density(self, omega: Any) -> Array:
        return jnp.exp(-(((jnp.asarray(omega) - self.centre) / self.sigma) ** 2) / 2) / (
            jnp.sqrt(2 * jnp.pi) * self.sigma
        )

    def characteristic(self, t: Any) -> Array:
        return dephasing.gaussian(t, self.centre, self.sigma)

    def nodes(self, number: int) -> tuple[Array, Array]:
        check_number(number)
        place = np.linspace(-_REACH, _REACH, number) if number > 1 else np.zeros(1)
        weight = np.exp(-(place**2) / 2)
        dtype = self.centre.dtype
        return self.centre + self.sigma * jnp.asarray(place, dtype), jnp.asarray(weight / weight.sum(), dtype)

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        check_number(number)
        return self.centre + self.sigma * jax.random.normal(key, (number,), self.centre.dtype)

    def mean(self) -> Array:
        return self.centre
