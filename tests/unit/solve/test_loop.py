import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import magjax as mj
from magjax.results import Outcome
from magjax.solve.evolve import choose_scheme
from magjax.solve.loop import advance, start
from magjax.solve.motion import Clock
from magjax.solve.solvers import Multirate, OnSphere


def test_a_million_steps_of_single_precision_are_a_million_steps():
    """A sum in float32 is off by parts in a thousand after 1e6 additions; the two floats are off by rounding once."""
    dt = jnp.float32(0.1e-12)

    def one(_, carry):
        clock, naive = carry
        return clock.advanced(dt), naive + dt

    zero = jnp.float32(0)
    clock, naive = jax.jit(lambda: lax.fori_loop(0, 1_000_000, one, (Clock(zero, zero), zero)))()
    exact = 1e6 * float(dt)
    assert clock.high.dtype == np.float32
    assert abs(float(clock.high) + float(clock.low) - exact) < 1e-7 * exact
    assert abs(float(naive) - exact) > 1e-3 * exact


def test_time_left_is_exact_late_in_a_run():
    """Two steps before the end of a million, the time left has all its digits."""
    clock = Clock(jnp.float32(1e-7), jnp.float32(0))
    for _ in range(5):
        clock = clock.advanced(jnp.float32(1e-15))
    left = float(clock.until(jnp.float32(1e-7)))
    assert left == pytest.approx(-5e-15, rel=1e-6, abs=0)


def test_long_runs_in_single_precision_take_the_right_number_of_steps(bench):
    """3e5 fixed steps of float32: as many are taken, and the damped spin has arrived.

    `diffrax.diffeqsolve`, whose time is one float32, takes a number of them off by percents here.
    """
    mesh = mj.Mesh((1, 1, 1), 5e-9)
    system = mj.System(mesh, Ms=8e5, alpha=0.01, energy=mj.Zeeman(B=(0, 0, 0.01)))
    m0 = mj.textures.uniform(mesh, (1, 0, 0), dtype=np.float32)
    dt = jnp.asarray(1e-13, np.float32)
    motion = bench.fixed_steps(OnSphere(diffrax.Euler()), system, m0, dt, jnp.asarray(3e-8, np.float32))
    assert Outcome(int(motion.outcome)) is Outcome.SUCCESS
    assert abs(int(motion.steps) - 300_000) <= 1
    assert float(motion.clock.high) == np.float32(3e-8)


@pytest.fixture(scope="module")
def cut(bench):
    """A sample under step-size control, and a way to run it in pieces."""
    system = bench.small_system()
    m0 = bench.some_spins(system)
    times = jnp.asarray([2e-12, 5e-12, 6e-12])
    scheme = choose_scheme(
        system, m0.dtype, solver=Multirate(), tolerance=1e-5, dt=None, dynamics=mj.LLG(), end=times[-1], t0=0.0
)  # fmt: skip
    prepared = system.prepare(m0.dtype)

    @eqx.filter_jit
    def go(motion, saved, budget):
        return advance(
            scheme,
            prepared,
            motion,
            times,
            saved=saved,
            observe=lambda t, m: {"m": m},
            stop=None,
            max_steps=None,
            kind="lax",
            budget=budget,
        )

    begin = start(scheme, prepared, m0), {"m": jnp.full((3, *m0.shape), jnp.nan)}
    return go, begin, times


@pytest.mark.slow
def test_a_run_cut_anywhere_continues_bit_for_bit(cut):
    go, begin, times = cut
    whole, saved = go(*begin, jnp.asarray(10_000))
    assert int(whole.next_save) == 3
    pieces, kept = begin
    while int(pieces.next_save) < 3:
        pieces, kept = go(pieces, kept, pieces.steps + 3)
    assert int(pieces.steps) == int(whole.steps)
    np.testing.assert_array_equal(pieces.m, whole.m)
    np.testing.assert_array_equal(kept["m"], saved["m"])
    assert float(whole.clock.high) == float(times[-1])


@pytest.mark.slow
def test_a_step_ends_on_every_save(cut, bench):
    """What is saved at the first time is the end of a run of its own with the same steps: no interpolation."""
    go, begin, times = cut
    _, saved = go(*begin, jnp.asarray(10_000))
    system = bench.small_system()
    exact = bench.fixed_steps(mj.solvers.RK43(), system, begin[0].m, times[0] / 1024, times[0]).m
    np.testing.assert_allclose(saved["m"][0], exact, atol=1e-4)
    np.testing.assert_array_equal(saved["m"][-1], go(*begin, jnp.asarray(10_000))[0].m)
