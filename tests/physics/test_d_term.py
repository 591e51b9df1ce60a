"""The equation of motion with a D-term, integrated by the engine (rows B3–B6, B8)."""

import equinox as eqx
import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

import magjax as mj
from magjax import constants
from magjax.analytic import macrospin, radiation, spin_spin
from magjax.dynamics import DTerm, Radiation
from magjax.numerics.sphere import cross

SPIN = mj.Mesh((1, 1, 1), 5e-9)
T = 20e-12
#: 1000 steps of at most 0.01 rad: classical Runge–Kutta is wrong by h⁴/120 per radian, below 1e-10 in all.
STEPS = {"dt": T / 1000, "adjoint": "forward"}
CLOSE = 1e-8

unit = st.tuples(*[st.floats(-1, 1)] * 3).map(np.array).filter(lambda v: 0.2 < np.linalg.norm(v) < 1)
few = hypothesis.settings(max_examples=15)


def single(B, alpha=0.0):
    """One spin in a field."""
    return mj.System(SPIN, Ms=8e5, alpha=alpha, energy=mj.Zeeman(B=B))


def direction(v):
    """v/|v|."""
    return v / np.linalg.norm(v)


def gilbert(t, m, v, B, alpha):
    """Gilbert's damping, in its own form."""
    return alpha * cross(m, v)


@jax.jit
def radiating(m0, B, alpha, extra_field, extra_torque):
    """Spins at four times, in the radiation of its own precession."""
    equation = Radiation(extra_field, extra_torque)
    m0 = m0.reshape(3, 1, 1, 1)
    return mj.evolve(single(B, alpha), m0, T, save_every=T / 4, dynamics=equation, **STEPS).average


@jax.jit
def damped(m0, B, alpha):
    """Spins at four times by the LLG, and by its damping as a D-term."""
    m0 = m0.reshape(3, 1, 1, 1)
    explicit = mj.evolve(single(B, alpha), m0, T, save_every=T / 4, **STEPS)
    implicit = mj.evolve(single(B), m0, T, save_every=T / 4, dynamics=DTerm(gilbert, alpha, implicit=True), **STEPS)
    return explicit.average, implicit.average


@pytest.mark.slow
@few
@hypothesis.given(start=unit, B=unit, alpha=st.floats(0.0, 3.0))
def test_gilberts_damping_as_d_term_relaxes_as_tanh_and_sech(start, B, alpha):
    """Rows B4 and B5: M_z = tanh(artanh d + x), M_p = sech(artanh d + x), x = λ0γBt, turning at ω0/(1+α0²).

    One spin in a field of any direction, from any other; D = α m×dm/dt is solved for dm/dt in every stage, and beside
    it runs mj.evolve's LLG. The error of the steps is far below 1e-8, see `STEPS`.
    """
    m0 = direction(start)
    explicit, implicit = damped(jnp.asarray(m0), jnp.asarray(B), alpha)
    np.testing.assert_allclose(implicit, explicit, atol=CLOSE)
    t = T * np.arange(1, 5) / 4
    np.testing.assert_allclose(implicit, radiation.magnetisation(t, m0, B, alpha), atol=CLOSE)
    strength, b = np.linalg.norm(B), direction(B)
    along = np.asarray(implicit) @ b
    np.testing.assert_allclose(along, radiation.longitudinal(t, m0 @ b, strength, alpha), atol=CLOSE)
    across = np.linalg.norm(np.asarray(implicit) - along[:, None] * b, axis=1)
    # Squared: rounding of d = 1 − 1e-16 is a length of 1e-8 across.
    np.testing.assert_allclose(across**2, radiation.transverse(t, m0 @ b, strength, alpha) ** 2, atol=CLOSE)


@few
@hypothesis.given(
    start=unit, B=unit, alpha=st.floats(0.0, 2.0), extra_field=st.floats(-1, 2), extra_torque=st.floats(-3, 3)
)
def test_extra_field_and_torque_are_exact(start, B, alpha, extra_field, extra_torque):
    """Row B6: the frequency is γB(1 − λ0α0 − λ̄), the time scale x → (1+a)x. Layout and tolerance as above."""
    m0 = direction(start)
    found = radiating(jnp.asarray(m0), jnp.asarray(B), alpha, extra_field, extra_torque)
    t = T * np.arange(1, 5) / 4
    expected = radiation.magnetisation(t, m0, B, alpha, extra_field, extra_torque)
    np.testing.assert_allclose(found, expected, atol=CLOSE)


def turn(m, m0=(1.0, 0.0)):
    """The angle about z from `m0`, between −π and π."""
    return np.arctan2(m[1], m[0]) - np.arctan2(m0[1], m0[0])


