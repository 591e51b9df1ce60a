import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings

from magjax import quantum
from magjax.quantum.krylov import empty, extend, orthogonal, random_vector, restart, ritz
from magjax.results import Outcome

U = 1e-21  # J
SPINS = quantum.Spins(0.5, n=8)
SECTOR = quantum.Sector(SPINS)


def inside(J, delta=1.0):
    return quantum.Restricted(quantum.XXZ(SPINS, J, delta, quantum.ring(8)), SECTOR)


@jax.jit
def lowest(J):
    return quantum.lowest_states(inside(J), k=3)


@jax.jit
def spectrum(J):
    return jnp.linalg.eigvalsh(inside(J).matrix(unit=U))


@pytest.mark.slow
@settings(max_examples=8)
@given(seed=st.integers(0, 10000))
def test_random_rings_against_dense_diagonalisation(seed):
    # The error of an energy is the square of the residual over the gap: rounding.
    J = U * jnp.asarray(np.random.default_rng(seed).normal(size=8))
    found, exact = lowest(J), spectrum(J)[:3]
    assert found.result.succeeded
    np.testing.assert_allclose(found.energies / U, exact, atol=1e-10)
    assert np.all(found.residuals < 1e-8 * U)
    np.testing.assert_allclose(found.states @ found.states.T, np.eye(3), atol=1e-10)


@pytest.mark.slow
def test_complex_hamiltonians_of_all_spins_and_degenerate_levels():
    spins = quantum.Spins(1.0, n=3)
    H = quantum.Exchange(spins, U, quantum.chain(3)) + quantum.DMI(spins, (0.3 * U, 0.2 * U, U), quantum.chain(3))
    exact = np.linalg.eigvalsh(H.matrix(unit=U))
    np.testing.assert_allclose(quantum.lowest_states(H, k=4).energies / U, exact[:4], atol=1e-10)
    # A ferromagnet: the lowest level of spin 3 is sevenfold.
    levels = quantum.lowest_states(quantum.Exchange(spins, U, quantum.chain(3)), k=8)
    np.testing.assert_allclose(levels.energies[:7] / U, -4, atol=1e-10)
    assert levels.energies[7] > -3.9 * U


@pytest.mark.slow
def test_single_precision(precision):
    J = jnp.full(8, -0.5 * U, precision.dtype)
    found = quantum.lowest_states(inside(J, jnp.ones((), precision.dtype)))
    assert found.energies.dtype == precision.dtype
    assert found.result.succeeded
    np.testing.assert_allclose(found.energies[0] / U, -3.6510934089, rtol=max(1e-10, 20 * precision.eps))


@pytest.mark.slow
def test_gradient_is_hellmann_feynman_and_agrees_with_finite_differences():
    x = jnp.asarray([-0.5, -0.6, -0.4, -0.7, -0.5, -0.55, -0.45, -0.65])

    @jax.jit
    def energy(x):
        return quantum.lowest_states(inside(U * x)).energies[0] / U

    gradient = jax.jit(jax.grad(energy))
    h = 1e-5
    # Central differences: truncation h², rounding eps/h.
    i = 3
    e = jnp.zeros(8).at[i].set(h)
    np.testing.assert_allclose(gradient(x)[i], (energy(x + e) - energy(x - e)) / (2 * h), atol=1e-8)
    np.testing.assert_allclose(gradient(x) @ x, energy(x), atol=1e-9)  # H is linear in J


@pytest.mark.slow
def test_second_derivatives_go_through_the_response_of_the_state():
    x = jnp.asarray([-0.5, -0.6, -0.4, -0.7, -0.5, -0.55, -0.45, -0.65])
    gradient = jax.jit(jax.grad(lambda x: quantum.lowest_states(inside(U * x)).energies[0] / U))
    h, i = 1e-5, 3
    e = jnp.zeros(8).at[i].set(h)
    hessian = jax.jit(jax.jacfwd(gradient))(x)
    np.testing.assert_allclose(hessian[i], (gradient(x + e) - gradient(x - e)) / (2 * h), atol=1e-6)
    np.testing.assert_allclose(hessian @ x, 0, atol=1e-6)  # E is homogeneous in J


