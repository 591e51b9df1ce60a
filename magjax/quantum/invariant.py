"""Invariants of spins in a field that changes however fast, and the density matrices made of them."""

from typing import Any

import diffrax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax import constants
from magjax.quantum.checks import check_times
from magjax.quantum.evolve import Evolution
from magjax.quantum.flow import Flow, flow
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.matrix_exponential import exp_hermitian
from magjax.quantum.parameter import now, parameter
from magjax.quantum.spins import Spins


def invariant_vector(
    R0: Any,
    B: Any,
    times: Any,
    gamma: Any = constants.GAMMA,
    *,
    tolerance: float | None = None,
    solver: diffrax.AbstractSolver | None = None,
    adjoint: diffrax.AbstractAdjoint | None = None,
    max_steps: int = 100_000,
) -> Flow:
    """The vector of an invariant: dR/dt = −γ R×B(t), for which I(t) = Σ S·R(t) obeys iħ dI/dt = [H(t), I].

    Theory: with H = ħγ ΣS·B and [S_a, S_b] = iε_abc S_c, (1/iħ)[S·R, H] = γ S·(R×B); it cancels S·dR/dt. The vector
    moves as the magnetisation does, in any B(t), adiabatic or not.

    - `R0`: R at `times[0]`, in any unit: `(3,)` for all spins, or `(n, 3)` one for each.
    - `B`: field, T, of the shape of `R0` or `(3,)`; or a drive times such an array. `times`: rising, s.
    - `gamma`: γ, rad/(s·T): one for all or `(n,)`; negative for moments along the spins.
    - `tolerance`, `solver`, `adjoint`, `max_steps`: as in `mj.quantum.liouville`.

    **Returns** a `Flow` with `values` `(times, *R0.shape)`; look at its `result` before you trust it.

    **Raises** `ValueError` for shapes that do not fit and times that go backwards.

    Source: H. R. Lewis, W. B. Riesenfeld, J. Math. Phys. 10, 1458 (1969).

    >>> from magjax import quantum
    >>> quarter = 0.25 / 28.02495e9  # of a turn about 1 T
    >>> run = quantum.invariant_vector((1.0, 0, 0), B=(0, 0, 1.0), times=(0, quarter))
    >>> [round(float(R), 5) + 0.0 for R in run.values[-1]]
    [0.0, 1.0, 0.0]
    """
    start = jnp.asarray(R0)
    start = start if jnp.issubdtype(start.dtype, jnp.floating) else start.astype(jnp.result_type(float))
    if start.ndim not in (1, 2) or start.shape[-1] != 3:
        raise ValueError(f"Argument `R0` must be a vector (3,), or one for each spin (n, 3), but got {start.shape}.")
    B = parameter(B, "B", ((3,), start.shape), "a drive needs a direction: drive * (0, 0, 1)")
    gamma = parameter(gamma, "gamma", ((), start.shape[:-1]), "one for all spins or one for each")
    options = {"tolerance": tolerance, "solver": solver, "adjoint": adjoint, "max_steps": max_steps}
    return flow(_precess, start, times, (B, gamma[..., None]), **options)


def _precess(t: Array, R: Array, args: Any) -> Array:
    field, gamma = now(args[0], t), args[1]
    return -jnp.broadcast_to(gamma, R.shape) * jnp.cross(R, jnp.broadcast_to(field, R.shape))


def invariant(spins: Spins, R: Any) -> Array:
    """I = Σ S_i·R_i as a matrix `(dim, dim)`, in the unit of R.

    - `spins`: the spins. `R`: `(3,)` for all, or `(n, 3)` one for each.

    **Raises** `ValueError` for other shapes.

    >>> from magjax import quantum
    >>> quantum.invariant(quantum.Spins(0.5), (0, 0, 2.0)).real.tolist()
    [[1.0, 0.0], [0.0, -1.0]]
    """
    R = _each(spins, R)
    dtype = jnp.result_type(R.dtype, jnp.complex64)
    per_site = [
        jnp.einsum("a,apq->pq", R[k].astype(dtype), S)
        for k in range(spins.n)
        for S in (jnp.stack([spins.Sx(k), spins.Sy(k), spins.Sz(k)]).astype(dtype),)
    ]
    return sum(per_site[1:], per_site[0])


