"""Posterior samples: a line, whose posterior is known; errors that are not known; and what has no posterior."""

import builtins

import numpy as np
import pytest

from magjax import fit
from magjax.results import Outcome

X = np.linspace(0, 3, 13)
Y = 1 + 2 * X + 0.1 * np.random.default_rng(5).normal(size=X.size)


def line(m, x):
    return m["a"] + m["b"] * x


def fitted(error, **changes) -> fit.Fit:
    return fit.fit({"a": 0.3, "b": 1.0}, fit.Data(X, Y, error, observe=line), ["a", fit.Parameter("b", **changes)])


@pytest.mark.slow
def test_posterior_of_a_line_is_the_bell_of_its_fisher_information() -> None:
    """Mean and standard deviation of 2000 samples, a few hundred of them independent or more, to a tenth."""
    pytest.importorskip("blackjax", reason="blackjax, an extra, is not installed")
    found = fitted(0.1)
    drawn = fit.sample_posterior(found, 500, warmup=200, seed=2)
    assert isinstance(drawn, fit.Posterior)
    assert drawn.result is Outcome.SUCCESS
    assert drawn.divergent == 0
    assert (drawn.effective > 400).all()
    for name in ("a", "b"):
        assert drawn.samples.errors[name] == pytest.approx(found.errors[name], rel=0.1, abs=0)
        assert drawn.samples.values[name].mean() == pytest.approx(found.values[name], abs=0.2 * found.errors[name])
    low, high = drawn.interval("a", 0.95)
    assert (high - low) / 2 == pytest.approx(1.96 * found.errors["a"], rel=0.15, abs=0)
    assert len(drawn.corner().axes) == 3


@pytest.mark.slow
def test_posterior_of_unknown_errors_is_that_of_student() -> None:
    """With the error integrated over, eleven degrees of freedom: the standard deviation is √(11/9) times the fit's."""
    pytest.importorskip("blackjax", reason="blackjax, an extra, is not installed")
    found = fitted(None)
    drawn = fit.sample_posterior(found, 1000, warmup=200, seed=3)
    assert drawn.samples.errors["a"] == pytest.approx(np.sqrt(11 / 9) * found.errors["a"], rel=0.12, abs=0)


@pytest.mark.slow
def test_posterior_stays_between_bounds() -> None:
    """Where the best line is beyond a bound: half of a bell's tail, all of it inside."""
    pytest.importorskip("blackjax", reason="blackjax, an extra, is not installed")
    drawn = fit.sample_posterior(fitted(0.1, bounds=(0, 1.9)), 500, warmup=300, seed=4)
    b = drawn.samples.values["b"]
    assert (b < 1.9).all()
    assert b.mean() > 1.8


def test_what_has_no_posterior_is_named(monkeypatch) -> None:
    found = fitted(0.1)
    with pytest.raises(ValueError, match="must be at least 4, 2 and 20"):
        fit.sample_posterior(found, 1)
    taken = builtins.__import__

    def without(name, *more):
        if name == "blackjax":
            raise ModuleNotFoundError(name)
        return taken(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModuleNotFoundError, match=r"pip install magjax\[posterior\]"):
        fit.sample_posterior(found, 10)


@pytest.mark.slow
def test_parameters_without_an_end_have_no_posterior() -> None:
    pytest.importorskip("blackjax", reason="blackjax, an extra, is not installed")
    data = fit.Data(X, Y, 0.1, observe=lambda m, x: m["a"] * m["b"] * x)
    with pytest.raises(ValueError, match="say nothing of a, b"):
        fit.sample_posterior(fit.fit({"a": 1.0, "b": 1.0}, data, ["a", "b"]), 10)
