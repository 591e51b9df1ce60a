import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.kinetics import (
    MasterEquation,
    Populations,
    evolve_populations,
    free_energy,
    mean_first_passage,
    mean_lifetime,
    rate_matrix,
    relaxation_rates,
    stationary,
)
from magjax.kinetics.propagator import propagator

PAIR = MasterEquation((0.0, 0.0), ((0, 1),), tops=1e-19)
APART = MasterEquation((0.0, 0.0, 0.0), ((0, 1),), tops=1e-19)


@pytest.mark.slow
def test_a_matrix_of_barriers_is_a_list_of_links():
    tops = np.array([[0, 8e-20, np.inf], [8e-20, 0, 9e-20], [np.inf, 9e-20, 0]])
    prefactors = np.full((3, 3), 1e9) + np.array([[0, 1e9, 0], [1e9, 0, 0], [0, 0, 0]])
    dense = MasterEquation.from_matrix((0.0, 1e-21, 0.0), tops, prefactors)
    listed = MasterEquation((0.0, 1e-21, 0.0), ((0, 1), (1, 2)), (8e-20, 9e-20), (2e9, 1e9))
    np.testing.assert_array_equal(rate_matrix(dense, 300.0), rate_matrix(listed, 300.0))
    assert dense.n_states == 3
    assert dense.groups() == [[0, 1, 2]]


@pytest.mark.slow
def test_parallel_paths_add_up():
    twice = MasterEquation((0.0, 0.0), ((0, 1), (1, 0)), tops=1e-19)
    np.testing.assert_allclose(rate_matrix(twice, 300.0), 2 * rate_matrix(PAIR, 300.0), rtol=1e-14)
    assert float(relaxation_rates(twice, 300.0)[0]) == pytest.approx(
        2 * float(relaxation_rates(PAIR, 300.0)[0]), rel=1e-12, abs=0
    )


def test_a_field_shifts_energies_by_moments():
    grain = MasterEquation((0.0, 0.0), ((0, 1),), 1e-19, moments=(1e-19, -1e-19), top_moments=2e-20)
    placed = grain.in_field(0.1)
    np.testing.assert_allclose(placed.energies, [-1e-20, 1e-20], rtol=1e-14)
    np.testing.assert_allclose(placed.tops, [9.8e-20], rtol=1e-14)
    np.testing.assert_allclose(rate_matrix(grain, 300.0, 0.1), rate_matrix(placed, 300.0), rtol=1e-14)


@pytest.mark.slow
def test_single_precision_stays_single():
    pair = MasterEquation(jnp.zeros(2, jnp.float32), ((0, 1),), jnp.float32(1e-19))
    run = evolve_populations(pair, (1.0, 0.0), (0.0, 10.0, 1e9), 300.0)
    assert run.p.dtype == rate_matrix(pair, 300.0).dtype == stationary(pair, 300.0).dtype == jnp.float32
    exact = evolve_populations(PAIR, (1.0, 0.0), (0.0, 10.0, 1e9), 300.0)
    np.testing.assert_allclose(run.p, exact.p, atol=1e-5)
    assert float(relaxation_rates(pair, 300.0)[0]) == pytest.approx(
        float(relaxation_rates(PAIR, 300.0)[0]), rel=1e-5, abs=0
    )
    slope = jax.jit(jax.grad(lambda E: jnp.log(mean_first_passage(MasterEquation(0 * E * jnp.ones(2, jnp.float32),
        ((0, 1),), E), 1, 300.0)[0])))(jnp.float32(1e-19))  # fmt: skip
    assert float(slope) == pytest.approx(1 / (mj.constants.KB * 300), rel=1e-5, abs=0)


@pytest.mark.slow
def test_propagator_at_its_ends():
    W = rate_matrix(PAIR, 300.0)
    np.testing.assert_array_equal(propagator(W, jnp.asarray(0.0)), np.eye(2))
    np.testing.assert_allclose(propagator(W, jnp.asarray(1e25)), np.full((2, 2), 0.5), rtol=1e-13)
    np.testing.assert_array_equal(propagator(jnp.zeros((2, 2)), jnp.asarray(1.0)), np.eye(2))


