"""States to start from, what is measured in them, and what is seen of their parts."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import constants, quantum
from magjax.quantum import Spins
from magjax.quantum.parameter import now, parameter

ROUNDING = 1e-12
SPINS = Spins((0.5, 1.0, 1.5))


def _random(rng: np.random.Generator, dim: int) -> np.ndarray:
    psi = rng.normal(size=dim) + 1j * rng.normal(size=dim)
    return psi / np.linalg.norm(psi)


@pytest.mark.slow
def test_coherent_states_point_where_they_are_told(rng: np.random.Generator) -> None:
    n = rng.normal(size=(3, 3))
    n[0] = (0, 0, -2)
    psi = quantum.coherent_state(SPINS, n)
    expected = np.array(SPINS.S)[:, None] * n / np.linalg.norm(n, axis=1, keepdims=True)
    assert float(jnp.linalg.norm(psi)) == pytest.approx(1, rel=0, abs=ROUNDING)
    np.testing.assert_allclose(quantum.spin_vectors(SPINS, psi), expected, atol=ROUNDING)
    rho = jnp.outer(psi, psi.conj())
    np.testing.assert_allclose(quantum.spin_vectors(SPINS, rho), expected, atol=ROUNDING)


@pytest.mark.slow
@pytest.mark.parametrize("z", [1.0, -1.0])
def test_coherent_states_are_smooth_at_the_poles(z: float) -> None:
    spin = Spins(1.0)
    tilt = jax.jacobian(lambda n: quantum.spin_vectors(spin, quantum.coherent_state(spin, n))[0])
    np.testing.assert_allclose(tilt(jnp.asarray([0, 0, z])), np.diag([1.0, 1, 0]), atol=ROUNDING)


def test_basis_states_have_sharp_components() -> None:
    psi = quantum.basis_state(SPINS, (-0.5, 0, 1.5))
    np.testing.assert_allclose(quantum.spin_vectors(SPINS, psi)[:, 2], (-0.5, 0, 1.5), atol=ROUNDING)


def test_moments_obey_their_algebra_and_magnetise(rng: np.random.Generator) -> None:
    """[M̂_a, M̂_b] = iħ(−γ)ε_abc M̂_c, with −γ the gyromagnetic ratio of electrons (row B1)."""
    gamma = 1.3 * constants.GAMMA
    moments = quantum.moment_operators(SPINS, gamma) / constants.MU_B
    scale = constants.HBAR * gamma / constants.MU_B
    for a, b, c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        x, y, z = (moments[k] / scale for k in (a, b, c))
        np.testing.assert_allclose(x @ y - y @ x, -1j * z, atol=ROUNDING)
    psi = _random(rng, SPINS.dim)
    expected = [float(quantum.expectation(M, psi)) * constants.MU_B / 2e-29 for M in moments]
    found = quantum.magnetisation(SPINS, psi, volume=2e-29, gamma=gamma)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


def test_moments_are_derivatives_of_the_energy() -> None:
    H = lambda B: quantum.Zeeman(SPINS, B=B).matrix(unit=constants.MU_B)[0, 0].real  # noqa: E731
    slope = jax.grad(H)(jnp.asarray([0, 0, 1.0]))[2]
    assert float(slope) == pytest.approx(
        -float(quantum.moment_operators(SPINS)[2, 0, 0].real) / constants.MU_B, rel=1e-12, abs=0
    )


def test_parts_of_a_product_are_pure(rng: np.random.Generator) -> None:
    parts = [_random(rng, d) for d in SPINS.levels]
    psi = np.kron(np.kron(parts[0], parts[1]), parts[2])
    rho = np.outer(psi, psi.conj())
    for state in (psi, rho):
        found = quantum.partial_trace(SPINS, state, keep=[2, 0])
        both = np.kron(parts[2], parts[0])
        np.testing.assert_allclose(found, np.outer(both, both.conj()), atol=ROUNDING)
    assert float(quantum.entanglement_entropy(SPINS, psi, keep=[1])) / constants.KB == pytest.approx(0, rel=0, abs=1e-9)


def test_entanglement_is_the_same_from_both_sides(rng: np.random.Generator) -> None:
    psi = _random(rng, SPINS.dim)
    one, other = (quantum.entanglement_entropy(SPINS, psi, keep=k) for k in ([0, 2], [1]))
    assert float(one) == pytest.approx(float(other), rel=1e-10, abs=0)
    part = quantum.partial_trace(SPINS, psi, keep=[1])
    assert float(quantum.von_neumann_entropy(part)) == pytest.approx(float(one), rel=1e-10, abs=0)


def test_parameters_of_sites() -> None:
    assert float(now(parameter(2, "J", ((),)), t=0.0)) == 2.0
    with pytest.raises(ValueError, match="`J` must have the shape a single number, but got"):
        parameter((1, 2), "J", ((),))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: quantum.basis_state(SPINS, (0.5, 0)), "one value for each of 3 spins"),
        (lambda: quantum.basis_state(SPINS, (0.5, 0.5, 0.5)), "but got 0.5 for S = 1"),
        (lambda: quantum.coherent_state(SPINS, (0, 0, 0)), "a vector of length 0"),
        (lambda: quantum.spin_vectors(SPINS, np.ones(3)), r"ψ of shape \(24,\)"),
        (lambda: quantum.expectation(np.eye(2), np.ones(3)), r"ψ of shape \(2,\) or ρ of shape \(2, 2\)"),
        (lambda: quantum.partial_trace(SPINS, np.ones(24), keep=[0, 0]), "each site once"),
        (lambda: quantum.partial_trace(SPINS, np.ones(3), keep=[0]), r"ψ of shape \(24,\)"),
        (lambda: quantum.entanglement_entropy(SPINS, np.ones(3), keep=[0]), r"pure state of shape \(24,\)"),
    ],
)
def test_what_does_not_fit_is_refused(make: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
