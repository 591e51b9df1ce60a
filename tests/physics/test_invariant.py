"""Lewis–Riesenfeld invariants of N spins in a field that changes however fast (row B2)."""

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

import magjax as mj
from magjax import constants, quantum
from magjax.analytic import rotating_field

SPINS = quantum.Spins((0.5, 1.0))
#: Some two turns at 1 T: nothing about the field below is adiabatic.
TIMES = (0.0, 3e-11, 7e-11)
few = hypothesis.settings(max_examples=10)
vector = st.tuples(*[st.floats(-1, 1)] * 3).map(np.array)
#: The solver's step errors are 1e-11 of the state; a hundred steps.
CLOSE = 1e-8


def field(B0, B1, frequency):
    """A static field along z, and one that rotates about it."""
    turning = mj.drive.cos(frequency=frequency) * (1, 0, 0) + mj.drive.sin(frequency=frequency) * (0, 1, 0)
    return B1 * turning + (0, 0, 1.0) * mj.drive.constant(B0)


@jax.jit
def vectors(R0, B0, B1, frequency):
    """R at the three times."""
    return quantum.invariant_vector(R0, field(B0, B1, frequency), TIMES).values


@jax.jit
def propagators(B0, B1, frequency):
    """U(t, t0), and its inverse in both orders, at the three times."""
    H = quantum.Zeeman(SPINS, field(B0, B1, frequency))
    solvers = (quantum.propagator, quantum.inverse_propagator, quantum.inverse_propagator_seed)
    return tuple(solve(H, TIMES).states for solve in solvers)


@pytest.mark.slow
@few
@hypothesis.given(R0=vector, B0=st.floats(-1, 1), B1=st.floats(0, 1), frequency=st.floats(0, 5e10))
def test_the_invariant_is_carried_by_its_vector(R0, B0, B1, frequency):
    """I(t) = ΣS·R(t) is U I(t₀) U†, and R turns as in a rotating frame; all three by different routes."""
    R = vectors(jnp.asarray(R0), B0, B1, frequency)
    exact = rotating_field.precession(np.asarray(TIMES), R0, B0, B1, 2 * np.pi * frequency)
    np.testing.assert_allclose(R, exact, atol=CLOSE)
    U, _, _ = propagators(B0, B1, frequency)
    start = quantum.invariant(SPINS, R0)
    for k in range(3):
        np.testing.assert_allclose(quantum.invariant(SPINS, R[k]), U[k] @ start @ U[k].conj().T, atol=CLOSE)


@jax.jit
def residual(t, R0, B0, B1, frequency, beta):
    """The largest element of iħ dρ/dt − [H, ρ], over that of [H, ρ], in a rotating field."""

    def state(t):
        R = rotating_field.precession(t, R0, B0, B1, 2 * jnp.pi * frequency)
        return quantum.invariant_state(SPINS, R, beta)

    rho, rate = jax.jvp(state, (t,), (1.0,))
    H = quantum.Zeeman(SPINS, field(B0, B1, frequency)).matrix(t, constants.HBAR)
    turn = H @ rho - rho @ H
    scale = jnp.max(jnp.abs(H)) * jnp.max(jnp.abs(rho))
    return jnp.max(jnp.abs(1j * rate - turn)) / scale, jnp.max(jnp.abs(turn)) / scale, jnp.trace(rho).real


@few
@hypothesis.given(
    R0=vector, B0=st.floats(0.2, 1), B1=st.floats(0, 1), frequency=st.floats(0, 5e10), beta=st.floats(-5, 5)
)
def test_density_matrix_of_an_invariant_solves_liouvilles_equation(R0, B0, B1, frequency, beta):
    """ρ = exp(−βI)/Z: the residual of its derivative in time, by autodiff from the exact R(t), is rounding.

    It is no function of H(t): the spins are in no equilibrium with the field.
    """
    left, _, trace = residual(2.3e-11, jnp.asarray(R0), B0, B1, frequency, beta)
    assert float(left) < 1e-12
    assert float(trace) == pytest.approx(1, rel=1e-12, abs=0)


def test_the_residual_can_tell():
    """With R along another axis than the exact one the commutator is not small: the check above could fail."""
    left, turn, _ = residual(2.3e-11, jnp.array([0.3, 0.5, 1.0]), 0.5, 0.8, 2e10, 1.0)
    assert left < 1e-12 < 0.05 < turn


@pytest.mark.slow
def test_thermal_state_is_the_invariant_state_of_a_constant_field():
    """For I = H it is exp(−H/kT)/Z."""
    B, T = np.array([0.3, -0.2, 0.9]), 2.0
    R = constants.HBAR * constants.GAMMA * B
    found = quantum.invariant_state(SPINS, R / (constants.KB * T))
    np.testing.assert_allclose(found, quantum.thermal_state(quantum.Zeeman(SPINS, B), T), atol=1e-13)


@pytest.mark.slow
def test_spins_of_their_own_ratio_have_vectors_of_their_own():
    """Two spins with different γ: I = S₁·R₁ + S₂·R₂, evolved by Liouville's equation as any operator is."""
    gamma = np.array([1.0, 0.4]) * constants.GAMMA
    B = mj.drive.cos(frequency=2e10) * (0.5, 0, 0) + (0, 0, 1.0)
    R0 = np.array([[1.0, 0, 0], [0, 0.5, -0.3]])
    run = quantum.invariant_vector(R0, B, TIMES, gamma)
    assert run.result is mj.Outcome.SUCCESS
    assert run.steps > 0
    exact = quantum.liouville(quantum.Zeeman(SPINS, B, gamma), quantum.invariant(SPINS, R0), TIMES)
    np.testing.assert_allclose(quantum.invariant(SPINS, run.values[-1]), exact.states[-1], atol=CLOSE)


@few
@hypothesis.given(B0=st.floats(-1, 1), B1=st.floats(0.3, 1), frequency=st.floats(1e10, 5e10))
def test_the_inverse_is_anti_time_ordered(B0, B1, frequency):
    """W U = 1 for the anti-time-ordered exponential of (i/ħ)∫H; the paper's time-ordered one inverts nothing.

    By how much it differs depends on the field: for these it is of order 1 at one of the times at least.
    """
    U, W, seed = propagators(B0, B1, frequency)
    one = np.eye(SPINS.dim)
    np.testing.assert_allclose(W @ U, np.broadcast_to(one, U.shape), atol=CLOSE)
    assert np.abs(np.asarray(seed @ U) - one).max() > 0.05


@pytest.mark.slow
def test_both_orders_agree_while_the_field_keeps_its_axis():
    """H(t) then commute with one another at all times."""
    H = quantum.Zeeman(SPINS, mj.drive.cos(frequency=2e10) * (0.3, 0.2, 0.5))
    ordered = quantum.inverse_propagator_seed(H, TIMES).states
    np.testing.assert_allclose(quantum.inverse_propagator(H, TIMES).states, ordered, atol=CLOSE)


@pytest.mark.slow
def test_gradient_through_an_invariant():
    """dR_z(T)/dB₁ by reverse mode, against the derivative of the closed form."""

    def end(B1):
        return quantum.invariant_vector((1.0, 0, 0), field(0.5, B1, 2e10), (0.0, 2e-11)).values[-1, 2]

    def exact(B1):
        return rotating_field.precession(2e-11, (1.0, 0, 0), 0.5, B1, 4e10 * jnp.pi)[2]

    assert float(jax.grad(end)(0.4)) == pytest.approx(float(jax.grad(exact)(0.4)), rel=1e-6, abs=0)
