import jax.numpy as jnp
import numpy as np
import pytest

from magjax import quantum
from magjax.quantum.flow import Flow, flow

SPIN = quantum.Spins(0.5, n=2)


@pytest.mark.slow
def test_single_precision_stays_single():
    run = quantum.invariant_vector(jnp.ones(3, jnp.float32), (0, 0, 1.0), (0, 1e-11))
    assert run.values.dtype == jnp.float32
    assert isinstance(run, Flow)
    rho = quantum.invariant_state(SPIN, jnp.ones(3, jnp.float32))
    assert np.isfinite(np.asarray(rho)).all()


def test_strong_invariants_do_not_overflow():
    """β|R| of a thousand: the ground state of I."""
    rho = np.asarray(quantum.invariant_state(SPIN, (0, 0, 1.0), beta=1e3))
    np.testing.assert_allclose(rho.diagonal().real, [0, 0, 0, 1], atol=1e-15)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quantum.invariant_vector((1.0, 0), (0, 0, 1.0), (0, 1e-11)), "`R0` must be a vector"),
        (lambda: quantum.invariant_vector((1.0, 0, 0), 0.1, (0, 1e-11)), "`B` must have the shape"),
        (lambda: quantum.invariant_vector((1.0, 0, 0), (0, 0, 1.0), (1e-11, 0)), "`times` must go forwards"),
        (lambda: quantum.invariant(SPIN, np.ones((3, 3))), "`R` must have the shape"),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.slow
def test_a_flow_that_fails_says_so():
    """Too few steps, and values that leave every bound."""
    few = flow(lambda t, y, _: 1e12 * jnp.sin(1e12 * t) * y, jnp.ones(1), (0.0, 1e-9), max_steps=3)
    assert few.result.name == "MAX_STEPS"
    blown = flow(lambda t, y, _: y**2, jnp.ones(1), (0.0, 2.0))
    assert blown.result.name in ("STEP_TOO_SMALL", "NOT_FINITE", "MAX_STEPS")
