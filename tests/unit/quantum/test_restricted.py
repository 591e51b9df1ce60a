import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings

from magjax import quantum

U = 1e-21  # J


def couplings(spins, seed):
    """Everything that conserves ΣS^z, with random numbers."""
    rng = np.random.default_rng(seed)
    pairs = quantum.all_pairs(spins.n)
    J, delta, K, along = (rng.normal(size=n) for n in (len(pairs), len(pairs), spins.n, spins.n))
    field = np.stack([0 * along, 0 * along, 30 * along], axis=1)
    chain = quantum.chain(spins.n)
    return (
        quantum.XXZ(spins, U * J, delta, pairs)
        + quantum.Exchange(spins, U * J[: spins.n - 1], chain)
        + quantum.SingleIon(spins, U * K)
        + quantum.Zeeman(spins, field)
    ), quantum.DMI(spins, (0, 0, U), chain)


@pytest.mark.slow
@pytest.mark.parametrize(("S", "Sz"), [((0.5,) * 5, 0.5), ((0.5, 1.0, 1.5, 1.0), 1.0)])
@settings(max_examples=2)
@given(seed=st.integers(0, 1000))
def test_matrix_elements_are_those_of_the_full_hamiltonian(S, Sz, seed):
    # Rounding of sums of ten terms of size 1; nothing else differs.
    spins = quantum.Spins(S)
    sector = quantum.Sector(spins, Sz)
    real, dmi = couplings(spins, seed)
    codes = sector.codes()
    for H in (real, real + dmi):
        inside = quantum.Restricted(H, sector)
        full = np.asarray(H.matrix(unit=U))
        np.testing.assert_allclose(inside.matrix(unit=U), full[np.ix_(codes, codes)], atol=1e-12)
        others = np.setdiff1d(np.arange(spins.dim), codes)
        assert np.abs(full[np.ix_(others, codes)]).max() < 1e-12
    assert quantum.Restricted(real, sector).dtype == np.float64
    assert inside.dtype == np.complex128


@pytest.mark.slow
def test_precision_follows_the_parameters(precision):
    spins = quantum.Spins(0.5, n=6)
    H = quantum.XXZ(spins, np.asarray(U, precision.dtype), np.asarray(0.3, precision.dtype), quantum.ring(6))
    inside = quantum.Restricted(H, quantum.Sector(spins))
    assert inside.dtype == precision.dtype
    psi = jnp.ones(inside.dim, precision.dtype)
    applied = inside.apply(psi, unit=U)
    assert applied.dtype == precision.dtype
    full = H.apply(inside.sector.embed(psi).astype(complex), unit=U)
    np.testing.assert_allclose(applied, inside.sector.project(full).real, atol=precision.stencil)


@pytest.mark.slow
def test_derivatives_and_batches_with_respect_to_couplings():
    spins = quantum.Spins(0.5, n=4)
    sector = quantum.Sector(spins)
    psi = jnp.arange(6.0)

    def energy(J):
        return psi @ quantum.Restricted(quantum.Exchange(spins, J, quantum.ring(4)), sector).apply(psi, unit=U)

    J = U * jnp.array([1.0, -0.5, 2.0, 0.3])
    # Linear in J: Euler's theorem, to rounding.
    np.testing.assert_allclose(jax.grad(energy)(J) @ J, energy(J), rtol=1e-12)
    np.testing.assert_allclose(jax.vmap(energy)(jnp.stack([J, 2 * J])), [energy(J), 2 * energy(J)], rtol=1e-12)


def test_refuses_what_does_not_conserve_the_total_spin():
    spins = quantum.Spins(1.0, n=2)
    sector = quantum.Sector(spins)
    exchange = quantum.Exchange(spins, U, quantum.chain(2))
    with pytest.raises(ValueError, match="Zeeman has a field that is not along z"):
        quantum.Restricted(exchange + quantum.Zeeman(spins, (1.0, 0, 0)), sector)
    with pytest.raises(ValueError, match="SingleIon has an axis that is not z"):
        quantum.Restricted(exchange + quantum.SingleIon(spins, U, axis=(1, 0, 0)), sector)
    with pytest.raises(ValueError, match="DMI couples x and y differently, or to z"):
        quantum.Restricted(quantum.DMI(spins, (U, 0, 0), quantum.chain(2)), sector)
    with pytest.raises(TypeError, match="Given does not say whether it does"):
        quantum.Restricted(quantum.Given(spins, jnp.eye(9)), sector)
    with pytest.raises(ValueError, match="Argument `sector` must be of"):
        quantum.Restricted(exchange, quantum.Sector(quantum.Spins(0.5, n=2)))


@pytest.mark.slow
def test_xxz_is_heisenberg_at_one_and_takes_drives():
    import magjax as mj

    spins = quantum.Spins(0.5, n=3)
    heisenberg = quantum.Exchange(spins, U, quantum.chain(3)).matrix(unit=U)
    np.testing.assert_allclose(quantum.XXZ(spins, U, 1.0, quantum.chain(3)).matrix(unit=U), heisenberg, atol=1e-12)
    swept = quantum.XXZ(spins, U, mj.drive.ramp(0.0, 1e-9), quantum.chain(3))
    np.testing.assert_allclose(swept.matrix(t=1e-9, unit=U), heisenberg, atol=1e-12)
    with pytest.raises(ValueError, match="Argument `delta` must have the shape"):
        quantum.XXZ(spins, U, (1.0, 2.0, 3.0), quantum.chain(3))