def test_frequency_is_not_the_seeds():
    """Damping slows precession by 1/(1+α0²), which the paper's ω0 and ω0(1−λ̄0) leave out: 20 % at α0 = ½.

    In 5 ps at 1 T a spin turns by less than half a turn, so that the angle is the frequency times the time.
    """
    alpha, extra = 0.5, 0.25
    m0 = np.array([0.6, 0, 0.8])
    found = radiating(jnp.asarray(m0), jnp.array([0, 0, 1.0]), alpha, extra, 0.0)[0]
    omega = float(turn(found)) / (T / 4)
    assert omega == pytest.approx(float(radiation.precession_frequency(1.0, alpha, extra)), rel=CLOSE, abs=0)
    seed = float(radiation.precession_frequency_seed(1.0, extra))
    assert seed - omega == pytest.approx(constants.GAMMA * 0.2, rel=1e-7, abs=0)


def test_strong_extra_field_reverses_precession_but_not_relaxation():
    """An extra field of λ̄ > 1 turns the sense of precession round, not the magnetisation upside down as the paper says.

    The sign of c cancels in the torque that damps: M_z rises as without λ̄. And the sense changes at λ̄ = 1/(1+α0²)
    already, not at 1.
    """
    m0, B = jnp.array([0.6, 0, 0.8]), jnp.array([0, 0, 1.0])
    plain, strong, between = (radiating(m0, B, 0.5, extra, 0.0) for extra in (0.0, 1.5, 0.9))
    np.testing.assert_allclose(strong[:, 2], plain[:, 2], atol=CLOSE)
    assert turn(plain[0]) > 0 > turn(strong[0])
    assert turn(between[0]) < 0 < radiation.precession_frequency_seed(1.0, 0.9)


def test_anti_damping_beyond_minus_one():
    """An extra torque makes the damping (1+a) α0, which for a < −1 pumps; the paper's α0/(1+a) is a quarter at a = 1.

    The damping is the rate of artanh M_z = artanh d + (1+a) λ0γBt over that of the angle.
    """
    m0, B, alpha = np.array([0.6, 0, 0.8]), jnp.array([0, 0, 1.0]), 0.5
    for extra in (-2.0, 1.0):
        found = np.asarray(radiating(jnp.asarray(m0), B, alpha, 0.0, extra))
        x = np.arctanh(found[0, 2]) - np.arctanh(m0[2])
        damping = x / turn(found[0])
        assert damping == pytest.approx((1 + extra) * alpha, rel=1e-6, abs=0)
        assert damping == pytest.approx(float(radiation.effective_damping(alpha, 0.0, extra)), rel=1e-6, abs=0)
    seed = float(radiation.effective_damping_seed(alpha, 1.0))
    assert damping / seed == pytest.approx(4.0, rel=1e-6, abs=0)


def correlation(t, m, B, p):
    """D = (λ/γ) M×Ω, divided by Ms, with correlations of the components z alone: −γ m×ẑ B_c m_z."""
    x, y, z = m
    return -p["gamma"] * p["field"] * jnp.stack([y * z, -x * z, 0 * z])


@jax.jit
def correlated(m0, B, field):
    """Spins at four times, in the field of its correlations."""
    equation = DTerm(correlation, {"gamma": jnp.asarray(constants.GAMMA), "field": field})
    return mj.evolve(single((0, 0, B)), m0.reshape(3, 1, 1, 1), T, save_every=T / 4, dynamics=equation, **STEPS).average


@pytest.mark.slow
@few
@hypothesis.given(start=unit, B=st.floats(-1, 1), field=st.floats(-1, 1))
def test_correlations_turn_but_do_not_damp(start, B, field):
    """Row B8. Theory: a turn about z at γ(B + B_c m_z), M_z constant. Layout and tolerance as above."""
    m0 = direction(start)
    found = np.asarray(correlated(jnp.asarray(m0), B, field))
    t = T * np.arange(1, 5) / 4
    np.testing.assert_allclose(found, spin_spin.magnetisation(t, m0, B, field), atol=CLOSE)
    np.testing.assert_allclose(found[:, 2], m0[2], atol=CLOSE)


def test_sign_of_the_correlation_shift():
    """The shift of the frequency is +γB_c m_z; the paper's Eq. 76 has it with the other sign, off by twice of it."""
    m0 = np.array([0.6, 0, 0.8])
    omega = float(turn(np.asarray(correlated(jnp.asarray(m0), 0.5, 0.1))[0])) / (T / 4)
    assert omega == pytest.approx(float(spin_spin.precession_frequency(0.5, 0.1, 0.8)), rel=CLOSE, abs=0)
    seed = float(spin_spin.precession_frequency_seed(0.5, 0.1, 0.8))
    assert omega - seed == pytest.approx(2 * constants.GAMMA * 0.1 * 0.8, rel=1e-7, abs=0)


FILM = mj.Mesh((4, 3, 1), (4e-9, 5e-9, 3e-9))


