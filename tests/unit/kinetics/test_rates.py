"""Rates as functions of numbers: they keep the precision of their arguments, and differentiate as differences do."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import kinetics

CASES = {
    "arrhenius": (8e-20, 300.0, 1e9),
    "brown_rate": (8e-20, 300.0, 1e-18, 0.1, 0.01),
    "diffusion_time": (300.0, 1e-18, 0.1),
    "entropic_time": (1e-9, 1e-23),
    "kramers": (8e-20, 300.0, 2e9, 1e9, 3e9),
    "mean_lifetime": (8e-20, 300.0, 1e9),
    "meyer_neldel_time": (1e-9, 8e-20, 400.0),
    "neel": (8e-20, 300.0, 1e9, 1e-18, 0.01),
    "reduced_field": (8e-20, 1e-18, 0.01),
    "rotational_loss": (0.7,),
}


@pytest.mark.parametrize("name", CASES)
def test_precision_is_that_of_the_arguments(name, precision):
    """Single stays single, double double; nothing is computed here."""
    numbers = [jnp.asarray(x, precision.dtype) for x in CASES[name]]
    assert jax.eval_shape(getattr(kinetics, name), *numbers).dtype == precision.dtype


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_derivatives_are_those_of_differences(name):
    """d/d(ln x) of the logarithm of each by a reverse pass; steps of 6e-6 leave differences right to 1e-8."""
    x, step = jnp.asarray(CASES[name]), 6e-6

    @jax.jit
    def program(x):
        log = lambda factors: jnp.log(getattr(kinetics, name)(*(x * factors)))  # noqa: E731
        one = jnp.ones_like(x)
        points = jnp.concatenate([one[None] + step * jnp.eye(x.size), one[None] - step * jnp.eye(x.size)])
        return jax.grad(log)(one), jax.vmap(log)(points)

    slopes, values = program(x)
    assert np.isfinite(slopes).all()
    np.testing.assert_allclose(slopes, (values[: x.size] - values[x.size :]) / (2 * step), rtol=1e-7, atol=1e-7)
