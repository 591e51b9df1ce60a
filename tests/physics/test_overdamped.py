"""One overdamped coordinate: trajectories against the flat Fokker–Planck equation and closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import constants
from magjax.analytic import brown
from magjax.kinetics import (
    FlatFokkerPlanck_seed,
    Overdamped,
    UniaxialEnergy,
    equilibrium_average,
    relaxation_rate,
    walk,
)

T, RATE = 300.0, 1e9
KT = constants.KB * T
N = 20_000


def spring(stiffness):
    """E = ½ k kT s²."""
    return lambda s: 0.5 * stiffness * KT * s**2


@pytest.mark.slow
@pytest.mark.parametrize(("method", "bias"), [("heun", -0.011), ("euler", 0.111)])
def test_a_spring_reaches_equipartition(method, bias):
    """⟨s²⟩ = 1/k less the error of the step, which is known: Euler 1/(1 − x/2) − 1, Heun x²/8 lower to leading order.

    x = kΓ0 dt = 0.2. The variance of 20 000 independent coordinates is known to √(2/N) = 1 %; three are allowed.
    """
    this = Overdamped(spring(10.0), T, RATE)
    run = walk(this, jnp.zeros(N), dt=0.02 / RATE, steps=60, key=jax.random.key(3), method=method)
    assert run.result.name == "SUCCESS"
    assert 10 * float(jnp.mean(run.s[-1] ** 2)) - 1 == pytest.approx(bias, rel=0, abs=0.03)


@pytest.mark.slow
def test_double_well_between_walls_relaxes_as_its_density(key):
    """Escape over 3 kT between reflecting walls at ±1: the rate and the moments of the flat Fokker–Planck equation.

    All start between ½ and 1; the slope of ln⟨s⟩ between two times gives λ₁. ⟨s⟩ is known to 0.7 % of 1, so the rate to
    0.7 % · √2/(⟨s⟩ λt) ≈ 2 %, and walls that are met in steps of √(2Γ0 dt) = 0.045 bias it by as much: 8 % are allowed.
    """
    energy = UniaxialEnergy(3 * KT)
    flat = FlatFokkerPlanck_seed(energy, T, RATE)
    rate = float(jax.jit(relaxation_rate)(flat))
    dt = 1e-3 / RATE
    steps = int(0.8 / rate / dt)
    this = Overdamped(energy, T, RATE, walls=(-1.0, 1.0))
    run = jax.jit(lambda s: walk(this, s, dt, 2 * steps, key, save_every=steps))(jnp.linspace(0.5, 1, N))
    mean = run.s.mean(axis=1)
    found = float(jnp.log(mean[0] / mean[1]) / (run.t[1] - run.t[0]))
    assert found == pytest.approx(rate, rel=0.08, abs=0)
    second = float(jnp.mean(run.s[-1] ** 2))
    assert second == pytest.approx(float(equilibrium_average(flat, lambda s: s**2)), rel=0, abs=0.012)
    assert float(jnp.abs(run.s).max()) <= 1


@pytest.mark.slow
def test_kramers_rate_is_the_flat_eigenvalue_at_high_barriers():
    """λ₁ = 2κ for a quartic double well, E = ΔE (1 − 2s²)².

    Wells at ±1/√2; curvatures 16ΔE and −8ΔE over kT. Corrections of the order kT/ΔE leave 7 % at 20 kT and a third of
    that at three times the barrier.
    """
    rate = jax.jit(lambda b: relaxation_rate(FlatFokkerPlanck_seed(lambda s: b * KT * (1 - 2 * s**2) ** 2, T, RATE)))
    misses = [
        float(2 * brown.kramers_rate(16 * b, -8 * b, barrier=b, diffusion=RATE) / rate(b)) - 1 for b in (20.0, 60.0)
    ]
    assert 0 < misses[0] < 0.07
    assert misses[0] / misses[1] == pytest.approx(3, rel=0.2, abs=0)


def test_noise_of_the_seed_paper_is_another_temperature():
    """With Γ0 = 2 1/s the printed 2Γ0 makes ⟨s²⟩ 2Γ0 = 4 times too large; no choice of unit repairs it. 3σ = 3 %."""
    key = jax.random.key(5)
    variances = [
        float(jnp.mean(walk(Overdamped(spring(1.0), T, 2.0, noise=noise), jnp.zeros(N), 0.02, 200, key).s[-1] ** 2))
        for noise in ("standard", "seed")
    ]
    assert variances[0] == pytest.approx(1, rel=0, abs=0.03)
    # The same key: the same noise, twice as strong.
    assert variances[1] / variances[0] == pytest.approx(4, rel=1e-12, abs=0)


@pytest.mark.slow
def test_runs_go_on_bit_for_bit_and_can_be_differentiated(dtype):
    """Two halves equal the whole; d⟨s²⟩/dk by autodiff equals differences with the same noise, in both precisions."""
    key, s0 = jax.random.key(7), jnp.zeros(50, dtype)
    this = Overdamped(spring(dtype.type(10.0)), T, RATE)
    whole = walk(this, s0, 1e-11, 20, key, save_every=10)
    half = walk(this, whole.s[0], 1e-11, 10, key, first_step=10)
    assert whole.s.dtype == dtype
    np.testing.assert_array_equal(half.s[-1], whole.s[-1])
    if dtype == np.float64:
        spread = jax.jit(lambda k: jnp.mean(walk(Overdamped(spring(k), T, RATE), s0, 1e-11, 20, key).s[-1] ** 2))
        slope = float(jax.grad(spread)(10.0))
        assert slope == pytest.approx(float((spread(10.01) - spread(9.99)) / 0.02), rel=1e-6, abs=0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"dt": -1e-12}, "`dt` must be a time in s, > 0, but got -1e-12. Diffusion cannot be run backwards"),
        ({"steps": 7, "save_every": 2}, "`steps` must be a multiple"),
        ({"method": "milstein"}, "`method` must be 'heun' or 'euler'"),
    ],
)
def test_walks_that_mean_nothing(arguments, message):
    """One clear error each."""
    with pytest.raises(ValueError, match=message):
        walk(Overdamped(spring(1.0), T, RATE), 0.0, **{"dt": 1e-12, "steps": 4, "key": jax.random.key(0), **arguments})


def test_coordinates_that_mean_nothing():
    """Walls the wrong way round, another noise, a negative Γ0."""
    with pytest.raises(ValueError, match="`walls` must be two rising"):
        Overdamped(spring(1.0), T, RATE, walls=(1.0, -1.0))
    with pytest.raises(ValueError, match="`noise` must be"):
        Overdamped(spring(1.0), T, RATE, noise="pink")
    with pytest.raises(ValueError, match="`prefactor` must be a rate"):
        Overdamped(spring(1.0), T, -RATE)
