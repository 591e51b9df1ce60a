"""The two forms of the equation of motion are one, under the exact map and under no other (row A8)."""

import equinox as eqx
import jax
import numpy as np
import pytest

import magjax as mj
from magjax import constants
from magjax.analytic import macrospin
from magjax.dynamics import landau_lifshitz_from_gilbert

MESH = mj.Mesh((4, 3, 1), (4e-9, 5e-9, 3e-9))


@eqx.filter_jit
def end(gamma, alpha, form):
    """⟨m⟩ after 10 ps of spins in disorder, with 500 fixed steps."""
    energy = mj.Exchange(A=1e-11) + mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1)) + mj.Zeeman(B=(0.3, 0, 0.5))
    system = mj.System(MESH, Ms=8e5, alpha=alpha, gamma=gamma, energy=energy)
    m0 = mj.textures.random(MESH, jax.random.key(2))
    return mj.evolve(system, m0, 10e-12, dt=2e-14, dynamics=mj.LLG(form), adjoint="forward").average[-1]


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.05, 1.0, 2.5])
def test_both_forms_give_one_trajectory(alpha):
    """Gilbert's equation with (γ_G, α) and Landau and Lifshitz' with γ_L = γ_G/(1+α²), λ_L = αγ_L.

    The right-hand sides are equal but for rounding, and so are five hundred fixed steps of each: 1e-12 leaves room for
    rounding to grow. The unmapped constants end elsewhere by more than 1e-4, so the comparison can fail.
    """
    gilbert = end(constants.GAMMA, alpha, "gilbert")
    mapped = end(*landau_lifshitz_from_gilbert(constants.GAMMA, alpha), "landau-lifshitz")
    np.testing.assert_allclose(mapped, gilbert, atol=1e-12)
    assert np.abs(end(constants.GAMMA, alpha, "landau-lifshitz") - gilbert).max() > 1e-4


def test_map_in_the_papers_constants():
    """λ_L = λ_G γ_L with α = λ_G Ms; the relation in the paper is wrong by the factor 1/(α(1+α²)) it is said to be."""
    Ms, alpha = 8e5, 0.3
    gamma_L, damping_L = macrospin.landau_lifshitz_from_gilbert(constants.GAMMA, alpha / Ms, Ms)
    ours = landau_lifshitz_from_gilbert(constants.GAMMA, alpha)
    assert float(gamma_L) == pytest.approx(float(ours[0]), rel=1e-14, abs=0)
    assert float(damping_L) * Ms == pytest.approx(float(ours[1] * ours[0]), rel=1e-14, abs=0)
    seed_gamma, seed_damping = macrospin.landau_lifshitz_from_gilbert_seed(constants.GAMMA, alpha / Ms, Ms)
    assert float(seed_gamma) == pytest.approx(float(gamma_L), rel=1e-14, abs=0)
    assert float(seed_damping / damping_L) == pytest.approx(1 / (alpha * (1 + alpha**2)), rel=1e-14, abs=0)
