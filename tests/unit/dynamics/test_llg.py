import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.dynamics import SpinTerm, gilbert_from_landau_lifshitz, landau_lifshitz_from_gilbert
from magjax.solve.evolve import choose_scheme

SHAPE = (3, 2, 3, 4)
FORMS = ["gilbert", "landau-lifshitz"]


@pytest.fixture
def m(rng, dtype):
    m = rng.normal(size=SHAPE)
    m /= np.linalg.norm(m, axis=0)
    m[:, 0, 1, 2] = 0
    return jnp.asarray(m, dtype)


@pytest.fixture
def B(rng, dtype):
    return jnp.asarray(rng.normal(size=SHAPE), dtype)


def implicit(m, B, gamma, alpha):
    """Solve Gilbert's own equation (1 − α m×) dm/dt = −γ m×B, cell by cell."""
    rate = np.zeros(m.shape)
    for cell in np.ndindex(m.shape[1:]):
        x, y, z = m[(slice(None), *cell)]
        cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        matrix = np.eye(3) - alpha * cross
        rate[(slice(None), *cell)] = np.linalg.solve(matrix, -gamma * cross @ B[(slice(None), *cell)])
    return rate


@pytest.mark.parametrize("alpha", [0.0, 0.02, 1.0, 3.0])
def test_explicit_form_solves_gilberts_equation(alpha, m, B, precision):
    found = mj.LLG().torque(m, B, 2.0, alpha)
    expected = implicit(np.asarray(m, float), np.asarray(B, float), 2.0, alpha)
    np.testing.assert_allclose(found, expected, atol=precision.stencil * np.abs(expected).max())


@pytest.mark.parametrize("alpha", [0.0, 0.02, 1.0])
def test_both_forms_are_one_equation_under_the_exact_map(alpha, m, B, precision):
    gilbert = mj.LLG("gilbert").torque(m, B, 2.0, alpha)
    landau = mj.LLG("landau-lifshitz").torque(m, B, *landau_lifshitz_from_gilbert(2.0, alpha))
    np.testing.assert_allclose(gilbert, landau, atol=precision.stencil)
    back = mj.LLG("gilbert").torque(m, B, *gilbert_from_landau_lifshitz(*landau_lifshitz_from_gilbert(2.0, alpha)))
    np.testing.assert_allclose(gilbert, back, atol=precision.stencil)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("precession", [True, False])
def test_torque_turns_spins_without_stretching_them(form, precession, m, B, precision):
    torque = mj.LLG(form, precession).torque(m, B, 2.0, 0.3)
    along = (torque * m).sum(0)
    assert np.abs(along).max() <= precision.stencil
    assert np.all(np.asarray(torque)[:, 0, 1, 2] == 0)


@pytest.mark.parametrize("form", FORMS)
def test_torque_is_linear_in_the_field(form, m, B, precision):
    llg = mj.LLG(form)
    whole = llg.torque(m, B + 2 * m, 2.0, 0.3)
    np.testing.assert_allclose(whole, llg.torque(m, B, 2.0, 0.3), atol=precision.stencil)  # nothing from along m
    np.testing.assert_allclose(llg.torque(m, -3 * B, 2.0, 0.3), -3 * whole, atol=precision.stencil * 10)


def test_without_precession_spins_go_straight_downhill(m, B, precision):
    """−(γα/(1+α²)) m×(m×B) is along the part of B perpendicular to m."""
    torque = mj.LLG(precession=False).torque(m, B, 2.0, 0.5)
    downhill = 2.0 * 0.5 / 1.25 * (B * (m * m).sum(0)[None] - m * (m * B).sum(0)[None])
    np.testing.assert_allclose(torque, downhill, atol=precision.stencil)


def test_gamma_and_alpha_may_differ_from_cell_to_cell(rng, precision):
    mesh = mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9))
    alpha, gamma = rng.uniform(0, 1, mesh.shape), rng.uniform(1e11, 2e11, mesh.shape)
    system = mj.System(mesh, Ms=8e5, alpha=alpha, gamma=gamma, energy=mj.Zeeman(B=(0.1, 0.2, 0.3)))
    m = mj.textures.uniform(mesh, (0, 0.6, 0.8), dtype=precision.dtype)
    found = np.asarray(SpinTerm(mj.LLG()).vf(0.0, m, system.prepare(precision.dtype)))
    for cell in np.ndindex(mesh.shape):
        single = (slice(None), *(slice(i, i + 1) for i in cell))
        expected = implicit(np.asarray(m, float)[single], np.full((3, 1, 1, 1), [[[[0.1]]], [[[0.2]]], [[[0.3]]]]),
                            gamma[cell], alpha[cell])  # fmt: skip
        np.testing.assert_allclose(found[single], expected, rtol=precision.stencil, atol=1e11 * precision.stencil)


def test_split_and_whole_right_hand_sides_agree(bench_system):
    system, m = bench_system
    term, prepared = SpinTerm(mj.LLG()), system.prepare(m.dtype)
    slow = term.slow(0.0, m, prepared)
    whole = term.vf(0.0, m, prepared)
    scale = float(jnp.abs(whole).max())
    np.testing.assert_allclose(term.given(0.0, m, prepared, slow), whole, atol=1e-14 * scale)
    without = term.given(0.0, m, prepared, 0 * slow)
    np.testing.assert_allclose(without + term.change(0.0, m, prepared, slow), whole, atol=1e-14 * scale)


class MeanField(mj.EnergyTerm):
    """−½ λ |Σ m|²/N per cell: couples every cell to every other, as demagnetising fields do."""

    is_nonlocal = True
    strength: jax.Array

    def energy_density(self, m, sample):
        average = jnp.mean(m, axis=(1, 2, 3))
        return -0.5 * sample.value(self.strength) * jnp.broadcast_to(jnp.sum(average**2), sample.mesh.shape)


@pytest.fixture
def bench_system(rng):
    mesh = mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9))
    energy = mj.Exchange(A=1.3e-11) + MeanField(mj.parameter(1e5)) + mj.Zeeman(B=(0.1, 0.2, 0.3))
    system = mj.System(mesh, Ms=8e5, alpha=0.1, energy=energy)
    m = rng.normal(size=(3, *mesh.shape))
    return system, jnp.asarray(m / np.linalg.norm(m, axis=0))


def test_unknown_forms_are_named():
    with pytest.raises(ValueError, match="`form` must be 'gilbert' or 'landau-lifshitz'"):
        mj.LLG("bloch")


def test_steps_of_the_landau_lifshitz_form_heed_its_faster_spins() -> None:
    """The Landau–Lifshitz form turns spins 1+α² times faster than Gilbert's: stable steps are shorter by that."""
    system = mj.System(mj.Mesh((4, 1, 1), 2e-9), Ms=8e5, alpha=2.0, energy=mj.Exchange(A=1.3e-11))

    def longest(form: str) -> float:
        dynamics = mj.LLG(form=form)
        scheme = choose_scheme(
            system, np.float64, solver=None, tolerance=1e-5, dt=None, dynamics=dynamics, end=np.float64(1e-9), t0=0.0
        )
        return float(scheme.dt_max)

    assert longest("gilbert") / longest("landau-lifshitz") == pytest.approx(5.0, rel=1e-12, abs=0)
