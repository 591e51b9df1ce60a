"""Thermal magnons: Bloch's law, the gap, and dimensions in which there is no order without one."""

import hypothesis.strategies as st
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from scipy.special import zeta

from magjax import constants, quantum
from magjax.analytic import magnon_gas as closed
from magjax.quantum import magnon_gas

J = 1e-21  # J
KELVIN = constants.KB / J  # of 1 K in units of J


@pytest.mark.parametrize(("s", "x"), [(0.5, 1e-3), (1, 0.4), (1.5, 0.0), (1.5, 0.7), (0.5, 1.3), (1, 30.0), (1.5, 5.0)])
def test_polylogarithms_against_many_digits(s, x) -> None:
    """mpmath's; tolerance: rounding of sums of some 40 terms."""
    import mpmath

    with mpmath.workdps(40):
        exact = float(mpmath.re(mpmath.polylog(s, mpmath.exp(-mpmath.mpf(x)))))
    assert float(closed.polylog_exp(s, x)) == pytest.approx(exact, rel=1e-13, abs=0)
    assert float(closed.polylog_exp(1.5, 0.0)) == pytest.approx(float(zeta(1.5)), rel=1e-14, abs=0)


@pytest.mark.slow
def test_blochs_law_is_the_low_temperature_limit_of_the_lattice_sum() -> None:
    """Theory (Dyson 1956): n = ζ(3/2) θ^{3/2} + (3π/4) ζ(5/2) θ^{5/2} + (33π²/32) ζ(7/2) θ^{7/2} + …, θ = kT/8πJS.

    Layout: a cube without a gap, sizes 16, 32, 64 extrapolated, at 15 and 7.5 K (θ = 0.016 and 0.008). Tolerance: the
    next term, (281π³/128) ζ(9/2) θ^{9/2}, is a fraction of 27 θ³ of the first; what follows makes it less than 60 θ³.
    """
    T = np.array([15.0, 7.5])
    theta = KELVIN * T / (4 * np.pi)
    found = magnon_gas.infinite_density(3, T, J) / closed.bloch_density(T, J)
    dyson = 1 + 3 * np.pi / 4 * zeta(2.5) / zeta(1.5) * theta + 33 * np.pi**2 / 32 * zeta(3.5) / zeta(1.5) * theta**2
    assert np.all(np.abs(found - dyson) < 60 * theta**3)
    np.testing.assert_allclose(closed.bloch_density(T, J), zeta(1.5) * theta**1.5, rtol=1e-12)


@pytest.mark.parametrize("d", [1, 2, 3])
@settings(max_examples=5)
@given(T=st.floats(10, 100), gap=st.floats(0.05, 1.0))
def test_finite_lattices_with_a_gap_are_the_infinite_one(d, T, gap) -> None:
    """Theory: the integral over the zone as a sum of Bessel functions. Layout: mode sums of 256, 128², 64³ sites.

    Tolerance: waves of the gap reach ξ = √(J/Δ) ≤ 4.5 sites; e^{−64/4.5} = 7e-7, and it only falls from there.
    """
    shape = {1: (256,), 2: (128, 128), 3: (64, 64, 64)}[d]
    found = SUMS[d](T, gap * J)
    assert float(found) == pytest.approx(float(EXACT[d](T, gap * J)), rel=1e-5, abs=0)
    assert len(shape) == d


SUMS = {
    d: jax.jit(lambda T, gap, shape=shape: magnon_gas.lattice_density(shape, T, J, 0.5, gap))
    for d, shape in ((1, (256,)), (2, (128, 128)), (3, (64, 64, 64)))
}
EXACT = {d: jax.jit(lambda T, gap, d=d: closed.lattice_density(T, J, 0.5, gap, d)) for d in (1, 2, 3)}


def test_no_order_without_a_gap_in_one_and_two_dimensions() -> None:
    """Theory (Mermin–Wagner): with kT/ε ∝ 1/k², n ~ ∫ k^{d−3} dk from 2π/L: ∝ L for d = 1, ln L for d = 2.

    Layout: finite lattices without the uniform mode. Exactly, kT/(4JS) Σ 1/(1 − cos) on a chain is kT (N²−1)/(24JS N):
    a slope of kT/24JS per site. On a square kT/(4πJS) ln L. Tolerances: what 1/(e^x − 1) is less than 1/x by, a
    constant, over the lengths compared: 1 %.
    """
    T = 30.0
    chain = [float(magnon_gas.lattice_density((n,), T, J)) for n in (1000, 2000)]
    assert (chain[1] - chain[0]) / 1000 == pytest.approx(T * KELVIN / 12, rel=1e-2, abs=0)
    square = [float(magnon_gas.lattice_density((n, n), T, J)) for n in (64, 128, 256)]
    growth = T * KELVIN / (2 * np.pi) * np.log(2)
    np.testing.assert_allclose(np.diff(square), growth, rtol=1e-2)
    for d in (1, 2):
        with pytest.raises(ValueError, match=r"Argument `gap` must be > 0 in .* no order is left at any T > 0"):
            magnon_gas.infinite_density(d, T, J)


def test_the_exponent_of_the_seed_paper_would_keep_order_in_every_dimension() -> None:
    """Eq. 21 prints k^{3−d}: no divergence for any d. The standard k^{d−3} grows as 1/k, ln 1/k, not at all."""
    right = [[float(closed.infrared_integral(d, low, 1.0)) for low in (1e-4, 1e-8)] for d in (1, 2, 3)]
    np.testing.assert_allclose([b / a for a, b in right], [1e4, 2, 1], rtol=2e-4)
    seed = [[float(closed.infrared_integral_seed(d, low, 1.0)) for low in (1e-4, 1e-8)] for d in (1, 2, 3)]
    np.testing.assert_allclose([b / a for a, b in seed], 1, rtol=2e-4)
    np.testing.assert_allclose([b for _, b in seed], [1 / 3, 1 / 2, 1], atol=1e-7)


