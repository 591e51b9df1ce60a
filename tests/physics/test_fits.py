"""Fits of synthetic measurements: what is found scatters as little as it can, and as much as it says."""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import fit, kinetics
from magjax.fit.problem import Problem

DRAWS = 1000


def _measured(law: Any, x: dict[str, Any], errors: dict[str, float]) -> fit.Data:
    """A data set of a law's own values, whose noise is drawn by the tests."""
    x = {name: jnp.asarray(v) for name, v in x.items()}
    exact = law(**x)
    return fit.Data(x, {name: np.asarray(exact[name]) for name in errors}, errors)


TIMES = np.linspace(0, 0.6e-9, 60)
RATES = np.geomspace(1e2, 1e10, 24)
WAVES = np.linspace(0, 8e7, 25)
CASES = {
    "relaxation": (
        fit.Relaxation(alpha=0.1, B=0.2, start=-0.9),
        {"t": TIMES},
        {"m_z": 0.02},
        ["alpha", "start"],
    ),
    "vector relaxation": (
        fit.Relaxation(alpha=0.1, B=0.2, start=-0.9, azimuth=0.3),
        {"t": TIMES},
        {"m_x": 0.02, "m_y": 0.02, "m_z": 0.02},
        ["alpha", "B", "start", "azimuth"],
    ),
    "Sharrock, waiting": (
        fit.Sharrock(H0=4e5, xi=60.0),
        {"time": np.geomspace(1e-6, 1e6, 24)},
        {"Hc": 500.0},
        ["H0", "xi"],
    ),
    "Sharrock, waiting, m free": (
        fit.Sharrock(H0=4e5, xi=60.0),
        {"time": np.geomspace(1e-7, 1e7, 24)},
        {"Hc": 20.0},
        ["H0", "xi", "m"],
    ),
    "Sharrock, sweeping, m free": (fit.Sharrock(H0=4e5, xi=60.0), {"rate": RATES}, {"Hc": 20.0}, ["H0", "xi", "m"]),
    "Sharrock, sweeping": (fit.Sharrock(H0=4e5, xi=60.0), {"rate": RATES}, {"Hc": 100.0}, ["H0", "xi", "tau0"]),
    "resonance": (
        fit.Resonance(Ms=8e5, K=5e3, alpha=0.008, width0=5e-4),
        {"f": np.linspace(4e9, 24e9, 21)},
        {"B": 1e-4, "width": 1e-4},
        ["Ms", "K", "g", "alpha", "width0"],
    ),
    "spin waves": (
        fit.SpinWaves(A=1.3e-11, Ms=8e5, thickness=20e-9, B=0.1),
        {"k": np.r_[WAVES, WAVES], "angle": np.r_[0 * WAVES, 0 * WAVES + np.pi / 2]},
        {"f": 5e7},
        ["A", "Ms"],
    ),
    "antiferromagnet": (
        fit.AntiferromagneticResonance(B_E=50.0, B_A=0.8),
        {"B": np.linspace(0, 8, 17)},
        {"f_low": 1e8, "f_high": 1e8, "flop": 0.01},
        ["B_E", "B_A", "g"],
    ),
    "loop": (
        fit.StonerWohlfarth(HK=4e5, Ms=8e5, sigma=0.15, kappa=2.0),
        {"H": np.interp(np.linspace(0, 2, 61), (0, 1, 2), (9e5, -9e5, 9e5))},
        {"M": 5e3},
        ["HK", "Ms", "sigma", "kappa"],
    ),
    "viscosity": (
        fit.Viscosity(kinetics.barriers.LogNormal(median=1e-19, sigma=0.5), Ms=8e5),
        {"t": np.tile(np.geomspace(1, 1e4, 9), 3), "T": np.repeat([100.0, 200.0, 300.0], 9)},
        {"M": 4e3},
        ["median", "sigma", "tau0"],
    ),
}
SLOW = set(CASES) - {"relaxation"}
FEW = {"viscosity": 300, "loop": 300}  # an integral for each point of each


@eqx.filter_jit
def _errors(problem: Problem, z: Any) -> Any:
    """Standard errors at each of many optima, from the Fisher information there."""

    def one(z: Any) -> Any:
        J = problem.jacobian(z)
        return jnp.sqrt(jnp.diagonal(jnp.linalg.inv(J.T @ J)))

    return jax.vmap(one)(z)


