"""Equilibrium, and the exponentials it and the superoperators are made of."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.linalg

from magjax import constants, quantum
from magjax.quantum import Spins, free_energy, liouville_propagator, liouvillian, thermal_state
from magjax.quantum.matrix_exponential import exp_hermitian, exp_minus_i

ROUNDING = 1e-12


def _hermitian(rng: np.random.Generator, dim: int = 5) -> np.ndarray:
    A = rng.normal(size=(dim, dim)) + 1j * rng.normal(size=(dim, dim))
    return A + A.conj().T


def test_exponentials(rng: np.random.Generator) -> None:
    A = _hermitian(rng)
    np.testing.assert_allclose(exp_hermitian(A), scipy.linalg.expm(A), rtol=ROUNDING, atol=ROUNDING * np.exp(8))
    np.testing.assert_allclose(exp_minus_i(A), scipy.linalg.expm(-1j * A), atol=ROUNDING)


@pytest.mark.slow
@pytest.mark.parametrize("degenerate", [False, True])
def test_derivatives_of_exponentials(degenerate: bool, rng: np.random.Generator) -> None:
    """Against Fréchet's derivative by scipy; where all levels coincide, too."""
    A = 0.3 * np.eye(4) if degenerate else _hermitian(rng, 4)
    E = _hermitian(rng, 4)
    for function, factor in ((exp_hermitian, 1), (exp_minus_i, -1j)):
        _, slope = jax.jvp(function, (jnp.asarray(A, complex),), (jnp.asarray(E),))
        expected = scipy.linalg.expm_frechet(factor * A, factor * E, compute_expm=False)
        np.testing.assert_allclose(slope, expected, atol=1e-11 * np.abs(expected).max())


@pytest.mark.slow
def test_thermal_state_and_free_energy() -> None:
    pair = Spins((0.5, 1.0))
    H = quantum.Zeeman(pair, B=(0.3, 0, 1.0)) + quantum.Exchange(pair, J=2e-23, pairs=[(0, 1)])
    T = 1.7
    boltzmann = scipy.linalg.expm(-np.asarray(H.matrix()) / (constants.KB * T))
    np.testing.assert_allclose(thermal_state(H, T), boltzmann / np.trace(boltzmann), atol=ROUNDING)
    expected = -constants.KB * T * np.log(np.trace(boltzmann).real)
    assert float(free_energy(H, T)) == pytest.approx(expected, rel=1e-12, abs=0)
    # F = E − TS.
    rho = thermal_state(H, T)
    E, S = quantum.expectation(H, rho), quantum.von_neumann_entropy(rho)
    assert float(E - T * S) == pytest.approx(expected, rel=1e-11, abs=0)


@pytest.mark.parametrize("T", [1e-9, 1e9])
def test_equilibrium_at_the_ends_of_temperature(T: float) -> None:
    """Nothing overflows: at a billionth of a kelvin the ground state is all there is, at a billion all are equal."""
    rho = thermal_state(quantum.Zeeman(Spins(1.0), B=(0, 0, 1.0)), T)
    expected = [0, 0, 1] if T < 1 else [1 / 3] * 3
    np.testing.assert_allclose(jnp.diag(rho).real, expected, atol=1e-9)


@pytest.mark.slow
def test_derivative_where_levels_cross() -> None:
    """At B = 0 both levels coincide: d⟨S_z⟩/dB is Curie's law, −ħγ/4kT."""

    def spin(B: jax.Array) -> jax.Array:
        H = quantum.Zeeman(Spins(0.5), B=jnp.stack([0 * B, 0 * B, B]))
        return quantum.expectation(Spins(0.5).Sz(0), thermal_state(H, T=2.0))

    slope = jax.grad(spin)(jnp.zeros(()))
    assert float(slope) == pytest.approx(-constants.HBAR * constants.GAMMA / (8 * constants.KB), rel=1e-12, abs=0)


@pytest.mark.slow
def test_superoperator_acts_as_a_commutator(rng: np.random.Generator) -> None:
    H = quantum.Zeeman(Spins(1.0), B=(0.1, -0.4, 0.8))
    h, A = np.asarray(H.matrix(unit=constants.HBAR)), _hermitian(rng, 3)
    L = liouvillian(H)
    scale = np.abs(h).max()
    np.testing.assert_allclose((L @ A.reshape(-1)).reshape(3, 3) / scale, 1j * (h @ A - A @ h) / scale, atol=ROUNDING)
    gaps = np.subtract.outer(*[np.linalg.eigvalsh(h)] * 2).ravel()
    np.testing.assert_allclose(np.sort(np.linalg.eigvals(L).imag) / scale, np.sort(gaps) / scale, atol=ROUNDING)
    there, back = liouville_propagator(H, 5e-12), liouville_propagator(H, -5e-12)
    np.testing.assert_allclose(there @ back, np.eye(9), atol=ROUNDING)
    np.testing.assert_allclose(there, scipy.linalg.expm(-np.asarray(L) * 5e-12), atol=ROUNDING)