@pytest.mark.slow
def test_a_failed_solve_says_so():
    run = evolve_populations(PAIR, (1.0, 0.0), (1.0,), 300.0, mj.drive.sin(frequency=10.0), max_steps=3)
    assert isinstance(run, Populations)
    assert run.result is mj.Outcome.MAX_STEPS


def test_lifetime_of_a_barrier_that_falls_with_temperature():
    assert float(mean_lifetime(lambda T: 1e-19 * (1 - T / 600), 300.0)) == pytest.approx(
        float(mean_lifetime(5e-20, 300.0)), rel=1e-13, abs=0
    )
    assert float(mean_first_passage(PAIR, (0, 1), 300.0).max()) == 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: stationary(APART, 300.0), r"`links` must join all states, but got 2 groups .*\[0, 1\] and \[2\]"),
        (lambda: relaxation_rates(APART, 300.0), "must join all states"),
        (lambda: mean_first_passage(APART, 0, 300.0), "must join all states"),
        (lambda: mean_first_passage(PAIR, 2, 300.0), "`target` must name states from 0 to 1"),
        (lambda: rate_matrix(PAIR, -1.0), r"`T` must be a temperature in K, > 0, but got -1.0. Did you give °C\?"),
        (lambda: evolve_populations(PAIR, (1.0, 0.0), (1.0,), 0.0), "`T` must be a temperature"),
        (
            lambda: evolve_populations(PAIR, (1.0, 0.0), (0.5, 1.0), mj.drive.ramp(0.0, 1.0, 300.0, -1.0)),
            "`T` must be a temperature",
        ),
        (lambda: evolve_populations(PAIR, (1.0, 0.0), (2.0, 1.0), 300.0), "time does not go backwards"),
        (lambda: evolve_populations(PAIR, (1.0, 0.0), (-1.0, 1.0), 300.0), "time does not go backwards"),
        (lambda: evolve_populations(PAIR, (1.0, 0.0), 1.0, 300.0), "`times` must be a list"),
        (lambda: evolve_populations(PAIR, (1.5, -0.5), (1.0,), 300.0), "`p0` must hold probabilities"),
        (lambda: evolve_populations(PAIR, (1.0,), (1.0,), 300.0), "`p0` must hold one number for each of 2"),
        (lambda: evolve_populations(PAIR, (1.0, 0.0), (1.0,), (1.0, 2.0)), "`T` must be one number"),
        (lambda: MasterEquation((0.0, 0.0), ((0, 1),), 1e-19, prefactors=0.0), "`prefactors` must be attempts in 1/s"),
        (lambda: MasterEquation((0.0, 0.0), ((0, 1),), 1e-19, prefactors=-1e9), "did you|Did you give the time τ0"),
        (lambda: MasterEquation((0.0, 2e-19), ((0, 1),), 1e-19), "height above a state"),
        (lambda: MasterEquation((0.0, 0.0), ((0, 2),), 1e-19), "two different states from 0 to 1"),
        (lambda: MasterEquation((0.0, 0.0), ((1, 1),), 1e-19), "two different states from 0 to 1"),
        (lambda: MasterEquation((0.0, 0.0), (0, 1), 1e-19), "pairs of states"),
        (lambda: MasterEquation((0.0, 0.0), ((0, 1),), (1e-19, 2e-19)), "`tops` must hold 1 numbers"),
        (lambda: MasterEquation(0.0, (), 1e-19), "`energies` must be one number for each state"),
        (lambda: MasterEquation((0.0, np.nan), ((0, 1),), 1e-19), "`energies` must be finite"),
        (lambda: MasterEquation.from_matrix((0.0, 0.0), [[0, 1e-19], [2e-19, 0]]), "`tops` must be symmetric"),
        (lambda: MasterEquation.from_matrix((0.0, 0.0), [0.0, 1e-19]), "square matrix"),
        (lambda: free_energy(PAIR, (0.5, 0.5), -3.0), "`T` must be a temperature"),
    ],
)
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_driven_vector_is_no_field():
    field = mj.drive.sin(frequency=1.0) * (0, 0, 1)
    with pytest.raises(TypeError, match="`B` must be a number or a drive of one"):
        evolve_populations(PAIR, (1.0, 0.0), (1.0,), 300.0, field)
    with pytest.raises(TypeError, match="`energies` must hold numbers"):
        MasterEquation(("low", "high"), ((0, 1),), 1e-19)