def invariant_state(spins: Spins, R: Any, beta: Any = 1.0) -> Array:
    """ρ = exp(−βI)/Z of the invariant I = ΣS·R, `(dim, dim)`: a solution of Liouville's equation wherever R(t) is one.

    No spin is in equilibrium with anything: the populations of the states of I stay, whatever the field does.

    - `spins`: the spins. `R`: `(3,)` for all, or `(n, 3)` one for each. `beta`: β, 1 over the unit of R.

    **Raises** `ValueError` for other shapes.

    >>> from magjax import quantum
    >>> rho = quantum.invariant_state(quantum.Spins(0.5), (0, 0, 1.0), beta=2.0)
    >>> round(float(rho[1, 1].real / rho[0, 0].real), 4)  # e²
    7.3891
    """
    R = _each(spins, R)
    h = jnp.asarray(beta, R.dtype) * R
    # The lowest eigenvalue is known; with it at 0 every exponent is negative. The shift cancels in ρ.
    S = jnp.asarray(spins.S, R.dtype)
    lowest = -lax.stop_gradient(jnp.sum(S * jnp.linalg.norm(lax.stop_gradient(h), axis=1)))
    matrix = invariant(spins, h)
    weights = exp_hermitian(lowest.astype(matrix.dtype) * jnp.eye(spins.dim, dtype=matrix.dtype) - matrix)
    return weights / jnp.trace(weights).real


def inverse_propagator(
    H: AbstractHamiltonian, times: Any, *, tolerance: float | None = None, max_steps: int = 100_000
) -> Evolution:
    """U(t₀, t) = U(t, t₀)⁻¹, the *anti*-time-ordered exponential of (i/ħ)∫H dt: iħ dW/dt = −W H(t) from W = 1.

    Operators go with it into the picture in which H acts no more: ρ → W ρ W†, and I(t) = W† I(t₀) W.
    The seed paper orders it the other way: `inverse_propagator_seed`.

    - `H`: the Hamiltonian. `times`: rising, s; the first is t₀. `tolerance`: the error of a step, as in `propagator`.
    - `max_steps`: at most so many steps.

    **Returns** an `Evolution` whose `states` `(n, dim, dim)` are the operators.

    **Raises** `ValueError` for times that go backwards, `MemoryError` for more spins than fit.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax import quantum
    >>> B = mj.drive.cos(frequency=3e10) * (1, 0, 0) + (0, 0, 1.0)
    >>> H, times = quantum.Zeeman(quantum.Spins(0.5), B=B), (0, 2e-11)
    >>> W, U = quantum.inverse_propagator(H, times).states[-1], quantum.propagator(H, times).states[-1]
    >>> bool(jnp.allclose(W @ U, jnp.eye(2), atol=1e-8))
    True
    """
    return _ordered(_anti_time_ordered, H, times, tolerance, max_steps)


def inverse_propagator_seed(
    H: AbstractHamiltonian, times: Any, *, tolerance: float | None = None, max_steps: int = 100_000
) -> Evolution:
    """The *time-ordered* exponential of (i/ħ)∫H dt of the seed paper's Eq. 13, for comparison only: iħ dW/dt = −H(t)W.

    It inverts U(t, t₀) only while the H(t) commute with one another. Use `inverse_propagator` with the same arguments.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax import quantum
    >>> B = mj.drive.cos(frequency=3e10) * (1, 0, 0) + (0, 0, 1.0)
    >>> H, times = quantum.Zeeman(quantum.Spins(0.5), B=B), (0, 2e-11)
    >>> W, U = quantum.inverse_propagator_seed(H, times).states[-1], quantum.propagator(H, times).states[-1]
    >>> bool(jnp.abs(W @ U - jnp.eye(2)).max() > 0.1)
    True
    """
    return _ordered(_time_ordered, H, times, tolerance, max_steps)


def _anti_time_ordered(t: Array, y: Array, H: AbstractHamiltonian) -> Array:
    # W H = (H W†)†, which needs no matrix of H.
    rate = 1j * H.apply((y[0] + 1j * y[1]).conj().T, t, constants.HBAR).conj().T
    return jnp.stack([rate.real, rate.imag])


def _time_ordered(t: Array, y: Array, H: AbstractHamiltonian) -> Array:
    rate = 1j * H.apply(y[0] + 1j * y[1], t, constants.HBAR)
    return jnp.stack([rate.real, rate.imag])


def _ordered(rate: Any, H: AbstractHamiltonian, times: Any, tolerance: float | None, max_steps: int) -> Evolution:
    H.spins.check_memory(2, H.dtype)
    one = jnp.eye(H.spins.dim, dtype=jnp.finfo(H.dtype).dtype)
    run = flow(rate, jnp.stack([one, 0 * one]), check_times(times), H, tolerance=tolerance, max_steps=max_steps)
    return Evolution(run.t, run.values[:, 0] + 1j * run.values[:, 1], run.outcome, run.steps, H.spins)


def _each(spins: Spins, R: Any) -> Array:
    vectors = parameter(R, "R", ((3,), (spins.n, 3)), "one vector for all spins or one for each")
    return jnp.broadcast_to(vectors if vectors.ndim == 2 else vectors[None], (spins.n, 3))
