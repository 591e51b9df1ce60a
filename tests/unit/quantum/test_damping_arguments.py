import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import constants, quantum
from magjax.quantum import DTermParts

SPIN = quantum.Spins(0.5)
FIELD = quantum.Radiation(0.5)
RHO = jnp.eye(2) / 2


def H(t, s, _):
    return jnp.zeros((2, 2), complex)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: quantum.Radiation(np.nan), ValueError, "`alpha0` must be finite"),
        (lambda: quantum.radiating(SPIN, FIELD, RHO, (0, 0, 1.0), (0, 1e-12)), ValueError, "`rho0` must have ⟨S⟩ ≠ 0"),
        (lambda: quantum.self_consistent(SPIN, H, 2 * RHO, (0, 1e-12)), ValueError, "`rho0` must be a density matrix"),
        (lambda: quantum.self_consistent(SPIN, H, RHO, (1e-12, 0)), ValueError, "`times` must go forwards"),
        (lambda: quantum.d_term(SPIN, RHO, 3.0, (0, 0, 1.0)), TypeError, "`interaction` must be a function"),
        (lambda: quantum.d_term(SPIN, RHO, H, (0, 1.0)), ValueError, "`B` must have the shape"),
        (lambda: quantum.Collective(SPIN, 1e-23), ValueError, "`J` must have the shape"),
        (lambda: quantum.correlations(SPIN, RHO, 0), ValueError, "`order` must be a whole number"),
        (lambda: quantum.close((jnp.ones(3),), "drop"), ValueError, "`closure` must be 'cumulant' or 'frozen'"),  # type: ignore[arg-type]
        (lambda: quantum.close((jnp.ones(3),), "frozen"), ValueError, "`frozen` must hold the order"),
        (lambda: quantum.close((jnp.ones(3),) * 4), ValueError, "`G` must hold at most 3 orders"),
        (
            lambda: quantum.hierarchy((jnp.ones(3),), (0, 0, 1.0), np.eye(3), (0, 1e-12), closure="frozen"),
            ValueError,
            "`G0` must hold at least 2 orders",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.slow
def test_cumulants_of_numbers_without_spread_are_products():
    """Of any order: what is sure has no correlations."""
    a = jnp.array([0.3, -1.2, 0.5])
    G = (a,)
    for _ in range(3):
        G = quantum.close(G)
    np.testing.assert_allclose(G[1], np.einsum("a,b->ab", a, a), atol=1e-14)
    np.testing.assert_allclose(G[2], np.einsum("a,b,c->abc", a, a, a), atol=1e-14)
    np.testing.assert_allclose(G[3], np.einsum("a,b,c,d->abcd", a, a, a, a), atol=1e-14)


def test_collective_coupling_is_that_of_the_total_spin():
    """As a matrix, and applied; only the symmetric part of J counts."""
    spins = quantum.Spins((0.5, 1.0))
    J = np.random.default_rng(3).normal(size=(3, 3))
    S = spins.total()
    expected = jnp.einsum("ab,apq,bqr->pr", (J + J.T) / 2 + 0j, S, S)
    np.testing.assert_allclose(quantum.Collective(spins, J).matrix(), expected, atol=1e-13)


def test_parts_add_up():
    parts = DTermParts(*(jnp.full(3, x) for x in (1.0, 2.0, 3.0, 4.0)))
    assert parts.D.tolist() == [7.0] * 3
    assert parts.rate.tolist() == [9.0] * 3


@pytest.mark.slow
def test_single_precision_has_range_enough():
    """Joules and ħ would leave it: every product is formed of rates."""
    rho = jnp.asarray(quantum.invariant_state(SPIN, (0.3, 0.2, -1.0)), jnp.complex64)
    energy = quantum.Radiation(jnp.float32(0.5)).interaction(SPIN, lambda t: jnp.array([0.0, 0.6, 0.8], jnp.float32))
    parts = jax.jit(lambda rho: quantum.d_term(SPIN, rho, energy, jnp.array([0.1, 0.2, 0.9], jnp.float32)))(rho)
    exact = jax.jit(lambda rho: quantum.d_term(SPIN, rho, energy, (0.1, 0.2, 0.9)))(rho.astype(complex))
    scale = constants.GAMMA * constants.MU_B
    np.testing.assert_allclose(parts.density, exact.density, atol=1e-5 * scale)
    assert float(jnp.abs(exact.density).max()) > 1e-3 * scale
