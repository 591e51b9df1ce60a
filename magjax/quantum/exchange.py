"""Heisenberg exchange of any range and sign."""

from collections.abc import Iterable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.quantum.pairwise import AbstractPairwise, Pairs, all_pairs, checked_pairs
from magjax.quantum.parameter import now, parameter
from magjax.quantum.spins import Spins


class Exchange(AbstractPairwise):
    """Heisenberg exchange, H = −2 Σ J_ij S_i·S_j, each pair counted once; J > 0 is ferromagnetic.

    Two spins ½ have their triplet at −J/2 and their singlet at 3J/2. The antiferromagnetic H = ΣS_i·S_j of the
    literature on chains is J = −½.

    - `spins`: the spins. `J`: exchange energy, J: one for all pairs, `(pairs,)`, or a drive (times such an array).
    - `pairs`: the pairs of sites, such as `ring(6)`; by default all, for which `J` may also be a symmetric `(n, n)`.

    **Raises** `ValueError` for pairs and shapes that do not fit.

    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> H = quantum.Exchange(pair, J=1e-22, pairs=quantum.chain(2))
    >>> [round(float(E), 3) for E in H.matrix(unit=1e-22).real.diagonal()]
    [-0.5, 0.5, 0.5, -0.5]
    """

    spins: Spins
    J: Any
    pairs: Pairs = eqx.field(static=True)

    def __init__(self, spins: Spins, J: Any, pairs: Iterable[Any] | None = None):
        self.spins = spins
        self.pairs = all_pairs(spins.n) if pairs is None else checked_pairs(pairs, spins)
        shapes = ((), (len(self.pairs),))
        self.J = parameter(J, "J", shapes if pairs is not None else (*shapes, (spins.n, spins.n)), "one for each pair")

    def couplings(self, t: Any, unit: float) -> tuple[Pairs, Array]:
        J = now(self.J, t) / unit
        if J.ndim == 2:
            # Both halves share the coupling, so that derivatives of a symmetric array are symmetric.
            J = jnp.stack([(J[i, j] + J[j, i]) / 2 for i, j in self.pairs])
        each = jnp.broadcast_to(J, (len(self.pairs),))
        return self.pairs, -2 * each[:, None, None] * jnp.eye(3, dtype=each.dtype)[None]
