"""One magnon: exact energies and motion, within N states and within all of them."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings

from magjax import constants, quantum
from magjax.analytic import heisenberg

U = 1e-21  # J


@pytest.mark.slow
@pytest.mark.parametrize("S", [0.5, 1.0, 2.5])
def test_ring_energies_are_blochs(S) -> None:
    """Theory: ε(k) = 4JS(1 − cos k) + (2S−1)K + gμ_B B on a ring of 12, k = 2πn/12; for S = ½ 2J(1 − cos k).

    Layout: eigenvalues of the block with one flip. Tolerance: rounding of a 12×12 eigenproblem.
    """
    ring = quantum.Magnons(quantum.Spins(S, n=12), quantum.ring_exchange(12, U), K=0.3 * U, zeeman=0.1 * U)
    k = 2 * np.pi * np.arange(12) / 12
    exact = np.sort(heisenberg.magnon_energy(k, U, S, gap=(2 * S - 1) * 0.3 * U + 0.1 * U))
    np.testing.assert_allclose(ring.energies() / U, exact / U, atol=1e-12)
    if S == 0.5:
        np.testing.assert_allclose(exact / U, np.sort(2 * (1 - np.cos(k))) + 0.1, atol=1e-12)


@pytest.mark.slow
@settings(max_examples=5)
@given(seed=st.integers(0, 10000))
def test_block_is_an_invariant_part_of_the_full_hamiltonian(seed) -> None:
    """Theory: H conserves ΣS^z, so H|i⟩ = Σ_j H_ji |j⟩ + E_0|i⟩ with nothing left over, for any spins and couplings.

    Layout: four spins of S = ½, 1, 3/2, 1, random exchange between all, random anisotropies and fields; the full matrix
    of 72 states applied to the flips. The moment of electrons is against the spin: B < 0 holds spins up. Tolerance:
    rounding of sums of a dozen terms.
    """
    rng = np.random.default_rng(seed)
    spins = quantum.Spins((0.5, 1.0, 1.5, 1.0))
    J = rng.normal(size=(4, 4))
    J = U * np.triu(J, 1) + U * np.triu(J, 1).T
    K, zeeman = U * rng.normal(size=4), U * rng.normal(size=4)
    B = np.zeros((4, 3))
    B[:, 2] = -zeeman / (constants.HBAR * constants.GAMMA)
    H = quantum.Exchange(spins, J) + quantum.SingleIon(spins, K) + quantum.Zeeman(spins, B)
    magnons = quantum.Magnons(spins, J, K, zeeman)
    flips = magnons.embed(jnp.eye(4))
    applied = np.asarray(H.matrix(unit=U)) @ np.asarray(flips).T
    within = flips.T @ (magnons.block() + magnons.ground_energy() * jnp.eye(4)) / U
    np.testing.assert_allclose(applied, within, atol=1e-12)


@pytest.mark.slow
def test_a_packet_moves_with_the_group_velocity() -> None:
    """Theory: the mean velocity of a packet is ⟨∂ε/∂ħk⟩ over its wave numbers: 4JS sin k exp(−1/8σ²)/ħ for a Gaussian.

    Layout: a ring of 80 spins ½, a packet of σ = 5 sites at k = 1, followed over 30 ħ/4JS. Unbiased: the mean over a
    packet is exact on an infinite chain; the ring cuts its tails, which hold exp(−(20/5)²/2) ≈ 3e-4. Tolerance: that.
    """
    ring = quantum.Magnons(quantum.Spins(0.5, n=80), quantum.ring_exchange(80, U))
    start = quantum.wave_packet(80, k=1.0, center=20.0, width=5.0)
    t = np.linspace(0, 15, 6) * constants.HBAR / U
    packets = ring.evolve(start, t)
    np.testing.assert_allclose(np.sum(np.abs(packets) ** 2, axis=1), 1, atol=1e-12)
    moved = (quantum.mean_position(packets) - 20.0) % 80
    velocity = heisenberg.magnon_velocity(1.0, U) * np.exp(-1 / (8 * 5.0**2))
    np.testing.assert_allclose(moved, velocity * t, atol=3e-3 * 80)
    np.testing.assert_allclose(moved[-1] / t[-1], velocity, rtol=1e-3)


@pytest.mark.slow
def test_block_evolution_is_that_of_all_spins() -> None:
    """Layout: the same flip evolved by the modes of the block, and by `propagate` in the sector of 6 spins ½.

    Theory: both solve Schrödinger's equation; the full one turns by E_0 t/ħ, too. Tolerance: rounding times Ht/ħ ≈ 10.
    """
    spins = quantum.Spins(0.5, n=6)
    magnons = quantum.Magnons(spins, quantum.ring_exchange(6, U))
    start = jnp.zeros(6, complex).at[2].set(1)
    t = np.array([0.0, 2.0]) * constants.HBAR / U
    sector = quantum.Sector(spins, Sz=2)
    inside = quantum.Restricted(quantum.Exchange(spins, U, quantum.ring(6)), sector)
    run = quantum.propagate(inside, sector.project(magnons.embed(start)), t)
    phase = np.exp(-1j * float(magnons.ground_energy()) * t / constants.HBAR)
    alone = sector.project(magnons.embed(magnons.evolve(start, t)))
    np.testing.assert_allclose(run.states, alone * phase[:, None], atol=1e-12)


@pytest.mark.slow
def test_gradients_batches_and_precision(precision) -> None:
    """d(energy)/dJ by autodiff: energies are linear in J, so the gradient times J is the energy; both precisions."""
    spins = quantum.Spins(0.5, n=5)
    J = jnp.asarray(U * np.linspace(1, 2, 4), precision.dtype)

    def highest(J):
        return quantum.Magnons(spins, quantum.ring_exchange(5, J, periodic=False)).energies()[-1] / U

    value, slope = jax.value_and_grad(highest)(J)
    assert value.dtype == precision.dtype
    np.testing.assert_allclose(slope @ J, value, rtol=precision.gradient)
    np.testing.assert_allclose(jax.vmap(highest)(jnp.stack([J, 2 * J])), [value, 2 * value], rtol=precision.stencil)


def test_refuses_what_is_no_exchange() -> None:
    """Shapes, asymmetry, rings of two."""
    spins = quantum.Spins(0.5, n=3)
    with pytest.raises(ValueError, match=r"Argument `J` must be of shape \(3, 3\)"):
        quantum.Magnons(spins, np.zeros((2, 2)))
    with pytest.raises(ValueError, match="Argument `J` must be symmetric and 0 on its diagonal"):
        quantum.Magnons(spins, np.triu(np.ones((3, 3)), 1))
    with pytest.raises(ValueError, match="a ring of two would have the same bond twice"):
        quantum.ring_exchange(2, U)
