"""Barriers with a power law below and an exponential tail above."""

from typing import Any

import jax
import jax.numpy as jnp
from jax.scipy.special import gammaincc, gammaln
from jaxtyping import Array, PRNGKeyArray

from magjax.kinetics.arguments import positive
from magjax.kinetics.barriers.base import AbstractSmoothBarriers, in_kelvin, kelvin

#: e^−37 is 1e-16: what lies further from the maximum does not count.
_DEEP = 37.0


class Gamma(AbstractSmoothBarriers):
    """P = E^(k−1) e^(−E/θ) / (Γ(k) θ^k), of mean kθ; exponential for k = 1.

    **Arguments**

    - `shape`: k. `scale`: θ, J.

    **Raises** `ValueError` for numbers that are not positive: P is not normalisable then.

    >>> from magjax.kinetics import barriers
    >>> exponential = barriers.Gamma(shape=1.0, scale=5e-20)
    >>> round(float(exponential.survival(5e-20)), 6), float(exponential.mean())
    (0.367879, 5e-20)
    """

    shape: Array
    scale: Array

    def __init__(self, shape: Any, scale: Any):
        slip = "Otherwise the density is not normalisable."
        self.shape = positive("shape", shape, "an exponent", slip)
        self.scale = positive("scale", scale, "an energy in J", slip)

    def density(self, E: Any) -> Array:
        some = jnp.asarray(E) > 0
        x = jnp.where(some, in_kelvin("E", E) / kelvin(self.scale), 1)
        return jnp.where(some, jnp.exp((self.shape - 1) * jnp.log(x) - x - gammaln(self.shape)) / self.scale, 0)

    def survival(self, E: Any) -> Array:
        x = jnp.maximum(in_kelvin("E", E), 0) / kelvin(self.scale)
        return gammaincc(self.shape, x)

    def edges(self) -> Array:
        # z is ln(E/kθ), and P dE/dz ∝ exp(−k(e^z − 1 − z)): a bell for large k, a long tail to the left for small k.
        k = jax.lax.stop_gradient(self.shape)
        bell, tail = jnp.sqrt(2 * _DEEP / k), _DEEP / k
        steps = jnp.linspace(0, 1, 25, dtype=jnp.result_type(self.shape, self.scale))
        left = -(bell + tail) * steps[:0:-1] ** 2
        return jnp.concatenate([left, jnp.log1p(bell + tail) * steps])

    def place(self, z: Array) -> Array:
        return self.shape * kelvin(self.scale) * jnp.exp(z)

    def coordinate(self, energy: Array) -> Array:
        some = energy > 0
        ratio = jnp.where(some, energy, 1) / (self.shape * kelvin(self.scale))
        return jnp.where(some, jnp.log(ratio), jnp.finfo(ratio.dtype).min / 4)

    def weight(self, z: Array) -> Array:
        k = self.shape
        return jnp.exp(k * jnp.log(k) - k - gammaln(k) - k * (jnp.expm1(z) - z))

    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        dtype = jnp.result_type(self.shape, self.scale)
        return self.scale * jax.random.gamma(key, self.shape, (number,), dtype)

    def mean(self) -> Array:
        return self.shape * self.scale
