"""The antiferromagnetic chain: exact ground states, and the Néel state, which is none."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import constants, quantum
from magjax.analytic import heisenberg

U = 1e-21  # J, the coupling c = −2J
TURN = constants.HBAR / U  # s


def ring(n, delta=1.0, periodic=True, coupling=U):
    """C Σ (S^x S^x + S^y S^y + Δ S^z S^z) of neighbours, spins ½."""
    pairs = quantum.ring(n) if periodic else quantum.chain(n)
    return quantum.XXZ(quantum.Spins(0.5, n=n), -coupling / 2, delta, pairs)


def inside(n):
    """The ring within ΣS^z = 0."""
    return quantum.Restricted(ring(n), quantum.Sector(quantum.Spins(0.5, n=n)))


#: Ground-state energies of rings in units of c, as published many times since Bonner and Fisher (1964).
PUBLISHED = {4: -2.0, 6: -2.8027756377, 8: -3.6510934089, 10: -4.515446354}


@pytest.mark.parametrize("n", PUBLISHED)
def test_bethes_equations_give_the_published_energies(n) -> None:
    """Tolerance: the digits published."""
    assert float(heisenberg.ring_energy(1.0, n)) == pytest.approx(PUBLISHED[n], abs=5e-10)


@pytest.mark.slow
@pytest.mark.parametrize("n", [4, 10, 14])
def test_exact_diagonalisation_gives_bethes_energies(n) -> None:
    """Theory: Bethe ansatz. Layout: Lanczos in the sector without magnetisation. Tolerance: rounding in both."""
    found = quantum.lowest_states(inside(n))
    assert float(found.energies[0] / U) == pytest.approx(float(heisenberg.ring_energy(1.0, n)), abs=1e-10)


@pytest.mark.slow
def test_rings_of_up_to_twenty_spins_extrapolate_to_the_infinite_chain() -> None:
    """Theory: E/N = ¼ − ln 2 − (π²/12)/N² (1 + O(1/ln³N)).

    Layout: rings of 12 … 20; powers 1/N² and 1/N⁴ eliminated. Tolerance: the logarithms, which no power eliminates: the
    difference was 5e-5 of the energy; and each energy against Bethe's to 1e-10.
    """
    sizes = np.array([12, 16, 20])
    found = np.array([float(quantum.lowest_states(inside(n)).energies[0] / U) for n in sizes])
    np.testing.assert_allclose(found, [heisenberg.ring_energy(1.0, n) for n in sizes], atol=1e-10)
    powers = np.stack([np.ones(3), 1.0 / sizes**2, 1.0 / sizes**4], axis=1)
    limit, slope, _ = np.linalg.solve(powers, found / sizes)
    assert limit == pytest.approx(float(heisenberg.chain_energy(1.0)), abs=1e-4)
    assert slope == pytest.approx(-(np.pi**2) / 12, rel=0.1, abs=0)


def test_closed_forms_agree_for_long_rings() -> None:
    """Bethe's equations for 512 spins against the infinite chain with its correction: 1/(N² ln³N) is 2e-8 there."""
    exact = heisenberg.ring_energy(1.0, 512) / 512
    assert float(exact) == pytest.approx(float(heisenberg.finite_ring_energy(1.0, 512)), abs=5e-8)
    assert float(exact) == pytest.approx(float(heisenberg.chain_energy(1.0)), abs=5e-6)


@pytest.mark.slow
@pytest.mark.parametrize("S", [0.5, 1.0])
def test_the_neel_state_is_no_eigenstate(S) -> None:
    """Theory: ⟨H⟩ = −cS² and a variance of c²S² per bond. Tolerance: rounding."""
    spins = quantum.Spins(S, n=6)
    H = quantum.Exchange(spins, -U / 2, quantum.ring(6))
    within = quantum.Restricted(H, quantum.Sector(spins))
    neel = within.sector.basis_state(quantum.neel_pattern(spins))
    energy = jnp.vdot(neel, within.apply(neel, unit=U)).real
    assert float(energy) == pytest.approx(float(heisenberg.neel_energy(1.0, 6, S)), abs=1e-12)
    deviation = float(heisenberg.neel_energy_deviation(1.0, 6, S))
    assert float(quantum.energy_deviation(within, neel) / U) == pytest.approx(deviation, abs=1e-12)
    assert deviation > 1
    ground = quantum.lowest_states(within)
    assert float(quantum.energy_deviation(within, ground.states[0]) / U) < 1e-8


