"""Dzyaloshinskii–Moriya interaction."""

from collections.abc import Iterable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.quantum.pairwise import AbstractPairwise, Pairs, checked_pairs
from magjax.quantum.parameter import now, parameter
from magjax.quantum.spins import Spins

#: The permutation symbol ε_cab.
_EPSILON = np.array([[np.cross(a, b) for b in np.eye(3)] for a in np.eye(3)]).transpose(2, 0, 1)


class DMI(AbstractPairwise):
    """Dzyaloshinskii–Moriya interaction, H = Σ D_ij·(S_i × S_j); the order (i, j) of each pair sets its sign.

    - `spins`: the spins. `D`: vector, J: `(3,)` for all pairs or `(pairs, 3)`, or a drive times either.
    - `pairs`: the pairs of sites, such as `chain(6)`.

    **Raises** `ValueError` for pairs and shapes that do not fit.

    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> quantum.DMI(pair, D=(0, 0, 1.0), pairs=[(0, 1)]).matrix()[1, 2].tolist()  # ⟨↑↓|H|↓↑⟩ = iD/2
    0.5j
    """

    spins: Spins
    D: Any
    pairs: Pairs = eqx.field(static=True)

    def __init__(self, spins: Spins, D: Any, pairs: Iterable[Any]):
        self.spins = spins
        self.pairs = checked_pairs(pairs, spins)
        self.D = parameter(D, "D", ((3,), (len(self.pairs), 3)), "a vector, for all pairs or for each")

    def couplings(self, t: Any, unit: float) -> tuple[Pairs, Array]:
        D = now(self.D, t) / unit
        each = jnp.broadcast_to(D if D.ndim == 2 else D[None], (len(self.pairs), 3))
        return self.pairs, jnp.einsum("pc,cab->pab", each, jnp.asarray(_EPSILON, each.dtype))
