"""Gilbert's damping from the operators of spins that radiate, and the magnetisation's algebra (rows B3–B7)."""

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

import magjax as mj
from magjax import constants, quantum
from magjax.analytic import magnetisation_algebra, radiation
from magjax.quantum.algebra import EPSILON

SPINS = quantum.Spins((0.5, 1.0))
few = hypothesis.settings(max_examples=10)
vector = st.tuples(*[st.floats(-1, 1)] * 3).map(np.array).filter(lambda v: np.linalg.norm(v) > 0.2)
#: Products of 6×6 matrices: a few dozen roundings, relative to the largest rate.
OPERATORS = 1e-12
#: Solver steps are wrong by 1e-11 each.
ODE = 1e-8


def density(seed):
    """A random density matrix, correlated and in no equilibrium."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(2, SPINS.dim, SPINS.dim))
    a = a[0] + 1j * a[1]
    rho = a @ a.conj().T
    return jnp.asarray(rho / np.trace(rho).real)


def interaction(t, B):
    """An energy with everything in it: spin–spin terms, quadratic in the field, moving in time."""
    x, y, z = SPINS.total()
    drive = jnp.cos(3e10 * t)
    return 1e-24 * (drive * x @ x + B[0] * B[1] * (x @ z + z @ x) + B[2] ** 2 * jnp.sin(2e10 * t) * y)


B_DRIVEN = mj.drive.cos(frequency=1e10) * (0.3, 0, 0.4) + (0.1, 0.5, 0.7)


@jax.jit
def parts_and_rate(rho, t):
    """The D-term, and d⟨M̂⟩/dt by the product rule: Tr(ρ̇M̂) + Tr(ρ dM̂/dt), M̂ = −∂H/∂B."""

    def energy(t, B):
        return -jnp.einsum("a,apq->pq", B.astype(complex), quantum.moment_operators(SPINS)) + interaction(t, B)

    def now(t):
        return B_DRIVEN.at(t, jnp.asarray)

    def moment(t):
        return -jnp.moveaxis(jax.jacfwd(energy, argnums=1)(t, now(t)), -1, 0)

    M, M_rate = jax.jvp(moment, (t,), (1.0,))
    H = energy(t, now(t)) / constants.HBAR
    rho_rate = -1j * (H @ rho - rho @ H)
    rate = jnp.einsum("pq,aqp->a", rho_rate, M) + jnp.einsum("pq,aqp->a", rho, M_rate)
    return quantum.d_term(SPINS, rho, interaction, B_DRIVEN, t), rate.real


@few
@hypothesis.given(seed=st.integers(0, 10**6), t=st.floats(0, 1e-9))
def test_precession_and_d_term_are_the_whole_rate(seed, t):
    """d⟨M̂⟩/dt = −γ⟨M̂⟩×B + D in any state, for an interaction that depends on field and time."""
    parts, rate = parts_and_rate(density(seed), t)
    scale = float(jnp.abs(rate).max())
    np.testing.assert_allclose(parts.rate, rate, atol=OPERATORS * scale)
    assert min(float(jnp.abs(parts.density).max()), float(jnp.abs(parts.own).max())) > 1e-6 * scale


@jax.jit
def radiated(R, m_rate, B, alpha, extra_field, kappa):
    """The D-term of radiating spins in the state exp(−ΣS·R)/Z, and what it should be."""
    rho = quantum.invariant_state(SPINS, R)
    field = quantum.Radiation(alpha, extra_field, kappa=kappa)
    moment = quantum.moment_operators(SPINS)
    bare = jnp.einsum("pq,aqp->a", rho, moment).real
    m = jnp.sign(field.along) * bare / jnp.linalg.norm(bare)
    # m moves as it does in the field c B + s m×B, or in any other way, on the sphere.
    turning = m_rate - m * jnp.sum(m * m_rate)
    parts = quantum.d_term(SPINS, rho, field.interaction(SPINS, lambda t: m + t * turning), B)
    return parts, bare, m, turning, field.along


@few
@hypothesis.given(R=vector, m_rate=vector, B=vector, alpha=st.floats(0, 3), kappa=st.floats(-3, 3))
def test_radiation_gives_gilberts_damping(R, m_rate, B, alpha, kappa):
    """Rows B4 and B7, with M moving as it likes: D_density + D̂_I = −κ-part, and ∂M̂_I/∂t is α M×dM/dt.

    Without κ, ⟨D̂_I⟩ cancels the first part, and D = (λ0/c) m×dM/dt with λ0/c = α. With it
    D = [λ0 m×dM/dt + κλ0 (dM/dt + γM×B)]/(c + κλ0), so that (dM/dt + γM×B) c = λ0 m×dM/dt: damping is α again.
    """
    along = float(quantum.Radiation(alpha, kappa=kappa).along)
    hypothesis.assume(abs(along) > 0.05)
    m_rate = 1e11 * m_rate
    parts, bare, m, turning, _ = radiated(R, m_rate, B, alpha, 0.0, kappa)
    size = jnp.linalg.norm(parts.moment)
    np.testing.assert_allclose(parts.moment, size * m, atol=OPERATORS * size)
    ratio = magnetisation_algebra.bare_moment(alpha, kappa)
    np.testing.assert_allclose(bare, ratio * parts.moment, atol=OPERATORS * np.abs(bare).max())
    strength = alpha / (1 + alpha**2)
    M_rate = size * turning
    expected = strength * jnp.cross(m, M_rate) + kappa * strength * (M_rate - parts.precession)
    scale = float(size) * constants.GAMMA * (1 + abs(kappa)) / abs(along)
    np.testing.assert_allclose(parts.D, expected / along, atol=10 * OPERATORS * scale)


def test_own_moment_cancels_the_density_part():
    """Eq. 37: ⟨D̂_I⟩ = −⟨[M̂, H_I]⟩/iħ; for spins whose m stands still the whole D-term is 0 though neither part is."""
    parts, *_ = radiated(np.array([0.3, 0.4, -1.0]), np.zeros(3), np.array([0.1, 0.2, 0.9]), 0.4, 0.0, 0.0)
    assert float(jnp.abs(parts.D).max()) < OPERATORS * float(jnp.abs(parts.density).max())
    m, B = parts.moment / jnp.linalg.norm(parts.moment), jnp.array([0.1, 0.2, 0.9])
    size = jnp.linalg.norm(parts.moment)
    # −γ λ0/(1−λ0α0) M×(M×B)/M, here with γ > 0 of electrons.
    expected = -constants.GAMMA * 0.4 * size * jnp.cross(m, jnp.cross(m, B))
    np.testing.assert_allclose(parts.density, expected, atol=OPERATORS * float(jnp.abs(expected).max()))


def test_misprint_of_the_bare_moment():
    """With the sign of κ of Eq. 55 the moment would be off by 2κλ0/(c − κλ0), here a factor of 3."""
    parts, bare, *_ = radiated(np.array([0.3, 0.4, -1.0]), np.zeros(3), np.array([0.1, 0.2, 0.9]), 1.0, 0.0, 0.5)
    found = float(jnp.linalg.norm(bare) / jnp.linalg.norm(parts.moment))
    assert found == pytest.approx(float(magnetisation_algebra.bare_moment(1.0, 0.5)), rel=1e-12, abs=0)
    assert float(magnetisation_algebra.bare_moment_seed(1.0, 0.5)) / found == pytest.approx(3, rel=1e-12, abs=0)


@pytest.mark.slow
@few
@hypothesis.given(direction=vector, alpha=st.floats(0.01, 5), branch=st.sampled_from([1, -1]))
def test_algebra_closes_for_both_kappas(direction, alpha, branch):
    """Row B7: [M_a, M_b] = −iħγ_tot ε_abc M_c for κ±, γ_tot = ±γ/√(1+α0²), as matrices of two spins of any length."""
    m = direction / np.linalg.norm(direction)
    kappa = magnetisation_algebra.nondissipative_parameter(alpha, branch)
    moments = quantum.Radiation(alpha, kappa=kappa).moments(SPINS, m)
    total = magnetisation_algebra.total_gyromagnetic_ratio(alpha, branch)
    assert float(quantum.algebra_defect(moments, total)) < OPERATORS
    assert float(quantum.algebra_defect(moments, -total)) > 1


def test_algebra_does_not_close_otherwise():
    """Eq. 56: without κ there is M̂_n λ0/κ beside (1−λ0α0) M̂, with M̂_n = κλ0 m(m·M̂0); no γ makes up for it.

    Eq. 57 for a κ in general: (c + κλ0) M̂ + (λ0/κ − c) M̂_n.
    """
    alpha, m = 0.75, np.array([0.48, 0.6, 0.64])
    strength = alpha / (1 + alpha**2)
    along = 1 - strength * alpha
    bare = quantum.moment_operators(SPINS)
    parallel = jnp.einsum("a,b,bpq->apq", m, m, bare)
    moments = quantum.Radiation(alpha).moments(SPINS, m)
    gamma = constants.GAMMA
    assert float(quantum.algebra_defect(moments, gamma * along, gamma * strength**2 * parallel)) < OPERATORS
    assert min(float(quantum.algebra_defect(moments, g * gamma)) for g in np.linspace(0.3, 1.2, 50)) > 0.05
    kappa = 0.7
    own = kappa * strength * parallel
    whole = quantum.Radiation(alpha, kappa=kappa).moments(SPINS, m)
    expected = (along + kappa * strength) * moments + (strength / kappa - along) * own
    commutators = quantum.commutators(whole)
    right = -1j * constants.HBAR * gamma * jnp.einsum("abc,cpq->abpq", EPSILON, expected)
    np.testing.assert_allclose(commutators, right, atol=OPERATORS * float(jnp.abs(right).max()))


TIMES = (0.0, 5e-12, 2e-11)


@jax.jit
def simulated(R, B, alpha, extra_field, extra_torque, kappa):
    """Directions, and ⟨S⟩ of each, of radiating spins at three times."""
    field = quantum.Radiation(alpha, extra_field, extra_torque, kappa)
    run = quantum.radiating(SPINS, field, quantum.invariant_state(SPINS, R), B, TIMES)
    return quantum.radiating_directions(run, field), run.spin_vectors, run.outcome


@pytest.mark.slow
@few
@hypothesis.given(
    R=vector, B=vector, alpha=st.floats(0, 2), extra_field=st.floats(-1, 0.1), extra_torque=st.floats(-2, 2)
)
def test_radiating_spins_obey_llg(R, B, alpha, extra_field, extra_torque):
    """Rows B4–B6: two spins in one density matrix, in the field of their own M; against tanh, sech and the exact phase.

    Unitary all the way: no entropy is made, ⟨S⟩ keeps its length, and yet M relaxes.
    """
    m, S, outcome = simulated(R, B, alpha, extra_field, extra_torque, 0.0)
    assert int(outcome) == int(mj.Outcome.SUCCESS)
    expected = radiation.magnetisation(np.asarray(TIMES), m[0], B, alpha, extra_field, extra_torque)
    np.testing.assert_allclose(m, expected, atol=ODE)
    lengths = np.linalg.norm(np.asarray(S), axis=-1)
    np.testing.assert_allclose(lengths, lengths[:1] * np.ones((3, 1)), atol=ODE)


@pytest.mark.parametrize("branch", [1, -1])
def test_field_along_m_does_not_act(branch):
    """With κ± the bare moment is along or against M, and M relaxes as without."""
    alpha, B = 0.5, np.array([0.0, 0.3, 0.9])
    kappa = magnetisation_algebra.nondissipative_parameter(alpha, branch)
    m, *_ = simulated(np.array([1.0, 0.2, 0.1]), B, alpha, 0.0, 0.0, kappa)
    np.testing.assert_allclose(m, radiation.magnetisation(np.asarray(TIMES), m[0], B, alpha), atol=ODE)


@pytest.mark.slow
def test_gradient_with_respect_to_the_damping():
    """dm_z(T)/dα0 of the quantum spins, by reverse mode, against the closed form."""
    spin = quantum.Spins(0.5)
    rho0 = quantum.invariant_state(spin, (1.0, 0.2, 0.1))

    def end(alpha):
        field = quantum.Radiation(alpha)
        return quantum.radiating_directions(quantum.radiating(spin, field, rho0, (0, 0, 1.0), TIMES[:2]), field)[-1, 2]

    def exact(alpha):
        m0 = jnp.array([1.0, 0.2, 0.1]) / jnp.sqrt(1.05)
        return radiation.magnetisation(TIMES[1], m0, (0, 0, 1.0), alpha)[2]

    assert float(jax.grad(end)(0.4)) == pytest.approx(float(jax.grad(exact)(0.4)), rel=1e-6, abs=0)