def _check_recovery(problem: Problem, draws: int, seed: int) -> None:
    y = fit.draw_data(problem, problem.start, draws, jax.random.key(seed))
    found = fit.solve_batch(problem, jnp.tile(problem.start[None], (draws, 1)), y)
    assert found.result.succeeded
    off = np.asarray(found.z) - np.asarray(problem.start)
    bound = fit.Fisher.of(problem.jacobian(problem.start)).errors
    assert np.allclose(off.std(axis=0, ddof=1) / bound, 1, atol=0.1)
    # No bias beyond four standard errors of the mean, and the curvature's own share of a tenth of an error.
    assert (np.abs(off.mean(axis=0)) < (4 / np.sqrt(draws) + 0.1) * bound).all()
    inside = np.abs(off) / np.asarray(_errors(problem, found.z))
    for level, reach in ((0.6827, 1.0), (0.95, 1.96)):
        covered = (inside < reach).mean(axis=0)
        spread = np.sqrt(level * (1 - level) / draws)
        assert np.allclose(covered, level, atol=4 * spread + 0.01), (level, covered)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else [], id=name) for name in CASES]
)
def test_scatter_is_the_cramer_rao_bound(name: str) -> None:
    """Over 1000 noisy data sets the parameters scatter by the bound, and intervals cover what they promise.

    Theory: for small noise, least squares reach the inverse of the Fisher information, and z ± zσ covers its level.
    Layout: each ready model with as many parameters as its data determine, all data sets fitted as one batch.
    Tolerance: a standard deviation from 1000 draws is known to 1/√2000 = 2.2 %, so that 10 % are four and a half of
    them; coverage is known to √(p(1 − p)/1000), of which four are allowed, and 1 % for the curvature of the model.
    """
    law, x, errors, names = CASES[name]
    _check_recovery(fit.Problem(law, _measured(law, x, errors), names), FEW.get(name, DRAWS), seed=sum(map(ord, name)))


def _identified(law: Any, x: dict[str, Any], errors: dict[str, float], names: Sequence[Any]) -> fit.Fit:
    return fit.fit(law, _measured(law, x, errors), names)


@pytest.mark.slow
def test_damping_and_its_inverse_are_reported_as_one() -> None:
    """m_z knows α/(1+α²) only: α and 1/α are named, and several starts find both."""
    law = fit.Relaxation(alpha=0.2, B=0.2, start=-0.9)
    data = _measured(law, {"t": TIMES}, {"m_z": 0.02})
    wide = fit.Parameter("alpha", bounds=(1e-3, 1e3), log=True)
    found = fit.fit(law, data, [wide, "start"], starts=12)
    told = str(found.identifiability)
    assert "1/alpha = " in told
    assert "cannot be told apart" in told
    ends = sorted(np.exp(z[0]) for z, chi in zip(found.minima, found.chi_squares, strict=True) if chi < 1e-6)
    assert ends == pytest.approx([0.2, 5.0], rel=1e-4, abs=0)


@pytest.mark.slow
def test_all_components_tell_damping_from_its_inverse() -> None:
    """The angle of precession is that of γB/(1+α²): there is no second α, and the report has nothing to say of one."""
    law = fit.Relaxation(alpha=0.2, B=0.2, start=-0.9)
    found = _identified(law, {"t": TIMES}, {"m_x": 0.02, "m_y": 0.02, "m_z": 0.02}, ["alpha", "start"])
    assert str(found.identifiability) == "All parameters are determined by these data."


@pytest.mark.slow
def test_damping_and_field_are_one_along_the_field() -> None:
    """m_z depends on B only by α B/(1+α²): the blind direction, and infinite errors, are reported."""
    law = fit.Relaxation(alpha=0.1, B=0.2, start=-0.9)
    found = _identified(law, {"t": TIMES}, {"m_z": 0.02}, ["alpha", "B"])
    assert found.identifiability.degenerate == 1
    assert found.errors["alpha"] == np.inf
    assert "alpha and B cannot be told apart" in str(found.identifiability)


@pytest.mark.slow
def test_three_decades_of_rate_do_not_determine_attempt_time_and_exponent() -> None:
    """H0, ξ, τ0 and m from three decades of rate: the report says that τ0 and m are not known."""
    law = fit.Sharrock(H0=4e5, xi=60.0)
    found = _identified(law, {"rate": np.geomspace(1e3, 1e6, 20)}, {"Hc": 500.0}, ["H0", "xi", "tau0", "m"])
    told = str(found.identifiability)
    assert "tau0 is not determined by these data" in told
    assert "decades" in told
    assert "m is not determined by these data" in told


