"""What is measured in a state: expectation values, spins, magnetisation."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.parameter import parameter
from magjax.quantum.spins import Spins


def expectation(operator: Any, state: Array, t: Any = 0.0) -> Array:
    """⟨A⟩ = ⟨ψ|A|ψ⟩, or Tr(Aρ), of a Hermitian operator: a real number.

    - `operator`: a matrix `(dim, dim)`, or a Hamiltonian, taken at time `t`, s (then J).
    - `state`: ψ `(dim,)` or ρ `(dim, dim)`.

    **Raises** `ValueError` for an operator that does not fit the state.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> round(float(quantum.expectation(jnp.diag(jnp.array([1.0, -1.0])), jnp.array([0.6, 0.8j]))), 6)
    -0.28
    """
    state = jnp.asarray(state)
    dim = operator.spins.dim if isinstance(operator, AbstractHamiltonian) else jnp.shape(operator)[-1]
    if state.shape not in ((dim,), (dim, dim)):
        raise ValueError(
            f"Argument `state` must be ψ of shape ({dim},) or ρ of shape ({dim}, {dim}), as the operator is, but got "
            f"{state.shape}."
        )
    applied = operator.apply(state, t) if isinstance(operator, AbstractHamiltonian) else operator @ state
    return _overlap(state, applied)


def spin_vectors(spins: Spins, state: Array) -> Array:
    """⟨S⟩ of each spin, `(n, 3)`, dimensionless, without building a matrix.

    - `spins`: the spins. `state`: ψ `(dim,)` or ρ `(dim, dim)`.

    **Raises** `ValueError` for a state of another size.

    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> quantum.spin_vectors(pair, quantum.basis_state(pair, (0.5, -0.5)))[:, 2].tolist()
    [0.5, -0.5]
    """
    state = jnp.asarray(state)
    if state.shape not in ((spins.dim,), (spins.dim, spins.dim)):
        raise ValueError(
            f"Argument `state` must be ψ of shape ({spins.dim},) or ρ of shape ({spins.dim}, {spins.dim}), but got "
            f"{state.shape}."
        )
    return jnp.stack(
        [jnp.stack([_overlap(state, spins.act(S, k, state)) for S in spins.local(k)]) for k in range(spins.n)]
    )


def magnetisation(spins: Spins, state: Array, volume: Any, gamma: Any = constants.GAMMA) -> Array:
    """M = Tr(ρM̂)/V with the moment operator M̂ = −∂H/∂B = −ħ Σγ_i S_i of electrons, `(3,)`, A/m.

    - `spins`: the spins. `state`: ψ `(dim,)` or ρ `(dim, dim)`. `volume`: what they fill, m³.
    - `gamma`: γ, rad/(s·T): one for all or `(n,)`.

    >>> from magjax import quantum
    >>> spin = quantum.Spins(0.5)
    >>> M = quantum.magnetisation(spin, quantum.basis_state(spin, (-0.5,)), volume=1e-29)
    >>> round(float(M[2]) / 1e5, 2)  # about μ_B/V
    9.28
    """
    gamma = jnp.broadcast_to(parameter(gamma, "gamma", ((), (spins.n,))), (spins.n,))
    vectors = spin_vectors(spins, state)
    # Bohr magnetons first: ħ/V would leave the range of single precision.
    moments = gamma.astype(vectors.dtype)[:, None] * (constants.HBAR / constants.MU_B) * vectors
    return -jnp.sum(moments, axis=0) * (constants.MU_B / volume)


def moment_operators(spins: Spins, gamma: Any = constants.GAMMA) -> Array:
    """M̂ = −ħ Σγ_i S_i, the moment of electrons, `(3, dim, dim)`, J/T.

    With one γ for all, [M̂_a, M̂_b] = −iħγ ε_abc M̂_c; for a moment along the spin, γ < 0, the sign is +.

    - `spins`: the spins. `gamma`: γ, rad/(s·T): one for all or `(n,)`.

    >>> import jax.numpy as jnp
    >>> from magjax import constants, quantum
    >>> x, y, z = quantum.moment_operators(quantum.Spins(1.0)) / constants.MU_B
    >>> scale = constants.HBAR * constants.GAMMA / constants.MU_B
    >>> bool(jnp.allclose(x @ y - y @ x, -1j * scale * z))
    True
    """
    gamma = jnp.broadcast_to(parameter(gamma, "gamma", ((), (spins.n,))), (spins.n,))
    each = [gamma[k] * jnp.stack([S(k) for S in (spins.Sx, spins.Sy, spins.Sz)]) for k in range(spins.n)]
    total = jnp.sum(jnp.stack(each), axis=0)
    return -constants.HBAR * total


def _overlap(state: Array, applied: Array) -> Array:
    """Re ⟨ψ|Aψ⟩, or Re Tr(Aρ)."""
    return jnp.real(jnp.vdot(state, applied) if state.ndim == 1 else jnp.trace(applied))
