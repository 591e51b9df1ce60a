"""The verb `fit` on problems whose answers are known: lines, exponentials, and everything that can go wrong."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from magjax import fit
from magjax.fit.descent import Descent, as_solution, descend
from magjax.fit.level import check_level
from magjax.fit.pieces import fit_in_pieces
from magjax.results import Outcome

X = np.linspace(0, 3, 13)


def line(m, x):
    return m["a"] + m["b"] * x


def decay(m, t):
    return m["a"] * jnp.exp(-m["rate"] * t)


@pytest.fixture(scope="module")
def straight() -> fit.Fit:
    """A line through thirteen points with errors of 0.1, one of them missing."""
    y = 1 + 2 * X + 0.1 * np.random.default_rng(5).normal(size=X.size)
    y[4] = np.nan
    data = fit.Data(X, y, 0.1, observe=line)
    return fit.fit({"a": 0.3, "b": 1.0}, data, [fit.Parameter("a", unit="T"), fit.Parameter("b", log=True)])


@pytest.mark.slow
def test_line_is_the_one_of_linear_regression(straight) -> None:
    """Values, covariance and χ² as numpy's weighted polynomial fit has them."""
    (data,) = straight.problem.data
    known = np.asarray(data.mask)
    (b, a), covariance = np.polyfit(X[known], np.asarray(data.y)[known], 1, w=np.full(12, 10.0), cov="unscaled")
    assert straight.values == pytest.approx({"a": a, "b": b}, rel=1e-7, abs=0)
    assert np.allclose(straight.covariance, covariance[::-1, ::-1], rtol=1e-6, atol=0)
    left = np.asarray(straight.residuals[0])
    assert np.isnan(left[4])
    assert np.nansum(left**2) == pytest.approx(straight.chi_square, rel=1e-9, abs=0)
    assert straight.degrees_of_freedom == 10
    assert straight.result is Outcome.SUCCESS


@pytest.mark.slow
def test_fit_prints_a_table_and_saves_json(straight, tmp_path) -> None:
    text = str(straight)
    assert "Fit of 12 points (1 missing)" in text
    assert "±" in text
    assert text.splitlines()[1].endswith("T")
    straight.save(tmp_path / "fit.json")
    kept = json.loads((tmp_path / "fit.json").read_text())
    assert kept["values"]["b"] == straight.values["b"]
    assert np.allclose(kept["correlation"], straight.correlation, atol=1e-12)
    assert kept["missing"] == 1


def test_intervals_of_a_logarithm_are_factors(straight) -> None:
    low, high = straight.interval("b", 0.95)
    with pytest.raises(ValueError, match="Did you give a percentage"):
        straight.interval("b", 95)
    assert low * high == pytest.approx(straight.values["b"] ** 2, rel=1e-9, abs=0)
    assert straight.interval("a")[1] - straight.values["a"] == pytest.approx(straight.errors["a"], rel=1e-3, abs=0)


def test_pictures_are_drawn(straight) -> None:
    assert [bool(axes.get_xlabel()) for axes in fit.plot_fit(straight).axes] == [False, True]
    assert len(fit.corner(straight).axes) == len(straight.corner().axes) == 3


@pytest.mark.slow
def test_profile_of_a_line_is_a_parabola(straight) -> None:
    along = fit.profile(straight, "a", points=9)
    assert isinstance(along, fit.Profile)
    sigma = straight.errors["a"]
    assert np.allclose(along.excess, ((along.values - along.best) / sigma) ** 2, atol=1e-5)
    low, high = along.interval()
    assert (high - low) / 2 == pytest.approx(sigma, rel=1e-3, abs=0)
    assert fit.plot_profile(along).axes[0].get_xlabel()
    with pytest.raises(ValueError, match="must lie within the bounds of b"):
        fit.profile(straight, "b", (-1.0, 2.0))
    with pytest.raises(ValueError, match="Did you give a percentage"):
        along.interval(95)
    with pytest.raises(ValueError, match="`name` must be one of a, b"):
        fit.profile(straight, "c")


