import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from magjax.analytic import dephasing, ink_drop, recurrence


@pytest.mark.slow
def test_piecewise_linear_against_quadrature() -> None:
    """Every interval by mpmath, with times on both sides of where the series takes over (ht/2 = 1)."""
    omega, density = (0.0, 1.0, 1.5, 4.0), (0.2, 1.0, 0.0, 0.7)
    whole = np.trapezoid(density, omega)
    for t in (0.0, 1e-3, 0.79, 0.81, 2.1, 30.0):
        exact = sum(
            mpmath.quad(
                lambda w, t=t, a=a, b=b, x=x, y=y: (x + (y - x) * (w - a) / (b - a)) * mpmath.expj(w * t), [a, b]
            )
            for a, b, x, y in zip(omega[:-1], omega[1:], density[:-1], density[1:], strict=True)
        )
        assert complex(dephasing.piecewise_linear(t, omega, density)) == pytest.approx(
            complex(exact) / whole, abs=1e-14
        )
    # A constant density is a rectangle, and negative times are conjugate.
    flat = dephasing.piecewise_linear(-0.7, (2.0, 3.0), (5.0, 5.0))
    assert complex(flat) == pytest.approx(complex(dephasing.rectangular(0.7, 2.5, 0.5)).conjugate(), abs=1e-15)


@pytest.mark.slow
def test_characteristic_functions_at_zero(dtype) -> None:
    """χ(0) = 1, with finite derivatives by the width, in both precisions and for arrays of times."""
    t = jnp.asarray([0.0, 1.0], dtype)
    for f in (dephasing.rectangular, dephasing.gaussian, dephasing.lorentzian):
        chi = f(t, 2.0, 0.5)
        assert chi.dtype == np.result_type(dtype, np.complex64)
        assert complex(chi[0]) == 1
        assert np.isfinite(jax.grad(lambda w, f=f: f(t, 2.0, w).real.sum())(jnp.asarray(0.5, dtype)))


def test_amplitudes() -> None:
    assert float(dephasing.hahn_amplitude(np.pi / 2, np.pi)) == pytest.approx(1, abs=1e-15)
    assert float(dephasing.stimulated_amplitude(np.pi / 2, -np.pi / 2, np.pi / 2)) == pytest.approx(0.5, abs=1e-15)
    free = lambda t: dephasing.gaussian(t, 3.0, 1.0)  # noqa: E731
    np.testing.assert_allclose(dephasing.echo(free, 5.0, 2.0, 0.0), free(5.0), rtol=1e-14)


@pytest.mark.parametrize("number", [1, 2, 7, 8])
def test_comb_is_a_sum(number) -> None:
    """Against the sum itself, at and beside revivals."""
    t = np.concatenate([np.linspace(-15, 15, 101), 2 * np.pi * np.arange(-2, 3), [2 * np.pi + 1e-9]])
    omega = 5 + np.arange(number) - (number - 1) / 2
    expected = np.exp(1j * omega[:, None] * t).mean(0)
    np.testing.assert_allclose(recurrence.comb(t, 5.0, 1.0, number), expected, atol=1e-13)


def test_mean_recurrence_time() -> None:
    """One spin returns every period; equal weights are the default; two dimensions by hand: (2π)²/(|ω| 2 √(4ε))."""
    omega, eps = np.array([1.0, np.sqrt(2)]), 1e-4
    by_hand = (2 * np.pi) ** 2 / (np.sqrt(3) * 2 * np.sqrt(4 * eps))
    found = recurrence.mean_recurrence_time(omega, eps)
    assert float(found) == pytest.approx(by_hand, rel=1e-12, abs=0)
    weighted = recurrence.mean_recurrence_time(omega, eps, weights=(0.5, 0.5))
    assert float(weighted) == pytest.approx(by_hand, rel=1e-12, abs=0)
    slope = jax.grad(recurrence.mean_recurrence_time, argnums=1)(jnp.asarray(omega), eps)
    assert float(slope) == pytest.approx(-by_hand / (2 * eps), rel=1e-10, abs=0)
    assert float(recurrence.recurrence_time(2.0)) == pytest.approx(np.pi, abs=1e-15)


@pytest.mark.slow
def test_sheared_entropy_against_quadrature() -> None:
    """The marginal of a cap, integrated by scipy to 1e-8; on the equator and beside it."""
    from scipy.integrate import quad

    for r, beta in ((0.4, np.pi / 2), (0.3, 1.0)):
        area = 2 * np.pi * (1 - np.cos(r))

        def integrand(z, r=r, beta=beta, area=area):
            cosine = (np.cos(r) - z * np.cos(beta)) / (np.sqrt(1 - z * z) * np.sin(beta))
            p = 2 * np.arccos(np.clip(cosine, -1, 1)) / area
            return 0.0 if p == 0 else -p * np.log(p / (2 * np.pi))

        exact = quad(integrand, np.cos(beta + r), np.cos(beta - r), limit=200)[0]
        assert float(ink_drop.sheared_entropy(r, beta)) == pytest.approx(exact, abs=1e-6)
    assert float(ink_drop.mixed_entropy()) == pytest.approx(np.log(4 * np.pi), abs=1e-15)
    assert float(ink_drop.drop_entropy(0.1)) == pytest.approx(np.log(2 * np.pi * (1 - np.cos(0.1))), abs=1e-12)
