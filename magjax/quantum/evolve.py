"""States in time under any H(t): Schrödinger's equation for ψ and U, Liouville's and von Neumann's for ρ."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import optimistix as optx
from jax import lax
from jaxtyping import Array

from magjax import constants
from magjax.drive.pace import landmarks, longest_step
from magjax.quantum.checks import check_hermitian, check_state, check_times
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
    return _solve(H, _turn, psi0, check_times(times), tolerance, solver, adjoint, max_steps)


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
    return _solve(H, _turn, one, check_times(times), tolerance, solver, adjoint, max_steps)


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
    return _solve(H, _commute, rho0, check_times(times), tolerance, solver, adjoint, max_steps)


def _turn(H: AbstractHamiltonian, t: Array, psi: Array) -> Array:
    return -1j * H.apply(psi, t, constants.HBAR)


def _commute(H: AbstractHamiltonian, t: Array, rho: Array) -> Array:
    product = H.apply(rho, t, constants.HBAR)
    return -1j * (product - product.conj().T)


@eqx.filter_jit
def _solve(
    H: AbstractHamiltonian,
    rate: Callable[[AbstractHamiltonian, Array, Array], Array],
    start: Array,
    times: Array,
    tolerance: float | None,
    solver: diffrax.AbstractSolver | None,
    adjoint: diffrax.AbstractAdjoint | None,
    max_steps: int,
) -> Evolution:
    """dy/dt = rate(H, t, y) in time scaled to [0, 1], where single precision has no lack of range."""
    real = jnp.finfo(start.dtype).dtype
    times = times.astype(real)
    span = times[-1] - times[0]

    # diffrax steps real numbers; vectors, as sums over stages of anything larger take long to compile.
    def flow(x: Array, y: Array, H: AbstractHamiltonian) -> Array:
        return _real(span * rate(H, times[0] + x * span, _complex(y, start.shape)))

    saves = (times - times[0]) / span
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(flow),  # type: ignore[arg-type]
        solver or diffrax.Dopri8(),
        t0=saves[0],
        t1=saves[-1],
        dt0=None,
        y0=_real(start),
        args=H,
        saveat=diffrax.SaveAt(ts=saves),
        stepsize_controller=step_control(H, start, times, tolerance),
        adjoint=adjoint or diffrax.RecursiveCheckpointAdjoint(),
        max_steps=max_steps,
        throw=False,
    )
    assert solution.ys is not None  # SaveAt(ts=…) always saves
    states = jax.vmap(lambda y: _complex(y, start.shape))(solution.ys)
    steps = jnp.asarray(solution.stats["num_steps"], jnp.int32)
    return Evolution(times, states, outcome_of(solution.result, states), steps, H.spins)


def step_control(
    H: AbstractHamiltonian, start: Array, times: Array, tolerance: float | None
) -> diffrax.AbstractStepSizeController:
    """Steps that end where something is saved, or a drive jumps, and leap over no oscillation of a drive.

    - `start`: the initial value, whose size the error of a step is relative to. `times`: of the saves, s.
    - `tolerance`: that error; default 1e-11 in double, 1e-6 in single precision.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> from magjax.quantum.evolve import step_control
    >>> H = quantum.Zeeman(quantum.Spins(0.5), B=(0, 0, 1.0))
    >>> step_control(H, jnp.ones(2), jnp.array([0.0, 1e-12]), 1e-9).step_ts.tolist()
    [0.0, 1.0]
    """
    tolerance = tolerance or (1e-11 if times.dtype == jnp.float64 else 1e-6)
    span = times[-1] - times[0]
    size = lax.stop_gradient(jnp.sqrt(jnp.sum(jnp.abs(start) ** 2)))
    longest = jnp.minimum(longest_step(H, times.dtype) / span, 1)
    control = diffrax.PIDController(
        rtol=0.0, atol=tolerance * size, norm=optx.two_norm, dtmax=lax.stop_gradient(longest), pcoeff=0.2, icoeff=0.5
    )
    marks = landmarks(H, times.dtype)
    # Interpolation within a step has a lower order than the step itself.
    saves = lax.stop_gradient((times - times[0]) / span)
    jumps = None if marks is None else lax.stop_gradient((marks - times[0]) / span)
    return diffrax.ClipStepSizeController(control, step_ts=saves, jump_ts=jumps)


def _real(state: Array) -> Array:
    return jnp.concatenate([state.real.ravel(), state.imag.ravel()])


def _complex(y: Array, shape: tuple[int, ...]) -> Array:
    real, imaginary = jnp.split(y, 2)
    return (real + 1j * imaginary).reshape(shape)


def outcome_of(result: diffrax.RESULTS, states: Array) -> Array:
    """How diffrax ended, as the code of an `Outcome`.

    - `result`: diffrax's. `states`: what it found.

    >>> import diffrax, jax.numpy as jnp
    >>> from magjax.quantum.evolve import outcome_of
    >>> int(outcome_of(diffrax.RESULTS.successful, jnp.zeros(2)))
    0
    """
    finite = jnp.where(jnp.all(jnp.isfinite(states)), int(Outcome.SUCCESS), int(Outcome.NOT_FINITE))
    limit = result == diffrax.RESULTS.max_steps_reached
    failed = jnp.where(limit, int(Outcome.MAX_STEPS), int(Outcome.STEP_TOO_SMALL))
    return jnp.where(result == diffrax.RESULTS.successful, finite, failed)
