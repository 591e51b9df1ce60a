import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special

from magjax import constants
from magjax.analytic import lifetime, viscosity


@pytest.mark.slow
def test_exponential_integral_against_scipy():
    """From arguments that are hardly numbers to where nothing is left; its slope is −e^(−x)/x.

    The argument goes through its logarithm, whose rounding e^(−80) turns into 80 ln 80 times as much: 4e-14.
    """
    x = np.array([1e-300, 1e-30, 1e-3, 0.5, 1.0, 1.999, 2.0, 2.5, 10.0, 80.0])
    np.testing.assert_allclose(viscosity.exponential_integral(x), scipy.special.exp1(x), rtol=1e-13)
    slope = jax.vmap(jax.grad(viscosity.exponential_integral))(jnp.asarray(x[2:]))
    np.testing.assert_allclose(slope, -np.exp(-x[2:]) / x[2:], rtol=1e-13)
    assert float(viscosity.exponential_integral(jnp.float32(1.0))) == pytest.approx(0.2193839, rel=1e-6, abs=0)


def test_the_barrier_being_crossed():
    """E* over k is T ln(t/τ0) + 0.577 T, and T ln(t/τ0) the barrier that is crossed once in t."""
    scaled = float(viscosity.scaling_variable(100.0, 300.0))
    assert scaled == pytest.approx(float(lifetime.required_barrier(100.0, 300.0)) / constants.KB, rel=1e-13, abs=0)
    critical = float(viscosity.critical_barrier(100.0, 300.0)) / constants.KB
    assert critical - scaled == pytest.approx(300 * 0.5772156649, rel=1e-9, abs=0)
