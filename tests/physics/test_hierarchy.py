"""Spin–spin interactions: their D-term, and the hierarchy of correlations (rows B8 and B9)."""

import hypothesis
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import strategies as st

import magjax as mj
from magjax import constants, quantum
from magjax.analytic import spin_spin

SPINS = quantum.Spins((0.5, 0.5, 1.0))
few = hypothesis.settings(max_examples=10)
vector = st.tuples(*[st.floats(-1, 1)] * 3).map(np.array)
OPERATORS = 1e-12


def density(seed, dim=SPINS.dim):
    """A random density matrix, full of correlations."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(2, dim, dim))
    a = a[0] + 1j * a[1]
    rho = a @ a.conj().T
    return jnp.asarray(rho / np.trace(rho).real)


@jax.jit
def both_rates(rho, B, J):
    """Rates of orders 1 to 3 by the hierarchy, and from dρ/dt."""
    H = (quantum.Zeeman(SPINS, B) + quantum.Collective(SPINS, J)).matrix(unit=constants.HBAR)
    G, G_rate = jax.jvp(lambda rho: quantum.correlations(SPINS, rho, 4), (rho,), (-1j * (H @ rho - rho @ H),))
    return quantum.hierarchy_rates(G, B, J), G_rate[:-1]


@few
@hypothesis.given(seed=st.integers(0, 10**6), B=vector)
def test_hierarchy_is_exact(seed, B):
    """Eq. 69, with the order of operators as it stands, for three spins of two lengths in any state: to rounding."""
    rng = np.random.default_rng(seed + 1)
    J = rng.normal(size=(3, 3)) * 1e-23
    found, expected = both_rates(density(seed), B, J)
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, atol=OPERATORS * np.abs(np.asarray(other)).max())


@pytest.mark.slow
def test_other_orders_of_the_operators_are_wrong():
    """⟨{S_a, {S_b, S_c}}⟩ in place of ⟨{{S_a, S_b}, S_c}⟩ differs by ⟨[[S_a, S_c], S_b]⟩, of the order of ⟨S⟩."""
    G = quantum.correlations(SPINS, density(3), 3)
    moved = jnp.moveaxis(G[2], 2, 0)  # {{S_b, S_c}, S_a}
    assert float(jnp.abs(moved - G[2]).max()) > 0.01
    # The difference is a double commutator: (δ_bc s_a − δ_ab s_c)/4.
    one = jnp.eye(3)
    expected = (jnp.einsum("bc,a->abc", one, G[0]) - jnp.einsum("ab,c->abc", one, G[0])) / 4
    np.testing.assert_allclose(G[2] - moved, -expected, atol=1e-13)


N = 4
CHAIN = quantum.Spins(0.5, n=N)
#: Twisting about z, slow enough that two orders of cumulants see half of what happens.
J = np.diag([0, 0, 2e-24])
B = (0.2, 0, 0.4)
TIMES = (0.0, 2e-12, 4e-12, 8e-12)


@pytest.fixture(scope="module")
def start():
    """All four spins along x, at no temperature."""
    psi = quantum.coherent_state(CHAIN, (1, 0, 0))
    return jnp.outer(psi, psi.conj())


@pytest.fixture(scope="module")
def exact(start):
    """⟨S⟩ by Liouville's equation."""
    H = quantum.Zeeman(CHAIN, B) + quantum.Collective(CHAIN, J)
    return quantum.liouville(H, start, TIMES).spin_vectors.sum(axis=1)


def error(start, exact, order, closure):
    """How far ⟨S⟩ is from the exact one, at each time."""
    run = quantum.hierarchy(quantum.correlations(CHAIN, start, order), B, J, TIMES, closure=closure)
    assert run.result is mj.Outcome.SUCCESS
    assert isinstance(run, quantum.CorrelationRun)
    return np.abs(np.asarray(run.G[0] - exact)).max(axis=1)


@pytest.mark.parametrize("order", [2, pytest.param(3, marks=pytest.mark.slow), pytest.param(4, marks=pytest.mark.slow)])
def test_what_is_frozen_is_missed_by_a_power_of_time(start, exact, order):
    """Kept as it was at order n, the hierarchy gives ⟨S⟩ to the power t^(n−1).

    From 2 to 4 ps the error then grows by 2ⁿ, but for the next power, which is below a fifth of it.
    """
    missed = error(start, exact, order, "frozen")
    assert missed[2] / missed[1] == pytest.approx(2**order, rel=0.2, abs=0)


@pytest.mark.slow
def test_each_order_of_cumulants_follows_the_exact_evolution_better(start, exact):
    """Truncations of order 1 (mean field), 2 and 3 beside exact evolution: each at least twice as good as the last."""
    errors = [error(start, exact, order, "cumulant") for order in (1, 2, 3)]
    assert errors[0][1] > 2 * errors[1][1] > 4 * errors[2][1]


