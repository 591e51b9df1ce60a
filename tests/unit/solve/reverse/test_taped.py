"""A loop with a tape: what it computes, and its gradient, against the same steps written out."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.numerics.history import History
from magjax.solve.reverse import tape
from magjax.solve.reverse.taped import taped_loop

STEPS, SAVES = 37, 5


SIZES = [(3, 2), *(pytest.param(x, marks=pytest.mark.slow) for x in ((64, 16), (8, 16), (1, 2)))]


@pytest.fixture(params=SIZES, ids=lambda p: f"{p[0]} entries, {p[1]} starts")
def memory(request, monkeypatch):
    """From all on one tape, to a tape of one step whose starts have to be thinned again and again."""
    entries, starts = request.param
    monkeypatch.setattr(tape, "_TAPE_STEPS", (entries, entries))
    monkeypatch.setattr(tape, "_STARTS", starts)


def advanced(a, state):
    """A step that uses its past, is rejected every seventh time, and then leaves everything but the count."""
    x, history, count = state
    keep = count % 7 != 3
    value = jnp.sin(a * x) + 0.1 * history.at(jnp.asarray(0.5))
    pushed = history.push(1.0, value)
    new = History(
        pushed.values,
        jnp.where(keep, pushed.times, history.times),
        jnp.where(keep, pushed.newest, history.newest),
    )
    return jnp.where(keep, x + 0.1 * value, x), new, count + 1


def beginning(x0):
    """A state with a past."""
    history = History.start(0.7 * x0)
    for i in range(3):
        history = history.push(1.0, (0.8 + 0.1 * i) * x0)
    return x0, history, jnp.zeros((), jnp.int32)


def looped(a, x0, steps=STEPS):
    """The last state, and values of the states after each seventh step."""

    def step(state):
        new = advanced(a, state)
        going = state[-1] < steps
        chosen = [jnp.where(going, *pair) for pair in zip(jax.tree.leaves(new), jax.tree.leaves(state), strict=True)]
        x, _, times, newest, count = chosen
        return x, History(new[1].values, times, newest), count

    end, saved = taped_loop(
        step,
        lambda state: state[-1] < steps,
        lambda state: state[-1] // 7,
        lambda index, state: a * state[0] ** 2 + index,
        beginning(x0),
        jnp.full((SAVES, *x0.shape), -1.0),
    )
    return end[0], saved


def written_out(a, x0, steps=STEPS):
    """The same by a scan of a fixed number of steps."""

    def step(state, i):
        new = advanced(a, state)
        state = jax.tree.map(lambda p, q: jnp.where(i < steps, p, q), new, state)
        return state, a * state[0] ** 2 + i // 7

    state, values = jax.lax.scan(step, beginning(x0), jnp.arange(STEPS))
    saves = 7 * jnp.arange(SAVES) + 6
    return state[0], jnp.where((saves < steps)[:, None], values[saves], -1.0)


def loss(run, a, x0, *steps):
    """Something of the end and of all that was saved."""
    end, saved = run(a, x0, *steps)
    return jnp.sum(jnp.cos(end)) + jnp.sum(saved * jnp.arange(1.0, SAVES + 1)[:, None])


A, X0 = 1.3, jnp.asarray([0.2, -0.4, 0.9])


@pytest.mark.slow
def test_values_and_gradients_are_those_of_the_steps_written_out(memory):
    (value, slopes) = jax.jit(jax.value_and_grad(lambda a, x: loss(looped, a, x), argnums=(0, 1)))(A, X0)
    (expected, wanted) = jax.value_and_grad(lambda a, x: loss(written_out, a, x), argnums=(0, 1))(A, X0)
    assert float(value) == pytest.approx(float(expected), rel=1e-13, abs=0)
    np.testing.assert_allclose(slopes[0], wanted[0], rtol=1e-12)
    np.testing.assert_allclose(slopes[1], wanted[1], rtol=1e-12)


@pytest.mark.slow
def test_members_of_a_batch_may_end_and_save_at_different_times(memory):
    steps = jnp.asarray([STEPS, 11, 20])
    a = jnp.asarray([1.3, 0.7, -0.4])
    batched = jax.jit(jax.vmap(jax.value_and_grad(lambda a, n: loss(looped, a, X0, n))))
    values, slopes = batched(a, steps)
    for i, n in enumerate((STEPS, 11, 20)):
        value, slope = jax.value_and_grad(lambda a, n=n: loss(written_out, a, X0, n))(a[i])
        assert float(values[i]) == pytest.approx(float(value), rel=1e-12, abs=0)
        assert float(slopes[i]) == pytest.approx(float(slope), rel=1e-11, abs=0)


@pytest.mark.slow
def test_a_gradient_of_a_batch_is_the_sum_of_gradients(memory):
    steps = jnp.asarray([STEPS, 11])
    slope = jax.jit(jax.grad(lambda a: jnp.sum(jax.vmap(lambda n: loss(looped, a, X0, n))(steps))))(A)
    wanted = sum(jax.grad(lambda a, n=n: loss(written_out, a, X0, n))(A) for n in (STEPS, 11))
    assert float(slope) == pytest.approx(float(wanted), rel=1e-11, abs=0)


@pytest.mark.slow
def test_what_a_step_closes_over_may_be_a_plain_number():
    """Outside of `jit`, where jax hands a number on that it has not made an array of."""
    slope = jax.grad(lambda a: loss(looped, a, X0))(A)
    assert float(slope) == pytest.approx(float(jax.grad(lambda a: loss(written_out, a, X0))(A)), rel=1e-12, abs=0)


@pytest.mark.slow
def test_a_loop_that_takes_no_step():
    end, saved = looped(A, X0, 0)
    np.testing.assert_array_equal(end, X0)
    np.testing.assert_array_equal(saved, -1.0)
    np.testing.assert_allclose(jax.grad(lambda x: jnp.sum(looped(A, x, 0)[0] ** 2))(X0), 2 * X0, rtol=1e-15)


def test_the_tape_is_as_long_as_memory_allows_and_no_longer_than_the_run():
    state = jnp.zeros(1000)
    assert tape.Tape.blank(state, [], None).size == tape._TAPE_STEPS[1]
    assert tape.Tape.blank(state, [], 7).size == 7
    large = jax.eval_shape(lambda: tape.Tape.blank(jnp.zeros(10**7), [], None))
    assert jax.tree_util.tree_leaves(large.entries)[0].shape[0] == tape._TAPE_STEPS[0]