@pytest.mark.slow
def test_bootstrap_scatters_by_the_errors(straight) -> None:
    drawn = fit.bootstrap(straight, 1000, seed=3)
    assert isinstance(drawn, fit.Samples)
    assert drawn.errors["a"] == pytest.approx(straight.errors["a"], rel=0.1, abs=0)
    low, high = drawn.interval("a")
    assert (high - low) / 2 == pytest.approx(straight.errors["a"], rel=0.15, abs=0)
    assert fit.corner_of_samples(drawn).axes
    assert fit.bootstrap(straight, 1000, kind="residual").z.shape == (1000, 2)
    with pytest.raises(ValueError, match="2 fits or more"):
        fit.bootstrap(straight, 0)
    with pytest.raises(ValueError, match="Did you give a percentage"):
        drawn.interval("a", 68)
    with pytest.raises(ValueError, match="`kind` must be"):
        fit.bootstrap(straight, 2, kind="pairs")  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("method", ["gauss-newton", "lbfgs", optax.adam(optax.cosine_decay_schedule(0.1, 1500))])
def test_methods_agree(method, straight) -> None:
    (data,) = straight.problem.data
    steps = 200 if isinstance(method, str) else 3000
    found = fit.fit(straight.problem.model, data, list(straight.problem.parameters), method=method, max_steps=steps)
    assert found.values == pytest.approx(straight.values, rel=1e-4, abs=0)


@pytest.mark.slow
def test_unknown_errors_come_from_the_scatter() -> None:
    y = 1 + 2 * X + 0.05 * np.random.default_rng(6).normal(size=X.size)
    found = fit.fit({"a": 0.0, "b": 1.0}, fit.Data(X, y, observe=line), ["a", "b"])
    _, covariance = np.polyfit(X, y, 1, cov=True)
    assert found.errors["b"] == pytest.approx(float(np.sqrt(covariance[0, 0])), rel=1e-6, abs=0)
    assert np.isnan(found.p_value)
    assert "from the scatter" in str(found)
    with pytest.raises(ValueError, match="must have data with errors"):
        fit.draw_data(found.problem, found.z, 1, jax.random.key(0))


@pytest.mark.slow
def test_sets_share_parameters_and_ties_follow() -> None:
    """Two decays of one rate and different heights, the second tied to twice the first."""
    t = np.linspace(0, 2, 9)
    model = {"a": 1.0, "c": 0.0, "rate": 1.0}
    one = fit.Data(t, 3 * np.exp(-0.5 * t), 0.1, observe=decay, name="one")
    two = fit.Data(t, 6 * np.exp(-0.5 * t), 0.1, observe=lambda m, t: m["c"] * jnp.exp(-m["rate"] * t), name="two")
    tie = fit.Tie("c", lambda fitted: 2 * fitted["a"])
    found = fit.fit(model, [one, two], ["a", "rate"], ties=[tie])
    assert found.values == pytest.approx({"a": 3.0, "rate": 0.5}, rel=1e-6, abs=0)
    assert float(found.model["c"]) == pytest.approx(6.0, rel=1e-6, abs=0)
    assert len(fit.plot_fit(found).axes) == 4


@pytest.mark.slow
def test_fit_stays_within_bounds_and_says_so() -> None:
    data = fit.Data(X, 1 + 2 * X, 0.1, observe=line)
    found = fit.fit({"a": 0.3, "b": 1.0}, data, ["a", fit.Parameter("b", bounds=(0, 1.5))])
    assert found.values["b"] == pytest.approx(1.5, rel=1e-3, abs=0)
    assert "b is at its upper bound" in str(found)


@pytest.mark.slow
def test_diverging_model_is_backed_off_from() -> None:
    """A model that is NaN above 3: the first step leads there, is taken back and counted, and the fit ends at 2.9."""

    def steep(m, x):
        return jnp.where(m["a"] < 3, jnp.log(3.05 - jnp.minimum(m["a"], 3.0)) * x, jnp.nan)

    data = fit.Data(X, np.log(0.15) * X, 0.1, observe=steep)
    found = fit.fit({"a": -30.0}, data, "a")
    assert found.values["a"] == pytest.approx(2.9, rel=1e-6, abs=0)
    assert found.diverged > 0
    assert "taken back" in str(found)
    with pytest.raises(ValueError, match=r"must give numbers at the start .* a = 4"):
        fit.fit({"a": 4.0}, data, "a")


