"""Statistics against the trajectories they do without, which a short run can keep."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.batch.statistics.base import AbstractStatistic, Frame

MESH = mj.Mesh((1, 1, 1), 5e-9)
PARTICLE = mj.System(MESH, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, 0.5)))
STATISTICS = {
    "path": mj.batch.Record("m"),
    "energy (J)": mj.batch.Record(lambda t, m, system: system.total_energy(m)),
    "mean": mj.batch.Mean("m", after=10e-12, each=True),
    "square": mj.batch.Mean(lambda t, m, system: m[2, 0, 0, 0] ** 2),
    "course": mj.batch.Course("m"),
    "counts": mj.batch.Histogram("m_z", bins=7, low=-0.5, high=0.9, after=10e-12),
    "fall": mj.batch.FirstPassage("m_z", below=0.5),
    "rise": mj.batch.FirstPassage("m_x", above=0.4),
    "memory": mj.batch.Autocorrelation("m_x", lags=6, after=10e-12),
}


@pytest.fixture(scope="module")
def data():
    """Thirty members at each of two temperatures, for 40 saves."""
    noise = {"dynamics": mj.Langevin(T=0.0, seed=5), "dt": 2e-13, "save_every": 1e-12}
    found = mj.ensemble(
        PARTICLE,
        mj.textures.uniform(MESH, "z"),
        40e-12,
        replicas=30,
        over={"T": [100.0, 300.0]},
        chunk=64,
        statistics=STATISTICS,
        progress=False,
        **noise,
    )
    return found.to_xarray()


@pytest.mark.slow
def test_record(data):
    """The values themselves, and a function of each member in its own unit: −Ms V m·B."""
    np.testing.assert_array_equal(data.path[:, :, -1], data.m_end)
    np.testing.assert_allclose(data.energy, -8e5 * 125e-27 * 0.5 * data.path[..., 2], rtol=1e-12)
    assert data.energy.attrs["units"] == "J"


def test_mean(data):
    """Over time and replicas; its error from the scatter of the replicas' own."""
    late = data.path.values[:, :, 10:]
    np.testing.assert_allclose(data.mean_mean, late.mean((1, 2)), rtol=1e-12)
    np.testing.assert_allclose(data.mean_variance, late.var((1, 2)), rtol=1e-10)
    np.testing.assert_allclose(data.mean_error, late.mean(2).std(1, ddof=1) / np.sqrt(30), rtol=1e-10)
    np.testing.assert_allclose(data.mean_each, late.mean(2), rtol=1e-12)
    np.testing.assert_allclose(data.square_mean, (data.path.values[..., 2] ** 2).mean((1, 2)), rtol=1e-12)


def test_course(data):
    """Save by save, to the whole multiples of 2⁻²⁴ that it adds; a difference of squares loses half of these digits."""
    path = data.path.values
    np.testing.assert_allclose(data.course_mean, path.mean(1), atol=2**-24)
    np.testing.assert_allclose(data.course_error, path.std(1, ddof=1) / np.sqrt(30), rtol=1e-4, atol=1e-6)
    assert data.course_mean.dims == ("T", "t", "component")


def test_histogram(data):
    """NumPy's counts, and those outside."""
    for i in range(2):
        values = data.path.values[i, :, 10:, 2].ravel()
        counts, _ = np.histogram(values, 7, (-0.5, 0.9))
        np.testing.assert_array_equal(data.counts_counts[i], counts)
        assert int(data.counts_outside[i]) == values.size - counts.sum()
        np.testing.assert_allclose(data.counts_density[i], counts / values.size / 0.2, rtol=1e-12)


def test_first_passage(data):
    """The first save beyond, less the part of the interval that a straight line gives."""
    path = np.concatenate([np.ones((2, 30, 1)), data.path.values[..., 2]], axis=2)
    t = np.arange(41) * 1e-12
    for point in range(2):
        expected, spent = [], 0.0
        for x in path[point]:
            beyond = np.flatnonzero(x <= 0.5)
            if len(beyond):
                i = beyond[0]
                expected.append(t[i - 1] + (x[i - 1] - 0.5) / (x[i - 1] - x[i]) * 1e-12)
            else:
                expected.append(np.nan)
            spent += expected[-1] if len(beyond) else t[-1]
        np.testing.assert_allclose(data.fall[point], expected, rtol=1e-9)
        passed = np.isfinite(expected).sum()
        assert float(data.fall_passed[point]) == passed / 30
        assert float(data.fall_rate[point]) == pytest.approx(passed / spent, rel=1e-9, abs=0)
    assert 0 < float(data.rise_passed[1]) <= 1


