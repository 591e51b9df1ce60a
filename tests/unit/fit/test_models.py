"""Ready models: what they say, by forms of their own, and what they refuse."""

import inspect

import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import ndtri

from magjax import constants, fit, kinetics
from magjax.analytic import film_waves, macrospin
from magjax.fit import models
from magjax.fit.coordinates import inside
from magjax.fit.data import flat
from magjax.fit.figures import _order
from magjax.fit.models.base import known
from magjax.fit.search import Cautious, LeastSquares, SearchState
from magjax.fit.selection import leaf, put
from magjax.fit.text import columns, with_error

LAWS = [law for law in vars(models).values() if inspect.isclass(law) and not inspect.isabstract(law)]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_what_a_law_declares_is_what_it_does(law) -> None:
    """Its inputs and outputs have units that are understood, and its parameters lead to leaves."""
    from magjax.units import parse_unit

    assert issubclass(law, fit.AbstractLaw)
    for units in (law.inputs, law.outputs, {p.name: p.unit for p in law.parameters.values()}):
        for unit in units.values():
            parse_unit(unit)
    fields = set(inspect.signature(law.__init__).parameters)
    assert {str(p.at).split(".")[0] for p in law.parameters.values()} <= fields


@pytest.mark.slow
def test_relaxation_is_the_tanh() -> None:
    law = fit.Relaxation(alpha=0.1, B=0.3, start=-0.9)
    t = np.linspace(0, 1e-9, 7)
    x = 0.1 / 1.01 * constants.GAMMA * 0.3 * t
    assert np.allclose(law(t=t)["m_z"], np.tanh(np.arctanh(-0.9) + x), atol=1e-12)


def test_resonance_inverts_kittel() -> None:
    law = fit.Resonance(Ms=8e5, K=5e3, g=2.1)
    B = float(law(f=10e9)["B"])
    gamma = 2.1 * constants.MU_B / constants.HBAR
    omega = macrospin.resonance_frequency(B, Ms=8e5, factors=(0, 1, 0), K=5e3, gamma=gamma)
    assert float(omega) / (2 * np.pi) == pytest.approx(10e9, rel=1e-9, abs=0)


def test_waves_of_a_film_have_their_limits() -> None:
    """Surface waves are Damon and Eshbach's up to (kd)²/12 of (γμ0Ms)²; backward waves fall below the uniform mode."""
    d, M = 20e-9, constants.MU0 * 8e5
    k = 1e5
    args = {"A": 1e-30, "Ms": 8e5, "thickness": d, "B": 0.1}
    surface = film_waves.frequency(k, angle=np.pi / 2, **args)
    # Damon and Eshbach: ω² = γ²[B(B + μ0Ms) + (μ0Ms/2)²(1 − e^(−2kd))].
    exact = constants.GAMMA * np.sqrt(0.1 * (0.1 + M) + (M / 2) ** 2 * -np.expm1(-2 * k * d))
    assert float(surface) == pytest.approx(exact, rel=5e-6, abs=0)
    assert float(film_waves.frequency(k, **args)) < float(film_waves.frequency(0.0, **args))
    assert float(film_waves.mean_demagnetization(1e-3 * (1 - 1e-9))) == pytest.approx(
        float(film_waves.mean_demagnetization(1e-3 * (1 + 1e-9))), rel=1e-7, abs=0
    )
    law = fit.SpinWaves(A=1.3e-11, Ms=8e5, thickness=d, B=0.1)
    assert float(law(k=0.0)["f"]) == pytest.approx(float(law(k=0.0, angle=1.0)["f"]), rel=1e-12, abs=0)


def test_antiferromagnet_has_a_gap_that_a_field_splits() -> None:
    found = fit.AntiferromagneticResonance(B_E=50.0, B_A=0.8)(B=jnp.array([0.0, 2.0]))
    unit = 2 * constants.MU_B / constants.HBAR / (2 * np.pi)
    assert np.allclose(found["f_high"] - found["f_low"], 2 * unit * np.array([0, 2.0]), atol=1.0)
    assert float(found["f_low"][0]) == pytest.approx(unit * np.sqrt(0.8 * 100.8), rel=1e-12, abs=0)


@pytest.mark.slow
def test_sharrock_integrates_sweeps_if_asked() -> None:
    rates = np.geomspace(1e3, 1e6, 3)
    near = fit.Sharrock(H0=4e5, xi=60.0)(rate=rates)["Hc"]
    exact = fit.Sharrock(H0=4e5, xi=60.0, exact=True)(rate=rates)["Hc"]
    assert np.allclose(near, exact, rtol=3e-3, atol=0)


def test_sharrock_wants_times_or_rates() -> None:
    with pytest.raises(ValueError, match="either `time` or `rate`"):
        fit.Sharrock(H0=4e5, xi=60.0)()


def test_viscosity_falls_by_its_own_slope() -> None:
    law = fit.Viscosity(kinetics.barriers.LogNormal(median=1e-19, sigma=0.5), Ms=8e5)
    t = np.exp(np.log(10.0) + np.array([-1e-3, 0, 1e-3]))
    found = law(t=t, T=300.0)
    slope = -(found["M"][2] - found["M"][0]) / 2e-3
    assert float(slope) == pytest.approx(float(found["S"][1]), rel=1e-5, abs=0)


