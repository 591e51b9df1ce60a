"""Several kinds of barriers in one sample."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, PRNGKeyArray

from magjax.kinetics.arguments import not_negative
from magjax.kinetics.barriers.base import AbstractBarriers


class Mixture(AbstractBarriers):
    """P = Σ w_i P_i / Σ w_i.

    **Arguments**

    - `parts`: distributions of barriers. `weights`: w_i ≥ 0, one for each.

    **Raises** `ValueError` for weights below zero, weights that are all zero, or a number of them that does not fit.

    >>> from magjax.kinetics import barriers
    >>> two = barriers.Mixture((barriers.Normal(5e-20, 5e-21), barriers.Normal(2e-19, 5e-21)), weights=(1, 3))
    >>> round(float(two.survival(1e-19)), 6)
    0.75
    """

    parts: tuple[AbstractBarriers, ...]
    weights: Array

    def __init__(self, parts: Any, weights: Any):
        self.parts = tuple(parts)
        self.weights = not_negative("weights", weights, "shares")
        if not self.parts or self.weights.shape != (len(self.parts),):
            raise ValueError(
                f"Argument `weights` must hold one number for each of {len(self.parts)} distributions, but got the "
                f"shape {self.weights.shape}."
            )
        if not isinstance(self.weights, Tracer) and not np.asarray(self.weights).any():
            raise ValueError("Argument `weights` must be normalisable, but got nothing but zeros.")

    def density(self, E: Any) -> Array:
        return self._average([part.density(E) for part in self.parts])

    def survival(self, E: Any) -> Array:
        return self._average([part.survival(E) for part in self.parts])

    def nodes(self, splits: Any = ()) -> tuple[Array, Array]:
        energies, weights = zip(*(part.nodes(splits) for part in self.parts), strict=True)
        return jnp.concatenate(energies), jnp.concatenate([s * w for s, w in zip(self._shares(), weights, strict=True)])

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        choose, *keys = jax.random.split(key, len(self.parts) + 1)
        drawn = jnp.stack([part.sample(k, number) for part, k in zip(self.parts, keys, strict=True)])
        which = jax.random.choice(choose, len(self.parts), (number,), p=self._shares())
        return jnp.take_along_axis(drawn, which[None], axis=0)[0]

    def mean(self) -> Array:
        return self._average([part.mean() for part in self.parts])

    def _shares(self) -> Array:
        return self.weights / jnp.sum(self.weights)

    def _average(self, values: list[Array]) -> Array:
        shares = self._shares()
        total = shares[0] * values[0]
        for share, value in zip(shares[1:], values[1:], strict=True):
            total = total + share * value
        return total
