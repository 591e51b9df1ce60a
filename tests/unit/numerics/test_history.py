import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.numerics.history import NODES, SLOTS, History, combine, lagrange


def filled(function, times):
    """A history that has seen `function` at increasing `times`."""
    history = History.start(jnp.asarray([function(times[0])]))
    for before, now in itertools.pairwise(times):
        history = history.push(now - before, jnp.asarray([function(now)]))
    return history


def cubic(t):
    return 1 - 2 * t + 3 * t**2 - 0.5 * t**3


@pytest.mark.slow
@pytest.mark.parametrize("pushes", range(NODES, 2 * SLOTS + NODES))
def test_cubics_are_continued_exactly_wherever_the_ring_has_wrapped_to(pushes, rng):
    times = np.cumsum(rng.uniform(0.5, 1.5, pushes))
    history = filled(cubic, times)
    assert float(history.latest[0]) == pytest.approx(cubic(times[-1]), rel=1e-15, abs=0)
    for ahead in (-2.0, 0.0, 0.3, 1.0):
        expected = cubic(times[-1] + ahead)
        assert float(history.at(ahead)[0]) == pytest.approx(expected, abs=1e-10 * np.abs(cubic(times)).max())


def test_weights_use_four_slots_and_sum_to_one(rng):
    history = filled(cubic, np.cumsum(rng.uniform(0.5, 1.5, 9)))
    weights = np.asarray(history.weights(0.7))
    assert np.sum(weights != 0) == NODES
    assert weights[(int(history.newest) + 1) % SLOTS] == 0  # the spare slot
    assert weights.sum() == pytest.approx(1, abs=1e-14)


def test_extrapolation_error_is_of_fourth_order():
    """Sin continued over one step h: the error is h⁴ |sin⁗| to leading order."""

    def error(h):
        times = 1 + h * np.arange(-3, 1)
        return abs(float(filled(np.sin, times).at(h)[0]) - np.sin(1 + h))

    assert np.log2(error(0.1) / error(0.05)) == pytest.approx(4, abs=0.1)
    assert error(0.01) == pytest.approx(0.01**4 * np.sin(1), rel=0.05, abs=0)


def test_a_rejected_push_leaves_the_past_intact(rng):
    """Its value lies in the spare slot: with the old times and slot, the ring gives what it gave before."""
    history = filled(cubic, np.cumsum(rng.uniform(0.5, 1.5, 8)))
    tried = history.push(0.4, jnp.asarray([1e30]))
    restored = History(tried.values, history.times, history.newest)
    assert float(restored.at(0.3)[0]) == float(history.at(0.3)[0])


def test_derivatives_reach_the_values(rng):
    history = filled(cubic, np.cumsum(rng.uniform(0.5, 1.5, 8)))
    slope = jax.grad(lambda v: History(v, history.times, history.newest).at(0.5)[0])(history.values)
    np.testing.assert_allclose(slope[:, 0], history.weights(0.5), rtol=1e-14)


def test_lagrange_weights_reproduce_powers(rng):
    nodes = np.sort(rng.uniform(-1, 1, 5))
    weights = lagrange(jnp.asarray(nodes), 0.3)
    for power in range(5):
        assert float(combine(weights, jnp.asarray(nodes**power))) == pytest.approx(0.3**power, abs=1e-12)
