"""Brown's equation in two angles: against the axial one tilted, Langer's rates over saddles, and cells."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import constants
from magjax.analytic import brown, macrospin
from magjax.kinetics import (
    FokkerPlanck,
    SphereFokkerPlanck,
    UniaxialEnergy,
    evolve_sphere,
    relaxation_rate,
    sphere_modes,
    sphere_slow_mode,
)
from magjax.kinetics.harmonics import harmonics
from magjax.kinetics.sphere_density import sphere_rates

T, MOMENT = 300.0, 1e-18
KT = constants.KB * T
Z = jnp.array([0.0, 0.0, 1.0])


def spin(sigma, xi, alpha, axis, direction):
    """A uniaxial particle of KV/kT = σ with μB/kT = ξ along `direction`."""
    return SphereFokkerPlanck(
        lambda m: -sigma * KT * jnp.sum(m * axis) ** 2, MOMENT, T, alpha, B=xi * KT / MOMENT * direction
    )


@jax.jit
def reduced(sigma, xi, alpha, axis, direction):
    """λ₁τ_N and the outcome, in 289 harmonics."""
    this = spin(sigma, xi, alpha, axis, direction)
    mode = sphere_slow_mode(this, degree=16)
    return mode.rate * this.free_time(), mode.outcome


def test_harmonics_are_orthonormal_and_their_gradients_are_right():
    """∫ ∇Y_k·∇Y_j = l(l+1) δ_kj to rounding: the quadrature is exact for these products."""
    table = harmonics(9)
    laplace = table.polar.T @ table.polar + table.azimuthal.T @ table.azimuthal
    degrees = np.sort(np.repeat([l * (l + 1) for l in range(10)], [2 * l + 1 for l in range(10)]))  # noqa: E741
    np.testing.assert_allclose(table.values.T @ table.values, np.eye(100), atol=1e-12)
    np.testing.assert_allclose(np.sort(np.diag(laplace)), degrees, atol=1e-10)
    np.testing.assert_allclose(laplace, np.diag(np.diag(laplace)), atol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize(("sigma", "xi"), [(0.0, 2.0), (6.0, 1.5)])
def test_an_axial_energy_has_one_rate_however_it_is_tilted(sigma, xi):
    """Axis and field along (1, 2, −2)/3: λ₁ of the axial equation to 1e-7 whatever α, for spins precess about it.

    At α above 1 and without a barrier a transverse pair is as slow, which the outcome says. exp(−v/2) with σ = 6 has
    harmonics I_{l/2}(σ/4): those beyond degree 16 hold 1e-8 of λ₁.
    """
    axis = jnp.array([1.0, 2.0, -2.0]) / 3
    axial = FokkerPlanck(UniaxialEnergy(sigma * KT), MOMENT, T, 0.1, B=xi * KT / MOMENT)
    exact = float(relaxation_rate(axial) * axial.free_time())
    for alpha in (0.05, 0.5):
        rate, outcome = reduced(sigma, xi, alpha, axis, axis)
        assert int(outcome) == 0
        assert float(rate) == pytest.approx(exact, rel=1e-7, abs=0)


@pytest.mark.slow
def test_all_modes_of_a_free_and_of_a_precessing_spin():
    """Without energy l(l+1)/2, 2l+1 times; in a strong field the transverse mode turns at γB/(1+α²).

    μB = 20 kT and α = 0.05: the frequency is that of Larmor less the spread of directions about the field, 1/ξ.
    """
    free = spin(0.0, 0.0, 0.1, Z, Z)
    np.testing.assert_allclose(sphere_modes(free, 8, degree=4) * free.free_time(), [1] * 3 + [3] * 5, atol=1e-10)
    alpha, xi = 0.05, 20.0
    modes = np.asarray(sphere_modes(spin(0.0, xi, alpha, Z, Z), 2, degree=10))
    larmor = float(macrospin.larmor_frequency(xi * KT / MOMENT, alpha))
    np.testing.assert_allclose(abs(modes.imag), larmor, rtol=0.02)
    np.testing.assert_allclose(modes.real * float(macrospin.decay_time(xi * KT / MOMENT, alpha)), 1, rtol=0.1)
    with pytest.raises(ValueError, match="`count` must be from 1 to 12"):
        sphere_modes(free, 13, degree=4)


def escape(sigma, h, alpha):
    """λ₁τ_N of a particle in a transverse field by Langer's theory: two wells, one saddle along the field."""
    well, saddle = (2 * sigma * (1 - h**2), 2 * sigma), (-2 * sigma * (1 - h), 2 * sigma * h)
    return 2 * float(brown.escape_rate(well, saddle, sigma * (1 - h) ** 2, alpha))