@pytest.mark.slow
def test_ordering_temperature_of_a_plane_is_j_over_the_logarithm_of_the_gap() -> None:
    """Theory: n = (kT/8πJS) ln(kT/Δ) + what does not depend on Δ, so that n = S at kT ≈ 8πJS²/ln(kT/Δ).

    Layout: planes of 512², gaps 1e-2 and 1e-3 of J, whose waves reach 32 sites. Tolerances: the slope of n in ln Δ is
    right to Δ/2kT over the logarithm, 0.2 %; the leading logarithm, which leaves out short waves, to 10 %.
    """
    gaps = np.array([1e-2, 1e-3]) * J
    found = [magnon_gas.ordering_temperature((512, 512), J, gap) for gap in gaps]
    heat = np.array([float(f.T) for f in found]) * constants.KB
    assert all(f.result.succeeded for f in found)
    assert isinstance(found[0], magnon_gas.OrderingTemperature)
    assert heat[1] < heat[0]
    few, many = (float(magnon_gas.lattice_density((512, 512), 30.0, J, gap=gap)) for gap in gaps)
    assert many - few == pytest.approx(30.0 * KELVIN / (4 * np.pi) * np.log(10), rel=3e-3, abs=0)
    np.testing.assert_allclose(heat / constants.KB, closed.ordering_temperature(J, gaps), rtol=0.1)
    weak = closed.ordering_temperature(J, 1e-9 * J)
    assert float(weak) < 0.5 * float(closed.ordering_temperature(J, 1e-3 * J))


@pytest.mark.slow
def test_gradients_against_finite_differences() -> None:
    """d/dJ, d/dΔ and d/dT of densities and of the ordering temperature. Tolerance: central differences at 1e-5."""
    x = jnp.array([1.0, 0.05, 30.0])
    functions = {
        "density": lambda x: magnon_gas.lattice_density((16, 16), x[2], J * x[0], 0.5, J * x[1]),
        "ordering": lambda x: magnon_gas.ordering_temperature((16, 16), J * x[0], J * x[1]).T,
        "bloch": lambda x: closed.bloch_density(x[2], J * x[0], 0.5, J * x[1]),
        "lattice": lambda x: closed.lattice_density(x[2], J * x[0], 0.5, J * x[1], 2, terms=500),
    }
    for name, f in functions.items():
        f = jax.jit(f)
        found = jax.jit(jax.grad(f))(x)
        h = 1e-5 * x
        expected = [(f(x.at[i].add(h[i])) - f(x.at[i].add(-h[i]))) / (2 * h[i]) for i in range(3)]
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9, err_msg=name)


@pytest.mark.slow
def test_any_sample_has_a_density_and_both_precisions_agree(precision) -> None:
    """Energies of `Magnons` of an open chain in a field; batches over temperature. Tolerance: rounding."""
    spins = quantum.Spins(1.0, n=6)
    sample = quantum.Magnons(
        spins, quantum.ring_exchange(6, np.asarray(J, precision.dtype), periodic=False), zeeman=J / 4
    )
    T = jnp.asarray([10.0, 20.0], precision.dtype)
    found = magnon_gas.thermal_density(sample.energies()[None], T)
    assert found.dtype == precision.dtype
    energies = np.linalg.eigvalsh(np.asarray(sample.block(), float) / J) * J
    exact = [np.mean(1 / np.expm1(energies / (constants.KB * t))) for t in (10.0, 20.0)]
    np.testing.assert_allclose(found, exact, rtol=precision.gradient)
    ring = magnon_gas.lattice_energies((5,), np.asarray(J, precision.dtype), 1.0)
    same = quantum.Magnons(quantum.Spins(1.0, n=5), quantum.ring_exchange(5, J)).energies()
    np.testing.assert_allclose(np.sort(ring) / J, same / J, atol=precision.gradient)


def test_refuses_temperatures_gaps_and_lattices_that_cannot_be() -> None:
    """One clear error each."""
    with pytest.raises(ValueError, match="Argument `T` must be a temperature > 0 in K"):
        magnon_gas.lattice_density((8,), -1.0, J, gap=J)
    with pytest.raises(ValueError, match="Argument `energies` must be > 0"):
        magnon_gas.thermal_density([0.0, J], 10.0)
    with pytest.raises(ValueError, match="Argument `shape` must hold one, two or three numbers of sites"):
        magnon_gas.lattice_energies((2, 8), J)
    with pytest.raises(ValueError, match="Argument `S` must be a half-integer"):
        magnon_gas.lattice_energies((8,), J, S=0.7)
    with pytest.raises(ValueError, match="Argument `gap` must be a gap ≥ 0 J"):
        magnon_gas.lattice_energies((8,), J, gap=-J)
    with pytest.raises(MemoryError, match=r"at most 6\.7e7 fit"):
        magnon_gas.lattice_energies((1000, 1000, 1000), J)
    with pytest.raises(ValueError, match="Argument `size` must be ≥ 64 for this gap"):
        magnon_gas.infinite_density(3, 30.0, J, gap=1e-3 * J, size=8)
    with pytest.raises(ValueError, match="Argument `d` must be 1, 2 or 3"):
        magnon_gas.infinite_density(4, 30.0, J)
    with pytest.raises(ValueError, match=r"Argument `gap` must be > 0 J"):
        magnon_gas.ordering_temperature((8, 8), J, 0.0)
    with pytest.raises(ValueError, match=r"Argument `s` must be 0\.5, 1 or 1\.5"):
        closed.polylog_exp(2.0, 0.1)
