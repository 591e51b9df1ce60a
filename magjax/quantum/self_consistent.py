"""Spins in a field of their own making: Liouville's equation with a Hamiltonian that depends on ⟨S⟩."""

from collections.abc import Callable
from typing import Any

import diffrax
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.quantum.checks import check_density
from magjax.quantum.evolve import Evolution
from magjax.quantum.flow import flow
from magjax.quantum.spins import Spins


def self_consistent(
    spins: Spins,
    H: Callable[..., Array],
    rho0: Any,
    times: Any,
    parameters: Any = None,
    *,
    tolerance: float | None = None,
    solver: diffrax.AbstractSolver | None = None,
    adjoint: diffrax.AbstractAdjoint | None = None,
    max_steps: int = 100_000,
) -> Evolution:
    """A density matrix in time with a Hamiltonian made by its own ⟨S⟩: iħ dρ/dt = [H(t, ⟨S⟩), ρ], s = Tr(ρ ΣS).

    - `spins`: the spins. `H`: a function `H(t, s, parameters)` of the time (s), the total spin `(3,)` (dimensionless)
      and `parameters`, giving a Hermitian matrix `(dim, dim)`, J.
    - `rho0`: the density matrix at `times[0]`. `times`: rising, s. `parameters`: any pytree of numbers and drives.
    - `tolerance`, `solver`, `adjoint`, `max_steps`: as in `mj.quantum.liouville`.

    **Returns** an `Evolution` with `states` `(n, dim, dim)`; look at its `result` before you trust it.

    **Raises** `ValueError` for a `rho0` that is no density matrix of the spins, and times that go backwards.

    >>> import jax.numpy as jnp
    >>> from magjax import constants, quantum
    >>> spin = quantum.Spins(0.5)
    >>> S = spin.total()
    >>> def H(t, s, strength):  # a field along ⟨S⟩ turns nothing
    ...     return strength * jnp.einsum("a,apq->pq", s + 0j, S)
    >>> rho0 = quantum.invariant_state(spin, (0.3, 0.0, -1.0))
    >>> run = quantum.self_consistent(spin, H, rho0, (0, 1e-11), 1e-23)
    >>> bool(jnp.allclose(run.states[-1], rho0))
    True
    """
    rho0 = check_density(rho0, "rho0", spins.dim)
    rho0 = rho0.astype(jnp.result_type(rho0.dtype, jnp.complex64))
    S = spins.total().astype(rho0.dtype)

    def rate(t: Array, y: Array, args: Any) -> Array:
        rho = y[0] + 1j * y[1]
        s = jnp.einsum("pq,aqp->a", rho, args[0]).real
        product = (H(t, s, args[1]) / constants.HBAR) @ rho
        change = -1j * (product - product.conj().T)
        return jnp.stack([change.real, change.imag])

    options = {"tolerance": tolerance, "solver": solver, "adjoint": adjoint, "max_steps": max_steps}
    run = flow(rate, jnp.stack([rho0.real, rho0.imag]), times, (S, parameters), **options)
    return Evolution(run.t, run.values[:, 0] + 1j * run.values[:, 1], run.outcome, run.steps, spins)
