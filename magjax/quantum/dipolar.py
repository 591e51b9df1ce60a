"""Dipole–dipole interaction between magnetic moments."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.quantum.pairwise import AbstractPairwise, Pairs, all_pairs
from magjax.quantum.parameter import parameter
from magjax.quantum.spins import Spins

_ANGSTROM = 1e-10
#: Interaction of two Bohr magnetons at 1 Å, J: a number that single precision can hold, unlike its factors.
_AT_AN_ANGSTROM = constants.MU0 / (4 * constants.PI) * (constants.MU_B / _ANGSTROM) * (constants.MU_B / _ANGSTROM**2)


class Dipolar(AbstractPairwise):
    """Dipole–dipole interaction, H = Σ (μ0/4πr³) [μ_i·μ_j − 3(μ_i·r̂)(μ_j·r̂)] with μ = −ħγS, each pair once.

    - `spins`: the spins. `positions`: where they are, `(n, 3)`, m.
    - `gamma`: γ, rad/(s·T): one for all or `(n,)`.

    **Raises** `ValueError` for other shapes, spins at the same place, and distances above 1 mm (given in nm?).

    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> H = quantum.Dipolar(pair, positions=[(0, 0, 0), (0, 0, 3e-10)])
    >>> round(float(H.matrix(unit=1e-25)[0, 0].real), 3)  # ⟨↑↑|H|↑↑⟩ = −2·μ0μ²/4πr³
    -6.386
    """

    spins: Spins
    positions: Array
    gamma: Array

    def __init__(self, spins: Spins, positions: Any, gamma: Any = constants.GAMMA):
        self.spins = spins
        self.positions = parameter(positions, "positions", ((spins.n, 3),), "one place for each spin")
        self.gamma = parameter(gamma, "gamma", ((), (spins.n,)))
        if spins.n > 1 and not isinstance(self.positions, Tracer):
            r = np.asarray(self.positions)
            distances = [np.linalg.norm(r[i] - r[j]) for i, j in all_pairs(spins.n)]
            if min(distances) == 0:
                raise ValueError("Argument `positions` must put each spin at a place of its own, but two share one.")
            if max(distances) > 1e-3:
                raise ValueError(
                    f"Argument `positions` must be in m, but got spins {max(distances):g} m apart; did you give nm?"
                )

    def couplings(self, t: Any, unit: float) -> tuple[Pairs, Array]:
        pairs = all_pairs(self.spins.n)
        if not pairs:
            return pairs, jnp.zeros((0, 3, 3), self.positions.dtype)
        first, second = np.array(pairs).T
        moment = jnp.broadcast_to(self.gamma * (constants.HBAR / constants.MU_B), (self.spins.n,))
        r = (self.positions[second] - self.positions[first]) / _ANGSTROM
        square = jnp.sum(r**2, axis=1)[:, None, None]
        strength = (_AT_AN_ANGSTROM / unit) * (moment[first] * moment[second])[:, None, None]
        shape = jnp.eye(3, dtype=r.dtype)[None] - 3 * r[:, :, None] * r[:, None, :] / square
        return pairs, strength * shape / square**1.5
