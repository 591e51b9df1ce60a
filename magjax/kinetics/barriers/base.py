"""What a distribution of energy barriers has to give, and how integrals over it are done."""

import abc
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, PRNGKeyArray

from magjax import constants
from magjax.kinetics.arguments import floats

#: Gauss–Legendre nodes of each piece.
_ORDER = 12


class AbstractBarriers(eqx.Module):
    """How energy barriers E are distributed, ∫P(E)dE = 1; every number in it is a leaf.

    Energies are in J at the outside. Inside they are divided by k first, in K: squares of joules, which derivatives
    contain, are too small for single precision.
    """

    @abc.abstractmethod
    def density(self, E: Any) -> Array:
        """P(E) at the energies `E` (J), 1/J."""

    @abc.abstractmethod
    def survival(self, E: Any) -> Array:
        """The part of the barriers that is higher than `E`, J."""

    @abc.abstractmethod
    def nodes(self, splits: Any = ()) -> tuple[Array, Array]:
        """Energies (J) and weights, adding up to 1, so that Σ weight·f(energy) is ∫P f dE to rounding.

        - `splits`: energies `(k,)`, J, between which f is smooth.
        """

    @abc.abstractmethod
    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        """`number` barriers drawn at random, J."""

    @abc.abstractmethod
    def mean(self) -> Array:
        """Mean barrier, J."""


class AbstractSmoothBarriers(AbstractBarriers):
    """A distribution with a coordinate z in which it is smooth: pieces of a few nodes each integrate it."""

    @abc.abstractmethod
    def edges(self) -> Array:
        """Rising z, between which pieces of P dE/dz are short; nothing lies beyond the first and the last."""

    @abc.abstractmethod
    def place(self, z: Array) -> Array:
        """The energy at z, K."""

    @abc.abstractmethod
    def coordinate(self, energy: Array) -> Array:
        """The z of an energy, K; anything beyond the edges for energies that do not occur."""

    @abc.abstractmethod
    def weight(self, z: Array) -> Array:
        """P dE/dz at z."""

    def nodes(self, splits: Any = ()) -> tuple[Array, Array]:
        edges = self.edges()
        inner = jnp.clip(self.coordinate(in_kelvin("splits", splits).astype(edges.dtype)), edges[0], edges[-1])
        z, dz = gauss_legendre(jnp.sort(jnp.concatenate([edges, inner])))
        return constants.KB * self.place(z), self.weight(z) * dz


def gauss_legendre(edges: Array) -> tuple[Array, Array]:
    """Nodes and weights of all pieces between rising edges, 12 for each; pieces without width have none.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics.barriers.base import gauss_legendre
    >>> x, dx = gauss_legendre(jnp.array([0.0, 1.0, 3.0]))
    >>> x.shape, round(float(jnp.sum(x**2 * dx)), 12)
    ((24,), 9.0)
    """
    x, w = (jnp.asarray(a, edges.dtype) for a in np.polynomial.legendre.leggauss(_ORDER))
    middle, half = (edges[1:] + edges[:-1]) / 2, jnp.diff(edges) / 2
    return (middle[:, None] + half[:, None] * x[None]).ravel(), (half[:, None] * w[None]).ravel()


def in_kelvin(name: str, energy: Any) -> Array:
    """An energy over k, K."""
    return kelvin(floats(name, energy))


def kelvin(energy: Array) -> Array:
    """An energy over k, K, which the compiler must not merge with what comes after it.

    It would turn (E/k)² into E²/k², and 1e-40/1e-46 is 0/0 in single precision.

    >>> import jax.numpy as jnp
    >>> from magjax import constants
    >>> from magjax.kinetics.barriers.base import kelvin
    >>> float(kelvin(jnp.asarray(300 * constants.KB)))
    300.0
    """
    return lax.optimization_barrier(energy / constants.KB)
