import equinox as eqx
import hypothesis
import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.integrate
import scipy.optimize

from magjax import constants
from magjax.analytic import sharrock
from magjax.kinetics import (
    Coercivity,
    PowerBarrier,
    StonerWohlfarthGrain,
    survival,
    sweep_coercivity,
    switching_density,
    switching_statistics,
    waiting_coercivity,
)
from magjax.kinetics.hazard import log_hazard

T, TAU0 = 300.0, 1e-9
KT = constants.KB * T
SETTINGS = hypothesis.settings(max_examples=15)


def _barrier(H0, xi, m):
    return PowerBarrier(H0, xi * KT, m)


@jax.jit
def _sweep(H0, xi, m, tau0, rate, quantile):
    return sweep_coercivity(_barrier(H0, xi, m), rate, T, tau0=tau0, quantile=quantile).H


@jax.jit
def _wait(H0, xi, m, tau0, time, quantile):
    return waiting_coercivity(_barrier(H0, xi, m), time, T, tau0=tau0, quantile=quantile).H


@jax.jit
def _wait_back(H0, xi, m, time, quantile):
    return waiting_coercivity(_barrier(H0, xi, m), time, T, quantile=quantile, back=True).H


_hazard = jax.jit(lambda H, xi, m: log_hazard(_barrier(4e5, xi, m), H, 1e6, T, TAU0))
_hazard_in = jax.jit(lambda H, H0: log_hazard(_barrier(H0, 60.0, 1.5), H, 1e3, T, TAU0))
_slope = jax.jit(jax.grad(_sweep, argnums=range(6)))


@pytest.mark.slow
@SETTINGS
@hypothesis.given(st.floats(1, 200), st.floats(1, 3), st.floats(1e-3, 1.0))
def test_hazard_is_the_incomplete_gamma_function(xi, m, h):
    """The quadrature's rule is right to 1e-11; the difference of two gamma functions to rounding beside Λ(H0)."""
    exact = float(sharrock.sweep_hazard(h * 4e5, 1e6, 4e5, xi, TAU0, m))
    whole = float(sharrock.sweep_hazard(4e5, 1e6, 4e5, xi, TAU0, m))
    assert np.exp(float(_hazard(h * 4e5, xi, m))) == pytest.approx(exact, rel=1e-10, abs=1e-13 * whole)


@SETTINGS
@hypothesis.given(st.floats(20, 300), st.floats(1, 2.5), st.floats(0, 9), st.floats(0.01, 0.99))
def test_sweep_against_scipy(xi, m, log_rate, quantile):
    """Adaptive quadrature of the hazard and Brent's root: 1e-9 of H0."""
    rate, H0 = 10**log_rate, 4e5
    target = -np.log1p(-quantile)

    def gathered(h):
        shift = xi * (1 - h) ** m  # taken out, so that nothing underflows

        def f(x):
            return np.exp(-xi * (1 - x) ** m + shift)

        width = min(h, 40 / (xi * m * max(1 - h, 1 / xi) ** (m - 1)))
        inside = scipy.integrate.quad(f, h - width, h, epsabs=0, epsrel=1e-12)[0]
        return np.log(inside * H0 / (rate * TAU0)) - shift - np.log(target)

    hypothesis.assume(gathered(1e-3) < 0 < gathered(1 - 1e-9))
    exact = scipy.optimize.brentq(gathered, 1e-3, 1 - 1e-9, xtol=1e-14)
    assert float(_sweep(H0, xi, m, TAU0, rate, quantile)) / H0 == pytest.approx(exact, abs=1e-9)


@SETTINGS
@hypothesis.given(st.floats(20, 300), st.floats(1, 3), st.floats(-6, 9), st.floats(0.01, 0.99))
def test_waiting_is_sharrock(xi, m, log_time, quantile):
    found = float(_wait(4e5, xi, m, TAU0, 10**log_time, quantile))
    closed = sharrock.waiting(10**log_time / -np.log1p(-quantile), 4e5, xi, TAU0, m)
    assert found == pytest.approx(float(closed), rel=1e-10, abs=1e-9)


