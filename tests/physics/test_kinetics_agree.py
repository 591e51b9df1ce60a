"""Master equation, Fokker–Planck equation and hazard integral agree where each of them holds."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import constants
from magjax.kinetics import (
    FokkerPlanck,
    MasterEquation,
    PowerBarrier,
    UniaxialEnergy,
    evolve_density,
    relaxation_rate,
    relaxation_rates,
    survival,
)

T, MOMENT, ALPHA = 300.0, 1e-18, 0.1
KT = constants.KB * T


def particle(sigma, B=0.0):
    """A particle of KV/kT = σ."""
    return FokkerPlanck(UniaxialEnergy(sigma * KT), MOMENT, T, ALPHA, B=B)


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [2.0, 30.0])
def test_a_ladder_of_states_is_the_fokker_planck_equation(sigma):
    """Forty states between the poles, hopping over tops between neighbours: the slowest rate of their master equation.

    Theory: a state for each cell with E_i = −kT ln(exp(−v_i) w_i), a top kT ln(G exp(v) d/D) between neighbours with
    attempts G/2τ_N, where w is the width of a cell, d the distance to the next and G any large number: for small cells
    this is Brown's equation. 40 cells in θ err by the square of the cell's 4.5° times the curvature 2σ of the wells.
    """
    this, count = particle(sigma), 40
    edges = this.edges(count)
    middles = (edges[1:] + edges[:-1]) / 2
    tops = (middles[1:] + middles[:-1]) / 2
    energies = np.asarray(this.potential(middles)) - np.log(np.diff(edges))
    G = 1e6
    resistance = np.asarray(this.potential(tops)) + np.log(np.diff(middles) / (1 - tops**2) * G)
    links = [(i, i + 1) for i in range(count - 1)]
    ladder = MasterEquation(energies * KT, links, resistance * KT, prefactors=G * float(this.pace()))
    found = np.sort(np.asarray(relaxation_rates(ladder, T)))
    slowest = found[found > 1e-3 * float(relaxation_rate(this))][0]
    assert slowest == pytest.approx(float(relaxation_rate(this)), rel=0.004 + 0.001 * sigma, abs=0)


@pytest.mark.slow
def test_swept_density_switches_as_the_hazard_integral_says():
    """A rising field empties the well that it disfavours: the density in time against survival in the hazard integral.

    Layout: σ = 20, in equilibrium within the lower well; the field rises from 0 to half the anisotropy field in 50 µs,
    7000 τ_N. The hazard has the barrier KV(1 − h)² and a constant τ0, read off λ₁ at h = 0.3, amid the switching.
    Between h = 0.2 and 0.4 Brown's prefactor (1 − h²)(1 − h) moves by 30 %, which shifts ln τ by 0.2 where ln τ moves
    by 28 dh: 0.01 in h, or 0.07 in probability at its steepest.
    """
    sigma, end, duration = 20.0, 0.5, 50e-6
    saturating = 2 * sigma * KT / MOMENT  # T
    h = np.array([0.2, 0.25, 0.3, 0.35, 0.45])
    ramp = mj.drive.ramp(t0=0.0, t1=duration, start=0.0, end=end * saturating)
    lower = lambda s: jnp.where(s < 0, jnp.exp(sigma * s**2), 0.0)  # noqa: E731
    this = particle(sigma, ramp)
    run = eqx.filter_jit(evolve_density)(this, lower, h / end * duration, cells=48, steps=80)
    left = np.asarray(run.probability[:, :24].sum(1))
    amid = relaxation_rate(particle(sigma, 0.3 * saturating))
    tau0 = float(np.exp(-sigma * 0.7**2) / amid)
    H0 = saturating / constants.MU0
    hazard = survival(PowerBarrier(H0, sigma * KT, m=2.0), h * H0, end * H0 / duration, T, tau0=tau0)
    assert 0.2 < left[2] < 0.9
    np.testing.assert_allclose(left, hazard, atol=0.07)
