"""First passages and swept fields under noise, against the Fokker–Planck equation and the hazard integral."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import constants
from magjax.kinetics import (
    FokkerPlanck,
    PowerBarrier,
    UniaxialEnergy,
    evolve_density,
    first_passage_time,
    relaxation_rate,
    sweep_coercivity,
)
from magjax.solve.hysteresis import coercive_fields

MS, T, ALPHA = 5e5, 300.0, 0.5
KT = constants.KB * T


def grains(count, sigma):
    """Independent particles of KV/kT = σ and 6 nm with the axis z, all up; and 2K/Ms in T."""
    mesh = mj.Mesh((count, 1, 1), 6e-9)
    K = sigma * KT / mesh.cell_volume
    system = mj.System(mesh, Ms=MS, alpha=ALPHA, energy=mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))
    return system, mj.textures.uniform(mesh, (0, 0, 1), dtype=jnp.float32), 2 * K / MS


@pytest.mark.slow
def test_mean_first_passage():
    """The mean time from the upper well to m·n = 0.5 in the lower one, n down, against its integral.

    Theory: Hänggi, Talkner, Borkovec, Eq. 7.9. Layout: 3000 particles of KV = 4 kT for eight mean times, by when 0.03 %
    have not switched and count for as long as they were watched. The scatter is 1/√3000 = 1.8 %. Passages to and fro
    within a step of 0.1 rad are missed: the boundary seems 0.58 · 0.1 rad further off, which costs 1 % where spins are
    falling anyway (at the top of the barrier, where they dwell, it would be 13 %). Both errors are allowed. Few that
    have come so far return: the rate is half that at which the excess in a well decays, less the 5 % of the way down.
    """
    sigma = 4.0
    system, up, _ = grains(3000, sigma)
    particle = FokkerPlanck(UniaxialEnergy(sigma * KT), MS * system.mesh.cell_volume, T, ALPHA)
    exact = float(first_passage_time(particle, 1.0, -0.5))
    bath = mj.Langevin(T=T, seed=6)
    found = jax.jit(
        lambda m0: mj.switching_times(system, m0, 8 * exact, direction=(0, 0, -1), threshold=0.5, dynamics=bath)
    )(up)
    rate, error = mj.observe.switching_rate(found.times, 8 * exact)
    assert error < 0.02 * rate
    assert -3.5 * error < 1 / exact - rate < 0.01 * rate + 3.5 * error
    assert 2 * rate == pytest.approx(float(relaxation_rate(particle)), rel=0.1, abs=0)
    # Escape is a Poisson process that begins once the first have come down, which takes a twentieth of the mean time.
    left = mj.observe.survival(found.times, 8 * exact)
    steady = (left.t > 0.3 * exact) & (left.t < 3 * exact)
    slope = -np.polyfit(left.t[steady], np.log(left.fraction[steady]), 1)[0]
    assert slope * exact == pytest.approx(1.05, rel=0, abs=0.06)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [1e9, 2e8])
def test_swept_coercivity(rate):
    """The field at which half the particles have switched, by stochastic LLG, swept Fokker–Planck and hazard integral.

    Layout: 2000 particles of KV = 20 kT (2K/Ms = 1.5 T), from 0 to 1.2 · 2K/Ms in 1.8 and 9 ns. Order statistics give
    an error of 0.3 % for Hc. The density obeys the same equation: three of these errors. The hazard integral takes
    Γ = exp(−σ(1−h)²)/τ0 with one τ0, read off λ₁ at its own answer; over the width of the switching fields, ±0.04 in
    h, Brown's prefactor moves by 10 %, which moves h by 0.01, and what leaves lags behind by the relaxation within the
    well, 20 ps or 1 % of 2K/Ms in the fastest sweep: 2.5 % are allowed.
    """
    sigma = 20.0
    system, up, BK = grains(2000, sigma)
    moment, end = MS * system.mesh.cell_volume, 1.2 * BK
    bath = mj.Langevin(T=T, seed=0)
    sweep = jax.jit(
        lambda m0: mj.sweep_field(system, m0, [(0, 0, 0.0), (0, 0, -end)], rate, samples=50, dynamics=bath)
    )(up)
    assert sweep.result.succeeded
    Hc, error = mj.observe.coercivity(sweep.switching_fields)
    assert error < 0.005 * BK
    duration = end / rate
    ramp = mj.drive.ramp(t0=0.0, t1=duration, start=0.0, end=-end)
    particle = FokkerPlanck(UniaxialEnergy(sigma * KT), moment, T, ALPHA, B=ramp)
    fields = np.linspace(0, end, 241)[1:]
    upper = lambda s: jnp.where(s > 0, jnp.exp(sigma * (s**2 - 1)), 0.0)  # noqa: E731
    density = eqx.filter_jit(evolve_density)(particle, upper, fields / rate, cells=96)
    left = np.asarray(density.probability[:, 48:].sum(1))
    assert Hc == pytest.approx(np.interp(-0.5, -left, fields), rel=0, abs=3 * error + 0.002 * BK)
    # The mean loop passes zero where half of them have switched.
    zero = coercive_fields(sweep.B[:, 2], sweep.average[:, 2])
    assert -zero[0] == pytest.approx(Hc, rel=0, abs=3 * error + 0.01 * BK)

    def swept(tau0):
        barrier = PowerBarrier(BK / constants.MU0, sigma * KT, m=2.0)
        return constants.MU0 * float(sweep_coercivity(barrier, rate / constants.MU0, T, tau0=tau0).H)

    tau0 = 1e-10
    for _ in range(8):
        field = swept(tau0)
        here = FokkerPlanck(UniaxialEnergy(sigma * KT), moment, T, ALPHA, B=-field)
        tau0 = float(np.exp(-sigma * (1 - field / BK) ** 2) / relaxation_rate(here))
    assert Hc == pytest.approx(swept(tau0), rel=0, abs=0.025 * BK)


@pytest.mark.slow
def test_without_noise_a_slow_sweep_switches_at_the_astroid():
    """A particle at 45° to the field, swept at 1e7 T/s: Stoner and Wohlfarth's switching field, half of 2K/Ms.

    Near the switching field the particle slows down, and overshoots it by (rate/γB_K²α)^(2/3) ~ 1 % of 2K/Ms = 0.2 T;
    2 % are allowed.
    """
    mesh = mj.Mesh((1, 1, 1), 5e-9)
    axis = (np.sqrt(0.5), 0, np.sqrt(0.5))
    grain = mj.System(mesh, Ms=8e5, alpha=1.0, energy=mj.UniaxialAnisotropy(K=8e4, axis=axis))
    sweep = jax.jit(
        lambda rate: mj.sweep_field(
            grain, mj.textures.uniform(mesh, axis), [(0, 0, -0.05), (0, 0, -0.12)], rate, samples=10, tolerance=1e-4
        )
    )(1e7)
    assert 0.0999 < float(sweep.switching_fields[0, 0, 0]) < 0.104