def test_waiting_with_return():
    """M = 0 after t. High barriers: none comes back. Low ones: equilibrium, with no coercivity at all."""
    assert float(_wait_back(4e5, 60.0, 1.5, 100.0, 0.5)) == pytest.approx(
        float(_wait(4e5, 60.0, 1.5, TAU0, 100.0, 0.5)), rel=1e-9, abs=0
    )
    assert float(_wait_back(4e5, 5.0, 1.5, 100.0, 0.5)) < 1e-3
    # In equilibrium a part q has switched where E₋ − E₊ = −kT ln(q/(1−q)); for m = 2 that is 4ξh.
    assert float(_wait_back(4e5, 5.0, 2.0, 1e6, 0.9)) / 4e5 == pytest.approx(np.log(9) / 20, rel=1e-9, abs=0)


def test_sharrock_of_a_sweep_and_the_seed():
    """The effective time is right to 0.1 % of Hc where u is 20 and more; the inverse rate is 10 % off."""
    for rate in (1.0, 1e3, 1e6):
        exact = float(_sweep(4e5, 60.0, 1.5, TAU0, rate, 0.5))
        assert float(sharrock.sweep(rate, 4e5, 60.0)) == pytest.approx(exact, rel=1e-3, abs=0)
        assert 0.08 < 1 - float(sharrock.sweep_seed(rate, 4e5, 60.0)) / exact < 0.16


def test_too_fast_a_sweep_overshoots():
    """With Γ = 1/τ0 beyond H0, half have switched r τ0 ln 2 later, less what the barrier let through before."""
    H = float(_sweep(4e5, 60.0, 1.5, TAU0, 1e15, 0.5))
    expected = 4e5 + 1e6 * (np.log(2) - float(sharrock.sweep_hazard(4e5, 1e15, 4e5, 60.0)))
    assert pytest.approx(expected, rel=1e-9, abs=0) == H


@SETTINGS
@hypothesis.given(st.floats(30, 100), st.floats(1.2, 2.2), st.floats(1, 7))
def test_derivatives(xi, m, log_rate):
    """Derivatives of Hc by H0, ξ, m, τ0, rate and quantile against central differences with relative steps of 1e-4."""
    point = [4e5, xi, m, TAU0, 10**log_rate, 0.4]
    found = _slope(*point)
    for i, slope in enumerate(found):
        up, down = list(point), list(point)
        up[i], down[i] = point[i] * (1 + 1e-4), point[i] * (1 - 1e-4)
        difference = float(_sweep(*up) - _sweep(*down)) / (2e-4 * point[i])
        assert float(slope) == pytest.approx(difference, rel=1e-5, abs=1e-7 * 4e5 / point[i])


@pytest.mark.slow
def test_ten_thousand_models():
    n = 10_000
    xi, m = np.linspace(30, 150, n), np.linspace(1.4, 2.1, n)
    batch = jax.jit(jax.vmap(_sweep, (None, 0, 0, None, None, None)))(4e5, xi, m, TAU0, 1e3, 0.5)
    for i in (0, 5000, 9999):
        assert float(batch[i]) == pytest.approx(float(_sweep(4e5, xi[i], m[i], TAU0, 1e3, 0.5)), rel=1e-13, abs=0)
    closed = np.asarray(sharrock.sweep(1e3, 4e5, xi, TAU0, m))
    np.testing.assert_allclose(batch, closed, atol=2e-3 * 4e5)


@pytest.mark.slow
def test_distribution_of_switching_fields():
    """∫p dH = 1 and p = −dP/dH; its mean and width are those of the moments of p by the trapezoidal rule."""
    barrier = _barrier(4e5, 60.0, 1.5)
    H = jnp.linspace(0, 3e5, 3001)
    p = np.asarray(jax.jit(lambda H: switching_density(barrier, H, 1e3, T))(H))
    part = np.asarray(jax.jit(lambda H: survival(barrier, H, 1e3, T))(H))
    assert np.trapezoid(p, H) == pytest.approx(1, rel=1e-9, abs=0)
    np.testing.assert_allclose(np.gradient(-part, H), p, atol=2e-4 * p.max())
    mean, width = switching_statistics(barrier, 1e3, T)
    first = np.trapezoid(p * H, H)
    assert float(mean) == pytest.approx(first, rel=1e-9, abs=0)
    assert float(width) == pytest.approx(np.sqrt(np.trapezoid(p * (np.asarray(H) - first) ** 2, H)), rel=1e-8, abs=0)
    closed = sharrock.switching_field_width(1e3, 4e5, 60.0)
    assert float(width) == pytest.approx(float(closed), rel=0.02, abs=0)


