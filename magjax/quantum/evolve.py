"""States in time under any H(t): Schrödinger's equation for ψ and U, Liouville's and von Neumann's for ρ."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.quantum.checks import check_hermitian, check_state
from magjax.quantum.flow import flow
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.observables import expectation, spin_vectors
from magjax.quantum.spins import Spins
from magjax.results import Outcome


class Evolution(eqx.Module):
    """States at given times; what `schrodinger`, `liouville` and `propagator` return.

    - `t`: `(n,)` times, s. `states`: the state at each, `(n, dim)` or `(n, dim, dim)`.
    - `outcome`: an `Outcome` code. `steps`: number of steps tried. `spins`: of which spins.

    Where the solve failed on the way, later states are infinite.

    >>> from magjax import quantum
    >>> spin = quantum.Spins(0.5)
    >>> up = quantum.basis_state(spin, (0.5,))
    >>> run = quantum.schrodinger(quantum.Zeeman(spin, B=(1.0, 0, 0)), up, times=(0, 1e-12, 2e-12))
    >>> run.states.shape, run.spin_vectors.shape, run.result.name
    ((3, 2), (3, 1, 3), 'SUCCESS')
    """

    t: Array
    states: Array
    outcome: Array
    steps: Array
    spins: Spins

    @property
    def result(self) -> Outcome:
        """How the solve ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)

    @property
    def spin_vectors(self) -> Array:
        """⟨S⟩ of each spin at each time, `(n, spins, 3)`."""
        return jax.vmap(lambda state: spin_vectors(self.spins, state))(self.states)

    def expect(self, operator: Any) -> Array:
        """⟨A⟩ at each time, `(n,)`.

        - `operator`: a Hermitian matrix `(dim, dim)`, or a Hamiltonian, which may depend on time (then J).
        """
        return jax.vmap(lambda t, state: expectation(operator, state, t))(self.t, self.states)


def schrodinger(
    H: AbstractHamiltonian,
    psi0: Any,
    times: Any,
    *,
    tolerance: float | None = None,
    solver: diffrax.AbstractSolver | None = None,
    adjoint: diffrax.AbstractAdjoint | None = None,
    max_steps: int = 100_000,
) -> Evolution:
    """A pure state in time: iħ dψ/dt = H(t)ψ, without building a matrix.

    - `H`: the Hamiltonian. `psi0`: the state at `times[0]`, `(dim,)`, of length 1.
    - `times`: rising, s; the first is the start, every one is saved.
    - `tolerance`: the error of a step as a distance of states; default 1e-11 in double, 1e-6 in single precision, the
      precision of `psi0`. `solver`: diffrax's; default `Dopri8`. `adjoint`: diffrax's; default for reverse mode.
    - `max_steps`: at most so many steps.

    **Returns** an `Evolution`; look at its `result` before you trust it.

    **Raises** `ValueError` for states that do not fit or are not normalised, and times that go backwards.

    >>> from magjax import quantum
    >>> spin = quantum.Spins(0.5)
    >>> along_x = quantum.coherent_state(spin, (1, 0, 0))
    >>> quarter = 0.25 / 28.02495e9  # of a turn about 1 T
    >>> run = quantum.schrodinger(quantum.Zeeman(spin, B=(0, 0, 1.0)), along_x, times=(0, quarter))
    >>> [round(float(S), 5) + 0.0 for S in run.spin_vectors[-1, 0]]
    [0.0, 0.5, 0.0]
    """
    psi0 = check_state(psi0, "psi0", H.spins.dim)
    return _solve(H, _turn, psi0, times, tolerance=tolerance, solver=solver, adjoint=adjoint, max_steps=max_steps)