@pytest.mark.slow
def test_batches_are_one_program():
    J = -0.5 * U * jnp.array([[1.0], [2.0], [3.0]]) * jnp.ones((1, 8))
    batch = jax.vmap(lowest)(J)
    np.testing.assert_allclose(batch.energies[:, 0] / U, -3.651093408937 * np.array([1, 2, 3]), atol=1e-10)
    assert batch.result is Outcome.SUCCESS


@pytest.mark.slow
def test_says_when_it_has_not_converged_or_is_not_finite():
    spins = quantum.Spins(0.5, n=12)
    ring = quantum.Restricted(quantum.Exchange(spins, -0.5 * U, quantum.ring(12)), quantum.Sector(spins))
    found = quantum.lowest_states(ring, krylov=4, max_restarts=2)
    assert found.result is Outcome.NOT_CONVERGED
    assert found.residuals[0] > 1e-4 * U
    assert int(found.restarts) == 2
    assert jax.jit(lowest)(jnp.full(8, jnp.nan)).result is Outcome.NOT_FINITE


def test_refuses_counts_that_cannot_be():
    with pytest.raises(ValueError, match="Argument `k` must be from 1 to the number of states, 70, but got 71"):
        quantum.lowest_states(inside(U), k=71)
    with pytest.raises(ValueError, match="Argument `krylov` must be at least k \\+ 2 = 3"):
        quantum.lowest_states(inside(U), krylov=2)
    with pytest.raises(ValueError, match="Argument `tolerance` must be a number > 0"):
        quantum.lowest_states(inside(U), tolerance=0)


@pytest.mark.parametrize("k", [5, 6])
def test_all_states_of_a_small_sector(k):
    # As many as there are, where nothing is left to restart from.
    spins = quantum.Spins(0.5, n=4)
    ring = quantum.Restricted(quantum.Exchange(spins, -0.5 * U, quantum.ring(4)), quantum.Sector(spins))
    levels = quantum.lowest_states(ring, k=k)
    np.testing.assert_allclose(levels.energies / U, [-2, -1, 0, 0, 0, 1][:k], atol=1e-10)
    assert levels.result.succeeded


def test_one_state_alone():
    one = quantum.Sector(quantum.Spins(0.5, n=3), Sz=1.5)
    levels = quantum.lowest_states(quantum.Restricted(quantum.Exchange(one.spins, U, quantum.chain(3)), one))
    assert isinstance(levels, quantum.Levels)
    np.testing.assert_allclose(levels.energies / U, [-1.0], atol=1e-12)


@pytest.mark.slow
def test_krylov_space_of_an_operator_that_maps_it_on_itself(rng):
    # Two distinct eigenvalues: after two vectors the space is exhausted, and random ones take over.
    diagonal = jnp.asarray([1.0] * 5 + [2.0] * 5)
    space = extend(lambda v: diagonal * v, empty(random_vector(0, diagonal), 6), 0)
    np.testing.assert_allclose(space.basis @ space.basis.T, np.eye(7), atol=1e-12)
    energies, _, _ = ritz(space)
    np.testing.assert_allclose(np.minimum(abs(energies - 1), abs(energies - 2)), 0, atol=1e-12)
    again = restart(space, 2)
    np.testing.assert_allclose(again.basis[:2] @ (diagonal[:, None] * again.basis[:2].T), np.eye(2), atol=1e-12)
    rest, components = orthogonal(space.basis, jnp.asarray(rng.normal(size=10)))
    np.testing.assert_allclose(space.basis @ rest, 0, atol=1e-12)
    assert components.shape == (7,)
