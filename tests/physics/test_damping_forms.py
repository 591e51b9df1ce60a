"""Gilbert's damping and Landau and Lifshitz', in decay times, and by how much the printed relation is off (row A8)."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import magjax as mj
from magjax import constants
from magjax.analytic import damping_forms, macrospin

Ms, B = 8e5, 1.5
MESH = mj.Mesh((1, 1, 1), 5e-9)


@eqx.filter_jit
def decay(gamma, alpha, end):
    """How far a cone of 1 mrad decays by `end`, in the Landau–Lifshitz form."""
    system = mj.System(MESH, Ms=Ms, alpha=alpha, gamma=gamma, energy=mj.Zeeman(B=(0, 0, B)))
    m0 = mj.textures.uniform(MESH, (1e-3, 0, 1))
    form = mj.LLG("landau-lifshitz")
    m = mj.evolve(system, m0, end, dynamics=form, tolerance=1e-9, adjoint="forward").average[-1]
    return jnp.hypot(m[0], m[1]) / jnp.hypot(m0[0, 0, 0, 0], m0[1, 0, 0, 0])


@pytest.mark.slow
@settings(max_examples=8)
@given(alpha=st.floats(0.05, 2.0))
def test_decay_times_of_both_forms(alpha):
    """The engine's Landau–Lifshitz form with exactly mapped constants decays in Gilbert's time τ = (1+α²)/(αγB).

    Constants of the paper: λ_L = λ_G γ_L. The cone of 1 mrad leaves 1e-6 of nonlinearity; steps err by 1e-9 rad, 1e-6
    of the cone each, at most some hundreds of them: 1e-3 of the logarithm is allowed.
    """
    gamma_L, damping_L = macrospin.landau_lifshitz_from_gilbert(constants.GAMMA, alpha / Ms, Ms)
    gilbert = float(damping_forms.decay_time_gilbert(B, constants.GAMMA, alpha / Ms, Ms))
    landau = float(damping_forms.decay_time_landau_lifshitz(B, damping_L, Ms))
    assert gilbert == pytest.approx(float(macrospin.decay_time(B, alpha)), rel=1e-14, abs=0)
    assert landau == pytest.approx(gilbert, rel=1e-14, abs=0)
    back = damping_forms.gilbert_from_landau_lifshitz(gamma_L, damping_L, Ms)
    np.testing.assert_allclose(back, (constants.GAMMA, alpha / Ms), rtol=1e-14)
    left = decay(gamma_L, damping_L * Ms / gamma_L, jnp.asarray(gilbert))
    assert -np.log(float(left)) == pytest.approx(1, abs=1e-3)


@settings(max_examples=4)
@given(alpha=st.floats(0.05, 0.5))
def test_the_printed_relation_decays_in_another_time(alpha):
    """With λ_L Ms = γ_L/(1+α²) the engine decays in (1+α²)²/(γB): a factor α(1+α²) from Gilbert's, whatever α.

    So a magnet with α = 0.05 would ring for a twentieth of its time. Accuracy as above.
    """
    gamma_L, damping_L = macrospin.landau_lifshitz_from_gilbert_seed(constants.GAMMA, alpha / Ms, Ms)
    seed = float(damping_forms.decay_time_seed(B, constants.GAMMA, alpha / Ms, Ms))
    gilbert = float(damping_forms.decay_time_gilbert(B, constants.GAMMA, alpha / Ms, Ms))
    assert seed / gilbert == pytest.approx(alpha * (1 + alpha**2), rel=1e-13, abs=0)
    assert seed == pytest.approx(float(damping_forms.decay_time_landau_lifshitz(B, damping_L, Ms)), rel=1e-13, abs=0)
    left = decay(gamma_L, damping_L * Ms / gamma_L, jnp.asarray(seed))
    assert -np.log(float(left)) == pytest.approx(1, abs=1e-3)


def test_where_each_form_is_fastest():
    """Gilbert's decay is fastest at α = 1; Landau and Lifshitz' gets faster without end: what the paper finds odd."""
    alphas = np.array([0.25, 0.5, 1.0, 2.0, 4.0])
    gilbert = np.asarray(damping_forms.decay_time_gilbert(B, constants.GAMMA, alphas / Ms, Ms))
    landau = np.asarray(damping_forms.decay_time_landau_lifshitz(B, alphas * constants.GAMMA / Ms, Ms))
    assert np.argmin(gilbert) == 2
    assert np.all(np.diff(landau) < 0)
