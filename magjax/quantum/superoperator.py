"""Operators that act on operators: the Liouvillian as a matrix."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.matrix_exponential import exp_minus_i


def liouvillian(H: AbstractHamiltonian, t: Any = 0.0) -> Array:
    """The Liouville superoperator L A = (i/ħ)[H, A] as a matrix `(dim², dim²)`, 1/s.

    L = (i/ħ)(H⊗1 − 1⊗Hᵀ) on A written row by row, `A.reshape(-1)`. Operators obey dA/dt = LA, density matrices
    dρ/dt = −Lρ. L is anti-Hermitian; its eigenvalues are i(E_m − E_n)/ħ.

    - `H`: the Hamiltonian, taken at time `t`, s.

    **Raises** `MemoryError` for more spins than fit.

    >>> from magjax import quantum
    >>> L = quantum.liouvillian(quantum.Zeeman(quantum.Spins(0.5), B=(0, 0, 1.0)))
    >>> [round(float(x) * 1e-9 / 6.283185307, 3) + 0.0 for x in L.diagonal().imag]  # GHz
    [0.0, 28.025, -28.025, 0.0]
    """
    dim = H.spins.dim
    H.spins.check_memory(4, H.dtype)
    h, one = H.matrix(t, constants.HBAR), jnp.eye(dim, dtype=H.dtype)
    return 1j * (jnp.kron(h, one) - jnp.kron(one, h.T))


def liouville_propagator(H: AbstractHamiltonian, duration: Any, t: Any = 0.0) -> Array:
    """exp(−L·duration) of a constant H as a matrix `(dim², dim²)`: ρ(t) = exp(−tL)ρ(0), rows of ρ one after another.

    - `H`: the Hamiltonian, taken at time `t`, s. `duration`: time, s; negative ones lead back, and turn operators
      A(t) = exp(tL)A forwards.

    **Raises** `MemoryError` for more spins than fit.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> H = quantum.Zeeman(quantum.Spins(0.5), B=(0, 0, 1.0))
    >>> P = quantum.liouville_propagator(H, duration=1 / 28.02495e9)  # one turn
    >>> bool(jnp.allclose(P, jnp.eye(4), atol=1e-6))
    True
    """
    # −L = −i·(−iL), and −iL is Hermitian.
    L = liouvillian(H, t)
    return exp_minus_i(-1j * L * jnp.asarray(duration, jnp.finfo(L.dtype).dtype))