@eqx.filter_jit
def film(system, dynamics):
    """The end of 1 ps from disorder, in 500 steps."""
    m0 = mj.textures.random(FILM, jax.random.key(2))
    return mj.evolve(system, m0, 1e-12, dt=2e-15, dynamics=dynamics, adjoint="forward").m


@pytest.mark.slow
def test_d_term_on_a_grid_is_llg_with_demagnetising_field():
    """Row B3: a damped film by the LLG and by D = α m×dm/dt, with exchange and a nonlocal field.

    On the sphere the right-hand sides are equal; off it, in the stages of a step, they are extended differently, so
    that steps agree to their own error: γBh ≤ 2e-3, to the fourth power, times 1e-12 s γB ≈ 1. Without damping the film
    ends elsewhere by more than 1e-3.
    """
    energy = mj.Exchange(A=1e-11) + mj.Demag(FILM) + mj.Zeeman(B=(0.3, 0, 0.5))
    llg = film(mj.System(FILM, Ms=8e5, alpha=0.2, energy=energy), mj.LLG())
    free = mj.System(FILM, Ms=8e5, energy=energy)
    np.testing.assert_allclose(film(free, DTerm(gilbert, 0.2, implicit=True)), llg, atol=1e-9)
    assert np.abs(np.asarray(film(free, DTerm(gilbert, 0.0, implicit=True)) - llg)).max() > 1e-3


def end(alpha, adjoint="forward"):
    """M_z/M after 50 fixed steps with D = α m×dm/dt."""
    m0 = jnp.array([0.6, 0.0, 0.8]).reshape(3, 1, 1, 1)
    equation = DTerm(gilbert, alpha, implicit=True)
    return mj.evolve(single((0.1, 0.2, 0.9)), m0, T, dt=T / 50, dynamics=equation, adjoint=adjoint).average[-1, 2]


@pytest.mark.slow
def test_gradient_through_a_parameter_of_d():
    """∂M_z(T)/∂α of D = α m×dm/dt, against central differences and the derivative of the closed form.

    Fixed steps, so that the derivative is that of the scheme itself, and differences of 1e-5 are exact to 1e-9; the
    closed form differs by the error of the steps.
    """
    values, slopes = jax.jit(jax.vmap(lambda a: jax.jvp(end, (a,), (1.0,))))(jnp.array([0.3 - 1e-5, 0.3, 0.3 + 1e-5]))
    assert float(slopes[1]) == pytest.approx(float(values[2] - values[0]) / 2e-5, rel=1e-8, abs=0)
    exact = jax.grad(lambda a: radiation.magnetisation(T, (0.6, 0, 0.8), (0.1, 0.2, 0.9), a)[2])(0.3)
    assert float(slopes[1]) == pytest.approx(float(exact), rel=1e-4, abs=0)


@pytest.mark.slow
def test_reverse_mode_through_a_parameter_of_d():
    """The same derivative by a reverse pass: equal to rounding."""
    found = jax.grad(end)(0.3, "checkpointed")
    assert float(found) == pytest.approx(float(jax.jvp(end, (0.3,), (1.0,))[1]), rel=1e-10, abs=0)


@pytest.mark.slow
def test_batch_over_a_parameter_of_d():
    """A batch of D-terms is one program: every member ends where the closed form says."""
    alphas = jnp.array([0.0, 0.1, 1.0])
    m0, B = jnp.array([0.6, 0, 0.8]), jnp.array([0, 0, 1.0])
    found = jax.vmap(lambda a: damped(m0, B, a)[1][-1])(alphas)
    expected = [macrospin.relaxation(T, m0, B, a) for a in alphas]
    np.testing.assert_allclose(found, jnp.stack(expected), atol=CLOSE)


@pytest.mark.slow
def test_drives_in_a_d_term_keep_their_jumps():
    """D = −γ m×ẑ b(t) with a b that is on for 0.2 ps only: the angle is γ∫b dt, whatever steps error control takes.

    A step of the undisturbed spin, which rests, would pass over the pulse; its landmarks do not let it. Steps may be
    wrong by 1e-5 rad, and the pulse is a few steps of 0.35 rad in all.
    """

    def D(t, m, B, p):
        x, y, z = m
        return -constants.GAMMA * p["pulse"](t) * jnp.stack([y, -x, 0 * z])

    pulse = mj.drive.steps(times=(0.0, 5e-12, 5.2e-12), values=(0.0, 10.0, 0.0))
    system = mj.System(SPIN, Ms=8e5)
    m0 = mj.textures.uniform(SPIN, (1, 0, 0))
    end = mj.evolve(system, m0, T, dynamics=DTerm(D, {"pulse": pulse}), adjoint="forward").average[-1]
    assert turn(np.asarray(end)) == pytest.approx(constants.GAMMA * 10 * 0.2e-12, rel=0, abs=1e-5)
