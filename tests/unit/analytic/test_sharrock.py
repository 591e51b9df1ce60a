import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from magjax.analytic import sharrock

H0, TAU0 = 4e5, 1e-9


def test_waiting_inverts_the_lifetime():
    Hc = sharrock.waiting(100.0, H0, 60.0, TAU0, 1.5)
    lifetime = TAU0 * np.exp(60 * (1 - float(Hc) / H0) ** 1.5)
    assert lifetime == pytest.approx(100.0, rel=1e-10, abs=0)
    limits = sharrock.waiting(jnp.array([100.0, 1e-10]), H0, jnp.array([20.0, 60.0]))
    np.testing.assert_allclose(limits, [0, H0])


@pytest.mark.parametrize("m", [1.0, 1.5, 2.0])
def test_sweep_is_sharrock_with_the_effective_time(m):
    rate = 1e3
    Hc = float(sharrock.sweep(rate, H0, 60.0, TAU0, m))
    tau = sharrock.effective_time(Hc / H0, rate / H0, 60.0, m)
    assert float(sharrock.waiting(tau, H0, 60.0, TAU0, m)) == pytest.approx(Hc, rel=1e-12, abs=0)


def test_seed_differs_by_the_stated_amount():
    """The inverse rate is too long a time by ln 2 ξ m (1−h)^(m−1), some 50 here: Hc is too small by 11 %.

    To first order kT ln(50)/|dE/dH|; the barrier is curved, so a tenth of that is allowed.
    """
    xi, m, rate = 60.0, 1.5, 1e3
    right, seed = (float(f(rate, H0, xi, TAU0, m)) for f in (sharrock.sweep, sharrock.sweep_seed))
    slope = xi * m * (1 - right / H0) ** (m - 1) / H0
    too_long = np.log(2) * slope * H0
    assert 40 < too_long < 50
    assert right - seed == pytest.approx(np.log(too_long) / slope, rel=0.1, abs=0)


def test_hazard_against_quadrature():
    """Λ = ∫ exp(−ξ(1−h)^m) dh · H0/(r τ0), to 40 digits."""
    for xi, m, h in ((5.0, 1.5, 0.4), (30.0, 2.0, 0.9), (12.0, 1.0, 1.0)):
        exact = mpmath.quad(lambda x, xi=xi, m=m: mpmath.exp(-xi * (1 - x) ** m), [0, h / 2, h]) * H0 / (1e8 * TAU0)
        found = float(sharrock.sweep_hazard(h * H0, 1e8, H0, xi, TAU0, m))
        assert found == pytest.approx(float(exact), rel=1e-10, abs=0)


def test_distribution_in_the_limit_of_high_barriers():
    """At ξ = 1e4 the switching field is Gumbel's: mean and width from quadrature of the hazard, within 1/u = 1e-3."""
    xi, m, rate = 1e4, 2.0, 1e-20
    h = np.linspace(0.9, 0.97, 400_001)
    log_rate = -xi * (1 - h) ** m - np.log(rate * TAU0 / H0)
    hazard = np.cumsum(np.exp(log_rate)) * (h[1] - h[0])
    density = np.exp(log_rate - hazard)
    density /= density.sum()
    mean = np.sum(density * h)
    width = np.sqrt(np.sum(density * (h - mean) ** 2))
    assert float(sharrock.switching_field_mean(rate, H0, xi, TAU0, m)) / H0 == pytest.approx(mean, rel=2e-4, abs=0)
    assert float(sharrock.switching_field_width(rate, H0, xi, TAU0, m)) / H0 == pytest.approx(width, rel=0.02, abs=0)


def test_kneller_luborsky_is_sharrock_in_temperature():
    T_B = 200.0
    log_time = 25.0
    T = np.array([1.0, 50.0, 150.0])
    found = sharrock.kneller_luborsky(T, H0, T_B)
    expected = sharrock.waiting(TAU0 * np.exp(log_time), H0, log_time * T_B / T, TAU0, 2.0)
    np.testing.assert_allclose(found, expected, rtol=1e-10)
    assert float(sharrock.kneller_luborsky(250.0, H0, T_B)) == 0
