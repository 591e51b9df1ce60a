"""Frequencies spread evenly over an interval."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from magjax.analytic import dephasing
from magjax.drive.arguments import leaf
from magjax.kinetics.frequencies.base import AbstractDensity, check_number

#: Gauss–Legendre nodes in one piece of the interval.
_ORDER = 16


class Rectangular(AbstractDensity):
    """All frequencies between ω0 − Δω and ω0 + Δω alike: p = 1/(2Δω).

    Its `nodes` are those of Gauss and Legendre in pieces of 16, right to rounding until neighbours have dephased.

    **Arguments**

    - `centre`: ω0, rad/s. `half_width`: Δω > 0, rad/s: half of the whole width.

    **Raises** `ValueError` for a width that is not positive.

    >>> from magjax.kinetics.frequencies import Rectangular
    >>> band = Rectangular(centre=1e10, half_width=1e9)
    >>> float(band.density(1.05e10)), float(band.density(1.15e10))
    (5e-10, 0.0)
    """

    centre: Array
    half_width: Array

    def __init__(self, centre: Any, half_width: Any):
        self.centre, self.half_width = leaf("centre", centre), leaf("half_width", half_width, above=0)

    def density(self, omega: Any) -> Array:
        inside = jnp.abs(jnp.asarray(omega) - self.centre) <= self.half_width
        return jnp.where(inside, 1 / (2 * self.half_width), 0)

    def characteristic(self, t: Any) -> Array:
        return dephasing.rectangular(t, self.centre, self.half_width)

    def nodes(self, number: int) -> tuple[Array, Array]:
        check_number(number)
        pieces = max(1, round(number / _ORDER))
        nodes, weights = np.polynomial.legendre.leggauss(min(number, _ORDER))
        middles = (2 * np.arange(pieces) + 1) / pieces - 1
        place = (middles[:, None] + nodes[None] / pieces).ravel()
        weight = np.tile(weights / 2 / pieces, pieces)
        dtype = self.centre.dtype
        return self.centre + self.half_width * jnp.asarray(place, dtype), jnp.asarray(weight, dtype)

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        check_number(number)
        return self.centre + self.half_width * jax.random.uniform(key, (number,), self.centre.dtype, -1, 1)

    def mean(self) -> Array:
        return self.centre
