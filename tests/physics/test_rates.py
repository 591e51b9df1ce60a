"""Rates over barriers: prefactors from Hessians, damping and entropy against closed forms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magjax import constants
from magjax.analytic import brown, lifetime, two_state
from magjax.kinetics import (
    activation_entropy,
    apparent_barrier,
    arrhenius,
    brown_rate,
    diffusion_time,
    entropic_time,
    kramers,
    langer_rate,
    meyer_neldel_time,
    neel,
    reduced_field,
    tangent_hessian,
    transition_state_rate,
)

MU = 1e-18
langer = jax.jit(lambda low, top, E, T, alpha: langer_rate(jnp.diag(low), jnp.diag(top), E, T, MU, alpha))


@settings(max_examples=15)
@given(
    low=st.tuples(st.floats(0.5, 5), st.floats(0.5, 5)),
    top=st.tuples(st.floats(-5, -0.2), st.floats(0.2, 5)),
    E=st.floats(0, 2),
    T=st.floats(50, 900),
    alpha=st.floats(0.01, 5),
)
def test_one_spin_escapes_as_brown_says(low, top, E, T, alpha):
    """Langer's rate of one spin is the one Brown derived from it, at any damping; energies in 1e-19 J.

    A handful of roots and exponents up to 300 on both sides: 1e-11.
    """
    kT = constants.KB * T
    low, top = np.array(low) * 1e-19, np.array(top) * 1e-19
    found = float(langer(low, top, E * 1e-19, T, alpha))
    scaled = brown.escape_rate(tuple(low / kT), tuple(top / kT), E * 1e-19 / kT, alpha)
    assert found == pytest.approx(float(scaled / diffusion_time(T, MU, alpha)), rel=1e-11, abs=0)


@pytest.mark.slow
def test_a_ring_of_saddles_gives_browns_uniaxial_prefactor():
    """A zero mode: the saddle of a uniaxial particle is its equator, 2π long.

    E = −KV m_z², Hessians from the energy itself. Langer's rate out of one well is then exactly half of Brown's
    asymptote for both; 1e-11 for the rounding of second derivatives.
    """
    KV, T, alpha = 1e-19, 300.0, 0.1

    def energy(m):
        return -KV * jnp.sum(m[:, 2] ** 2)

    pole, equator = (tangent_hessian(energy, [m]) for m in ((0.0, 0.0, 1.0), (0.6, 0.8, 0.0)))
    rate = langer_rate(pole, equator, KV, T, MU, alpha, zero_modes=(0, 1), volumes=(1.0, 2 * np.pi))
    assert 2 * float(rate) == pytest.approx(float(brown_rate(KV, T, MU, alpha)), rel=1e-11, abs=0)


@pytest.mark.slow
def test_without_damping_langer_is_transition_state_theory_for_one_spin():
    """And below it for several: two coupled biaxial spins, where trajectories come back through the saddle's plane.

    One spin: (γ/2πμ)√(c₁c₂)e^(−ΔE/kT), to rounding.
    """
    low, top = np.diag([2e-19, 3e-19]), np.diag([-1e-19, 1.5e-19])
    bare = float(transition_state_rate(low, top, 1e-19, 300.0, MU))
    closed = constants.GAMMA / (2 * np.pi * MU) * np.sqrt(6) * 1e-19 * np.exp(-1e-19 / constants.KB / 300)
    assert bare == pytest.approx(closed, rel=1e-12, abs=0)
    assert float(langer_rate(low, top, 1e-19, 300.0, MU, alpha=0.0)) == pytest.approx(bare, rel=1e-7, abs=0)

    def energy(m):
        exchange = 2e-19 * (1 - jnp.sum(m[0] * m[1]))
        return exchange + jnp.sum(jnp.asarray([1e-19, 3e-19]) * (m[:, 1] ** 2 - m[:, 2] ** 2 / 2))

    pole, saddle = (tangent_hessian(energy, [m, m]) for m in ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)))
    several = [float(transition_state_rate(pole, saddle, 2e-19, 300.0, MU))]
    several += [float(langer_rate(pole, saddle, 2e-19, 300.0, MU, alpha)) for alpha in (0.0, 0.2, 2.0)]
    assert several == sorted(several, reverse=True)
    assert several[1] < 0.99 * several[0]


def test_gradient_of_a_rate_by_a_saddle():
    """Derivatives of ln Γ by curvatures, barrier and temperature against central differences, exact to 1e-8."""

    def f(x):
        low, top = jnp.diag(x[:2]) * 1e-19, jnp.diag(jnp.stack([-x[2], x[3]])) * 1e-19
        return jnp.log(langer_rate(low, top, x[4] * 1e-19, 300 * x[5], MU, 0.3 * x[5]))

    x, h = jnp.array([2.0, 3.0, 1.0, 1.5, 1.0, 1.0]), 1e-5
    value = jax.jit(jax.vmap(f))(x[None] + h * jnp.concatenate([jnp.eye(6), -jnp.eye(6)]))
    np.testing.assert_allclose(jax.jit(jax.grad(f))(x), (value[:6] - value[6:]) / (2 * h), atol=2e-7)


def test_neel_and_brown_in_a_field():
    """Néel's rate is the two-state one of wells at ∓μB, Brown's his asymptote in other units; both to rounding."""
    KV, B, T = 1e-19, 0.03, 300.0
    h = float(reduced_field(KV, MU, B))
    assert h == pytest.approx(MU * B / (2 * KV), rel=1e-14, abs=0)
    top = KV * h**2
    assert float(neel(KV, T, 1e9, MU, B)) == pytest.approx(
        float(two_state.rate(-KV - MU * B, -KV + MU * B, top, T)), rel=1e-11, abs=0
    )
    expected = brown.high_barrier_rate(KV / constants.KB / T, h) / diffusion_time(T, MU, 0.1)
    assert float(brown_rate(KV, T, MU, 0.1, B)) == pytest.approx(float(expected), rel=1e-13, abs=0)


def test_kramers_between_inertia_and_friction():
    """ω₀/2π without friction, ω₀ω_b/2πη with much of it, keeping the digits that √ − would lose."""
    assert float(kramers(0.0, 300.0, 2e9, 1e9)) == pytest.approx(1e9 / np.pi, rel=1e-14, abs=0)
    thick = float(kramers(0.0, 300.0, 2e9, 1e9, friction=1e18))
    assert thick == pytest.approx(1.0 / np.pi, rel=1e-12, abs=0)
    diffusive = brown.kramers_rate(4.0, -1.0, 3.0, diffusion=1.0)
    # In units kT = mass = 1 the diffusion constant is 1/η.
    damped = kramers(3 * constants.KB * 300, 300.0, 2.0, 1.0, friction=1e6)
    assert float(damped) * 1e6 == pytest.approx(float(diffusive), rel=1e-9, abs=0)


@settings(max_examples=15)
@given(E=st.floats(1e-20, 2e-19), S=st.floats(-5, 10), T=st.floats(100, 600))
def test_entropy_goes_into_the_prefactor(E, S, T):
    """A barrier Ea − T Sa is the barrier Ea with τ0 exp(−Sa/k); an Arrhenius plot of it shows Ea. To rounding."""
    Sa = S * constants.KB
    falling = lambda T: E - T * Sa  # noqa: E731
    rate = float(arrhenius(falling, T))
    assert 1 / rate == pytest.approx(float(lifetime.arrhenius_time(E, T, entropic_time(1e-9, Sa))), rel=1e-10, abs=0)
    assert float(activation_entropy(falling, T)) == pytest.approx(Sa, rel=1e-12, abs=1e-15 * constants.KB)
    assert float(apparent_barrier(falling, T)) == pytest.approx(E, rel=1e-12, abs=0)
    slope = jax.grad(lambda beta: jnp.log(arrhenius(falling, 1 / beta)))(1 / T)
    assert -float(slope) * constants.KB == pytest.approx(E, rel=1e-9, abs=0)


def test_compensation():
    """With Meyer and Neldel's rule lifetimes of all barriers meet at the isokinetic temperature, and cross there."""
    E = np.array([5e-20, 1e-19, 2e-19])
    at, below = (lifetime.arrhenius_time(E, T, meyer_neldel_time(1e-9, E, 600.0)) for T in (600.0, 300.0))
    np.testing.assert_allclose(at, 1e-9, rtol=1e-12)
    assert (np.diff(np.asarray(below)) > 0).all()
