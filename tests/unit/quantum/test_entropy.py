"""Entropies and distances of density matrices, and the fidelity of clones."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magjax import constants, quantum
from magjax.quantum import cnot_cloner, copy_fidelity, fidelity, joint_fidelity, mean_fidelity, universal_cloner

ROUNDING = 1e-12


def _density(rng: np.random.Generator, dim: int = 4) -> np.ndarray:
    A = rng.normal(size=(dim, dim)) + 1j * rng.normal(size=(dim, dim))
    return A @ A.conj().T / np.trace(A @ A.conj().T)


def test_entropy_and_the_sign_of_the_seed_paper(rng: np.random.Generator) -> None:
    rho = _density(rng)
    p = np.linalg.eigvalsh(rho)
    S = float(quantum.von_neumann_entropy(rho))
    assert float(S / constants.KB) == pytest.approx(-np.sum(p * np.log(p)), rel=0, abs=ROUNDING)
    assert float(quantum.von_neumann_entropy_seed(rho)) == -S < 0


def test_derivative_of_the_entropy(rng: np.random.Generator) -> None:
    """Its change is −k Tr dρ ln ρ for a change without trace; also where levels coincide."""
    rho, change = np.eye(4) / 4 + 0j, _density(rng) - np.eye(4) / 4
    for state in (rho, _density(rng)):
        _, slope = jax.jvp(quantum.von_neumann_entropy, (jnp.asarray(state),), (jnp.asarray(change),))
        p, v = np.linalg.eigh(state)
        expected = -np.trace(change @ (v * np.log(p)) @ v.conj().T).real
        assert float(slope) / constants.KB == pytest.approx(expected, rel=0, abs=1e-10)


def test_grains(rng: np.random.Generator) -> None:
    """Between the fine-grained entropy, for grains along ρ's own states, and ln dim, for one grain of all."""
    rho = _density(rng)
    _, v = np.linalg.eigh(rho)
    S = float(quantum.von_neumann_entropy(rho))
    own = np.einsum("pa,qa->apq", v, v.conj())
    assert float(quantum.coarse_grained_entropy(rho, own)) == pytest.approx(S, rel=1e-10, abs=0)
    halves = np.stack([np.diag([1.0, 1, 0, 0]), np.diag([0, 0, 1.0, 1])])
    coarse = float(quantum.coarse_grained_entropy(rho, halves))
    assert S <= coarse <= constants.KB * np.log(4)
    one = float(quantum.coarse_grained_entropy(rho, np.eye(4)[None]))
    assert one == pytest.approx(constants.KB * np.log(4), rel=1e-12, abs=0)


@pytest.mark.slow
def test_relative_entropy(rng: np.random.Generator) -> None:
    """To equilibrium it is the excess of free energy; to itself nothing; to a state without overlap infinite."""
    rho = _density(rng)
    assert float(quantum.relative_entropy(rho, rho)) == pytest.approx(0, rel=0, abs=1e-10)
    pair = quantum.Spins(0.5, n=2)
    H, T = quantum.Exchange(pair, J=1e-23, pairs=[(0, 1)]) + quantum.Zeeman(pair, B=(0, 0.5, 1)), 1.3
    excess = quantum.expectation(H, rho) - T * quantum.von_neumann_entropy(rho) - quantum.free_energy(H, T)
    found = float(quantum.relative_entropy(rho, quantum.thermal_state(H, T)))
    assert found == pytest.approx(float(excess) / (constants.KB * T), rel=1e-10, abs=0)
    up, down = np.diag([1.0, 0]), np.diag([0, 1.0])
    assert float(quantum.relative_entropy(up, down)) == np.inf


def test_fidelity(rng: np.random.Generator) -> None:
    rho, sigma = _density(rng), _density(rng)
    psi = rng.normal(size=4) + 0j
    psi /= np.linalg.norm(psi)
    pure = np.outer(psi, psi.conj())
    assert float(fidelity(rho, rho)) == pytest.approx(1, rel=0, abs=1e-10)
    assert float(fidelity(rho, sigma)) == pytest.approx(float(fidelity(sigma, rho)), rel=0, abs=1e-10)
    for mixed in (rho, sigma):
        assert float(fidelity(psi, mixed)) == pytest.approx(float(fidelity(mixed, pure)), rel=0, abs=1e-7)
    assert float(fidelity(psi, psi)) == pytest.approx(1, rel=0, abs=ROUNDING)


