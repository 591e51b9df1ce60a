"""The tableau that the solvers with and without inertia share."""

import jax.numpy as jnp
import numpy as np
import pytest

from magjax.solve.steppers.classical import classical_step


def test_one_step_is_the_series_to_fourth_order(precision) -> None:
    """For dy/dt = λy the method is Σ (hλ)ⁿ/n! to n = 4, and its error estimate (h/6)(k4 − λ y1); λh is 0.3."""
    rate, h = 3.0, 0.1
    start = jnp.ones(2, precision.dtype)
    y, error = classical_step(lambda t, y: rate * y, 0.0, h, start, rate * start)
    x = h * rate
    series = 1 + x + x**2 / 2 + x**3 / 6 + x**4 / 24
    k4 = rate * (1 + x + x**2 / 2 + x**3 / 4)
    assert y.dtype == precision.dtype
    np.testing.assert_allclose(y, series, rtol=4 * precision.eps)
    # The rates, about 4, nearly cancel.
    np.testing.assert_allclose(error(rate * y), h / 6 * (k4 - rate * series), rtol=0, atol=4 * h * precision.eps)


def test_a_rate_of_time_alone_is_integrated_as_by_simpson() -> None:
    """Exact for t³, from any start."""
    y, _ = classical_step(lambda t, y: t**3 + 0 * y, 1.0, 1.5, jnp.zeros(1), jnp.ones(1))
    assert float(y[0]) == pytest.approx((1.5**4 - 1) / 4, rel=1e-12, abs=0)
