import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate

from magjax import constants
from magjax.analytic import stoner_wohlfarth as theory
from magjax.kinetics import (
    AbstractFieldBarrier,
    LoopCurve,
    PowerBarrier,
    StonerWohlfarthGrain,
    dynamic_loop,
    lognormal,
    random_axes,
    rotational_loss,
    static_loop,
    sweep_coercivity,
)

T, TAU0 = 300.0, 1e-9
KT = constants.KB * T
PATH = jnp.concatenate([jnp.linspace(4e5, -4e5, 401), jnp.linspace(-4e5, 4e5, 401)[1:]])
_loop = jax.jit(lambda E0, rate, start: dynamic_loop(PowerBarrier(4e5, E0, 2.0), PATH, rate, T, start=start).m)


_static = jax.jit(lambda h, psi, weights, scale: static_loop(h, psi, weights, scale=scale).m)


def _curve(h, psi, weights=(1.0, 0.0), scale=1.0):
    """A static loop of two particles, or of one given twice, from one program."""
    h, psi, scale = np.asarray(h), np.broadcast_to(psi, 2), np.broadcast_to(scale, 2)
    return LoopCurve(jnp.asarray(h), _static(np.resize(h, 601), psi, np.asarray(weights), scale)[: len(h)])


@pytest.mark.slow
def test_random_ensemble():
    """Remanence ½ and coercivity 0.48221, at which no particle has switched: the average is smooth, so 64 axes do.

    The exact coercivity is an adaptive integral's root; straight lines over steps of 0.02 are right to 1e-4.
    """
    loop = jax.jit(lambda: static_loop(jnp.linspace(0.02, -0.56, 30), *random_axes(64)))()
    assert float(loop.remanence()) == pytest.approx(theory.RANDOM_REMANENCE, abs=1e-4)
    assert float(loop.coercivity()) == pytest.approx(theory.RANDOM_COERCIVITY, abs=1e-3)
    assert isinstance(loop, LoopCurve)


@pytest.mark.parametrize("degrees", [0.1, 30, 60, 80])
def test_single_loops_have_the_closed_coercivity(degrees):
    found = _curve(np.linspace(1.5, -1.5, 601), np.radians(degrees)).coercivity()
    assert float(found) == pytest.approx(float(theory.coercivity(np.radians(degrees))), abs=5e-3)


def test_minor_loop_and_scatter():
    """A field that turns back before the astroid leaves the state; with H_K scattered, half of two grains switch."""
    minor = _curve([2.0, -0.49, 0.0], np.pi / 4)
    assert float(minor.m[-1]) == pytest.approx(np.cos(np.pi / 4), rel=1e-9, abs=0)
    assert float(_curve([2.0, -0.51, 0.0], np.pi / 4).m[-1]) < 0
    half = _curve([2.0, -1.0, 0.0], 0.0, (0.5, 0.5), (0.8, 1.2))
    assert float(half.m[-1]) == pytest.approx(0, abs=1e-12)


@pytest.mark.slow
def test_rotational_loss():
    """Against the work of a field that turns once in steps of 2 mrad, of a state that follows by steepest descent.

    Where its well vanishes the descent lags behind by some steps, which adds 1 to 4 % to the loss.
    """
    h, angle, work, step = 0.7, 0.0, 0.0, 2e-3
    for field in np.arange(0, 4 * np.pi, step):
        for _ in range(40):
            angle -= 0.3 * (np.sin(2 * angle) + 2 * h * np.sin(angle - field))
        work += 2 * h * np.sin(field - angle) * step * (field >= 2 * np.pi)
    assert 0.95 * work < float(rotational_loss(h)) < work
    np.testing.assert_array_equal(rotational_loss(jnp.array([0.3, 1.2])), 0)


