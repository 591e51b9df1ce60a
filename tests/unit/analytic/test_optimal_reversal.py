"""Optimal pulses for reversing a macrospin: elliptic integrals to many digits, limits, and the pulse itself."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from magjax.analytic import optimal_reversal

K, MS, ALPHA, GAMMA = 1e5, 1e6, 0.1, 1.76085963e11
COST = jax.jit(optimal_reversal.least_cost)


@pytest.mark.parametrize("rest", [1 - 1e-6, 0.5, 1e-20, 1e-200])
def test_least_cost_is_that_of_the_pendulum(rest) -> None:
    """Durations made from 1 − p, elliptic integrals to 230 digits; 1e-12 is rounding."""
    with mpmath.workdps(230):
        rest, alpha = mpmath.mpf(rest), mpmath.mpf(ALPHA)
        p, omega = 1 - rest, 2 * alpha * GAMMA * K / ((1 + alpha**2) * MS)
        full, part = mpmath.ellipk(p), mpmath.ellipe(p)
        duration = float(4 * mpmath.sqrt(p) * full / omega)
        expected = float((1 + alpha**2) * omega / (mpmath.mpf(GAMMA) ** 2 * mpmath.sqrt(p)) * (2 * part - rest * full))
    assert float(COST(duration, K, MS, ALPHA, GAMMA)) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.slow
def test_least_cost_lies_above_its_limits_and_tends_to_them() -> None:
    durations = jnp.geomspace(1e-13, 1e-7, 25)
    cost = np.asarray(optimal_reversal.least_cost(durations, K, MS, ALPHA))
    short = np.asarray(optimal_reversal.short_pulse_cost(durations, ALPHA))
    long = float(optimal_reversal.long_pulse_cost(K, MS, ALPHA))
    assert (cost >= short * (1 - 1e-12)).all()
    assert (cost >= long * (1 - 1e-12)).all()
    assert cost[0] == pytest.approx(short[0], rel=1e-6, abs=0)
    assert cost[-1] == pytest.approx(long, rel=1e-12, abs=0)
    free = optimal_reversal.least_cost(1e-9, K, MS, 0.0)
    assert float(free) == pytest.approx(float(optimal_reversal.short_pulse_cost(1e-9)), rel=1e-12, abs=0)


@pytest.mark.slow
def test_pulse_has_the_cost_and_the_angle_obeys_the_equation_of_motion() -> None:
    """∫B² dt of the pulse, and θ' by differences: both converge as the square of the spacing, 1e-6 here."""
    duration = 3e-9
    t = jnp.linspace(0, duration, 4001)
    args = (duration, K, MS, ALPHA)
    B, theta = (np.asarray(f(t, *args)) for f in (optimal_reversal.pulse_strength, optimal_reversal.polar_angle))
    cost = float(optimal_reversal.least_cost(*args))
    assert np.trapezoid(B**2, t) == pytest.approx(cost, rel=1e-6, abs=0)
    assert np.linalg.norm(optimal_reversal.pulse(t, *args), axis=-1) == pytest.approx(B, rel=1e-12, abs=0)
    omega = 2 * ALPHA * GAMMA * K / ((1 + ALPHA**2) * MS)
    rate = GAMMA * B / np.sqrt(1 + ALPHA**2) - omega * np.sin(2 * theta) / 2
    assert np.gradient(theta, np.asarray(t))[1:-1] == pytest.approx(rate[1:-1], abs=1e-5 * omega)
    turn = 2 * GAMMA * K / ((1 + ALPHA**2) * MS) * np.cos(theta)
    phi = np.asarray(optimal_reversal.azimuth(t, *args))
    assert np.gradient(phi, np.asarray(t))[1:-1] == pytest.approx(turn[1:-1], abs=1e-5 * np.abs(turn).max())


@pytest.mark.slow
def test_gradients_are_those_of_differences() -> None:
    for i, value in enumerate((3e-9, K, MS, ALPHA)):

        def cost(x, i=i):
            args = [3e-9, K, MS, ALPHA]
            args[i] = x
            return optimal_reversal.least_cost(*args) * 1e13

        step = 1e-5 * value
        expected = (cost(value + step) - cost(value - step)) / (2 * step)
        assert float(jax.grad(cost)(value)) == pytest.approx(float(expected), rel=1e-7, abs=0)


def test_single_precision_is_kept() -> None:
    args = tuple(jnp.float32(x) for x in (3e-9, K, MS, ALPHA, GAMMA))
    found = optimal_reversal.least_cost(*args)
    assert found.dtype == jnp.float32
    assert float(found) == pytest.approx(float(optimal_reversal.least_cost(3e-9, K, MS, ALPHA)), rel=1e-5, abs=0)


def test_shortest_time_is_infinite_below_the_threshold() -> None:
    threshold = float(optimal_reversal.threshold_field(K, MS, ALPHA))
    times = [float(optimal_reversal.shortest_time(part * threshold, K, MS, ALPHA)) for part in (0.99, 1.01, 1e3)]
    assert times[0] == np.inf
    assert times[1] > 10 * times[2]
    # Without damping the whole field turns m at γB.
    assert times[2] == pytest.approx(np.sqrt(1.01) * np.pi / (GAMMA * 1e3 * threshold), rel=1e-5, abs=0)
