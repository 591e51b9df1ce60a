import numpy as np
import pytest

from magjax.observe import Survival, coercivity, survival, switching_rate


def test_survival_without_losses_is_the_part_that_is_left(rng):
    times = rng.exponential(2.0, 400)
    found = survival(np.where(times < 5, times, np.inf).reshape(20, 20), 5.0)
    assert isinstance(found, Survival)
    inside = np.sort(times[times < 5])
    np.testing.assert_allclose(found.fraction, 1 - np.arange(1, inside.size + 1) / 400, rtol=0, atol=1e-12)
    # Greenwood's error is then that of a binomial distribution.
    np.testing.assert_allclose(found.error, np.sqrt(found.fraction * (1 - found.fraction) / 400), rtol=1e-9, atol=0)
    assert found([0.0, 1e9]).tolist() == [1.0, found.fraction[-1]]


def test_survival_counts_those_that_were_watched_for_less(rng):
    """Exponential times, each watched for a random time: the estimate is exp(−t) within four of its errors."""
    times, end = rng.exponential(1.0, 20_000), rng.uniform(0.2, 3.0, 20_000)
    seen = np.where(times < end, times, np.inf)
    seen[:10] = np.nan  # that do not count
    found = survival(seen, end)
    some = slice(100, -100, 50)
    assert np.all(np.abs(found.fraction - np.exp(-found.t))[some] < 4 * found.error[some])
    rate, error = switching_rate(seen, end)
    assert rate == pytest.approx(1.0, rel=0, abs=4 * error)
    later, more = switching_rate(seen, end, after=0.5)
    assert later == pytest.approx(1.0, rel=0, abs=4 * more)
    assert more > error


def test_all_at_once():
    found = survival([1.0, 1.0], 2.0)
    assert found.t.tolist() == [1.0]
    assert found.fraction.tolist() == found.error.tolist() == [0.0]


def test_nothing_switched():
    assert survival([np.inf, np.inf], 2.0).t.size == 0
    assert switching_rate([np.inf, np.inf], 2.0) == (0.0, 0.25)
    assert coercivity([np.inf] * 5) == (np.inf, np.inf)


def test_the_error_of_a_coercivity_is_its_scatter(rng):
    """Over 400 ensembles of 200 skewed fields the error that each gives is the scatter of what each finds."""
    ensembles = rng.gumbel(size=(400, 200))
    found = np.array([coercivity(fields) for fields in ensembles])
    assert found[:, 1].mean() == pytest.approx(found[:, 0].std(), rel=0.15, abs=0)
    assert found[:, 0].mean() == pytest.approx(-np.log(np.log(2)), rel=0, abs=0.02)
    # Those that did not switch only count as later than all others.
    late = np.sort(ensembles[0])
    late[150:] = np.inf
    assert coercivity(late) == coercivity(ensembles[0])
    low, _ = coercivity(ensembles, quantile=0.1)
    assert low == pytest.approx(-np.log(-np.log(0.1)), rel=0, abs=0.03)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: survival([np.nan], 1.0), "none that counts"),
        (lambda: survival([-1.0], 1.0), "must be ≥ 0"),
        (lambda: survival([2.0], 1.0), "at most `end`"),
        (lambda: switching_rate([0.5], 1.0, after=2.0), "must leave something"),
        (lambda: coercivity([1.0, 2.0]), "at least four"),
        (lambda: coercivity([1.0] * 5, quantile=50), "between 0 and 1"),
    ],
)
def test_what_cannot_be_meant(call, message):
    with pytest.raises(ValueError, match=message):
        call()
