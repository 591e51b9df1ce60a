import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

import magjax as mj
from magjax.analytic import domain_wall

GAMMA, MU0 = mj.constants.GAMMA, mj.constants.MU0
WALL = {"alpha": 0.1, "Bd": 0.4, "width": 5e-9}


def test_profile_has_the_energy_and_the_width() -> None:
    """∫[A θ′² + K sin²θ] dx over tan(θ/2) = exp(x/Δ) is 4√(AK)."""
    A, K = 1.3e-11, 4e5
    delta = float(domain_wall.width(A, K))
    x = np.linspace(-40, 40, 200_001) * delta
    sine = 1 / np.cosh(x / delta)
    density = A * (sine / delta) ** 2 + K * sine**2
    assert np.trapezoid(density, x) == pytest.approx(float(domain_wall.energy(A, K)), rel=1e-9, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    "drive", [{"B": 0.015}, {"B": 0.05}, {"B": -0.05}, {"u": 100.0, "beta": 0.02}, {"u": 600.0, "beta": 0.02}]
)
def test_mean_velocity_is_that_of_the_motion(drive: dict[str, float]) -> None:
    """Below the breakdown after the transient, above it over whole turns, from the equations of motion."""

    rates = jax.jit(lambda phi: jnp.stack(domain_wall.rates(phi, **drive, **WALL)))

    def motion(t, y):
        return np.asarray(rates(y[1]))

    settled = solve_ivp(motion, (0, 30e-9), [0.0, 0.0], rtol=1e-7, atol=1e-9, max_step=2e-10)
    q, phi = settled.y
    turns = np.abs(phi) / np.pi
    if turns[-1] > 2:
        whole = np.interp([1, np.floor(turns[-1])], turns, settled.t)
        q1, q2 = np.interp(whole, settled.t, q)
        mean = (q2 - q1) / (whole[1] - whole[0])
    else:
        mean = motion(0, settled.y[:, -1])[0]
    assert mean == pytest.approx(float(domain_wall.velocity(**drive, **WALL)), rel=2e-3, abs=0)


def test_limits() -> None:
    """The two branches meet at the breakdown; far above, a wall goes with the electrons; β = α never breaks down."""
    assert float(domain_wall.walker_field(0.1, 0.4)) == pytest.approx(0.02, rel=1e-12, abs=0)
    limit = float(domain_wall.breakdown_drift(beta=0.02, **WALL))
    assert float(domain_wall.velocity(u=limit, beta=0.02, **WALL)) == pytest.approx(0.2 * limit, rel=1e-6, abs=0)
    far = float(domain_wall.velocity(u=1e6, beta=0.02, **WALL))
    assert far == pytest.approx(1e6 * 1.002 / 1.01, rel=1e-5, abs=0)
    assert np.isinf(domain_wall.breakdown_drift(beta=0.1, **WALL))
    assert np.isnan(domain_wall.steady_angle(0.03, 0.1, 0.4))


def test_walker_velocity_thins_the_wall() -> None:
    """At small fields γΔB/α; at the Walker field φ = 45° and Δ = √(A/(K + K⊥/2))."""
    sample = {"A": 1.3e-11, "K": 4e5, "alpha": 0.1, "Bd": 0.4, "Ms": 8e5}
    slow = float(domain_wall.walker_velocity(1e-6, **sample))
    assert slow == pytest.approx(GAMMA * np.sqrt(1.3e-11 / 4e5) * 1e-5, rel=1e-6, abs=0)
    fast = float(domain_wall.walker_velocity(0.02 * (1 - 1e-12), **sample))
    assert fast == pytest.approx(GAMMA * np.sqrt(1.3e-11 / (4e5 + 0.08e6)) * 0.2, rel=1e-5, abs=0)


def test_masses() -> None:
    """½ mass v² is the energy 2ΔK⊥ sin²φ that a small velocity v = γΔ(B_d/2) sin 2φ costs; Döring's is B_d = μ0Ms."""
    Ms, phi = 8e5, 1e-4
    velocity, _ = domain_wall.rates(phi, alpha=0.0, Bd=0.4, width=5e-9)
    kinetic = float(domain_wall.mass(0.4, 5e-9, Ms)) * float(velocity) ** 2 / 2
    assert kinetic == pytest.approx(2 * 5e-9 * Ms * 0.2 * np.sin(phi) ** 2, rel=1e-6, abs=0)
    assert float(domain_wall.doring_mass(5e-9)) == pytest.approx(
        float(domain_wall.mass(MU0 * Ms, 5e-9, Ms)), rel=1e-12, abs=0
    )
