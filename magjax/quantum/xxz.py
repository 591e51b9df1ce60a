"""Exchange that is stronger along z than across, or weaker."""

from collections.abc import Iterable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.quantum.pairwise import AbstractPairwise, Pairs, all_pairs, checked_pairs
from magjax.quantum.parameter import now, parameter
from magjax.quantum.spins import Spins


class XXZ(AbstractPairwise):
    """Anisotropic exchange, H = −2 Σ J_ij [S^x_i S^x_j + S^y_i S^y_j + Δ_ij S^z_i S^z_j], each pair counted once.

    Δ = 1 is Heisenberg's `Exchange`, Δ = 0 the XX model, Δ → ∞ Ising's. J = −½ gives Σ S^x S^x + S^y S^y + Δ S^z S^z.

    - `spins`: the spins. `J`: exchange energy, J: one for all pairs, `(pairs,)`, or a drive (times such an array).
    - `delta`: Δ, dimensionless: one for all pairs, `(pairs,)`, or a drive (times such an array).
    - `pairs`: the pairs of sites, such as `ring(6)`; by default all.

    **Raises** `ValueError` for pairs and shapes that do not fit.

    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> H = quantum.XXZ(pair, J=1e-22, delta=0.0)
    >>> H.matrix(unit=1e-22).real.tolist()[1]  # it only exchanges ↑ and ↓
    [0.0, 0.0, -1.0, 0.0]
    """

    spins: Spins
    J: Any
    delta: Any
    pairs: Pairs = eqx.field(static=True)

    def __init__(self, spins: Spins, J: Any, delta: Any, pairs: Iterable[Any] | None = None):
        self.spins = spins
        self.pairs = all_pairs(spins.n) if pairs is None else checked_pairs(pairs, spins)
        shapes = ((), (len(self.pairs),))
        self.J = parameter(J, "J", shapes, "one for each pair")
        self.delta = parameter(delta, "delta", shapes, "one for each pair")

    def couplings(self, t: Any, unit: float) -> tuple[Pairs, Array]:
        count = (len(self.pairs),)
        J = jnp.broadcast_to(now(self.J, t) / unit, count)
        along = J * jnp.broadcast_to(now(self.delta, t), count)
        diagonal = jnp.stack([J, J, along.astype(J.dtype)], axis=-1)
        return self.pairs, -2 * diagonal[:, :, None] * jnp.eye(3, dtype=J.dtype)[None]
