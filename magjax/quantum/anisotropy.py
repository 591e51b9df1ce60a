"""Single-ion anisotropy."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.parameter import now, parameter
from magjax.quantum.spins import Spins


class SingleIon(AbstractHamiltonian):
    """Single-ion anisotropy, H = −K Σ (S_i·u)²; K > 0 makes u easy. For spins ½ it is a constant, −K/4 each.

    - `spins`: the spins. `K`: J: one for all or `(n,)`, or a drive (times such an array).
    - `axis`: u, `(3,)` or `(n, 3)`, of any length but 0.

    **Raises** `ValueError` for other shapes and an axis of length 0.

    >>> from magjax import quantum
    >>> H = quantum.SingleIon(quantum.Spins(1.0), K=1e-23, axis=(0, 0, 1))
    >>> [round(float(E), 3) for E in H.matrix(unit=1e-23).real.diagonal()]
    [-1.0, 0.0, -1.0]
    """

    spins: Spins
    K: Any
    axis: Array

    def __init__(self, spins: Spins, K: Any, axis: Any = (0.0, 0.0, 1.0)):
        self.spins = spins
        self.K = parameter(K, "K", ((), (spins.n,)), "one for each spin")
        self.axis = parameter(axis, "axis", ((3,), (spins.n, 3)))
        if not isinstance(self.axis, Tracer) and not np.linalg.norm(np.asarray(self.axis), axis=-1).all():
            raise ValueError("Argument `axis` must have a direction, but got a vector of length 0.")

    def apply(self, psi: Array, t: Any = 0.0, unit: float = 1.0) -> Array:
        n = self.spins.n
        K = jnp.broadcast_to(now(self.K, t) / unit, (n,))
        axis = jnp.broadcast_to(self.axis if self.axis.ndim == 2 else self.axis[None], (n, 3))
        u = axis / jnp.linalg.norm(axis, axis=1, keepdims=True)
        total = jnp.zeros_like(psi)
        for site in range(n):
            along = jnp.einsum("a,apq->pq", u[site], jnp.asarray(self.spins.local(site), psi.dtype))
            total = total - self.spins.act(K[site] * (along @ along), site, psi)
        return total