@pytest.mark.slow
def test_hierarchy_without_coupling_is_precession(start):
    """Every order closes by itself then; the first is ⟨S⟩ of Liouville's equation."""
    H = quantum.Zeeman(CHAIN, B)
    exact = quantum.liouville(H, start, TIMES).spin_vectors.sum(axis=1)
    run = quantum.hierarchy(quantum.correlations(CHAIN, start, 2), B, np.zeros((3, 3)), TIMES)
    np.testing.assert_allclose(run.G[0], exact, atol=1e-8)


#: λ, J: how strongly the magnetisation's direction couples the spins.
COUPLING = 1e-24


def pair_state(m, zeta):
    """Two spins ½ with ⟨σ⟩ = −m each, and correlations of z alone: ⟨σ_z σ_z⟩ = ζ."""
    s = [quantum.Spins(0.5, n=2).embed(2 * S, k) for k in (0, 1) for S in quantum.spin_matrices(0.5)]
    one = np.eye(4)
    return (one - sum(m[a] * (s[a] + s[3 + a]) for a in range(3)) + zeta * s[2] @ s[5]) / 4


@pytest.mark.slow
@few
@hypothesis.given(m=vector.filter(lambda v: np.linalg.norm(v) > 0.1), zeta=st.floats(-0.1, 0.3))
def test_d_term_of_the_spin_spin_interaction(m, zeta):
    """Row B8: H_I = Λ(m·S)² has D = (1/iħ)⟨[M̂, H_I]⟩ = −γM×(B_c m_z ẑ), with the sign of its own Eq. 73–75.

    With ⟨σ_z σ_z⟩ = ζ the correlation is I = Σ_{i≠j}⟨S_z S_z⟩ = ζ/2, of two ordered pairs.
    """
    m = 0.3 * m
    pair = quantum.Spins(0.5, n=2)
    direction = m / np.linalg.norm(m)
    H = quantum.Collective(pair, COUPLING * np.outer(direction, direction))
    parts = quantum.d_term(pair, pair_state(m, zeta), H, (0, 0, 1.0))
    moment = np.asarray(parts.moment)
    size = np.linalg.norm(moment)
    np.testing.assert_allclose(moment / size, direction, atol=OPERATORS)
    field = spin_spin.correlation_field(COUPLING, zeta / 2, size)
    expected = -constants.GAMMA * np.cross(moment, [0, 0, float(field) * direction[2]])
    scale = constants.GAMMA * COUPLING
    np.testing.assert_allclose(parts.D, expected, atol=1e-11 * scale)
    np.testing.assert_allclose(parts.own, 0, atol=1e-11 * scale)
    # No damping at this order: D is across m and z.
    assert abs(float(parts.D[2])) < 1e-11 * scale


@pytest.mark.slow
def test_heisenberg_exchange_has_no_d_term():
    """The standard ansatz commutes with the total moment."""
    exchange = quantum.Exchange(SPINS, J=1e-22, pairs=quantum.all_pairs(3))
    parts = quantum.d_term(SPINS, density(1), exchange, (0.1, 0.2, 0.9))
    assert float(jnp.abs(parts.D).max()) < OPERATORS * constants.GAMMA * 1e-22


@pytest.mark.slow
def test_coupling_by_the_magnetisation_itself(start):
    """J_ab = Λ m_a m_b with m from ⟨S⟩ at every time: mean-field Liouville evolution beside the hierarchy.

    Over 2 ps the third cumulant is small: two orders of correlations are 1e-3 of what |⟨S⟩| = 2 can be; dropping
    correlations altogether (order 1) leaves no D-term at all, and misses more.
    """
    S = CHAIN.total()

    def coupling(t, s):
        m = -s / jnp.linalg.norm(s)
        return 5 * COUPLING * jnp.outer(m, m)

    def H(t, s, zeeman):
        return zeeman + jnp.einsum("ab,apq,bqr->pr", coupling(t, s).astype(complex), S, S)

    psi = quantum.coherent_state(CHAIN, [(1, 0, 0.2), (0.5, 0.8, 0), (0, 1, 1), (0.3, 0, 1)])
    rho0 = jnp.outer(psi, psi.conj())
    zeeman = quantum.Zeeman(CHAIN, B).matrix()
    run = quantum.self_consistent(CHAIN, H, rho0, TIMES[:2], zeeman)
    assert run.result is mj.Outcome.SUCCESS
    exact = run.spin_vectors.sum(axis=1)[-1]
    missed = [
        float(
            jnp.abs(
                quantum.hierarchy(quantum.correlations(CHAIN, rho0, n), B, coupling, TIMES[:2]).G[0][-1] - exact
            ).max()
        )
        for n in (1, 2, 3)
    ]
    assert missed[2] < missed[1] < missed[0]
    assert missed[1] < 2e-3