@pytest.mark.slow
def test_attempt_time_and_barrier_are_one_at_one_temperature() -> None:
    """At one temperature another τ0 is another origin of the barriers: only curves at several temperatures tell both.

    Theory: M depends on E − kT ln(t/τ0). A normal distribution whose cut at zero is far away moves without a change of
    form, so the direction is blind to the rounding of the tails cut off; 100 and 300 K determine τ0 to half a decade.
    """
    law = fit.Viscosity(kinetics.barriers.Normal(center=1e-19, width=1e-20), Ms=8e5)
    t = np.geomspace(1, 1e4, 9)
    alone = _identified(law, {"t": t, "T": np.full(9, 300.0)}, {"M": 4e3}, ["center", "width", "tau0"])
    assert "tau0 and center cannot be told apart" in str(alone.identifiability)
    assert not np.isfinite(alone.errors["tau0"]) or alone.errors["tau0"] > 1e-9 * np.log(10)
    both = {"t": np.r_[t, t], "T": np.repeat([260.0, 300.0], 9)}
    together = _identified(law, both, {"M": 4e3}, ["center", "width", "tau0"])
    assert "not determined" not in str(together.identifiability)


@pytest.mark.slow
def test_texture_without_a_form_is_recovered() -> None:
    """A texture without a form: the density of axes at nine angles from a loop, made of exp(2cos²ψ), to a tenth of it.

    Theory: what a loop knows of a density is smooth, so neighbours are told to differ by a factor of e^0.3 or so. It
    knows the density over its mean alone, hence the prior.
    """
    H = np.interp(np.linspace(0, 2, 161), (0, 1, 2), (9e5, -9e5, 9e5))
    true = fit.StonerWohlfarth(HK=4e5, Ms=8e5, sigma=0.1, kappa=2.0)
    exact = np.asarray(true(H=H)["M"])
    data = fit.Data({"H": H}, {"M": exact + 2e3 * np.random.default_rng(0).normal(size=H.size)}, 2e3)
    law = fit.StonerWohlfarth(HK=4e5, Ms=8e5, sigma=0.1, density=np.ones(9))
    found = fit.fit(law, data, fit.Parameter("density", log=True, smooth=0.3, prior=(1.0, 5.0)))
    psi = np.linspace(0, np.pi / 2, 9)
    expected = np.exp(2 * np.cos(psi) ** 2)
    ratio = found.values["density"] / expected
    weights = np.sin(psi) * expected
    ratio = ratio / (np.sum(weights * ratio) / np.sum(weights))
    assert np.sqrt(np.sum(weights * (ratio - 1) ** 2) / np.sum(weights)) < 0.1


#: Seventeen densities from 0 to 0.24 aJ, of which thirty points of M at five temperatures are to tell.
LATTICE = np.linspace(0, 2.4e-19, 17)
CREEP = {"t": np.tile(np.geomspace(1, 1e4, 6), 5), "T": np.repeat([60.0, 120.0, 180.0, 240.0, 300.0], 6)}


def _smooth_density() -> fit.Parameter:
    return fit.Parameter("density", "barriers.values", log=True, smooth=0.5, prior=(1.0, 5.0))


@pytest.mark.slow
def test_distribution_without_a_form_is_recovered() -> None:
    """A log-normal distribution from noisy creep, as numbers at seventeen energies.

    Tolerance: errors of 1 kA/m are 1/1600 of the change 2Ms; the part of barriers above an energy is their sum over a
    few points and known to some 3 %; the density is a difference of two of those, known to a tenth in the mean.
    """
    true = kinetics.barriers.LogNormal(median=1e-19, sigma=0.4)
    exact = np.asarray(fit.Viscosity(true, Ms=8e5)(**CREEP)["M"])
    data = fit.Data(CREEP, {"M": exact + 1e3 * np.random.default_rng(0).normal(size=exact.size)}, 1e3)
    law = fit.Viscosity(kinetics.barriers.Tabulated(LATTICE, np.ones(17)), Ms=8e5)
    found = fit.fit(law, data, _smooth_density())
    assert found.result.succeeded
    E = jnp.linspace(0.2e-19, 2.2e-19, 21)
    off = found.model.barriers.density(E) - true.density(E)
    assert float(jnp.sum(jnp.abs(off)) * 1e-20) < 0.1
    assert np.allclose(found.model.barriers.survival(E), true.survival(E), atol=0.03)


