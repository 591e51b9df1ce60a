"""The classical limit of quantum spins: product states, which keep every spin at its full length."""

from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.quantum.checks import check_times
from magjax.quantum.evolve import outcome_of, step_control
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.parameter import parameter
from magjax.quantum.states import coherent_state
from magjax.results import Outcome


class ClassicalMotion(eqx.Module):
    """Directions of classical spins at given times; what `classical` returns.

    - `t`: `(n,)` times, s. `directions`: unit vectors along each spin, `(n, spins, 3)`.
    - `outcome`: an `Outcome` code. `steps`: number of steps tried.

    >>> from magjax import quantum
    >>> run = quantum.classical(quantum.Zeeman(quantum.Spins(1.0), B=(0, 0, 1.0)), (1, 0, 0), times=(0, 1e-12))
    >>> run.directions.shape, run.result.name
    ((2, 1, 3), 'SUCCESS')
    """

    t: Array
    directions: Array
    outcome: Array
    steps: Array

    @property
    def result(self) -> Outcome:
        """How the solve ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def classical(
    H: AbstractHamiltonian,
    directions: Any,
    times: Any,
    *,
    tolerance: float | None = None,
    max_steps: int = 100_000,
) -> ClassicalMotion:
    """Spins in time as classical vectors: ħ S dn/dt = (∂E/∂n) × n with E = ⟨n|H|n⟩ in the product state along all n.

    In a field this is dn/dt = −γ n×B, the same as quantum mechanics gives. Coupled spins differ: quantum ones become
    entangled, so that each ⟨S⟩ shortens, and only as S → ∞ follow their classical paths.

    - `H`: the Hamiltonian. `directions`: n at `times[0]`, `(3,)` for all or `(spins, 3)`.
    - `times`: rising, s; the first is the start, every one is saved.
    - `tolerance`: the error of a step, rad; default 1e-11 in double, 1e-6 in single precision.
    - `max_steps`: at most so many steps.

    **Returns** a `ClassicalMotion`; look at its `result` before you trust it.

    **Raises** `ValueError` for directions that do not fit, and times that go backwards.

    >>> from magjax import quantum
    >>> quarter = 0.25 / 28.02495e9  # of a turn about 1 T
    >>> run = quantum.classical(quantum.Zeeman(quantum.Spins(0.5), B=(0, 0, 1.0)), (1, 0, 0), times=(0, quarter))
    >>> [round(float(n), 5) + 0.0 for n in run.directions[-1, 0]]
    [0.0, 1.0, 0.0]
    """
    spins = H.spins
    n = parameter(directions, "directions", ((3,), (spins.n, 3)), "one direction for each spin")
    n = jnp.broadcast_to(n if n.ndim == 2 else n[None], (spins.n, 3))
    return _solve(H, n / jnp.linalg.norm(n, axis=1, keepdims=True), check_times(times), tolerance, max_steps)


@eqx.filter_jit
def _solve(H: AbstractHamiltonian, n0: Array, times: Array, tolerance: float | None, max_steps: int) -> ClassicalMotion:
    times = times.astype(n0.dtype)
    span = times[-1] - times[0]
    saves = (times - times[0]) / span
    lengths = jnp.asarray(H.spins.S, n0.dtype)[:, None]

    def rate(x: Array, y: Array, H: AbstractHamiltonian) -> Array:
        def energy(n: Array) -> Array:
            psi = coherent_state(H.spins, n)
            return jnp.vdot(psi, H.apply(psi, times[0] + x * span, constants.HBAR)).real

        n = y.reshape(n0.shape)
        return (span * jnp.cross(jax.grad(energy)(n) / lengths, n)).ravel()

    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(rate),  # type: ignore[arg-type]
        diffrax.Dopri8(),
        t0=saves[0],
        t1=saves[-1],
        dt0=None,
        y0=n0.ravel(),
        args=H,
        saveat=diffrax.SaveAt(ts=saves),
        stepsize_controller=step_control(H, jnp.ones((), n0.dtype), times, tolerance),
        max_steps=max_steps,
        throw=False,
    )
    assert solution.ys is not None  # SaveAt(ts=…) always saves
    found = solution.ys.reshape(-1, *n0.shape)
    steps = jnp.asarray(solution.stats["num_steps"], jnp.int32)
    return ClassicalMotion(times, found, outcome_of(solution.result, found), steps)