@pytest.mark.slow
@given(st.floats(0, np.pi), st.floats(0, 2 * np.pi))
@settings(max_examples=15)
def test_the_optimal_cloner_treats_all_states_alike(theta: float, phi: float) -> None:
    """5/6 for each copy in every direction; CNOT copies the poles exactly and the equator by chance alone."""
    psi = jnp.asarray([np.cos(theta / 2), np.sin(theta / 2) * np.exp(1j * phi)])
    for copy in (0, 1):
        assert float(copy_fidelity(universal_cloner(), psi, copy)) == pytest.approx(5 / 6, rel=0, abs=ROUNDING)
        cnot = float(copy_fidelity(cnot_cloner(), psi, copy))
        assert cnot == pytest.approx((1 + np.cos(theta) ** 2) / 2, rel=0, abs=ROUNDING)
    both = float(joint_fidelity(cnot_cloner(), psi))
    expected = abs(np.cos(theta / 2) ** 3 + np.sin(theta / 2) ** 3 * np.exp(-1j * phi)) ** 2
    assert both == pytest.approx(expected, rel=0, abs=ROUNDING)


@pytest.mark.parametrize(("cloner", "one", "both"), [(cnot_cloner, 2 / 3, 1 / 2), (universal_cloner, 5 / 6, 2 / 3)])
def test_mean_fidelities(cloner: Callable, one: float, both: float, rng: np.random.Generator) -> None:
    """Six directions give the exact mean over the sphere: as a quadrature of Gauß and Legendre does (row A4)."""
    V = cloner()
    np.testing.assert_allclose(V.conj().T @ V, np.eye(2), atol=ROUNDING)
    assert float(mean_fidelity(V)) == pytest.approx(one, rel=0, abs=ROUNDING)
    assert float(mean_fidelity(V, joint=True)) == pytest.approx(both, rel=0, abs=ROUNDING)
    z, w = np.polynomial.legendre.leggauss(4)
    phi = 2 * np.pi * np.arange(8) / 8
    states = [[((1 + a) / 2) ** 0.5, ((1 - a) / 2) ** 0.5 * np.exp(1j * b)] for a in z for b in phi]
    weights = np.repeat(w / 16, 8)
    fidelities = jax.vmap(lambda psi: joint_fidelity(V, psi))(jnp.asarray(states))
    assert float(weights @ fidelities) == pytest.approx(both, rel=0, abs=ROUNDING)


def test_overlaps_forbid_cloning(rng: np.random.Generator) -> None:
    up, down, tilted = np.array([1.0, 0]), np.array([0, 1.0]), np.array([np.cos(0.4), np.sin(0.4)])
    assert float(quantum.overlap_defect(up, up)) == pytest.approx(0, rel=0, abs=ROUNDING)
    assert float(quantum.overlap_defect(up, down)) == pytest.approx(0, rel=0, abs=ROUNDING)
    x = np.cos(0.4)
    assert float(quantum.overlap_defect(up, tilted)) == pytest.approx(x - x**2, rel=0, abs=ROUNDING)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: quantum.von_neumann_entropy(np.eye(2)), "of trace 1"),
        (lambda: quantum.coarse_grained_entropy(np.eye(2) / 2, np.eye(2)), r"shape \(grains, 2, 2\)"),
        (lambda: quantum.coarse_grained_entropy(np.eye(2) / 2, np.eye(2)[None] / 2), "add up to 1"),
        (
            lambda: quantum.coarse_grained_entropy(np.eye(2) / 2, np.stack([np.eye(2) / 2] * 2)),
            "must hold projectors",
        ),
        (lambda: quantum.relative_entropy(np.eye(2) / 2, np.eye(3) / 3), r"shape \(2, 2\)"),
        (lambda: fidelity(np.eye(2) / 2, np.eye(3) / 3), "must have one size"),
        (lambda: mean_fidelity(np.eye(2)), r"shape \(4·k, 2\)"),
        (lambda: mean_fidelity(np.ones((4, 2))), "V†V = 1"),
        (lambda: copy_fidelity(cnot_cloner(), np.array([1.0, 0]), copy=2), "must be 0 or 1"),
    ],
)
def test_what_is_no_state_or_cloner_is_refused(make: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
