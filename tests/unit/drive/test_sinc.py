"""The sinc pulse where formulas for it fail: at and near its maximum."""

from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import drive
from magjax.drive.sinc import _sinc


def exact(u: float, derivative: int) -> float:
    """The derivative of sin(u)/u from its series in exact arithmetic."""
    x, total = Fraction(u), Fraction(0)
    factorial = [1]
    for n in range(1, 80):
        factorial.append(factorial[-1] * n)
    for k in range(30):
        power = 2 * k - derivative
        if power >= 0:
            total += Fraction((-1) ** k * factorial[2 * k], factorial[2 * k + 1] * factorial[power]) * x**power
    return float(total)


@pytest.mark.slow
@pytest.mark.parametrize("u", [0.0, 1e-12, -1e-6, 1e-3, 0.1, -0.7, 0.999, 1.0, 1.3, -2.5])
def test_value_and_two_derivatives_keep_every_digit(u: float, precision: Any) -> None:
    """The quotient cancels at worst at |u| = 1, where its second derivative loses a factor of ten."""
    u = float(np.asarray(u, precision.dtype))
    x = jnp.asarray(u, precision.dtype)
    found = (_sinc(x), jax.grad(_sinc)(x), jax.grad(jax.grad(_sinc))(x))
    for order, value in enumerate(found):
        np.testing.assert_allclose(value, exact(u, order), rtol=32 * precision.eps, atol=16 * precision.eps * abs(u))


def test_derivative_by_the_cutoff_at_the_maximum_is_zero_and_finite() -> None:
    value = lambda cutoff, t0: drive.sinc(cutoff, t0)(0.5e-9)  # noqa: E731
    assert [float(g) for g in jax.grad(value, argnums=(0, 1))(30e9, 0.5e-9)] == [0.0, 0.0]


def test_spectrum_is_flat_up_to_the_cutoff() -> None:
    """Away from the edge, whose ripple a finite record of ±50 periods widens."""
    n, dt = 4096, 5e-12
    t = (np.arange(n) - n // 2) * dt
    spectrum = np.abs(np.fft.rfft(drive.sinc(cutoff=20e9)(t))) * dt
    f = np.fft.rfftfreq(n, dt)
    height = 1 / (2 * 20e9)
    np.testing.assert_allclose(spectrum[f < 18e9], height, rtol=0.02)
    np.testing.assert_allclose(spectrum[f > 22e9], 0, atol=0.02 * height)
