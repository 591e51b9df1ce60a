"""Closed forms of copies against averages over the sphere, and limits."""

import numpy as np
import pytest

from magjax.analytic import cloning

#: Gauss' points in cos θ and even ones in φ: exact for these polynomials.
COS, WEIGHTS = np.polynomial.legendre.leggauss(40)
THETA, PHI = np.arccos(COS), 2 * np.pi * np.arange(16) / 16


def test_means_of_the_cnot_cloner() -> None:
    """⅔ for one copy, ½ for the pair. √ of polynomials in cos θ: 40 points leave 1e-7 of the second."""
    assert WEIGHTS @ cloning.cnot_copy_fidelity(THETA) / 2 == pytest.approx(2 / 3, rel=0, abs=1e-14)
    pair = cloning.cnot_joint_fidelity(THETA[:, None], PHI[None]).mean(axis=1)
    assert WEIGHTS @ pair / 2 == pytest.approx(1 / 2, rel=0, abs=1e-7)


def test_optimal_fidelity_in_its_limits() -> None:
    """Originals themselves are perfect; endless copies are as good as a measurement, (N+1)/(N+2)."""
    assert cloning.optimal_fidelity(3, 3) == 1
    assert cloning.optimal_fidelity(1, 2) == pytest.approx(5 / 6, rel=1e-15, abs=0)
    for n in (1, 2, 7):
        assert cloning.optimal_fidelity(n, 10**12) == pytest.approx((n + 1) / (n + 2), rel=1e-11, abs=0)
    with pytest.raises(ValueError, match="`copies` must be ≥ `originals` ≥ 1"):
        cloning.optimal_fidelity(3, 2)
