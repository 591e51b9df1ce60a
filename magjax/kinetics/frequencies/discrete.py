"""Sharp lines."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from magjax.drive.arguments import known, leaf
from magjax.kinetics.frequencies.base import AbstractFrequencies, check_number


class Discrete(AbstractFrequencies):
    """Sharp lines: p = Σ wᵢ δ(ω − ωᵢ). Such an ensemble recurs.

    Its `nodes` are the lines themselves, whatever number is asked for.

    **Arguments**

    - `omega`: frequencies `(n,)`, rad/s. `weights`: their weights `(n,)`, scaled to add up to 1; alike if missing.

    **Raises** `ValueError` for weights that are negative, nothing but zeros or not one for each line.

    >>> from magjax.kinetics.frequencies import Discrete
    >>> beat = Discrete(omega=(1e9, 2e9))
    >>> round(float(abs(beat.characteristic(3.14159265e-9))), 6)
    0.0
    """

    omega: Array
    weights: Array

    def __init__(self, omega: Any, weights: Any = None):
        self.omega = leaf("omega", omega, ndim=1)
        if self.omega.shape[0] == 0:
            raise ValueError("Argument `omega` must hold at least one frequency, but got none.")
        given = jnp.ones_like(self.omega) if weights is None else leaf("weights", weights, ndim=1, minimum=0)
        if given.shape != self.omega.shape:
            raise ValueError(
                f"Argument `weights` must hold one weight for each of the {self.omega.shape[0]} frequencies, but got "
                f"{given.shape[0]}."
            )
        if known(given) and not np.asarray(given).sum() > 0:
            raise ValueError("Argument `weights` must be normalisable, but got nothing but zeros.")
        self.weights = given

    def characteristic(self, t: Any) -> Array:
        t = jnp.asarray(t, jnp.result_type(0.0, t))
        across = (...,) + (None,) * t.ndim
        omega, weights = self.nodes(1)
        return jnp.sum(weights[across] * jnp.exp(1j * omega[across] * t[None]), 0)

    def nodes(self, number: int) -> tuple[Array, Array]:
        check_number(number)
        return self.omega, self.weights / jnp.sum(self.weights)

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        check_number(number)
        return self.omega[jax.random.categorical(key, jnp.log(self.weights), shape=(number,))]

    def mean(self) -> Array:
        omega, weights = self.nodes(1)
        return jnp.sum(omega * weights)


def equidistant(centre: Any, spacing: Any, number: int) -> Discrete:
    """`number` lines of equal weight, `spacing` apart, about `centre` (rad/s): all spins meet again after 2π/δω.

    **Raises** `ValueError` for a spacing that is not positive, and fewer than one line.

    >>> from magjax.kinetics.frequencies import equidistant
    >>> (equidistant(centre=5e9, spacing=1e9, number=4).omega / 1e9).tolist()
    [3.5, 4.5, 5.5, 6.5]
    """
    check_number(number)
    centre, spacing = leaf("centre", centre), leaf("spacing", spacing, above=0)
    return Discrete(centre + spacing * jnp.asarray(np.arange(number) - (number - 1) / 2, centre.dtype))