@pytest.mark.slow
def test_progress_is_told_and_interrupts_keep_what_there_is() -> None:
    said = []

    def stop(text: str) -> None:
        said.append(text)
        raise KeyboardInterrupt

    data = fit.Data(X, 2 * np.exp(-0.7 * X), 0.01, observe=decay)
    found = fit.fit({"a": 30.0, "rate": 5.0}, data, ["a", "rate"], progress=stop)
    assert found.result is Outcome.INTERRUPTED
    assert "not finished" in str(found)
    assert said[0].startswith("step 10: χ² = ")
    assert "rate = " in said[0]
    assert "it was stopped" in str(found)


@pytest.mark.slow
@pytest.mark.parametrize("method", ["lbfgs", optax.adam(optax.cosine_decay_schedule(0.1, 1500))])
def test_pieces_forget_nothing_that_matters(method, straight) -> None:
    """With progress: a schedule goes on from piece to piece, and steps are those that were asked."""
    (data,) = straight.problem.data
    said: list[str] = []
    options = {"method": method, "max_steps": 1550, "progress": said.append}
    found = fit.fit(straight.problem.model, data, list(straight.problem.parameters), **options)
    assert found.values == pytest.approx(straight.values, rel=1e-4, abs=0)
    assert found.steps <= 1550
    assert len(said) > 1 or method == "lbfgs"


@pytest.mark.slow
def test_descent_takes_back_what_is_no_number() -> None:
    """Steps of 10 into a model that is NaN above 3: none is taken, all are counted."""
    data = fit.Data(X, 5 * X, 0.1, observe=lambda m, x: jnp.where(m["a"] < 3, m["a"], jnp.nan) * x)
    problem = fit.Problem({"a": 2.0}, data, fit.Parameter("a", scale=1.0))
    method = optax.sgd(optax.constant_schedule(1e-3))
    state = Descent.begin(problem, problem.start[None], method)
    state = descend(problem, state, method, 5)
    found = as_solution(problem, state, 5, jnp.array([False]))
    assert int(found.diverged[0]) == 5
    assert float(found.z[0, 0]) == 2.0
    options = {"method": method, "tolerance": None}
    ended, stopped = fit_in_pieces(problem, problem.start[None], options, 5, lambda done: None)
    assert not stopped
    assert ended.result is Outcome.SUCCESS  # χ² no longer changes


@pytest.mark.slow
def test_map_is_smooth_where_data_are_missing() -> None:
    """Five numbers of an array from three: `smooth` makes a straight line of the others."""
    pick = np.array([0, 2, 4])
    data = fit.Data(pick, np.array([1.0, 2.0, 3.0]), 0.01, observe=lambda m, i: m["Ms"][i])
    found = fit.fit({"Ms": jnp.full(5, 1.5)}, data, fit.Parameter("Ms", smooth=1.0, prior=(2.0, 1e3)))
    assert np.allclose(found.values["Ms"], [1, 1.5, 2, 2.5, 3], atol=1e-3)
    assert found.errors["Ms"].shape == (5,)
    assert found.problem.names[1] == "Ms[1]"


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: fit.Data(X, X, 0.0), "`error` must hold standard errors > 0"),
        (lambda: fit.Data(X, X, np.ones(3)), "`error` must have the shape of `y`"),
        (lambda: fit.Data(X, {"m": X}, {"n": 1.0}), "`error` must be given for m"),
        (lambda: fit.Data(X, X * np.nan), "must hold at least one point"),
        (lambda: fit.Problem({"a": 1.0}, fit.Data(X, X), "c"), "the model has no 'c', only a"),
        (lambda: fit.Problem({"a": 1.0}, fit.Data(X, X), fit.Parameter("a", bounds=(2, 3))), "`start` of a must lie"),
        (lambda: fit.Problem({"a": 1.0, "b": 1.0}, fit.Data(1.0, 1.0), ["a", "b"]), "as many points as"),
        (lambda: fit.Problem({"a": 1.0}, fit.Data(X, X), ["a", "a"]), "each parameter once"),
        (lambda: fit.Problem({"a": 1.0}, fit.Data(X, X), []), "at least one parameter"),
        (lambda: fit.Problem({"a": -1.0}, fit.Data(X, X), fit.Parameter("a", log=True)), "`start` of a must"),
        (lambda: fit.fit({"a": 1.0, "b": 1.0}, fit.Data(X[:2], X[:2], observe=line), ["a", "b"]), "give an `error`"),
        (lambda: check_level(95), "Did you give a percentage"),
        (lambda: fit.Parameter("a", bounds=(3, 2)), "`bounds` of a must rise"),
        (lambda: fit.Parameter("a", prior=(1, 0)), "`prior` of a must be"),
        (lambda: fit.Parameter("a", smooth=-1.0), "`smooth` of a must be > 0"),
        (lambda: fit.solve(fit.Problem({"a": 1.0}, fit.Data(X, X), "a"), method="magic"), "`method` must be"),
        (lambda: fit.Data(X, {"m": X}, observe=lambda m, x: x).predicted({}), "the model returns an array"),
        (lambda: fit.Data(X, X, observe=lambda m, x: x[:2]).predicted({}), "the model returns"),
    ],
)
def test_bad_input_is_named(build, message) -> None:
    with pytest.raises(ValueError, match=message):
        build()


