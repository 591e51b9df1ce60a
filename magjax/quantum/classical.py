"""The classical limit of quantum spins: product states, which keep every spin at its full length."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.quantum.flow import flow
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
    start = (n / jnp.linalg.norm(n, axis=1, keepdims=True)).ravel()
    # A flow's errors are relative to its start, which is √spins long here.
    radians = (tolerance or (1e-11 if start.dtype == jnp.float64 else 1e-6)) / spins.n**0.5
    run = flow(_torque, start, times, H, tolerance=radians, max_steps=max_steps)
    return ClassicalMotion(run.t, run.values.reshape(-1, spins.n, 3), run.outcome, run.steps)


def _torque(t: Array, y: Array, H: AbstractHamiltonian) -> Array:
    """dn/dt of all spins, one after the other."""

    def energy(n: Array) -> Array:
        psi = coherent_state(H.spins, n)
        return jnp.vdot(psi, H.apply(psi, t, constants.HBAR)).real

    n = y.reshape(-1, 3)
    lengths = jnp.asarray(H.spins.S, n.dtype)[:, None]
    return jnp.cross(jax.grad(energy)(n) / lengths, n).ravel()
