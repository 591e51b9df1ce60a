import jax
import numpy as np
import pytest

from magjax.analytic import spin_spin


@pytest.mark.slow
def test_trajectory_solves_its_equation():
    """dm/dt = −γ m×ẑ (B + B_c m_z), by autodiff."""
    m0 = np.array([0.6, 0.0, 0.8])

    def m(t):
        return spin_spin.magnetisation(t, m0, 0.3, 0.5, gamma=2.0)

    now = np.asarray(m(1.3))
    expected = -2.0 * np.cross(now, [0, 0, 0.3 + 0.5 * now[2]])
    np.testing.assert_allclose(jax.jacfwd(m)(1.3), expected, atol=1e-14)


def test_misprinted_sign():
    """The two differ by twice the shift."""
    exact = float(spin_spin.precession_frequency(0.3, 0.5, 0.8, gamma=2.0))
    seed = float(spin_spin.precession_frequency_seed(0.3, 0.5, 0.8, gamma=2.0))
    assert exact - seed == pytest.approx(2 * 2.0 * 0.5 * 0.8, rel=1e-14, abs=0)


def test_field_of_correlations():
    assert float(spin_spin.correlation_field(2e-24, 0.5, 4e-24)) == pytest.approx(0.5, rel=1e-14, abs=0)
