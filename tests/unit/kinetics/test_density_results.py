"""Results of Fokker–Planck equations and walks: of a batch they report the worst, and NaN is an outcome."""

import jax
import jax.numpy as jnp
import pytest

from magjax.kinetics import Density, Overdamped, SlowMode, SphereDensity, SphereMode, Walk, walk
from magjax.results import Outcome

CODES = jnp.array([0, int(Outcome.NOT_CONVERGED), 0])
ROWS = jnp.zeros((3, 2))


@pytest.mark.parametrize(
    "result",
    [
        Density(t=ROWS, edges=ROWS, probability=ROWS, outcome=CODES),
        SphereDensity(t=ROWS, theta=ROWS, phi=ROWS, probability=ROWS, outcome=CODES),
        SlowMode(rate=ROWS, log_rate=ROWS, s=ROWS, flux=ROWS, outcome=CODES),
        SphereMode(rate=ROWS, outcome=CODES),
        Walk(t=ROWS, s=ROWS, outcome=CODES),
    ],
    ids=lambda result: type(result).__name__,
)
def test_a_batch_reports_its_worst(result):
    assert result.result is Outcome.NOT_CONVERGED
    assert not result.result.succeeded


def test_a_walk_that_runs_away_says_so():
    # An inverted well of fourth order is left in finite time.
    cliff = Overdamped(lambda s: -1e-20 * s**4, T=300.0, prefactor=1e9)
    run = walk(cliff, jnp.full(3, 10.0), dt=1e-9, steps=10, key=jax.random.key(0))
    assert run.result is Outcome.NOT_FINITE
