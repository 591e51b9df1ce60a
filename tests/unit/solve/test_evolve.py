import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import magjax as mj
from magjax.results import Outcome
from magjax.solve.given import schedule, spins

MESH = mj.Mesh((3, 2, 1), (4e-9, 5e-9, 3e-9))
UP = mj.textures.uniform(MESH, (1, 0, 0))


def film(**changes):
    """Six spins in a field along z."""
    given = {"Ms": 8e5, "alpha": 0.1, "energy": mj.Exchange(A=8e-12) + mj.Zeeman(B=(0, 0, 0.5))}
    return mj.System(MESH, **{**given, **changes})


# ------------------------------------------------------------------------------------------------------------- saves
@given(st.integers(1, 200), st.floats(0.0, 0.999))
def test_saves_are_multiples_and_the_end(count, rest):
    every = 1e-12
    duration = (count + rest) * every
    times = np.asarray(schedule(duration, every, None, np.float64))
    assert times[-1] == pytest.approx(duration, rel=1e-12, abs=0)
    np.testing.assert_allclose(times[:-1], every * np.arange(1, len(times)), rtol=1e-8)
    assert np.all(np.diff(times) > 0)


def test_saves():
    assert schedule(1e-9, None, None, np.float64).tolist() == [1e-9]
    assert schedule(1e-9, 5e-9, None, np.float64).tolist() == [1e-9]
    np.testing.assert_allclose(schedule(1e-9, 0.4e-9, None, np.float64), [0.4e-9, 0.8e-9, 1e-9])
    assert schedule(1e-9, 1e-12, None, np.float64).shape == (1000,)
    assert schedule(3e-10, 1e-10, None, np.float32).dtype == np.float32
    np.testing.assert_allclose(schedule(1e-9, None, [0.1e-9, 1e-9], np.float64), [0.1e-9, 1e-9])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, None, None), "`duration` must be a time > 0"),
        ((np.nan, None, None), "`duration` must be a time > 0"),
        ((5.0, None, None), "did you mean ns"),
        ((1e-9, 0.0, None), "`save_every` must be a time > 0"),
        ((1e-9, 1e-10, [1e-9]), "both set the save times"),
        ((1e-9, None, []), "list of times"),
        ((1e-9, None, [2e-10, 1e-10]), "increasing times"),
        ((1e-9, None, [0.0, 1e-9]), "increasing times"),
        ((1e-9, None, [0.5e-9]), "must end with `duration`"),
    ],
)
def test_wrong_times_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        schedule(*arguments, np.float64)


# ------------------------------------------------------------------------------------------------------------- starts
def test_spins_are_put_on_the_sphere_and_empty_cells_emptied():
    Ms = np.full(MESH.shape, 8e5)
    Ms[0, 1, 2] = 0
    m = spins(3.0 * np.ones((3, *MESH.shape)), film(Ms=Ms))
    assert np.all(np.asarray(m)[:, 0, 1, 2] == 0)
    np.testing.assert_allclose(np.linalg.norm(m, axis=0)[0, 0], np.ones(3), rtol=1e-15)


@pytest.mark.parametrize(("given", "expected"), [(np.float32, np.float32), (np.float64, np.float64), (int, np.float64)])
def test_precision_is_that_of_the_spins(given, expected):
    assert spins(np.ones((3, *MESH.shape), given), film()).dtype == expected


@pytest.mark.parametrize(
    ("m0", "message"),
    [
        (np.ones((1, 2, 3, 3)), r"must have the shape \(3, nz, ny, nx\)"),
        (np.full((3, 1, 2, 3), np.nan), "6 cells that are not"),
        (np.zeros((3, 1, 2, 3)), "6 cells hold zero vectors"),
    ],
)
def test_wrong_starts_are_named(m0, message):
    with pytest.raises(ValueError, match=message):
        mj.evolve(film(), m0, 1e-12)


@pytest.mark.parametrize("arguments", [{"tolerance": 0.0}, {"dt": -1e-13}])
def test_wrong_steps_are_named(arguments):
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        mj.evolve(film(), UP, 1e-12, **arguments)


# ---------------------------------------------------------------------------------------------------------------- runs
@pytest.fixture(scope="module")
def run():
    """A run that saves everything there is, of a sample with a hole."""
    Ms = np.full(MESH.shape, 8e5)
    Ms[0, 1, 2], Ms[0, 0, 0] = 0, 4e5
    return mj.evolve(
        film(Ms=Ms),
        UP,
        10e-12,
        save_every=3e-12,
        states=True,
        observe={"clock": lambda t, m, system: t, "energy": lambda t, m, system: system.total_energy(m, t)},
        t0=1e-9,
    )