@pytest.mark.slow
def test_errors_of_a_distribution_without_a_form_are_right_where_it_is_as_smooth_as_said() -> None:
    """Densities drawn from the very belief that smooths them: the errors of all seventeen cover what they promise.

    Theory: with a belief, the truth is normally distributed about the optimum with the inverse of the whole Fisher
    information, for truths drawn from that belief (Bayes). Layout: 100 truths, a noisy data set of each, one batch.
    Tolerance: 1700 deviations, those of one truth correlated over about three neighbours, know 68 % to 2 %, and the law
    is not linear.
    """
    law = fit.Viscosity(kinetics.barriers.Tabulated(LATTICE, np.ones(17)), Ms=8e5)
    parameter = fit.Parameter("density", "barriers.values", log=True, smooth=0.3, prior=(1.0, 1.0))
    problem = fit.Problem(law, _measured(law, CREEP, {"M": 4e3}), parameter)
    beliefs = np.asarray(problem.jacobian(problem.start))[problem.points :]
    spread = np.linalg.cholesky(np.linalg.inv(beliefs.T @ beliefs))
    rng = np.random.default_rng(1)
    truth = rng.normal(size=(100, 17)) @ spread.T
    exact = eqx.filter_jit(jax.vmap(lambda z: problem.predict(z)[0]["M"]))(jnp.asarray(truth))
    y = np.asarray(exact) + 4e3 * rng.normal(size=exact.shape)
    found = fit.solve_batch(problem, jnp.zeros_like(truth), jnp.asarray(y))
    assert found.result.succeeded
    inside = np.abs(np.asarray(found.z) - truth) / np.asarray(_errors(problem, found.z))
    assert np.mean(inside < 1) == pytest.approx(0.6827, abs=0.06)
    assert np.mean(inside < 1.96) == pytest.approx(0.95, abs=0.03)


@pytest.mark.slow
def test_film_knows_one_combination_of_magnetisation_and_perpendicular_anisotropy() -> None:
    """Kittel's formula of a film holds μ0Ms − 2K_perp/Ms alone."""
    law = fit.Resonance(Ms=8e5, K_perp=1e5)
    found = _identified(law, {"f": np.linspace(4e9, 24e9, 21)}, {"B": 1e-4}, ["Ms", "K_perp"])
    assert found.identifiability.degenerate == 1
    told = fit.Parameter("Ms", prior=(8e5, 1e4), unit="A/m")
    assert _identified(law, {"f": np.linspace(4e9, 24e9, 21)}, {"B": 1e-4}, [told, "K_perp"]).errors[
        "Ms"
    ] == pytest.approx(1e4, rel=1e-3, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_gradient_of_a_damped_macrospin(mode: str) -> None:
    """Derivatives of m_z(t) by α by either mode are dm_z/dα = (1 − m_z²) γBt (1 − α²)/(1 + α²)², to 1e-6."""
    law = fit.Relaxation(alpha=0.3, B=0.2, start=-0.9)
    data = _measured(law, {"t": TIMES}, {"m_z": 1.0})
    problem = fit.Problem(law, data, [fit.Parameter("alpha", scale=1.0)], mode=mode)
    m = np.asarray(data.y["m_z"])
    expected = (1 - m**2) * float(law.gamma) * 0.2 * TIMES * (1 - 0.3**2) / (1 + 0.3**2) ** 2
    found = np.asarray(problem.jacobian(problem.start))[:, 0]
    assert np.allclose(found, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.slow
def test_fit_through_the_equation_of_motion() -> None:
    """A full simulation is the model: α and B of a macrospin from its computed m(t), by forward derivatives.

    The measurement is the closed form, the model integrates: they agree to the tolerance of the steps, 1e-5 rad, times
    what a thousandth of an error of the data makes of it.
    """
    import magjax as mj

    mesh = mj.Mesh((1, 1, 1), 5e-9)
    spin = mj.System(mesh, Ms=8e5, alpha=0.05, energy=mj.Zeeman(B=(0, 0, 0.3)))
    m0 = mj.textures.uniform(mesh, (1.0, 0.0, 0.0))

    def observe(system: Any, x: Any) -> Any:
        del x
        return mj.evolve(system, m0, duration=0.4e-9, save_every=0.02e-9, adjoint="forward").average

    from magjax.analytic import macrospin

    t = np.arange(1, 21) * 0.02e-9
    exact = macrospin.relaxation(t, (1.0, 0.0, 0.0), (0.0, 0.0, 0.25), alpha=0.1)
    data = fit.Data(t, exact, 0.01, observe=observe)
    found = fit.fit(spin, data, [fit.Parameter("alpha", log=True), fit.Parameter("B", at="zeeman.B[2]", unit="T")])
    assert found.result.succeeded
    assert found.values["alpha"] == pytest.approx(0.1, rel=1e-3, abs=0)
    assert found.values["B"] == pytest.approx(0.25, rel=1e-3, abs=0)
