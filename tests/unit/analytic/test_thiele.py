import numpy as np
import pytest

from magjax.analytic import thiele


def test_angle_is_that_of_the_velocity() -> None:
    for alpha, beta, Q in [(0.3, 0.0, -1), (0.1, 0.4, 1), (0.2, 0.2, 2)]:
        x, y = np.asarray(thiele.velocity((10.0, 0.0), alpha=alpha, beta=beta, Q=Q, D=15.0))
        angle = float(thiele.hall_angle(alpha=alpha, beta=beta, Q=Q, D=15.0))
        assert np.arctan2(y, x) == pytest.approx(angle, abs=1e-12)


def test_limits() -> None:
    """Without charge βu/α, as of a wall; for β = α exactly u; a force without damping moves a skyrmion sideways."""
    flat = thiele.velocity((10.0, 5.0), alpha=0.1, beta=0.02, Q=0, D=[[15.0, 0.0], [0.0, 8.0]])
    assert np.allclose(flat, (2.0, 1.0), atol=1e-12)
    assert np.allclose(thiele.velocity((3.0, 4.0), alpha=0.3, beta=0.3, Q=3, D=9.0), (3.0, 4.0), atol=1e-12)
    pushed = thiele.velocity((0.0, 0.0), alpha=0.0, beta=0.0, Q=1, D=9.0, force=(4 * np.pi, 0.0))
    assert np.allclose(pushed, (0.0, -1.0), atol=1e-12)


def test_dissipation_of_a_thin_wall() -> None:
    """Half of ∫(θ′² + sin²θ/r²) 2πr dr over θ = 2 arctan exp((R − r)/Δ); 1/r is not quite 1/R in the wall."""
    R, delta = 40.0, 2.0
    r = np.linspace(1e-3, 120, 400_001)
    sine = 1 / np.cosh((r - R) / delta)
    expected = np.pi * np.trapezoid(sine**2 * (r / delta**2 + 1 / r), r)
    assert float(thiele.wall_dissipation(R, delta)) == pytest.approx(expected, rel=5e-4, abs=0)
