"""Frequencies with wide tails."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from magjax.analytic import dephasing
from magjax.drive.arguments import leaf
from magjax.kinetics.frequencies.base import AbstractDensity, check_number


class Lorentzian(AbstractDensity):
    """Frequencies with the density p = (Γ/π)/((ω − ω0)² + Γ²), whose spins dephase exponentially, as e^{−Γt}.

    Its `nodes` carry equal weights. Mean and variance do not exist, and the tails converge slowly: averages over n
    nodes are wrong by some (Γt)^{1/4} n^{−3/4}.

    **Arguments**

    - `centre`: ω0, rad/s. `half_width`: Γ > 0, half of the width at half of the height, rad/s.

    **Raises** `ValueError` for a width that is not positive.

    >>> from magjax.kinetics.frequencies import Lorentzian
    >>> round(float(abs(Lorentzian(centre=1e10, half_width=1e9).characteristic(1e-9))), 4)
    0.3679
    """

    centre: Array
    half_width: Array

    def __init__(self, centre: Any, half_width: Any):
        self.centre, self.half_width = leaf("centre", centre), leaf("half_width", half_width, above=0)

    def density(self, omega: Any) -> Array:
        x = (jnp.asarray(omega) - self.centre) / self.half_width
        return 1 / (jnp.pi * self.half_width * (1 + x**2))

    def characteristic(self, t: Any) -> Array:
        return dephasing.lorentzian(t, self.centre, self.half_width)

    def nodes(self, number: int) -> tuple[Array, Array]:
        check_number(number)
        place = np.tan(np.pi * ((np.arange(number) + 0.5) / number - 0.5))
        dtype = self.centre.dtype
        weights = jnp.full(number, 1 / number, dtype)
        return self.centre + self.half_width * jnp.asarray(place, dtype), weights

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        check_number(number)
        return self.centre + self.half_width * jax.random.cauchy(key, (number,), self.centre.dtype)

    def mean(self) -> Array:
        return self.centre