def test_autocorrelation(data):
    """Products at a distance, less the square of the mean."""
    late = data.path.values[:, :, 10:, 0]
    for lag in range(7):
        products = (late[:, :, lag:] * late[:, :, : 30 - lag]).mean((1, 2))
        np.testing.assert_allclose(
            data.memory_autocovariance[:, lag], products - late.mean((1, 2)) ** 2, rtol=1e-9, atol=1e-15
        )
    np.testing.assert_allclose(data.memory_lag, np.arange(7) * 1e-12, rtol=1e-12)


@pytest.mark.parametrize("name", ["mean", "counts", "fall", "memory"])
def test_memory_does_not_grow_with_the_run(name):
    """The state of a run of a million saves is that of a run of ten."""
    statistic: AbstractStatistic = STATISTICS[name]
    x = jnp.zeros((64, 1))

    def state(saves):
        frame = Frame(jnp.zeros(64, jnp.int32), jnp.ones(64, bool), 1, saves)
        return jax.eval_shape(lambda x: statistic.start(x, frame), x)

    assert state(10) == state(1_000_000)
    assert statistic.numbers(10) == statistic.numbers(1_000_000)


@pytest.mark.slow
def test_counts_beyond_32_bits():
    """A histogram of 2³³ values: the lower half of a count is carried into the upper one before it can overflow."""
    statistic = mj.batch.Histogram("m_z", bins=2)
    frame = Frame(jnp.zeros(4, jnp.int32), jnp.ones(4, bool), 1, 1)
    state = statistic.start(jnp.ones((4, 1)), frame)
    full = {"low": state["low"] + (2**16 - 1), "high": state["high"] + (2**17 - 1)}
    from magjax.batch.statistics.base import Joined, Moment

    moment = Moment(jnp.asarray(1.0), jnp.asarray(0.0), jnp.asarray(0), frame)
    after = jax.tree_util.tree_map(np.asarray, statistic.update(full, jnp.ones((4, 1)), moment))
    columns = statistic.result(Joined(after, np.zeros((1, 4), bool), np.array([1.0])))
    assert columns[0].values.tolist() == [[2**33 - 1, 2**33 + 3]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mj.batch.Mean("mz"), "must be one of"),
        (lambda: mj.batch.Mean("m", after=-1.0), "time ≥ 0"),
        (lambda: mj.batch.Course(bound=0.0), "number > 0"),
        (lambda: mj.batch.Histogram(bins=0), "whole number ≥ 1"),
        (lambda: mj.batch.Histogram(low=1.0, high=0.0), "above `low`"),
        (lambda: mj.batch.FirstPassage("m", below=0.0), "one number"),
        (lambda: mj.batch.FirstPassage("m_z"), "exactly one"),
        (lambda: mj.batch.Autocorrelation(lags=0), "whole number ≥ 1"),
        (lambda: mj.batch.Record("n"), "must be one of"),
    ],
)
def test_what_cannot_be_meant_is_refused(make, message):
    """With what was given."""
    with pytest.raises(ValueError, match=message):
        make()


def test_design():
    """A grid and a list of points, their numbers and their coordinates."""
    values = {"alpha": np.array([0.1, 0.2]), "B": np.array([[0, 0, 1.0], [0, 1.0, 0], [1.0, 0, 0]])}
    grid = mj.batch.Design(values, replicas=10)
    assert (grid.dims, grid.shape, grid.members) == (("alpha", "B"), (2, 3), 60)
    assert grid.at(np.array([4]))["B"].tolist() == [[0, 1, 0]]
    assert grid.coordinates({"B": "T"})["B_x"][1].tolist() == [0, 0, 1]
    with pytest.raises(ValueError, match="one length"):
        mj.batch.Design(values, kind="zip")
    with pytest.raises(ValueError, match="numbers for"):
        mj.batch.Design({"alpha": np.zeros(2**20)}, replicas=2**13)
