"""Closed forms of the electron's phase against integrals, and the wavelength against tables."""

import numpy as np
import pytest
from scipy.integrate import dblquad

from magjax import constants
from magjax.analytic import electron_phase


@pytest.mark.parametrize(("kilovolts", "picometres"), [(100, 3.7014), (200, 2.5079), (300, 1.9687), (1000, 0.8719)])
def test_wavelengths_are_those_of_tables(kilovolts, picometres) -> None:
    assert float(electron_phase.wavelength(1e3 * kilovolts)) * 1e12 == pytest.approx(picometres, rel=1e-4, abs=0)


@pytest.mark.parametrize("point", [(3e-9, 1e-9), (-2e-9, 7e-9), (0.0, -4e-9)])
def test_kernel_of_a_rectangle_is_its_integral(point) -> None:
    """Outside, where the integrand is smooth; quadrature is good to 1e-9."""
    x, y = point
    found = electron_phase.rectangle_kernel(x, y, (3e-9, 2e-9))
    for i in range(2):

        def integrand(b, a, i=i):
            r = np.array([x * 1e9 - a, y * 1e9 - b])
            return r[i] / (r @ r)

        exact = 1e-9 * dblquad(integrand, -1.5, 1.5, -1.0, 1.0)[0]
        assert found[i] == pytest.approx(exact, rel=1e-8, abs=1e-18)


def test_inside_of_a_long_strip_the_beam_is_deflected_by_the_field() -> None:
    """∂φ/∂x = (e/ħ) μ0 M_y t: the electrons of charge −e are pushed towards +x by B_y > 0, being on their way to +z.

    A strip of 100 nm by 1 cm: its ends, and the rounding of corners so far apart, are seen as 1e-5.
    """
    x = np.array([-20e-9, 30e-9])
    phase = electron_phase.rectangle(x, 0 * x, (100e-9, 1e-2), (3e-3, 8e-3))
    slope = (phase[1] - phase[0]) / 50e-9
    exact = constants.E_CHARGE / constants.HBAR * constants.MU0 * 8e-3
    assert slope == pytest.approx(exact, rel=1e-4, abs=0)


def test_a_disk_is_made_of_rectangles() -> None:
    """Rectangles of 1/100 of the radius whose centres lie in a disk; their staircase is worth some 1e-3."""
    h = 0.01
    c = np.arange(-1 + h / 2, 1, h)
    X, Y = np.meshgrid(c, c)
    inside = X**2 + Y**2 < 1
    points = np.array([[0.205, 0.1], [-0.5, 0.61], [1.5, 0.0], [-0.7, -1.1]]) * 50e-9
    for x, y in points:
        cells = electron_phase.rectangle(
            x - 50e-9 * X[inside], y - 50e-9 * Y[inside], (0.5e-9, 0.5e-9), (8e-3, -5e-3)
        ).sum()
        exact = float(electron_phase.disk(x, y, 50e-9, (8e-3, -5e-3)))
        assert cells == pytest.approx(exact, rel=3e-3, abs=0)
