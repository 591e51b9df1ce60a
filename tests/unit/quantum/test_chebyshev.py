import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.special import jv

from magjax import constants, quantum
from magjax.quantum import chebyshev
from magjax.results import Outcome

U = 1e-21  # J
TURN = constants.HBAR / U  # s
SPINS = quantum.Spins(0.5, n=6)
SECTOR = quantum.Sector(SPINS)
START = SECTOR.basis_state(quantum.neel_pattern(SPINS))


def inside(J):
    return quantum.Restricted(quantum.Exchange(SPINS, J, quantum.chain(6)), SECTOR)


@jax.jit
def run(J, times):
    return quantum.propagate(inside(J), START, times, terms=96)


@jax.jit
def exact(J, times):
    energies, modes = jnp.linalg.eigh(inside(J).matrix(unit=U))
    phases = jnp.exp(-1j * energies[None] * (times[:, None] - times[0]) / TURN)
    return (phases * (modes.T @ START)[None]) @ modes.T


@pytest.mark.slow
@settings(max_examples=10)
@given(seed=st.integers(0, 10000), last=st.floats(-10, 10))
def test_random_chains_against_diagonalisation(seed, last):
    # Both are right to rounding, which the angle of up to some 50 rad multiplies.
    J = U * jnp.asarray(np.random.default_rng(seed).uniform(-1, 1, size=5))
    times = TURN * jnp.asarray([0.3, 1.0, last])
    found = run(J, times)
    np.testing.assert_allclose(found.states, exact(J, times), atol=1e-12)
    assert found.result is Outcome.SUCCESS
    assert isinstance(found, quantum.Propagation)


@pytest.mark.slow
def test_derivatives_in_both_directions_and_batches():
    times = TURN * jnp.asarray([0.0, 2.0])

    def probability(x, solve):
        states = solve(U * x * jnp.ones(5), times)
        return jnp.abs(jnp.vdot(START, getattr(states, "states", states)[-1])) ** 2

    slope = jax.grad(probability)(0.7, exact)
    np.testing.assert_allclose(jax.grad(probability)(0.7, run), slope, atol=1e-10)
    np.testing.assert_allclose(jax.jvp(lambda x: probability(x, run), (0.7,), (1.0,))[1], slope, atol=1e-10)
    batch = jax.vmap(lambda x: probability(x, run))(jnp.asarray([0.7, 0.5]))
    np.testing.assert_allclose(batch, [probability(0.7, run), probability(0.5, run)], atol=1e-12)


@pytest.mark.slow
def test_precision_and_the_full_space(precision):
    J = np.asarray(-0.5 * U, precision.dtype)
    H = quantum.Exchange(SPINS, J, quantum.chain(6))
    everywhere = quantum.propagate(H, SECTOR.embed(START), [0.0, TURN])
    within = quantum.propagate(quantum.Restricted(H, SECTOR), START, [0.0, TURN])
    assert within.states.dtype == np.result_type(precision.dtype, np.complex64)
    np.testing.assert_allclose(SECTOR.project(everywhere.states), within.states, atol=precision.stencil)
    assert within.result.succeeded


@pytest.mark.slow
def test_agrees_with_the_differential_equation():
    # Another method altogether, at its default tolerance of 1e-11 per step.
    H = quantum.Exchange(SPINS, -0.5 * U, quantum.chain(6))
    other = quantum.schrodinger(H, SECTOR.embed(START), [0.0, TURN])
    ours = quantum.propagate(quantum.Restricted(H, SECTOR), START, [0.0, TURN])
    np.testing.assert_allclose(SECTOR.embed(ours.states[-1]), other.states[-1], atol=1e-9)


@pytest.mark.slow
def test_too_few_terms_are_noticed_and_enough_are_found():
    times = [0.0, 20 * TURN]
    assert quantum.propagate(inside(U), START, times, terms=20).result is Outcome.NOT_CONVERGED
    assert quantum.propagate(inside(U), START, times).result is Outcome.SUCCESS
    assert run(jnp.full(5, jnp.nan), jnp.asarray([0.0, TURN])).result is Outcome.NOT_FINITE
    for angle in (0.1, 3.0, 40.0, 500.0):
        assert abs(jv(chebyshev.needed_terms(angle), angle)) < 1e-15


@pytest.mark.slow
def test_the_range_holds_the_spectrum():
    center, radius = chebyshev.spectral_range(inside(U))
    energies = np.linalg.eigvalsh(inside(U).matrix(unit=chebyshev.UNIT))
    assert center - radius < energies[0]
    assert energies[-1] < center + radius < energies[-1] + 0.1 * (energies[-1] - energies[0])


def test_refuses_other_states_and_traced_times_without_terms():
    with pytest.raises(ValueError, match=r"Argument `psi0` must have the shape \(20,\), but got \(64,\)"):
        quantum.propagate(inside(U), SECTOR.embed(START), [0.0])
    with pytest.raises(ValueError, match="Argument `terms` must be given where the Hamiltonian"):
        jax.jit(lambda J: quantum.propagate(inside(J), START, [0.0, TURN]).states)(U)