@pytest.mark.slow
def test_ensemble():
    """An ensemble of equals is one of them; of two, half have switched between their own fields, and P is the mean."""
    sweep = jax.jit(lambda barrier, weights: sweep_coercivity(barrier, 1e3, T, weights=weights))
    same = sweep(PowerBarrier(jnp.full(2, 4e5), 60 * KT, 1.5), jnp.array([0.3, 0.7]))
    assert float(same.H) == pytest.approx(float(_sweep(4e5, 60.0, 1.5, TAU0, 1e3, 0.5)), rel=1e-9, abs=0)
    two = PowerBarrier(jnp.array([3e5, 4e5]), 60 * KT, 1.5)
    found = sweep(two, jnp.array([0.5, 0.5]))
    parts = [np.exp(-np.exp(float(_hazard_in(found.H, H0)))) for H0 in (3e5, 4e5)]
    assert sum(parts) / 2 == pytest.approx(0.5, rel=1e-9, abs=0)
    assert found.result.name == "SUCCESS"


@pytest.mark.slow
def test_grain_at_an_angle():
    """The true barrier of a misaligned grain: half survive at Hc, by an independent quadrature of its rate."""
    grain = StonerWohlfarthGrain(K=3e5, V=1e-24, Ms=1e6, psi=0.3)
    found = jax.jit(lambda grain: sweep_coercivity(grain, 1e3, T).H)
    H = float(found(grain))
    fields = np.linspace(0, H, 2_001)
    rates = np.exp(-np.asarray(jax.jit(StonerWohlfarthGrain.barrier)(grain, jnp.asarray(fields))) / KT) / TAU0
    assert scipy.integrate.simpson(rates, x=fields) / 1e3 == pytest.approx(np.log(2), rel=1e-7, abs=0)
    slope = jax.jit(jax.grad(found))(grain)
    for name in ("K", "psi"):
        value = getattr(grain, name)
        up, down = (
            float(found(eqx.tree_at(lambda g, name=name: getattr(g, name), grain, value * (1 + s))))
            for s in (1e-4, -1e-4)
        )
        assert float(getattr(slope, name)) == pytest.approx((up - down) / (2e-4 * float(value)), rel=1e-5, abs=0)


def test_single_precision():
    """Rounding of ln Λ, 20 × 6e-8, moves Hc by 1e-6 of H0."""
    single = _sweep(*(jnp.float32(x) for x in (4e5, 60.0, 1.5, TAU0, 1e3, 0.5)))
    assert single.dtype == jnp.float32
    assert float(single) == pytest.approx(float(_sweep(4e5, 60.0, 1.5, TAU0, 1e3, 0.5)), abs=1e-5 * 4e5)


def test_refused():
    barrier = _barrier(4e5, 60.0, 1.5)
    with pytest.raises(ValueError, match="`T` must be a temperature in K, > 0"):
        sweep_coercivity(barrier, 1e3, -5.0)
    with pytest.raises(ValueError, match="`rate` must be"):
        sweep_coercivity(barrier, 0.0, T)
    with pytest.raises(ValueError, match=r"`quantile` must be a part between 0 and 1.*per cent"):
        sweep_coercivity(barrier, 1e3, T, quantile=50)
    with pytest.raises(ValueError, match="`time` must be"):
        waiting_coercivity(barrier, -1.0, T)
    with pytest.raises(ValueError, match=r"`start` must be .* ≥ 0"):
        sweep_coercivity(barrier, 1e3, T, start=-1e5)
    with pytest.raises(ValueError, match="`weights` must be one number for each particle with the sum 1"):
        waiting_coercivity(barrier, 1.0, T, weights=[0.3, 0.3])
    with pytest.raises(ValueError, match=r"`E0` must be an energy in J.*Did you give the stability"):
        PowerBarrier(4e5, 60.0)
    with pytest.raises(ValueError, match=r"`V` must be a volume.*Did you give a length"):
        StonerWohlfarthGrain(3e5, 10e-9, 1e6)
    assert Coercivity(jnp.array(1.0), jnp.array(2)).result.name == "NOT_FINITE"