@pytest.mark.slow
def test_loop_is_that_of_particles_one_by_one() -> None:
    """The table of a texture and a spread against loops of 40 angles × 61 fields H_K, each followed by itself.

    Tolerance: the sum over particles jumps where one of them does, by its share of 1/40 · 1/20; their mean is that off.
    """
    H = np.interp(np.linspace(0, 2, 41), (0, 1, 2), (1.2e6, -1.2e6, 1.2e6))
    psi, shares = kinetics.random_axes(40)
    shares = shares * np.exp(-1.5 * np.cos(psi) ** 2)
    x = (np.arange(61) + 0.5) / 61
    scale = 4e5 * np.exp(0.3 * np.asarray(ndtri(x)))
    loop = kinetics.static_loop(
        H, np.tile(psi, 61), np.tile(shares, 61) / shares.sum() / 61, scale=np.repeat(scale, 40)
    )
    found = fit.StonerWohlfarth(HK=4e5, Ms=1.0, sigma=0.3, kappa=-1.5)(H=H)["M"]
    assert np.allclose(found, loop.m, atol=0.005)


@pytest.mark.slow
def test_loop_knows_its_branches() -> None:
    """From whatever point it begins, with missing points and jitter, a point belongs to the way that led to it."""
    law = fit.StonerWohlfarth(HK=4e5, Ms=8e5)
    H = np.interp(np.linspace(0, 2, 41), (0, 1, 2), (1.2e6, -1.2e6, 1.2e6))
    M = np.asarray(law(H=H)["M"])
    assert np.allclose(M[20:], -M[:21], atol=1.0)  # symmetric about the origin, to the sums of the table
    assert M[10] > 0 > M[30]  # the remanences
    assert np.allclose(law(H=-H)["M"], -M, atol=1.0)
    y = M.copy()
    y[3] = np.nan
    H = H.copy()
    H[12] = np.nan
    seen = fit.Data({"H": H}, {"M": y}, 1e3)
    assert seen.missing == 2
    assert np.nanmax(np.abs(np.where(np.asarray(seen.mask["M"]), seen.predicted(law)["M"] - M, 0))) < 1.0
    small = fit.StonerWohlfarth(*(np.float32(x) for x in (4e5, 8e5, 0.2, 0.0)), density=np.float32([1]))
    single = small(H=np.float32([1e6, 0.0, -3e5]))["M"]
    assert single.dtype == jnp.float32
    assert np.allclose(single, law(H=np.array([1e6, 0.0, -3e5]))["M"], rtol=1e-5, atol=1.0)
    with pytest.raises(ValueError, match="must be fields in their order"):
        law(H=1.0)
    with pytest.raises(ValueError, match="must be given at angles"):
        fit.StonerWohlfarth(HK=4e5, Ms=8e5, density=np.ones((2, 2)))
    assert float(law.texture().sum()) == pytest.approx(1, rel=1e-12, abs=0)
    assert law.angles().shape == law.texture().shape


def test_leaves_are_found_and_put_by_name() -> None:
    model = {"film": {"B": np.array([0.0, 0.1, 0.2])}, "pair": (1.0, 2.0)}
    assert leaf(model, "film.B[2]") == 0.2
    assert put(model, "film.B[2]", jnp.array(0.5))["film"]["B"].tolist() == [0.0, 0.1, 0.5]
    assert put(model, ("pair[0]", "pair[1]"), 7.0)["pair"] == (7.0, 7.0)
    assert put(model, lambda m: m["pair"][1], 3.0)["pair"] == (1.0, 3.0)
    for place in ("film.A", "nothing", lambda m: m["none"]):
        with pytest.raises(ValueError, match="must lead to a leaf"):
            leaf(model, place)


@pytest.mark.slow
@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (0.0, np.inf), (-np.inf, 1.0), (-np.inf, np.inf)])
def test_coordinates_stay_between_bounds_and_begin_straight(low, high) -> None:
    u = jnp.array([-50.0, -1e-6, 0.0, 1e-6, 50.0])
    z = np.asarray(inside(u, jnp.full(5, 0.3), jnp.full(5, low), jnp.full(5, high)))
    assert (z >= low).all()
    assert (z <= high).all()
    assert (np.diff(z) > 0).all()
    assert np.allclose(z[1:4] - 0.3, u[1:4], atol=1e-11)


def test_small_parts() -> None:
    assert flat({"a": 1.0, "b": (2.0,)}).tolist() == [1.0, 2.0]
    assert list(known(fit.Parameter("a"))) == ["a"]
    assert columns([("a", "b"), ("cc", "d")]) == ["a   b", "cc  d"]
    assert with_error(1.0, 0.0) == "1 ± 0"
    assert with_error(8.001e5, 1.2e3) == "800100 ± 1200"
    assert (
        Cautious().init(jnp.zeros(2), None).diverged == SearchState(jnp.ones(()), jnp.array(0), jnp.array(0)).diverged
    )
    assert LeastSquares(1e-3, 1e-3, damped=False).rtol == 1e-3


def test_curves_are_drawn_along_a_loop_and_by_x_otherwise() -> None:
    """Both branches of a loop one after the other; scattered points and repeated sweeps in the order of x."""
    loop = np.interp(np.linspace(0, 2, 21), (0, 1, 2), (1.0, -1.0, 1.0))
    assert (_order(loop) == np.arange(21)).all()
    twice = np.tile(np.arange(5.0), 2)
    assert (np.diff(twice[_order(twice)]) >= 0).all()
    assert _order(np.array([2.0, 0.0, 1.0, 0.5])).tolist() == [1, 3, 2, 0]
    assert _order(np.array([3.0])).tolist() == [0]
