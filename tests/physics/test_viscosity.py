"""Magnetic viscosity, stability and lifetimes against closed forms and against sums over two-level systems."""

import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magjax import constants
from magjax.analytic import lifetime
from magjax.analytic import viscosity as closed
from magjax.kinetics import (
    barriers,
    ensemble_magnetization,
    logarithmic_viscosity,
    magnetization,
    mean_lifetime,
    remaining,
    viscosity,
    viscosity_seed,
)

KT = constants.KB * 300.0
#: From a nanosecond to three hundred years.
TIMES = 10.0 ** np.arange(-9, 11)
YEAR = 3.15576e7
SLOW = pytest.mark.slow

DISTRIBUTIONS = {
    "normal": barriers.Normal(1e-19, 2e-20),
    "normal cut at zero": barriers.Normal(1e-20, 3e-20),
    "log-normal": barriers.LogNormal(1e-19, 0.5),
    "narrow": barriers.LogNormal(1e-19, 1e-3),
    "uniform": barriers.Uniform(1e-20, 1.7e-19),
    "gamma": barriers.Gamma(3.0, 4e-20),
    "steep gamma": barriers.Gamma(0.3, 1e-19),
    "lorentzian": barriers.Lorentzian(1e-19, 1e-20, highest=3e-19),
    "tabulated": barriers.Tabulated((0.0, 1e-19, 2e-19), (0.0, 3.0, 1.0)),
    "mixture": barriers.Mixture((barriers.Normal(5e-20, 5e-21), barriers.Gamma(3.0, 4e-20)), (1.0, 2.0)),
}
uniform_remaining = jax.jit(lambda t, T, low, high: remaining(t, barriers.Uniform(low, high), T))
uniform_closed = jax.jit(closed.uniform_remaining)


#: The others take as long to compile, and differ in nothing but the density.
QUICK = ("log-normal", "gamma", "mixture")


@pytest.mark.slow
@pytest.mark.parametrize("name", [n if n in QUICK else pytest.param(n, marks=SLOW) for n in DISTRIBUTIONS])
def test_creep_is_an_average_over_gumbel(name):
    """R(t) = ⟨F(kT(ln t/τ0 + X))⟩ with F the part of barriers above and X distributed as Gumbel's e^(−x−e^−x).

    An integration by parts of paper A's Eq. 25, which shares nothing with the quadrature of barriers. It is done here
    by 20 000 trapezoids: exact to 1e-9 for smooth F, to (step/kT)² where F has edges, and to the root of the step's
    distance to the singular end of the steep gamma. Layout: nineteen decades of time.
    """
    x, step = np.linspace(-5, 45, 20_001, retstep=True)
    gumbel = np.exp(-x - np.exp(-x)) * step
    above = DISTRIBUTIONS[name].survival(KT * (np.log(TIMES / 1e-9)[:, None] + x[None]))
    tolerance = {"narrow": 1e-4, "steep gamma": 1e-3}.get(name, 1e-5 if name in ("uniform", "lorentzian") else 1e-7)
    np.testing.assert_allclose(remaining(TIMES, DISTRIBUTIONS[name], 300.0), above @ gumbel, atol=tolerance)


@settings(max_examples=10)
@given(low=st.floats(0, 8e-20), width=st.floats(1e-22, 3e-19), T=st.floats(10, 900))
def test_even_barriers_creep_as_exponential_integrals_say(low, width, T):
    """The quadrature of barriers against E₁, from a width of a thousandth of kT to two thousand kT.

    Both are exact to rounding; E₁'s difference is divided by the width in kT, hence 1e-11 for the narrowest.
    """
    found = uniform_remaining(TIMES, T, low, low + width)
    np.testing.assert_allclose(found, uniform_closed(TIMES, T, low, low + width), atol=2e-11)


