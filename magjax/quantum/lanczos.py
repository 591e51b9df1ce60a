"""The lowest states of a Hamiltonian that is only ever applied, with exact derivatives."""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax import constants
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.krylov import Krylov, empty, extend, random_vector, restart, ritz
from magjax.quantum.restricted import Restricted
from magjax.results import Outcome

#: Energies are computed in kelvin × k: of the order of 1 in magnets, so that single precision can square them.
UNIT = constants.KB

#: The space, the lowest states in it, their largest relative residual, and how often it was built.
_Carry = tuple[Krylov, Array, Array, Array]


class Levels(eqx.Module):
    """What `lowest_states` returns.

    - `energies`: `(k,)`, J, rising. `states`: `(k, dim)`, orthonormal.
    - `residuals`: |Hψ − Eψ| of each, `(k,)`, J: each E is nearer than this to an exact level, and a non-degenerate one
      nearer than its square over the gap.
    - `restarts`: how often the Krylov space was built. `outcome`: an `Outcome` code.

    >>> from magjax import quantum
    >>> spins = quantum.Spins(0.5, n=2)
    >>> levels = quantum.lowest_states(quantum.Exchange(spins, J=-0.5e-21), k=4)
    >>> [round(float(E) * 1e21, 6) for E in levels.energies]  # a singlet and a triplet
    [-0.75, 0.25, 0.25, 0.25]
    """

    energies: Array
    states: Array
    residuals: Array
    restarts: Array
    outcome: Array

    @property
    def result(self) -> Outcome:
        """How the search ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def lowest_states(
    hamiltonian: AbstractHamiltonian | Restricted,
    k: int = 1,
    *,
    t: Any = 0.0,
    krylov: int | None = None,
    tolerance: float | None = None,
    max_restarts: int = 200,
) -> Levels:
    """The `k` lowest states by Lanczos' method, matrix-free: thick restarts, full reorthogonalisation.

    Pure: `jit` and `vmap` apply, and so do derivatives of any order: dE = ⟨ψ|dH|ψ⟩ (Hellmann–Feynman) and
    dψ = −(H − E)⁺ dH ψ, with the pseudoinverse by conjugate gradients. Of a degenerate level, whose states are any
    basis of it, the derivative is that of a change of H that does not mix it.

    - `hamiltonian`: of all spins, or `Restricted` to a sector. `k`: how many. `t`: time, s, at which it is taken.
    - `krylov`: vectors kept at once, default 2k + 30. More need memory and fewer restarts.
    - `tolerance`: the largest residual |Hψ − Eψ| relative to the largest |E|; default 4e-10 in double precision, 7e-5
      in single. The energy of a state with a gap is then right to the square of it.
    - `max_restarts`: at most so many.

    **Returns** `Levels`; one with `.result` NOT_CONVERGED holds the best so far.

    **Raises** `ValueError` for a `k` above the number of states, or a Krylov space that is too small for it;
    `MemoryError` for vectors that do not fit.

    Source: K. Wu and H. Simon, SIAM J. Matrix Anal. Appl. 22, 602 (2000).

    >>> import jax
    >>> from magjax import quantum
    >>> spins = quantum.Spins(0.5, n=8)
    >>> ring = quantum.Exchange(spins, J=-0.5e-21, pairs=quantum.ring(8))  # 1e-21 J × ΣS·S
    >>> inside = quantum.Restricted(ring, quantum.Sector(spins, Sz=0))
    >>> round(float(quantum.lowest_states(inside).energies[0]) * 1e21, 6)
    -3.651093
    """
    dim = hamiltonian.dim if isinstance(hamiltonian, Restricted) else hamiltonian.spins.dim
    if not 1 <= k <= dim:
        raise ValueError(f"Argument `k` must be from 1 to the number of states, {dim}, but got {k!r}.")
    m = min(dim, 2 * k + 30 if krylov is None else krylov)
    if m < min(dim, k + 2):
        raise ValueError(f"Argument `krylov` must be at least k + 2 = {k + 2}, but got {krylov!r}.")
    if tolerance is not None and not tolerance > 0:
        raise ValueError(f"Argument `tolerance` must be a number > 0, but got {tolerance!r}.")
    if isinstance(hamiltonian, AbstractHamiltonian):
        hamiltonian.spins.check_memory(1, hamiltonian.dtype)
    eps = float(jnp.finfo(hamiltonian.dtype).eps)
    options = (k, m, tolerance or eps**0.6, max_restarts)
    energies, states, residuals, restarts, outcome = _compiled(hamiltonian, jnp.asarray(t, float), options=options)
    return Levels(energies * UNIT, states, residuals * UNIT, restarts, outcome)


@eqx.filter_custom_jvp
def _solve(hamiltonian: Any, t: Any, *, options: tuple[int, int, float, int]) -> tuple[Array, ...]:
    """Energies, states, residuals (in `UNIT`), restarts and outcome."""
    k, m, tolerance, max_restarts = options
    dim = hamiltonian.dim if isinstance(hamiltonian, Restricted) else hamiltonian.spins.dim
    keep = min(k + (m - k) // 3, m - 1)
    real = jnp.finfo(hamiltonian.dtype).dtype

    def apply(psi: Array) -> Array:
        return hamiltonian.apply(psi, t, UNIT)

    def unfinished(carry: _Carry) -> Array:
        _, _, error, count = carry
        return (error > tolerance) & (count < max_restarts)

    def improve(carry: _Carry) -> _Carry:
        space, _, _, count = carry
        space = extend(apply, space, jnp.where(count == 0, 0, keep))
        energies, vectors, residuals = ritz(space)
        states = vectors[:, :k].T @ space.basis[:m]
        largest = jnp.max(jnp.abs(energies))
        return restart(space, keep), states, jnp.max(residuals[:k]) / jnp.where(largest > 0, largest, 1), count + 1

    empty_space = empty(random_vector(0, jnp.zeros(dim, hamiltonian.dtype)), m)
    begin = (empty_space, jnp.zeros((k, dim), hamiltonian.dtype), jnp.asarray(math.inf, real), jnp.asarray(0))
    _, states, _, count = lax.while_loop(unfinished, improve, begin)
    products = jax.vmap(apply)(states)
    energies = jnp.sum(states.conj() * products, axis=1).real
    residuals = jnp.linalg.norm(products - energies[:, None] * states, axis=1)
    largest = jnp.max(jnp.abs(energies))
    # The product itself is rounded; what is far below the tolerance must not fail by it.
    converged = jnp.all(residuals <= 2 * tolerance * jnp.where(largest > 0, largest, 1))
    outcome = jnp.where(converged, Outcome.SUCCESS, Outcome.NOT_CONVERGED)
    outcome = jnp.where(jnp.all(jnp.isfinite(energies)), outcome, Outcome.NOT_FINITE)
    return energies, states, residuals, count, outcome


@eqx.filter_jit
def _compiled(hamiltonian: Any, t: Any, *, options: tuple[int, int, float, int]) -> tuple[Array, ...]:
    return _solve(hamiltonian, t, options=options)


@_solve.def_jvp
def _solve_jvp(primals: Any, tangents: Any, *, options: tuple[int, int, float, int]) -> tuple[Any, Any]:
    hamiltonian, t = primals
    dhamiltonian, dt = tangents
    energies, states, *others = _solve(hamiltonian, t, options=options)

    def pushed(psi: Array) -> Array:
        """The change of Hψ at fixed ψ."""
        return eqx.filter_jvp(lambda H, time: H.apply(psi, time, UNIT), (hamiltonian, t), (dhamiltonian, dt))[1]

    pushes = jax.vmap(pushed)(states)
    denergies = jnp.sum(states.conj() * pushes, axis=1).real

    def response(energy: Array, psi: Array, push: Array) -> Array:
        """−(H − E)⁺ dH ψ from the squared equation, which has no negative eigenvalue whichever the level."""

        def shifted(vector: Array) -> Array:
            return hamiltonian.apply(vector, t, UNIT) - energy * vector

        across = push - jnp.vdot(psi, push) * psi
        eps = float(jnp.finfo(psi.dtype).eps)
        answer, _ = jax.scipy.sparse.linalg.cg(
            lambda v: shifted(shifted(v)), -shifted(across), tol=eps**0.75, maxiter=20 * options[1]
        )
        return answer - jnp.vdot(psi, answer) * psi

    dstates = jax.vmap(response)(energies, states, pushes)
    return (energies, states, *others), (denergies, dstates, jnp.zeros_like(others[0]), None, None)
