"""Closed forms of a spin ½ against each other and against independent values."""

import jax
import mpmath
import numpy as np
import pytest

from magjax import constants
from magjax.analytic import macrospin, spin_half


@pytest.mark.slow
def test_precession_is_that_of_an_undamped_moment(rng: np.random.Generator) -> None:
    n, B, t = rng.normal(size=3), rng.normal(size=3), np.linspace(0, 1e-10, 5)
    n /= np.linalg.norm(n)
    np.testing.assert_allclose(spin_half.precession(t, n, B), macrospin.relaxation(t, n, B), atol=1e-13)
    np.testing.assert_array_equal(spin_half.precession(t, n, np.zeros(3))[-1], n)


@pytest.mark.parametrize("B", [1e-6, 0.01, 0.04, 0.1, 5.0, 300.0, 0.0, -2.0])
@pytest.mark.parametrize("S", [0.5, 1.5, 3.5])
def test_brillouin_function(B: float, S: float) -> None:
    """Against the sum over levels in 40 digits, on both sides of where the series takes over."""
    mpmath.mp.dps = 40
    y = mpmath.mpf(constants.HBAR * constants.GAMMA * B) / constants.KB
    levels = [k - S for k in range(round(2 * S) + 1)]
    weights = [mpmath.exp(y * m) for m in levels]
    expected = sum(m * w for m, w in zip(levels, weights, strict=True)) / sum(weights) / S
    assert float(spin_half.brillouin(B, 1.0, S)) == pytest.approx(float(expected), rel=1e-11, abs=0)
    if S == 0.5:
        assert float(spin_half.polarisation(B, 1.0)) == pytest.approx(float(expected), rel=1e-12, abs=0)


@pytest.mark.slow
def test_derivatives_at_the_origin() -> None:
    """Curie's law, and no NaN without any field."""
    slope = jax.grad(lambda B: spin_half.brillouin(B, 2.0, 1.5))(0.0)
    curie = constants.HBAR * constants.GAMMA * 2.5 / (3 * constants.KB * 2.0)
    assert float(slope) == pytest.approx(curie, rel=1e-12, abs=0)
    assert float(jax.grad(lambda B1: spin_half.rabi_probability(1e-9, B1))(0.0)) == 0


def test_splitting_flips_and_phases() -> None:
    assert float(spin_half.zeeman_splitting(2.0)) == 2 * constants.GAMMA
    flip = np.pi / (constants.GAMMA * 1e-3)
    assert float(spin_half.rabi_probability(flip, 1e-3)) == pytest.approx(1, rel=1e-12, abs=0)
    off = float(spin_half.rabi_probability(flip / 2**0.5, 1e-3, detuning=constants.GAMMA * 1e-3))
    assert off == pytest.approx(0.5, rel=1e-12, abs=0)
    assert float(spin_half.berry_phase(np.pi / 2, turns=2)) == pytest.approx(-2 * np.pi, rel=1e-12, abs=0)
    assert float(spin_half.singlet_triplet_beat(0.0, 1e-23)) == 0.5
