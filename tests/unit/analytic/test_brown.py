"""Closed forms of a moment in a heat bath against quadrature and reference functions."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.special
from scipy.integrate import quad

from magjax.analytic import brown


def boltzmann(f, sigma, xi):
    """⟨f(s)⟩ by quadrature."""
    top = max(sigma, 0.0) + abs(xi)
    weight = lambda s: np.exp(sigma * s * s + xi * s - top)  # noqa: E731
    above, below = (quad(g, -1, 1, epsabs=0, epsrel=1e-12, limit=200)[0] for g in (lambda s: f(s) * weight(s), weight))
    return above / below


@pytest.mark.slow
def test_langevin_keeps_its_digits(precision):
    x = np.array([-700.0, -3.0, -0.999, 1.001, 1e-8, 20.0], precision.dtype)
    exact = np.where(np.abs(x) > 1e-3, 1 / np.tanh(x.astype(float)) - 1 / x.astype(float), x.astype(float) / 3)
    found = brown.langevin(x)
    assert found.dtype == precision.dtype
    np.testing.assert_allclose(found, exact, rtol=4 * precision.exact)
    assert float(jax.grad(brown.langevin)(0.0)) == pytest.approx(1 / 3, rel=1e-15, abs=0)


@pytest.mark.slow
def test_dawson(precision):
    x = np.array([-40.0, -1.3, 1e-7, 0.01, 0.3, 0.9, 1.1, 6.0, 300.0], precision.dtype)
    # Far below the spacing 1/4 of the sum its terms cancel: absolute errors are those of numbers of order 1.
    np.testing.assert_allclose(brown.dawson(x), scipy.special.dawsn(x.astype(float)), rtol=4 * precision.exact,
                               atol=precision.exact / 4)  # fmt: skip
    slope = jax.grad(jax.grad(brown.dawson))(0.7)
    step = 1e-4
    differences = (scipy.special.dawsn(0.7 + step) - 2 * scipy.special.dawsn(0.7) + scipy.special.dawsn(0.7 - step)) / (
        step**2
    )
    assert float(slope) == pytest.approx(differences, rel=1e-6, abs=0)


@pytest.mark.parametrize("sigma", [-60.0, -1.001, -0.999, 1e-9, 0.999, 1.001, 7.0, 900.0])
def test_mean_cosine_squared(sigma):
    exact = boltzmann(lambda s: s * s, sigma, 0.0) if sigma < 100 else 1 - 1 / sigma - 1 / (2 * sigma**2)
    assert float(brown.mean_cosine_squared(sigma)) == pytest.approx(exact, rel=1e-11 if sigma < 100 else 1e-8, abs=0)


@pytest.mark.parametrize(("sigma", "xi"), [(5.0, 1.0), (1.0, -3.0), (10.0, 25.0), (40.0, 0.5)])
def test_mean_cosine(sigma, xi):
    assert float(brown.mean_cosine(sigma, xi)) == pytest.approx(boltzmann(lambda s: s, sigma, xi), rel=1e-12, abs=1e-15)


def test_rates_over_symmetric_wells_agree_with_each_other():
    """Brown's asymptote is one well's times two; without a field along d₂ Kramers' is its own limit of a flat line."""
    sigma, h = 15.0, 0.2
    forth = brown.high_barrier_rate(sigma, h)
    assert float(forth) == pytest.approx(float(brown.high_barrier_rate(sigma, -h)), rel=1e-14, abs=0)
    # An overdamped saddle leaves at |d₁|/2 in units of 1/τ_N: Kramers with D = 1/2, times the ratio of the breadths.
    saddle = brown.escape_rate((20.0, 30.0), (-8.0, 10.0), barrier=10.0, alpha=1e6)
    flat = brown.kramers_rate(20.0, -8.0, barrier=10.0, diffusion=0.5) * np.sqrt(30.0 / 10.0)
    assert float(saddle) == pytest.approx(float(flat), rel=1e-9, abs=0)


def test_free_decay():
    assert float(brown.free_decay(2e-9, 1e-9, degree=2)) == pytest.approx(np.exp(-6), rel=1e-14, abs=0)
    assert float(brown.low_barrier_rate(0.0)) == 1.0


@pytest.mark.slow
def test_mean_cosine_of_flat_energies_and_weak_fields() -> None:
    """At σ = 0 Langevin's function, at ξ = 0 no value and the slope ⟨cos²θ⟩; between them no seam, to 1e-9.

    Against Gauss' quadrature of exp(σc² + ξc) with 80 nodes; digits are lost as ξ/2σ where σ is small.
    """
    c, w = np.polynomial.legendre.leggauss(80)
    for sigma in (0.0, 1e-7, 4e-6, 6e-6, 1e-3, 0.5):
        for xi in (-3.0, 1e-9, 1e-6, 1e-2, 2.0):
            weights = w * np.exp(sigma * c**2 + xi * c)
            exact = (c * weights).sum() / weights.sum()
            assert float(brown.mean_cosine(sigma, xi)) == pytest.approx(exact, rel=1e-8, abs=1e-15)
    by_field = jax.vmap(jax.grad(brown.mean_cosine, argnums=1))(jnp.array([0.0, 5.0]), jnp.zeros(2))
    np.testing.assert_allclose(by_field, brown.mean_cosine_squared(jnp.array([0.0, 5.0])), rtol=1e-12)
    # d⟨c⟩/dσ = ⟨c³⟩ − ⟨c⟩⟨c²⟩.
    p = w * np.exp(2 * c)
    p /= p.sum()
    expected = p @ c**3 - (p @ c) * (p @ c**2)
    assert float(jax.grad(brown.mean_cosine)(0.0, 2.0)) == pytest.approx(expected, rel=1e-10, abs=0)