@pytest.mark.slow
def test_everything_is_recorded_at_the_saves(run):
    assert isinstance(run, mj.Trajectory)
    assert run.result is Outcome.SUCCESS
    np.testing.assert_allclose(run.t, 1e-9 + np.array([3e-12, 6e-12, 9e-12, 10e-12]), rtol=1e-12)
    np.testing.assert_allclose(run.observed["clock"], run.t, rtol=1e-12)
    assert run.states.shape == (4, 3, *MESH.shape)
    np.testing.assert_array_equal(run.states[-1], run.m)
    assert float(run.end) == pytest.approx(1.01e-9, rel=1e-6, abs=0)


@pytest.mark.slow
def test_averages_are_weighted_with_the_magnetisation(run):
    Ms = np.full(MESH.shape, 8e5)
    Ms[0, 1, 2], Ms[0, 0, 0] = 0, 4e5
    expected = np.einsum("nczyx,zyx->nc", np.asarray(run.states), Ms / Ms.sum())
    np.testing.assert_allclose(run.average, expected, atol=1e-14)


def test_empty_cells_stay_exactly_zero(run):
    assert np.all(np.asarray(run.states)[:, :, 0, 1, 2] == 0)


@pytest.mark.slow
def test_energy_falls_under_damping(run):
    assert np.all(np.diff(np.asarray(run.observed["energy"])) < 0)


@pytest.mark.slow
def test_drives_see_the_time_since_t0():
    """A field that exists only after t0 = 1 ns turns the spin as a constant one does from 0."""
    step = mj.drive.gaussian(t0=1e-9, width=1e-10)
    mesh = mj.Mesh((1, 1, 1), 5e-9)
    driven = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=step * (0, 0, 1.0)))
    m0 = mj.textures.uniform(mesh, (1, 0, 0))
    late = mj.evolve(driven, m0, 1e-12, t0=1e-9).average[-1]
    angle = mj.constants.GAMMA * 1e-12  # the pulse is 1 T to 5e-5 within a hundredth of its width
    np.testing.assert_allclose(late, [np.cos(angle), np.sin(angle), 0], atol=2e-5)


@pytest.mark.slow
@pytest.mark.parametrize("adjoint", ["checkpointed", "forward", "bounded"])
def test_too_few_steps_are_named(adjoint):
    run = mj.evolve(film(), UP, 50e-12, save_every=25e-12, dt=1e-13, max_steps=10, adjoint=adjoint)
    assert run.result is Outcome.MAX_STEPS
    assert int(run.steps) == 10
    assert np.all(np.isnan(run.average))
    assert np.all(np.isnan(run.t))


@pytest.mark.slow
def test_vmap_over_fields_is_a_loop_over_fields():
    """Each simulation of a batch takes its own steps: the same numbers as alone, to rounding."""

    def turn(B):
        run = mj.evolve(film() + mj.Zeeman(B=B), UP, 5e-12, save_every=2e-12)
        return run.average, run.steps

    fields = jnp.asarray([[0.0, 0.1, 0.0], [0.3, 0.0, -2.0], [0.0, 0.0, 9.0]])
    averages, steps = jax.jit(jax.vmap(turn))(fields)
    single = jax.jit(turn)
    assert len(set(np.asarray(steps).tolist())) > 1
    for i, B in enumerate(fields):
        average, n = single(B)
        np.testing.assert_allclose(averages[i], average, atol=1e-12)
        assert int(steps[i]) == int(n)


@pytest.mark.slow
def test_vmap_over_the_leaves_of_a_system(run):
    """A batch of systems is a system whose leaves have a leading axis."""
    alphas = jnp.asarray([0.0, 0.5])
    batch = eqx.filter_vmap(lambda alpha: film(alpha=alpha))(alphas)
    final = eqx.filter_vmap(lambda system: mj.evolve(system, UP, 5e-12, adjoint="forward").average[-1, 2])(batch)
    assert float(final[0]) == pytest.approx(0, abs=1e-6)
    assert float(final[1]) > 0.05


@pytest.mark.slow
def test_single_precision_agrees_with_double():
    single = mj.evolve(film(), UP.astype(np.float32), 10e-12)
    double = mj.evolve(film(), UP, 10e-12, tolerance=1e-8)
    assert single.average.dtype == np.float32
    np.testing.assert_allclose(single.average, double.average, atol=3e-5)
