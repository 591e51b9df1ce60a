"""Several distributions at once."""

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from magjax.drive.arguments import known, leaf
from magjax.kinetics.frequencies.base import AbstractFrequencies, check_number


class Mixture(AbstractFrequencies):
    """Several kinds of spins at once: p = Σ wₖ pₖ(ω).

    Its `nodes` are shared out evenly between the components.

    **Arguments**

    - `components`: distributions. `weights`: wₖ, scaled to add up to 1; alike if missing.

    **Raises** `ValueError` for no components, and for weights that are negative, nothing but zeros or not one for each.

    >>> from magjax.kinetics.frequencies import Gaussian, Mixture
    >>> doublet = Mixture([Gaussian(9e9, 1e8), Gaussian(11e9, 1e8)], weights=(1, 3))
    >>> float(doublet.mean())
    10500000000.0
    """

    components: tuple[AbstractFrequencies, ...]
    weights: Array

    def __init__(self, components: Sequence[AbstractFrequencies], weights: Any = None):
        self.components = tuple(components)
        if not self.components:
            raise ValueError("Argument `components` must hold at least one distribution, but got none.")
        for each in self.components:
            if not isinstance(each, AbstractFrequencies):
                raise TypeError(f"Argument `components` must hold distributions of frequencies, but got {each!r}.")
        given = np.ones(len(self.components)) if weights is None else weights
        self.weights = leaf("weights", given, ndim=1, minimum=0)
        if self.weights.shape[0] != len(self.components):
            raise ValueError(
                f"Argument `weights` must hold one weight for each of the {len(self.components)} components, but got "
                f"{self.weights.shape[0]}."
            )
        if known(self.weights) and not np.asarray(self.weights).sum() > 0:
            raise ValueError("Argument `weights` must be normalisable, but got nothing but zeros.")

    def characteristic(self, t: Any) -> Array:
        each = [w * one.characteristic(t) for w, one in zip(self._shares(), self.components, strict=True)]
        return jnp.sum(jnp.stack(each), 0)

    def nodes(self, number: int) -> tuple[Array, Array]:
        check_number(number)
        each = max(1, number // len(self.components))
        pairs = [component.nodes(each) for component in self.components]
        weights = [share * weight for share, (_, weight) in zip(self._shares(), pairs, strict=True)]
        return jnp.concatenate([omega for omega, _ in pairs]), jnp.concatenate(weights)

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        check_number(number)
        which, *keys = jax.random.split(key, len(self.components) + 1)
        chosen = jax.random.categorical(which, jnp.log(self.weights), shape=(number,))
        drawn = jnp.stack([each.sample(k, number) for each, k in zip(self.components, keys, strict=True)])
        return jnp.take_along_axis(drawn, chosen[None], 0)[0]

    def mean(self) -> Array:
        shares = self._shares()
        return jnp.sum(shares * jnp.stack([each.mean() for each in self.components]).astype(shares.dtype))

    def _shares(self) -> Array:
        return self.weights / jnp.sum(self.weights)