def test_missing_inputs_and_errors_are_missing_points() -> None:
    x, error = X.copy(), np.full(X.size, 0.1)
    x[0], error[1] = np.nan, np.nan
    assert fit.Data(x, X, error).missing == 2
    assert fit.Data({"t": x, "T": X}, {"M": X, "S": X}).missing == 2


@pytest.mark.slow
def test_optimum_is_differentiated_by_the_data() -> None:
    """d(fitted mean)/dyᵢ = 1/n, through the solution of the fit."""
    data = fit.Data(np.arange(4.0), np.array([1.0, 2.0, 4.0, 5.0]), 1.0, observe=lambda m, x: m["a"] + 0 * x)
    problem = fit.Problem({"a": 2.0}, data, fit.Parameter("a", scale=1.0))
    slope = jax.jit(jax.grad(lambda y: fit.solve(problem, y=y).z[0]))(problem.measured())
    assert np.allclose(slope, 0.25, atol=1e-7)


@pytest.mark.slow
def test_single_precision_is_kept() -> None:
    x = X.astype(np.float32)
    data = fit.Data(x, 1 + 2 * x, np.float32(0.1), observe=line)
    found = fit.fit({"a": 0.3, "b": 1.0}, data, ["a", "b"])
    assert found.z.dtype == np.float32
    assert found.values == pytest.approx({"a": 1.0, "b": 2.0}, rel=1e-4, abs=0)


@pytest.mark.slow
def test_starts_stay_within_bounds() -> None:
    places = [fit.Parameter("a", bounds=(0, 10)), fit.Parameter("b", bounds=(0.5, np.inf))]
    problem = fit.Problem({"a": 1.0, "b": 1.0}, fit.Data(X, X), places)
    z = fit.draw_starts(problem, 200, jax.random.key(0))
    assert ((z > problem.low[None]) & (z < problem.high[None])).all()
    assert isinstance(
        fit.identify(["a"], fit.Fisher.of(np.ones((2, 1))), np.ones(1), np.ones(1), np.zeros(1, bool)),
        fit.Identifiability,
    )
    assert fit.Solution(*jnp.zeros((5, 1))).result is Outcome.SUCCESS


def test_blind_directions_do_not_keep_a_fit_going() -> None:
    """Noisy data that know a·b only: the fit ends where χ² does, long before its steps are used up."""
    y = 2 * X + 0.1 * np.random.default_rng(8).normal(size=X.size)
    data = fit.Data(X, y, 0.1, observe=lambda m, x: m["a"] * m["b"] * x + 1e-9 * jnp.cos(m["a"]))
    found = fit.fit({"a": 0.5, "b": 1.0}, data, ["a", "b"])
    assert found.result is Outcome.SUCCESS
    assert found.steps < 50
    assert found.values["a"] * found.values["b"] == pytest.approx(2.0, rel=0.1, abs=0)
    assert "a and b cannot be told apart" in str(found) or "not determined" in str(found)