@pytest.mark.slow
def test_quench_of_the_xx_ring_follows_free_fermions_and_bessels_function() -> None:
    """Theory: staggered order (1/2N) Σ cos(2ct cos k/ħ), which is ½J_0(2ct/ħ) until waves meet on the far side.

    Layout: 10 spins, from the spins themselves; the oracle knows fermions only. Tolerances: rounding against the finite
    ring; against J_0, its next term J_10(2ct/ħ), 3e-4 at ct/ħ = 2.
    """
    t = np.linspace(0, 8, 17) * TURN
    run = quantum.neel_quench(ring(10, delta=0.0), t)
    np.testing.assert_allclose(run.staggered, heisenberg.xx_staggered_magnetisation(t, U, spins=10), atol=1e-12)
    np.testing.assert_allclose(run.staggered[:5], heisenberg.xx_staggered_magnetisation(t[:5], U), atol=3e-4)
    from scipy.special import j0

    np.testing.assert_allclose(heisenberg.xx_staggered_magnetisation(t, U), j0(2 * t / TURN) / 2, atol=1e-12)
    assert run.result.succeeded


@pytest.mark.slow
def test_entanglement_of_the_open_xx_chain_is_that_of_free_fermions() -> None:
    """Theory: Peschel's formula. Layout: Schmidt weights of 2^10 amplitudes. Tolerance: rounding, of p ln p near 0."""
    t = np.linspace(0, 5, 11) * TURN
    run = quantum.neel_quench(ring(10, delta=0.0, periodic=False), t)
    exact = heisenberg.xx_entropy(t, U, spins=10) / constants.KB
    np.testing.assert_allclose(run.entropy / constants.KB, exact, atol=1e-10)
    assert abs(run.entropy[0]) < 1e-12 * constants.KB
    assert run.entropy[-1] > 1.5 * constants.KB


def test_quench_of_the_heisenberg_ring_loses_its_order_and_keeps_its_energy() -> None:
    """Theory: ⟨H⟩ and ΣS^z are conserved; the order begins as ½ − (ct/ħ)²/2 and decays.

    Each bond flips with the amplitude ct/2ħ, so each spin has left its place with 2 × (ct/2ħ)². Tolerances: energy to
    rounding; the parabola to its next order, (ct/ħ)⁴, which is 1e-4 at 0.1; the order of 10 spins is below a fifth of
    its first value from 2 ħ/c until spinons, of velocity πc/2ħ, have gone round, at 10/(π/2) = 6.4 ħ/c.
    """
    t = np.concatenate([[0, 0.05, 0.1], np.linspace(2, 6, 9)]) * TURN
    run = quantum.neel_quench(ring(10), t)
    np.testing.assert_allclose(run.energy / U, -2.5, atol=1e-11)
    np.testing.assert_allclose(run.staggered[:3], 0.5 - 0.5 * np.array([0, 0.05, 0.1]) ** 2, atol=1e-4)
    assert np.abs(run.staggered[3:]).max() < 0.1
    assert np.all(run.entropy <= 5 * np.log(2) * constants.KB)


@pytest.mark.slow
def test_order_is_differentiable_in_the_couplings() -> None:
    """Theory: m depends on ct/ħ only, so c ∂m/∂c = t ∂m/∂t; here against Bessel's −J_1 through the finite ring."""
    t = jnp.asarray([0.0, 1.0]) * TURN

    def order(x):
        return quantum.neel_quench(ring(6, 0.0, coupling=U * x), t, terms=48).staggered[-1]

    exact = jax.grad(lambda x: heisenberg.xx_staggered_magnetisation(t[-1], U * x, spins=6))(1.3)
    assert float(jax.grad(order)(1.3)) == pytest.approx(float(exact), abs=1e-10)


@pytest.mark.slow
def test_refuses_odd_rings_and_cuts_that_leave_a_side_empty() -> None:
    """One error each."""
    with pytest.raises(ValueError, match="Argument `spins` must be an even number ≥ 4"):
        heisenberg.ring_energy(1.0, 5)
    with pytest.raises(ValueError, match="Argument `spins` must be an even number ≥ 4"):
        heisenberg.xx_staggered_magnetisation(0.0, U, spins=7)
    with pytest.raises(ValueError, match="Argument `cut` must be from 1 to 3"):
        quantum.neel_quench(ring(4), [0.0], cut=4)
    assert isinstance(quantum.neel_quench(ring(4), [0.0]), quantum.Quench)