def propagator(
    H: AbstractHamiltonian,
    times: Any,
    *,
    tolerance: float | None = None,
    solver: diffrax.AbstractSolver | None = None,
    adjoint: diffrax.AbstractAdjoint | None = None,
    max_steps: int = 100_000,
) -> Evolution:
    """The evolution operator U(t, t₀) at each time: iħ dU/dt = H(t)U from U = 1 at `times[0]`.

    - `H`: the Hamiltonian. `times`: rising, s. The others are those of `schrodinger`.

    **Returns** an `Evolution` whose `states` `(n, dim, dim)` are the operators.

    **Raises** `ValueError` for times that go backwards, `MemoryError` for more spins than fit.

    >>> from magjax import quantum
    >>> H = quantum.Zeeman(quantum.Spins(0.5), B=(0, 0, 1.0))
    >>> U = quantum.propagator(H, times=(0, 1 / 28.02495e9)).states[-1]
    >>> round(float(U[0, 0].real), 6)  # a full turn changes the sign of a spin ½
    -1.0
    """
    H.spins.check_memory(2, H.dtype)
    one = jnp.eye(H.spins.dim, dtype=H.dtype)
    return _solve(H, _turn, one, times, tolerance=tolerance, solver=solver, adjoint=adjoint, max_steps=max_steps)


def liouville(
    H: AbstractHamiltonian,
    rho0: Any,
    times: Any,
    *,
    tolerance: float | None = None,
    solver: diffrax.AbstractSolver | None = None,
    adjoint: diffrax.AbstractAdjoint | None = None,
    max_steps: int = 100_000,
) -> Evolution:
    """A density matrix, or any other Hermitian operator, in time: iħ dρ/dt = [H(t), ρ].

    - `H`: the Hamiltonian. `rho0`: the operator at `times[0]`, `(dim, dim)`, Hermitian. `times`: rising, s.
    - The others are those of `schrodinger`; errors count relative to the size of `rho0`.

    **Returns** an `Evolution` with `states` `(n, dim, dim)`; look at its `result` before you trust it.

    **Raises** `ValueError` for operators that do not fit or are not Hermitian, and times that go backwards.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> spin = quantum.Spins(0.5)
    >>> H = quantum.Zeeman(spin, B=(0, 0, 1.0))
    >>> run = quantum.liouville(H, quantum.thermal_state(H, T=4.2), times=(0, 1e-10))
    >>> round(float(jnp.abs(run.states[-1] - run.states[0]).max()), 9)  # equilibrium stays
    0.0
    """
    rho0 = check_hermitian(rho0, "rho0", H.spins.dim)
    rho0 = rho0.astype(jnp.result_type(rho0.dtype, jnp.complex64))
    return _solve(H, _commute, rho0, times, tolerance=tolerance, solver=solver, adjoint=adjoint, max_steps=max_steps)


def _turn(t: Array, y: Array, H: AbstractHamiltonian) -> Array:
    return _real(-1j * H.apply(_complex(y, H.spins.dim), t, constants.HBAR))


def _commute(t: Array, y: Array, H: AbstractHamiltonian) -> Array:
    product = H.apply(_complex(y, H.spins.dim), t, constants.HBAR)
    return _real(-1j * (product - product.conj().T))


def _solve(
    H: AbstractHamiltonian,
    rate: Callable[[Array, Array, AbstractHamiltonian], Array],
    start: Array,
    times: Array,
    **options: Any,
) -> Evolution:
    """The states from `start` on, at the rate that `rate` gives of (time, state as a real vector, H)."""
    run = flow(rate, _real(start), times, H, **options)
    states = jax.vmap(lambda y: _complex(y, H.spins.dim))(run.values)
    return Evolution(run.t, states, run.outcome, run.steps, H.spins)


# diffrax steps real numbers; vectors, as sums over stages of anything larger take long to compile.
def _real(state: Array) -> Array:
    return jnp.concatenate([state.real.ravel(), state.imag.ravel()])


def _complex(y: Array, dim: int) -> Array:
    """A state `(dim,)` or an operator `(dim, dim)`, from its real vector."""
    real, imaginary = jnp.split(y, 2)
    found = real + 1j * imaginary
    return found if found.shape == (dim,) else found.reshape(dim, dim)
