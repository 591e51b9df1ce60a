import jax.numpy as jnp
import pytest

from magjax.results import Outcome, SolveError, check


def test_every_outcome_has_advice():
    for outcome in Outcome:
        assert outcome.advice.endswith((".", "run."))
    assert len({outcome.advice for outcome in Outcome}) == len(Outcome)
    assert {o for o in Outcome if o.succeeded} == {Outcome.SUCCESS, Outcome.STOPPED}


def test_success_passes_and_failure_raises_what_to_try():
    assert check(jnp.asarray(1), "evolve") is Outcome.STOPPED
    with pytest.raises(SolveError, match="`evolve` failed at 3 ps: A value became NaN") as caught:
        check(jnp.asarray(int(Outcome.NOT_FINITE)), "evolve", "at 3 ps")
    assert caught.value.outcome is Outcome.NOT_FINITE


@pytest.mark.parametrize("codes", [[0, 4, 1], [4, 4], [0, 0, 4]])
def test_of_a_batch_the_worst_counts(codes):
    with pytest.raises(SolveError) as caught:
        check(jnp.asarray(codes), "evolve")
    assert caught.value.outcome is Outcome.MAX_STEPS