@pytest.mark.slow
def test_transverse_field_makes_the_rate_depend_on_damping():
    """λ₁τ_N rises as damping falls, where Langer's theory of intermediate and high damping says by how much.

    σ = 10, h = 0.2, a barrier of 6.4 kT: from α = 1 to α = 0.3 the rate in units of 1/τ_N grows by 1.80 (Langer 1.83),
    and the theory, whose corrections are of the order kT/ΔE, lies 8 to 10 % above the eigenvalue, as Brown's does for
    the axial particle with such a barrier (16 %).
    """
    x = jnp.array([1.0, 0.0, 0.0])
    rates = {alpha: float(reduced(10.0, 4.0, alpha, Z, x)[0]) for alpha in (0.3, 1.0)}
    for alpha, rate in rates.items():
        assert escape(10.0, 0.2, alpha) / rate == pytest.approx(1.09, rel=0, abs=0.02)
    assert rates[0.3] / rates[1.0] == pytest.approx(escape(10.0, 0.2, 0.3) / escape(10.0, 0.2, 1.0), rel=0.03, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.3, 1.0, 5.0])
def test_langers_limit_of_a_high_barrier(alpha):
    """σ = 20, h = 0.2, a barrier of 12.8 kT: twice that of the test above, and Langer errs by half or less.

    What it leaves out is of first order in kT/ΔE: 8 to 10 % at 6.4 kT become 3.3 % (α = 0.3), 3.8 % (1) and 4.3 % (5),
    which more harmonics (degree 30) move by 5e-6.
    """
    this = spin(20.0, 8.0, alpha, Z, jnp.array([1.0, 0, 0]))
    mode = sphere_slow_mode(this, degree=26)
    assert mode.result.name == "SUCCESS"
    miss = escape(20.0, 0.2, alpha) / float(mode.rate * this.free_time()) - 1
    assert miss == pytest.approx(0.038, rel=0, abs=0.007)


def test_cells_and_harmonics_agree_in_an_oblique_field():
    """Two schemes that share nothing: rates between 16 × 32 cells and harmonics, for a field 60° off the axis, α = 1.

    The smallest eigenvalue of the matrix of rates errs by the square of a cell's angle times the curvature of the
    well, 0.2² · 3 / 24; 2 % are allowed.
    """
    oblique = jnp.array([np.sin(np.pi / 3), 0.0, np.cos(np.pi / 3)])
    rate, outcome = reduced(3.0, 1.0, 1.0, Z, oblique)
    this = spin(3.0, 1.0, 1.0, Z, oblique)
    W = np.asarray(eqx.filter_jit(sphere_rates)(this, (16, 32)))
    off = W - np.diag(np.diag(W))
    assert int(outcome) == 0
    assert off.min() >= 0
    np.testing.assert_allclose(W.sum(0), 0, atol=1e-12 * abs(W).max())
    values = np.sort(-np.linalg.eigvals(W).real)
    assert values[1] * float(this.free_time()) == pytest.approx(float(rate), rel=0.02, abs=0)


