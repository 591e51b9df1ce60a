"""The Néel state of an antiferromagnet: it is no eigenstate, and what becomes of it."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.quantum.chebyshev import UNIT, propagate
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.restricted import Restricted
from magjax.quantum.sector import Sector
from magjax.quantum.spins import Spins
from magjax.quantum.subsystem import entanglement_entropy
from magjax.results import Outcome


class Quench(eqx.Module):
    """What `neel_quench` returns.

    - `t`: `(n,)`, s. `staggered`: staggered order (1/N) Σ (−1)^i ⟨S^z_i⟩, `(n,)`, dimensionless.
    - `entropy`: entanglement of the first half of the spins with the second, `(n,)`, J/K.
    - `energy`: ⟨H⟩, `(n,)`, J, which stays. `outcome`: an `Outcome` code.

    >>> from magjax import quantum
    >>> spins = quantum.Spins(0.5, n=4)
    >>> run = quantum.neel_quench(quantum.Exchange(spins, J=-0.5e-21, pairs=quantum.ring(4)), [0.0, 1e-13])
    >>> run.staggered.shape, run.result.name
    ((2,), 'SUCCESS')
    """

    t: Array
    staggered: Array
    entropy: Array
    energy: Array
    outcome: Array

    @property
    def result(self) -> Outcome:
        """How it ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def neel_pattern(spins: Spins) -> tuple[float, ...]:
    """S^z of each spin in the Néel state |↑↓↑↓…⟩: S, −S, S, … for `basis_state`, of all spins or of a sector.

    >>> from magjax import quantum
    >>> quantum.neel_pattern(quantum.Spins(1.0, n=3))
    (1.0, -1.0, 1.0)
    """
    return tuple(S if i % 2 == 0 else -S for i, S in enumerate(spins.S))


def energy_deviation(hamiltonian: AbstractHamiltonian | Restricted, psi: Any, t: Any = 0.0) -> Array:
    """Standard deviation √(⟨H²⟩ − ⟨H⟩²) = |(H − ⟨H⟩)ψ| of the energy in a state, J: 0 for eigenstates only.

    - `hamiltonian`: of all spins, or `Restricted` to a sector. `psi`: `(dim,)`, of length 1. `t`: time, s.

    >>> from magjax import quantum
    >>> spins = quantum.Spins(0.5, n=4)
    >>> ring = quantum.Exchange(spins, J=-0.5e-21, pairs=quantum.ring(4))
    >>> neel = quantum.basis_state(spins, quantum.neel_pattern(spins))
    >>> round(float(quantum.energy_deviation(ring, neel)) * 1e21, 6)
    1.0
    """
    psi = jnp.asarray(psi)
    product = hamiltonian.apply(psi, t, UNIT)
    return UNIT * jnp.linalg.norm(product - jnp.vdot(psi, product) * psi)


def neel_quench(
    hamiltonian: AbstractHamiltonian, times: Any, *, cut: int | None = None, terms: int | None = None
) -> Quench:
    """Start in the Néel state |↑↓↑↓…⟩ and let a Hamiltonian that conserves ΣS^z act on it, without any matrix.

    iħ dψ/dt = Hψ within the sector of the Néel state, by `propagate`. Pure: derivatives and `vmap` with respect to the
    couplings apply, given `terms`.

    - `hamiltonian`: as `Restricted` takes it, without drives. `times`: s, `(n,)`, from the start on.
    - `cut`: how many of the first spins the entropy is of; default half. `terms`: as for `propagate`.

    **Returns** a `Quench`.

    **Raises** what `Restricted`, `Sector` and `propagate` raise; `ValueError` for a `cut` that leaves one side empty.

    >>> from magjax import constants, quantum
    >>> spins = quantum.Spins(0.5, n=8)
    >>> ring = quantum.XXZ(spins, J=-0.5e-21, delta=0.0, pairs=quantum.ring(8))
    >>> run = quantum.neel_quench(ring, [0.0, constants.HBAR / 1e-21])
    >>> [round(float(m), 4) for m in run.staggered]  # ½ J_0(2) = 0.1119 for an infinite ring
    [0.5, 0.1119]
    """
    spins = hamiltonian.spins
    cut = spins.n // 2 if cut is None else cut
    if not 0 < cut < spins.n:
        raise ValueError(
            f"Argument `cut` must be from 1 to {spins.n - 1}, to leave spins on both sides, but got {cut!r}."
        )
    pattern = neel_pattern(spins)
    inside = Restricted(hamiltonian, Sector(spins, Sz=sum(pattern)))
    run = propagate(inside, inside.sector.basis_state(pattern), times, terms=terms)
    signs = jnp.asarray(np.sign(pattern), run.t.dtype)
    staggered = jnp.mean(inside.sector.Sz_of(run.states) * signs[None], axis=1)
    places = jnp.asarray(_places_of(inside.sector))
    entropy, energy = _observe(inside, run.states, places, cut=cut)
    return Quench(run.t, staggered, entropy, energy, run.outcome)


@eqx.filter_jit
def _observe(inside: Restricted, states: Array, places: Array, *, cut: int) -> tuple[Array, Array]:
    """Entropy and energy of one state after the other, since each is as large as all spins together."""
    spins = inside.sector.spins

    def of_one(psi: Array) -> tuple[Array, Array]:
        full = jnp.zeros(spins.dim, psi.dtype).at[places].set(psi)
        return entanglement_entropy(spins, full, range(cut)), UNIT * jnp.vdot(psi, inside.apply(psi, 0.0, UNIT)).real

    return jax.lax.map(of_one, states)


def _places_of(sector: Sector) -> np.ndarray:
    """Where the states of a sector are among those of all spins."""
    sector.spins.check_memory(1, jnp.result_type(complex))
    return sector.codes()