@pytest.mark.slow
def test_viscosity_is_the_slope_and_the_law_of_the_logarithm():
    """S = −dM/d ln t, 2kT Ms P(E*) to the second derivative of P; the seed paper's if P(0) = P(E*).

    Theory: an exponential P of mean θ gives S = 2kT Ms P(kT ln t/τ0) Γ(1 + x) with x = kT/θ, exactly, and the law
    e^(−0.577x) in place of Γ(1 + x) = e^(−0.577x)(1 + π²x²/12 + …). Layout: x = 0.1, where the law is off by
    0.8 %, and by 5.1 % without 0.577 kT; a log-normal of median 24 kT, where P″ allows 1.2 %; an even distribution from
    zero on, where the law is exact between its ends to e^−10.
    """
    log_normal, even = DISTRIBUTIONS["log-normal"], barriers.Uniform(0.0, 2e-19)
    times = np.array([1e-2, 1.0, 1e2])
    exact = np.asarray(viscosity(times, log_normal, 300.0, 8e5))
    slope = jax.vmap(jax.grad(lambda u: magnetization(jnp.exp(u), log_normal, 300.0, 8e5)))(jnp.log(times))
    np.testing.assert_allclose(exact, -slope, rtol=1e-11)
    law = np.asarray(logarithmic_viscosity(times, log_normal, 300.0, 8e5))
    np.testing.assert_allclose(law, exact, rtol=0.012)
    steep = barriers.Gamma(1.0, 10 * KT)
    found = float(viscosity(1.0, steep, 300.0, 8e5))
    uncorrected = 2 * KT * 8e5 * float(steep.density(KT * np.log(1e9)))
    assert found == pytest.approx(uncorrected * math.gamma(1.1), rel=1e-12, abs=0)
    assert float(logarithmic_viscosity(1.0, steep, 300.0, 8e5)) / found == pytest.approx(
        math.exp(-0.1 * closed.EULER) / math.gamma(1.1), rel=1e-10, abs=0
    )
    assert float(viscosity_seed(log_normal, 300.0, 8e5)) == 0.0
    flat = np.asarray(viscosity(times, even, 300.0, 8e5))
    np.testing.assert_allclose(flat, 2 * KT * 8e5 / 2e-19, rtol=1e-7)
    np.testing.assert_allclose(viscosity_seed(even, 300.0, 8e5), flat, rtol=1e-7)


def test_limits_of_the_logarithm():
    """The logarithm diverges at 0 and ∞, the magnetisation does not: Ms at 0, −Ms in the end, S = 0 at both.

    Before any time nothing has happened, exactly; after all barriers of 1.7e-19 J, 41 kT, are long crossed, nothing is
    left but e^−(t/τ) with t/τ = 1e12.
    """
    even = DISTRIBUTIONS["uniform"]
    late = 1e-9 * np.exp(1.7e-19 / KT) * 1e12
    M = np.asarray(magnetization((0.0, late), even, 300.0, 8e5))
    np.testing.assert_allclose(M, [8e5, -8e5], rtol=1e-14)
    np.testing.assert_array_equal(np.asarray(viscosity((0.0, late), even, 300.0, 8e5)), [0, 0])


def test_temperatures_scale_onto_one_curve():
    """M(t, T) is a function of T ln(t/τ0) once 0.577 T is added: curves of 100 and 300 K meet.

    For a distribution wide against kT what is left is (π²/12)(kT)² P′, the difference of which is below 0.4 %.
    """
    wide = barriers.LogNormal(1e-19, 0.7)
    E = 1.1e-19
    times = [1e-9 * np.exp(E / (constants.KB * T) - closed.EULER) for T in (100.0, 300.0)]
    cold, warm = (float(remaining(t, wide, T)) for t, T in zip(times, (100.0, 300.0), strict=True))
    assert cold == pytest.approx(warm, rel=0, abs=4e-3)
    assert cold == pytest.approx(float(wide.survival(E)), rel=0, abs=1e-3)