@pytest.mark.slow
def test_gradients_of_the_rate_in_any_energy():
    """dλ₁/d(σ, ξ, α) equals central differences, under vmap too; second derivatives are refused."""
    x = jnp.array([1.0, 0.0, 0.0])

    def rate(p):
        this = spin(p[0], p[1], p[2], Z, x)
        return sphere_slow_mode(this, degree=8).rate * this.free_time()

    p0 = jnp.array([3.0, 1.0, 0.4])
    steps = 1e-4 * jnp.diag(p0)
    around = jax.jit(jax.vmap(rate))(jnp.concatenate([p0[None] + steps, p0[None] - steps]))
    exact = jax.jit(jax.vmap(jax.grad(rate)))(jnp.stack([p0, p0 * 1.1]))
    np.testing.assert_allclose(exact[0], (around[:3] - around[3:]) / (2e-4 * p0), rtol=1e-6)
    with pytest.raises(TypeError, match="first derivatives only"):
        jax.eval_shape(jax.grad(jax.grad(lambda s: rate(jnp.stack([s, p0[1], p0[2]])))), 3.0)


def test_too_few_harmonics_and_no_slowest_mode_are_reported():
    """A barrier that the harmonics cannot hold gives an outcome, not a number to be trusted."""
    _, outcome = reduced(40.0, 0.0, 1.0, Z, Z)
    assert mj.results.Outcome(int(outcome)).name == "NOT_CONVERGED"


@pytest.mark.slow
def test_density_on_the_sphere():
    """From m_x to Boltzmann's density, conserved and never negative; a field that turns takes ⟨m⟩ along.

    After 40 τ_N the cells hold their Boltzmann probabilities, which the rates leave exactly at rest; ⟨m⟩ is Langevin's
    function to the 1 % of cells of 22°.
    """
    this = spin(0.0, 2.0, 0.5, Z, jnp.array([0.6, 0.0, 0.8]))
    tau = float(this.free_time())
    run = eqx.filter_jit(evolve_sphere)(this, lambda m: 1 + m[0], jnp.array([0.2, 40.0]) * tau, cells=(8, 12))
    assert run.result.name == "SUCCESS"
    assert float(run.probability.min()) >= 0
    np.testing.assert_allclose(run.probability.sum((1, 2)), 1, rtol=1e-13)
    np.testing.assert_allclose(run.average()[-1], brown.langevin(2.0) * jnp.array([0.6, 0, 0.8]), atol=0.02)
    W = eqx.filter_jit(sphere_rates)(this, (8, 12))
    flow = W @ run.probability[-1].ravel()
    np.testing.assert_allclose(flow, np.zeros(96), atol=1e-11 * float(W.max()))
    assert run.P.shape == (2, 8, 12)
    rotating = mj.drive.cos(frequency=1e-3 / tau) * (1.0, 0.0, 0.0) + mj.drive.sin(frequency=1e-3 / tau) * (0, 1.0, 0)
    driven = SphereFokkerPlanck(lambda m: 0 * m[0], MOMENT, T, 0.5, B=2 * KT / MOMENT * rotating)
    turned = eqx.filter_jit(evolve_sphere)(driven, lambda m: 1.0, (250 * tau,), cells=(6, 8), steps=4)
    assert float(turned.average()[0, 1]) > 0.45
    assert abs(float(turned.average()[0, 2])) < 1e-3


def test_spins_that_mean_nothing():
    """One clear error each."""
    with pytest.raises(ValueError, match=r"`B` must be a field \(3,\) in T"):
        SphereFokkerPlanck(lambda m: m[0], MOMENT, T, 0.1, B=0.1)
    with pytest.raises(TypeError, match="`energy` must be a function of a unit vector m"):
        SphereFokkerPlanck(1e-20, MOMENT, T, 0.1)
    with pytest.raises(ValueError, match="`T` must be a temperature"):
        SphereFokkerPlanck(lambda m: m[0], MOMENT, -1.0, 0.1)
    with pytest.raises(ValueError, match="one number for each of"):
        evolve_sphere(spin(0.0, 0.0, 0.1, Z, Z), jnp.ones(3), (1e-9,), cells=(4, 6))
