"""Spins in a magnetic field."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.drive import AbstractDrive, Driven
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.parameter import now, parameter
from magjax.quantum.spins import Spins


class Zeeman(AbstractHamiltonian):
    """Spins in an external field, H = −Σμ·B with the moment μ = −ħγS of electrons: H = +ħγ ΣS·B.

    With γ > 0 the moment is *antiparallel* to the spin, and both precess as in the rest of the project:
    d⟨S⟩/dt = −γ⟨S⟩×B and dm/dt = −γ m×B for m = −⟨S⟩/S. The ground state has m along B, ⟨S⟩ against it. A moment
    parallel to the spin, for which d⟨S⟩/dt = +|γ|⟨S⟩×B, has γ < 0.

    - `spins`: the spins. `B`: field, T: `(3,)` for all or `(n, 3)` one for each, or a drive times either.
    - `gamma`: γ, rad/(s·T): one for all or `(n,)`.

    **Raises** `ValueError` for other shapes, and fields above 1000 T (given in mT?).

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax import constants, quantum
    >>> H = quantum.Zeeman(quantum.Spins(0.5), B=mj.drive.cos(frequency=1e9) * (0, 0, 1.0))
    >>> splitting = jnp.diff(jnp.linalg.eigvalsh(H.matrix(t=0.0, unit=constants.PLANCK)))
    >>> round(float(splitting[0]) * 1e-9, 3)  # GHz at 1 T
    28.025
    """

    spins: Spins
    B: Any
    gamma: Array

    def __init__(self, spins: Spins, B: Any, gamma: Any = constants.GAMMA):
        self.spins = spins
        self.B = parameter(B, "B", ((3,), (spins.n, 3)), "a drive needs a direction: drive * (0, 0, 1)")
        self.gamma = parameter(gamma, "gamma", ((), (spins.n,)))
        if not isinstance(self.B, (AbstractDrive, Driven, Tracer)) and np.abs(np.asarray(self.B)).max() > 1e3:
            raise ValueError(
                f"Argument `B` must be in T, but got {np.abs(np.asarray(self.B)).max():g} T; did you give mT, or A/m?"
            )

    def field(self, t: Any = 0.0) -> Array:
        """The field at each spin, `(n, 3)`, T."""
        B = now(self.B, t)
        return jnp.broadcast_to(B if B.ndim == 2 else B[None], (self.spins.n, 3))

    def apply(self, psi: Array, t: Any = 0.0, unit: float = 1.0) -> Array:
        rates = jnp.reshape(self.gamma * (constants.HBAR / unit), (-1, 1)) * self.field(t)
        total = jnp.zeros_like(psi)
        for site in range(self.spins.n):
            operator = jnp.einsum("a,apq->pq", rates[site], jnp.asarray(self.spins.local(site), psi.dtype))
            total = total + self.spins.act(operator, site, psi)
        return total
