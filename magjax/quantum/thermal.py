"""Thermal equilibrium of quantum spins."""

from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax import constants
from magjax.quantum.checks import check_temperature
from magjax.quantum.hamiltonian import AbstractHamiltonian
from magjax.quantum.matrix_exponential import exp_hermitian


def thermal_state(H: AbstractHamiltonian, T: Any, t: Any = 0.0) -> Array:
    """The density matrix of equilibrium, ρ = exp(−H/kT)/Z, `(dim, dim)`; stable down to any T > 0.

    - `H`: the Hamiltonian, taken at time `t`, s. `T`: temperature, K.

    **Raises** `ValueError` for T ≤ 0, `MemoryError` for more spins than fit.

    >>> from magjax import quantum
    >>> H = quantum.Zeeman(quantum.Spins(0.5), B=(0, 0, 1.0))
    >>> cold = quantum.thermal_state(H, T=1e-3)
    >>> [round(float(p), 6) + 0.0 for p in cold.real.diagonal()]  # the moment lies along B, the spin against it
    [0.0, 1.0]
    """
    rates, thermal = _in_units_of(H, T, t)
    return _normalised(rates / thermal)[0]


def free_energy(H: AbstractHamiltonian, T: Any, t: Any = 0.0) -> Array:
    """Helmholtz' free energy F = −kT ln Tr exp(−H/kT), J; −dF/dB is the moment, −dF/dT the entropy.

    - `H`: the Hamiltonian, taken at time `t`, s. `T`: temperature, K.

    **Raises** `ValueError` for T ≤ 0, `MemoryError` for more spins than fit.

    >>> from magjax import constants, quantum
    >>> free = quantum.Zeeman(quantum.Spins(0.5), B=(0, 0, 0.0))
    >>> round(float(quantum.free_energy(free, T=1.0)) / constants.KB, 6)  # −ln 2
    -0.693147
    """
    rates, thermal = _in_units_of(H, T, t)
    _, log_Z = _normalised(rates / thermal)
    return -log_Z * thermal * constants.HBAR


def _in_units_of(H: AbstractHamiltonian, T: Any, t: Any) -> tuple[Array, Array]:
    """H and kT as frequencies, rad/s."""
    rates = H.matrix(t, constants.HBAR)
    kelvin = check_temperature(T).astype(jnp.finfo(rates.dtype).dtype)
    return rates, kelvin * (constants.KB / constants.HBAR)


def _normalised(h: Array) -> tuple[Array, Array]:
    """exp(−h)/Z and ln Z."""
    # The ground state at 0: every exponent is negative. The shift cancels, so it needs no derivative.
    lowest = lax.stop_gradient(jnp.linalg.eigvalsh(lax.stop_gradient(h))[0])
    one = jnp.eye(h.shape[0], dtype=h.dtype)
    weights = exp_hermitian(lowest * one - h)
    Z = jnp.trace(weights).real
    return weights / Z, jnp.log(Z) - lowest
