"""Spins that couple all to all, alike."""

from typing import Any

from jaxtyping import Array

from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.parameter import now, parameter
from magjax.quantum.spins import Spins


class Collective(AbstractHamiltonian):
    """A coupling of the total spin to itself: H = Σ J_ab S_a S_b with S = ΣS_i and J symmetric.

    A spin's coupling to itself is among it: a constant for spins ½.

    - `spins`: the spins. `J`: symmetric `(3, 3)`, J, or a drive times such an array; what it has of antisymmetry is
      left out.

    **Raises** `ValueError` for other shapes.

    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> H = quantum.Collective(pair, J=[[0, 0, 0], [0, 0, 0], [0, 0, 1e-23]])
    >>> [round(float(E), 6) for E in H.matrix(unit=1e-23).real.diagonal()]
    [1.0, 0.0, 0.0, 1.0]
    """

    spins: Spins
    J: Any

    def __init__(self, spins: Spins, J: Any):
        self.spins = spins
        self.J = parameter(J, "J", ((3, 3),), "energies of the total spin's components")

    def apply(self, psi: Array, t: Any = 0.0, unit: float = 1.0) -> Array:
        J = now(self.J, t) / unit
        J = ((J + J.T) / 2).astype(psi.dtype)
        once = [self._total(a, psi) for a in range(3)]
        weighted = [sum((J[a, b] * once[b] for b in (1, 2)), J[a, 0] * once[0]) for a in range(3)]
        return sum((self._total(a, weighted[a]) for a in (1, 2)), self._total(0, weighted[0]))

    def _total(self, component: int, psi: Array) -> Array:
        act = [self.spins.act(self.spins.local(k)[component], k, psi) for k in range(self.spins.n)]
        return sum(act[1:], act[0])