@pytest.mark.slow
def test_creep_is_the_sum_of_two_level_systems(key):
    """Each barrier's own master equation, evolved: with quadrature nodes exact, with random barriers to 1/√N.

    Theory: paper A's Eq. 24 holds with the reversed state far below, 480 kT here. Without bias the same barriers are
    crossed at 2Γ0e^(−E/kT) and M comes to rest at 0: R(2t). Layout: 400 nodes, sixteen decades; 4000 random barriers,
    whose mean of numbers within ±1 is known to 0.016, three standard deviations 0.05.
    """
    grains, times = DISTRIBUTIONS["log-normal"], 10.0 ** np.arange(-6, 11, 4)
    E, weights = grains.nodes(KT * (np.log(times / 1e-9)[:, None] + np.arange(-4.0, 12.0, 2)).ravel())
    swept = jax.jit(lambda bias: ensemble_magnetization(times, E, weights, 300.0, 1.0, bias=bias))
    expected = np.asarray(magnetization(times, grains, 300.0, 1.0))
    np.testing.assert_allclose(swept(480 * KT), expected, atol=1e-10)
    np.testing.assert_allclose(swept(0.0), remaining(2 * times, grains, 300.0), atol=1e-10)
    drawn = grains.sample(key, 4000)
    np.testing.assert_allclose(
        ensemble_magnetization(times, drawn, jnp.full(4000, 1 / 4000), 300.0, 1.0), expected, atol=0.05
    )


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda p: barriers.LogNormal(p[0] * 1e-19, p[1]), id="log-normal"),
        pytest.param(lambda p: barriers.Uniform(p[0] * 1e-20, p[1] * 1e-19), id="uniform"),
        pytest.param(lambda p: barriers.Normal(p[0] * 1e-19, p[1] * 1e-19), id="normal", marks=SLOW),
        pytest.param(lambda p: barriers.Gamma(p[0], p[1] * 1e-19), id="gamma", marks=SLOW),
        pytest.param(lambda p: barriers.Lorentzian(p[0] * 1e-19, p[1] * 1e-20, 3e-19), id="lorentzian", marks=SLOW),
        pytest.param(lambda p: barriers.Tabulated(p[2] * jnp.array([0, 1e-19, 2e-19]), p), id="tabulated", marks=SLOW),
    ],
)
def test_gradients_by_parameters_and_temperature(make):
    """Derivatives of R(1 s) against central differences, whose error of 1e-9 is rounding over the step of 1e-6."""

    def f(p):
        return remaining(1.0, make(p), 300.0 * p[2])

    p, h = jnp.array([1.0, 1.2, 1.1]), 1e-6
    found = jax.jit(jax.grad(f))(p)
    value = jax.jit(jax.vmap(f))(p[None] + h * jnp.concatenate([jnp.eye(3), -jnp.eye(3)]))
    np.testing.assert_allclose(found, (value[:3] - value[3:]) / (2 * h), atol=1e-8)


@pytest.mark.slow
def test_single_precision():
    """Joules of 1e-19 and their derivatives fit, as nothing is squared in joules. Exponents of 40 cost 1e-5."""
    grains = barriers.LogNormal(jnp.float32(1e-19), jnp.float32(0.5))
    t = jnp.asarray(TIMES[:17], jnp.float32)
    found = remaining(t, grains, jnp.float32(300.0))
    assert found.dtype == jnp.float32
    np.testing.assert_allclose(found, remaining(TIMES[:17], DISTRIBUTIONS["log-normal"], 300.0), atol=1e-5)

    def slope(E, one):
        return jax.grad(lambda E: remaining(one, barriers.LogNormal(E, 0.5 * one), 300 * one))(E)

    slope = jax.jit(slope)
    single, double = slope(jnp.float32(1e-19), jnp.float32(1)), slope(jnp.asarray(1e-19), jnp.asarray(1.0))
    assert float(single) == pytest.approx(float(double), rel=1e-4, abs=0)


@pytest.mark.slow
def test_stability_factors_and_lifetimes_of_wires():
    """Paper A's numbers: ξ = 25.3 for 100 s and 40.3 for ten years; 0.45 µs, 41 s and 24 My for wires of 1, 2, 3 nm.

    Closed forms beside the master equation's mean time to leave, equal to rounding of exponents of 55. The paper says
    25, 40, 0.5 µs, 40 s and 20 My: rounded, the last by more than the others.
    """
    assert float(lifetime.stability_factor(100.0)) == pytest.approx(25.3, rel=0, abs=0.05)
    assert float(lifetime.stability_factor(10 * YEAR)) == pytest.approx(40.3, rel=0, abs=0.05)
    assert float(lifetime.required_barrier(100.0, 300.0)) / constants.KB == pytest.approx(7600, rel=0, abs=10)
    for D, expected in ((1e-9, 0.45e-6), (2e-9, 41.0), (3e-9, 24e6 * YEAR)):
        Ea = lifetime.wire_barrier(10e-12, 1e6, D)
        time = float(lifetime.wire_lifetime(10e-12, 1e6, D, 300.0))
        assert time == pytest.approx(expected, rel=0.02, abs=0)
        assert float(mean_lifetime(Ea, 300.0)) == pytest.approx(time, rel=1e-12, abs=0)
        assert float(lifetime.arrhenius_time(Ea / 2, 300.0)) == pytest.approx(
            float(mean_lifetime(lifetime.wire_end_barrier(10e-12, 1e6, D), 300.0)), rel=1e-12, abs=0
        )
