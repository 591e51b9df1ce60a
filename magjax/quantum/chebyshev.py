"""Schrödinger's equation with a constant Hamiltonian that is only ever applied: Chebyshev's expansion."""

import math
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.krylov import empty, extend, random_vector, ritz
from magjax.quantum.restricted import Restricted
from magjax.results import Outcome

#: As in `lanczos`: energies of magnets are of the order of 1 in it.
UNIT = constants.KB


class Propagation(eqx.Module):
    """What `propagate` returns.

    - `t`: `(n,)`, s. `states`: `(n, dim)`, complex.
    - `error`: an estimate of the largest |δψ|. `terms`: number of terms. `outcome`: an `Outcome` code.

    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> start = quantum.basis_state(pair, (0.5, -0.5))
    >>> run = quantum.propagate(quantum.Exchange(pair, J=1e-21), start, [0.0, 1e-13])
    >>> run.states.shape, run.result.name
    ((2, 4), 'SUCCESS')
    """

    t: Array
    states: Array
    error: Array
    outcome: Array
    terms: int = eqx.field(static=True)

    @property
    def result(self) -> Outcome:
        """How it ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def propagate(
    hamiltonian: AbstractHamiltonian | Restricted, psi0: Any, times: Any, *, terms: int | None = None
) -> Propagation:
    """The states at `times` from `psi0` at the first of them, to rounding: ψ = exp(−iHt/ħ) ψ0 for an H without drives.

    exp(−iHt/ħ) = e^{−ibt/ħ} Σ_k (2 − δ_k0) (−i)^k J_k(rt/ħ) T_k((H − b)/r), with the spectrum of H within b ± r. One
    recurrence serves all times; it takes about rt/ħ + 30 products Hψ, and memory for the states that are asked for.

    Pure: `jit`, `vmap` and derivatives of any order and direction apply.

    - `hamiltonian`: of all spins, or `Restricted` to a sector; taken at t = 0.
    - `psi0`: the state at `times[0]`, `(dim,)`.
    - `times`: s, `(n,)`, in any order; earlier ones than the first are reached backwards.
    - `terms`: of the expansion; needed where the Hamiltonian or the times are traced.

    **Returns** `Propagation`; NOT_CONVERGED in its `.result` asks for more `terms`.

    **Raises** `ValueError` for a state of another size, and traced arguments without `terms`.

    Source: H. Tal-Ezer and R. Kosloff, J. Chem. Phys. 81, 3967 (1984).

    >>> from magjax import quantum
    >>> spins = quantum.Spins(0.5, n=6)
    >>> chain = quantum.XXZ(spins, J=-0.5e-21, delta=1.0, pairs=quantum.chain(6))
    >>> inside = quantum.Restricted(chain, quantum.Sector(spins, Sz=0))
    >>> start = inside.sector.basis_state((0.5, -0.5, 0.5, -0.5, 0.5, -0.5))
    >>> run = quantum.propagate(inside, start, [0.0, 2e-13])
    >>> [round(float(p), 3) for p in abs(run.states @ start.conj()) ** 2]  # still in the state it began in
    [1.0, 0.065]
    """
    dim = hamiltonian.dim if isinstance(hamiltonian, Restricted) else hamiltonian.spins.dim
    complex_type = jnp.result_type(hamiltonian.dtype, jnp.complex64)
    psi0 = jnp.asarray(psi0).astype(complex_type)
    if psi0.shape != (dim,):
        raise ValueError(f"Argument `psi0` must have the shape ({dim},), but got {psi0.shape}.")
    times = jnp.asarray(times, jnp.finfo(complex_type).dtype)
    center, radius = spectral_range(hamiltonian)
    elapsed = times - times[0]
    angles = radius * (UNIT / constants.HBAR) * elapsed
    if terms is None:
        if isinstance(angles, Tracer):
            raise ValueError(
                "Argument `terms` must be given where the Hamiltonian or the times are traced; about "
                "|E_max − E_min| t/2ħ + 30 are enough."
            )
        terms = needed_terms(float(jnp.max(jnp.abs(angles))))
    states, error = _expand(hamiltonian, psi0, elapsed, center, radius, terms=terms)
    allowed = 1e4 * jnp.finfo(complex_type).eps
    outcome = jnp.where(error < allowed, Outcome.SUCCESS, Outcome.NOT_CONVERGED)
    outcome = jnp.where(jnp.isfinite(error), outcome, Outcome.NOT_FINITE)
    return Propagation(times, states, error, outcome, terms)


@eqx.filter_jit
def _expand(
    hamiltonian: Any, psi0: Array, times: Array, center: Array, radius: Array, *, terms: int
) -> tuple[Array, Array]:
    """The states `(n, dim)`, and an estimate of the largest error."""
    coefficients = _coefficients(radius * (UNIT / constants.HBAR) * times, terms)

    def scaled(psi: Array) -> Array:
        return (hamiltonian.apply(psi, 0.0, UNIT) - center * psi) / radius

    def step(carry: tuple[Array, Array, Array], weights: Array) -> tuple[tuple[Array, Array, Array], None]:
        total, before, now = carry
        return (total + weights[:, None] * now[None], now, 2 * scaled(now) - before), None

    # T_{−1} = T_1, so that the recurrence holds from the first term on.
    begin = (jnp.zeros((times.shape[0], psi0.shape[0]), psi0.dtype), scaled(psi0), psi0)
    states = lax.scan(step, begin, coefficients.T)[0][0]
    phase = jnp.exp(-1j * center * (UNIT / constants.HBAR) * times).astype(psi0.dtype)
    states = phase[:, None] * states
    length = jnp.linalg.norm(states, axis=1) / jnp.linalg.norm(psi0)
    return states, jnp.max(jnp.abs(length - 1)) + 4 * jnp.max(jnp.abs(coefficients[:, -2:]))


def needed_terms(angle: float) -> int:
    """Terms beyond which J_k(`angle`) is below rounding.

    - `angle`: half the width of the spectrum times t/ħ, rad.

    >>> from magjax.quantum.chebyshev import needed_terms
    >>> needed_terms(100.0)
    172
    """
    return math.ceil(angle + 12 * angle ** (1 / 3) + 16)


@eqx.filter_jit
def spectral_range(hamiltonian: AbstractHamiltonian | Restricted) -> tuple[Array, Array]:
    """Centre and half-width of an interval that holds all energies, in k × kelvin; constants to derivatives.

    From a Krylov space of a random vector, whose extreme Ritz values have long converged to a per cent.
    """
    hamiltonian = jax.tree_util.tree_map(lambda x: lax.stop_gradient(x) if eqx.is_array(x) else x, hamiltonian)
    dim = hamiltonian.dim if isinstance(hamiltonian, Restricted) else hamiltonian.spins.dim
    start = random_vector(0, jnp.zeros(dim, hamiltonian.dtype))
    m = min(dim, 24)
    space = extend(lambda psi: hamiltonian.apply(psi, 0.0, UNIT), empty(start, m), 0)
    energies, _, residuals = ritz(space)
    low, high = energies[0] - residuals[0], energies[-1] + residuals[-1]
    # Outside the interval the polynomials grow without bounds: a margin costs two more terms in a hundred.
    half = (high - low) / 2 * 1.02
    return (high + low) / 2, jnp.where(half > 0, half, 1)


def _coefficients(angles: Array, terms: int) -> Array:
    """(2 − δ_k0) (−i)^k J_k(angle), `(n, terms)`: Fourier coefficients of exp(−i angle cos θ), exact to rounding."""
    count = 1 << math.ceil(math.log2(4 * terms))
    nodes = jnp.asarray(np.cos(2 * np.pi * np.arange(count) / count), angles.dtype)
    waves = jnp.fft.fft(jnp.exp(-1j * angles[:, None] * nodes[None]), axis=1)[:, :terms] / count
    twice = jnp.asarray(np.where(np.arange(terms) == 0, 1, 2), angles.dtype)
    return waves * twice[None]