def test_points_and_weights():
    psi, weights = random_axes(8)
    assert float(jnp.sum(weights * jnp.cos(psi) ** 2)) == pytest.approx(1 / 3, rel=1e-12, abs=0)
    values, weights = lognormal(2.0, 0.3)
    assert float(jnp.sum(weights * values**2)) == pytest.approx(4 * np.exp(2 * 0.3**2), rel=1e-10, abs=0)
    with pytest.raises(ValueError, match="`n` must be"):
        random_axes(0)
    with pytest.raises(ValueError, match="`sigma` must be"):
        lognormal(1.0, -0.1)


def test_superparamagnetic_limit():
    """Low barriers: M = tanh((E₊ − E₋)/2kT) = tanh(2ξ H/H0) on the way down and up, without hysteresis."""
    m = np.asarray(_loop(4 * KT, 1.0, 1.0))
    np.testing.assert_allclose(m[1:], np.tanh(8 * np.asarray(PATH)[1:] / 4e5), atol=1e-6)


@pytest.mark.parametrize("xi", [12.0, 30.0])
def test_against_a_stiff_integrator(xi):
    """Two states in a field that falls, by scipy's Radau at 1e-9; the path's 8 steps of 2 kA/m/8 leave 1e-6."""
    rate, E0 = 2e6, xi * KT

    def change(t, n):
        H = 4e5 - rate * t
        away, back = (np.exp(-E0 * max(1 - s * H / 4e5, 0) ** 2 / KT) / TAU0 for s in (1, -1))
        return -(away + back) * n + away - back

    times = np.linspace(0, 8e5 / rate, 401)
    exact = scipy.integrate.solve_ivp(change, (0, times[-1]), [1.0], "Radau", times, rtol=1e-9, atol=1e-11).y[0]
    np.testing.assert_allclose(np.asarray(_loop(E0, rate, 1.0))[:401], exact, atol=1e-5)


def test_high_barriers_give_the_coercivity_of_the_hazard():
    """None comes back at ξ = 60: the loop crosses zero where half have switched, to its step's square."""
    m = _loop(60 * KT, 1e3, 1.0)
    found = LoopCurve(PATH, m).coercivity()
    exact = sweep_coercivity(PowerBarrier(4e5, 60 * KT, 2.0), 1e3, T).H
    assert float(found) == pytest.approx(float(exact), rel=5e-4, abs=0)


@pytest.mark.slow
def test_ensemble_of_grains():
    """Random grains at low temperature and a high rate: the loop is the static one, but for activation."""
    psi, weights = random_axes(8)
    grains = StonerWohlfarthGrain(K=3e5, V=3e-23, Ms=1e6, psi=psi)
    assert isinstance(grains, AbstractFieldBarrier)
    scale = float(grains.anisotropy_field())
    h = jnp.linspace(1.2, -1.2, 49)
    cold = jax.jit(lambda: dynamic_loop(grains, h * scale, 1e8, 4.0, weights=weights).m)()
    still = static_loop(h, psi, weights).m
    assert np.max(np.abs(cold - still)) < 0.15
    assert np.mean(np.abs(cold - still)) < 0.01


def test_derivative_of_a_loop():
    def f(E0):
        return dynamic_loop(PowerBarrier(4e5, E0, 2.0), PATH[150:300:10], 2e6, T, start=1.0).m[9]

    slope, f = jax.jit(jax.grad(f)), jax.jit(f)
    E0 = 30 * KT
    difference = (f(E0 * (1 + 1e-5)) - f(E0 * (1 - 1e-5))) / (2e-5 * E0)
    assert float(slope(E0)) == pytest.approx(float(difference), rel=1e-6, abs=0)


def test_refused():
    barrier = PowerBarrier(4e5, 60 * KT, 2.0)
    with pytest.raises(ValueError, match="`H` must be a path"):
        dynamic_loop(barrier, 1e5, 1e3, T)
    with pytest.raises(ValueError, match="`rate` must be"):
        dynamic_loop(barrier, PATH, -1e3, T)
    with pytest.raises(ValueError, match="`T` must be"):
        dynamic_loop(barrier, PATH, 1e3, 0.0)
    with pytest.raises(ValueError, match="`weights` must have the sum 1"):
        dynamic_loop(barrier, PATH, 1e3, T, weights=[0.5, 0.6])
