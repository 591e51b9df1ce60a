"""Couplings between pairs of spins: lists of pairs, and what they do to a state."""

import abc
from collections.abc import Iterable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.spins import Spins

Pairs = tuple[tuple[int, int], ...]


class AbstractPairwise(AbstractHamiltonian):
    """H = Σ S_i·T_p·S_j over pairs p = (i, j) with a 3×3 tensor each. Subclasses give `pairs` and `tensors`."""

    @abc.abstractmethod
    def couplings(self, t: Any, unit: float) -> tuple[Pairs, Array]:
        """Pairs of sites, and the tensors `(pairs, 3, 3)` between them at time `t` (s), J/`unit`."""

    def apply(self, psi: Array, t: Any = 0.0, unit: float = 1.0) -> Array:
        pairs, tensors = self.couplings(t, unit)
        total = jnp.zeros_like(psi)
        for (i, j), tensor in zip(pairs, tensors.astype(psi.dtype), strict=True):
            # The products S_a ⊗ S_b first, so that a pair is one small matrix and one pass over the state.
            products = np.einsum("apr,bqs->abpqrs", self.spins.local(i), self.spins.local(j))
            operator = jnp.einsum("ab,abpqrs->pqrs", tensor, jnp.asarray(products, psi.dtype))
            total = total + self.spins.act_pair(operator, i, j, psi)
        return total


def chain(n: int, reach: int = 1) -> Pairs:
    """Pairs of an open chain: sites `reach` apart, `(0, reach), (1, 1 + reach), …`.

    - `n`: number of spins. `reach`: 1 for nearest neighbours, 2 for the next, …

    >>> from magjax.quantum import chain
    >>> chain(4)
    ((0, 1), (1, 2), (2, 3))
    """
    return tuple((i, i + reach) for i in range(n - reach))


def ring(n: int, reach: int = 1) -> Pairs:
    """Pairs of a closed ring: sites `reach` apart, each pair once.

    - `n`: number of spins. `reach`: 1 for nearest neighbours, 2 for the next, …

    >>> from magjax.quantum import ring
    >>> ring(4)
    ((0, 1), (1, 2), (2, 3), (0, 3))
    """
    pairs = (tuple(sorted((i, (i + reach) % n))) for i in range(n))
    return tuple((i, j) for i, j in dict.fromkeys(pairs) if i != j)


def all_pairs(n: int) -> Pairs:
    """Every pair of n sites once.

    - `n`: number of spins.

    >>> from magjax.quantum import all_pairs
    >>> all_pairs(3)
    ((0, 1), (0, 2), (1, 2))
    """
    return tuple((i, j) for i in range(n) for j in range(i + 1, n))


def checked_pairs(pairs: Iterable[Any], spins: Spins) -> Pairs:
    """Pairs of sites that there are.

    **Raises** `ValueError` for a site that there is not, a site coupled to itself, or a pair given twice.

    >>> from magjax.quantum import Spins
    >>> from magjax.quantum.pairwise import checked_pairs
    >>> checked_pairs([(0, -1)], Spins(0.5, n=3))
    ((0, 2),)
    """
    found: list[tuple[int, int]] = []
    for pair in pairs:
        i, j = (spins.site(k) for k in pair)
        if i == j:
            raise ValueError(f"Argument `pairs` must couple different sites, but got {tuple(pair)}.")
        if (i, j) in found or (j, i) in found:
            raise ValueError(f"Argument `pairs` must name each pair once, but got {(i, j)} twice; add their couplings.")
        found.append((i, j))
    return tuple(found)
