import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import stop
from magjax.numerics.sphere import cross, largest_length
from magjax.results import Outcome

MESH = mj.Mesh((2, 1, 1), (4e-9, 5e-9, 3e-9))
SYSTEM = mj.System(MESH, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, 1.0)))
UP = mj.textures.uniform(MESH, (1, 0, 0.1))
DEPTH = -0.9 * 8e5 * MESH.n_cells * MESH.cell_volume


def high(t, m, system):
    return system.average(m)[2] > 0.5


def evolve(condition, duration=1e-9):
    return mj.evolve(SYSTEM, UP, duration, save_every=duration / 4, stop=condition, adjoint="forward")


@pytest.mark.slow
def test_torque():
    run = evolve(stop.torque(below=1e-3))
    assert run.result is Outcome.STOPPED
    torque = float(largest_length(cross(run.m, SYSTEM.field(run.m))))
    assert 0.8e-3 < torque < 1e-3  # one step below
    assert 0 < float(run.end) < 1e-9


@pytest.mark.slow
def test_energy():
    run = evolve(stop.energy(below=DEPTH))
    assert run.result is Outcome.STOPPED
    assert DEPTH * 1.05 < float(SYSTEM.total_energy(run.m)) < DEPTH


def test_when():
    run = evolve(stop.when(high))
    assert run.result is Outcome.STOPPED
    assert 0.5 < float(run.average[0, 2] if not np.isnan(run.average[0, 2]) else run.m[2].mean()) < 0.6


@pytest.mark.slow
def test_the_first_of_two_ends_the_run():
    early, late = evolve(stop.when(high)), evolve(stop.torque(below=1e-3))
    both = evolve(stop.torque(below=1e-3) | stop.when(high))
    assert float(both.end) == pytest.approx(float(early.end), rel=1e-6, abs=0)
    assert float(early.end) < float(late.end)


def test_saves_after_the_stop_hold_nan():
    run = evolve(stop.torque(below=0.3))
    reached = np.asarray(run.t) <= float(run.end)
    assert 0 < np.isnan(run.t).sum() < 4 or float(run.end) < 0.25e-9
    assert np.all(np.isnan(run.average[~reached]))
    assert np.all(np.isfinite(np.asarray(run.average)[reached]))


@pytest.mark.slow
def test_a_condition_that_is_never_met_changes_nothing():
    run = evolve(stop.when(lambda t, m, system: jnp.asarray(False)), duration=1e-11)
    assert run.result is Outcome.SUCCESS
    np.testing.assert_array_equal(run.m, mj.evolve(SYSTEM, UP, 1e-11, save_every=2.5e-12, adjoint="forward").m)


@pytest.mark.slow
def test_a_torque_of_nan_is_not_a_small_torque():
    """The first field is finite, then the energy is not defined: the run fails, it does not converge."""

    class Root(mj.EnergyTerm):
        def energy_density(self, m, sample):
            return 1e3 * jnp.sqrt(0.11 - m[2])

    system = mj.System(MESH, Ms=8e5, alpha=0.5, energy=Root() + mj.Zeeman(B=(0, 0, 1.0)))
    run = mj.evolve(system, UP, 1e-9, stop=stop.torque(below=1e-3), adjoint="forward")
    assert run.result in (Outcome.NOT_FINITE, Outcome.STEP_TOO_SMALL)


@pytest.mark.parametrize("below", [0.0, -1.0, np.nan])
def test_wrong_limits_are_named(below):
    with pytest.raises(ValueError, match="`below` must be a torque > 0"):
        stop.torque(below=below)
