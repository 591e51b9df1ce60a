"""Inverse design against what is known exactly: reversal, a field's angle, and every gradient behind them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import fit
from magjax.analytic import macrospin, optimal_reversal
from magjax.drive.table import Table

MESH = mj.Mesh((1, 1, 1), 5e-9)
UP = mj.textures.uniform(MESH, (0, 0, 1))


def spin(K: float, alpha: float) -> mj.System:
    """A macrospin with an easy axis along z."""
    return mj.System(MESH, Ms=1e6, alpha=alpha, energy=mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("K", "alpha", "duration", "knots"),
    [(0.0, 0.0, 1e-9, 5), (5e4, 0.3, 0.3e-9, 14), (1e5, 0.5, 0.5e-9, 20)],
    ids=["free", "between", "long"],
)
def test_designed_pulse_costs_the_least_there_is(K, alpha, duration, knots) -> None:
    """∫B² dt within 1 % of the exact bound and never below it: π²/(γ²T) without damping, towards 4αK/(γMs).

    Layout: fields that are cubic between knots, started from a pulse at constant strength that turns with the spin;
    the bound is used nowhere. Tolerance: a smooth pulse of finitely many knots costs a little more than the best;
    conditions are met to 1e-8 and steps are right to 1e-7, by which it might seem to cost less.
    """
    found = fit.optimal_reversal(spin(K, alpha), UP, duration, knots=knots)
    assert found.result.succeeded
    bound = float(optimal_reversal.least_cost(duration, K, 1e6, alpha))
    ratio = float(found.model.cost) / bound
    assert 1 - 1e-6 <= ratio < 1.01
    run = mj.evolve(found.model.system, UP, duration, tolerance=1e-8)
    assert float(run.average[-1, 2]) < -1 + 1e-6
    if K == 1e5:
        assert bound == pytest.approx(float(optimal_reversal.long_pulse_cost(K, 1e6, alpha)), rel=0.15, abs=0)


@pytest.mark.slow
def test_fastest_pulse_takes_the_shortest_time_there_is() -> None:
    """With |B| ≤ 10 mT, √2 times the threshold: T within 2 % of the closed form, and never below it.

    Layout: overdamped, where relaxation makes the way 1.4 times as long as π√(1+α²)/(γB). Fields are linear between 16
    knots of full strength, so that they are nowhere stronger; their directions are free, and so is the time.
    Tolerance: along the chords between knots the field is up to 2 % weaker than it may be; steps are right to 1e-7.
    """
    K, alpha, B, knots = 1e4, 1.0, 0.01, 16
    part = np.linspace(0, 1, knots)

    def system(model):
        across, up = jnp.cos(model["up"]), jnp.sin(model["up"])
        rows = B * jnp.stack([across * jnp.cos(model["around"]), across * jnp.sin(model["around"]), up])
        x, y, z = (Table(part * model["T"], row, "linear") for row in rows)
        return spin(K, alpha) + mj.Zeeman(B=x * (1.0, 0.0, 0.0) + y * (0.0, 1.0, 0.0) + z * (0.0, 0.0, 1.0))

    seen = fit.Evolution(
        UP, lambda model: model["T"], lambda run, x: run.average[-1], system=system, adjoint="forward", tolerance=1e-7
    )

    def goal(model):
        m = seen(model)
        return model["T"] * 1e9, m[:2] / jnp.maximum(1 - m[2], 1e-12)

    T = 2.2 * np.pi / (mj.constants.GAMMA * B)
    turned = mj.constants.GAMMA * K / 1e6 * T / np.pi * np.sin(np.pi * part)
    start = {"T": T, "around": np.pi / 2 + turned, "up": np.zeros(knots)}
    free = [
        fit.Parameter("T", bounds=(T / 2, 1.5 * T), unit="s"),
        *(fit.Parameter(name, scale=1.0) for name in ("around", "up")),
    ]
    found = fit.design(start, goal, free, mode="forward", tolerance=1e-6)
    assert found.result.succeeded
    best = float(optimal_reversal.shortest_time(B, K, 1e6, alpha))
    assert 1 - 1e-6 <= found.values["T"] / best < 1.02
    assert best > 1.4 * np.pi * np.sqrt(1 + alpha**2) / (mj.constants.GAMMA * B)
    threshold = float(optimal_reversal.threshold_field(K, 1e6, alpha))
    assert threshold * np.sqrt(2) == pytest.approx(B, rel=1e-9, abs=0)


@pytest.mark.slow
def test_exact_pulse_turns_the_simulated_spin_over() -> None:
    """The closed-form pulse through the engine: m ends at −z, on the way that the closed form gives.

    Tolerance: 400 values joined by cubics and steps right to 1e-7 rad leave 1e-4 of an angle.
    """
    K, alpha, T = 1e5, 0.3, 1e-9
    t = np.linspace(0, T, 401)
    B = np.asarray(optimal_reversal.pulse(t, T, K, 1e6, alpha)).T
    run = mj.evolve(fit.Pulse(spin(K, alpha), T, B).system, UP, T, save_at=t[40::40], tolerance=1e-8)
    angle = np.asarray(optimal_reversal.polar_angle(t[40::40], T, K, 1e6, alpha))
    assert np.allclose(run.average[:, 2], np.cos(angle), atol=1e-4)
    phi = np.asarray(optimal_reversal.azimuth(t[40::40], T, K, 1e6, alpha))[4]
    assert np.allclose(run.average[4, :2], np.sin(angle[4]) * np.array([np.cos(phi), np.sin(phi)]), atol=1e-3)


@pytest.mark.slow
def test_angle_of_a_field_that_reaches_a_target() -> None:
    """A field of 150 mT at ψ to the easy axis leads m to 30°: (K/Ms) sin 2θ = B sin(ψ − θ)."""
    K, B, theta = 5e4, 0.15, np.pi / 6

    def system(model):
        psi = model["psi"]
        field = B * jnp.stack([jnp.sin(psi), jnp.zeros_like(psi), jnp.cos(psi)])
        return spin(K, 0.1) + mj.Zeeman(B=field)

    aim = jnp.array([np.sin(theta), 0.0, np.cos(theta)])
    seen = fit.Minimum(UP, lambda state, x: jnp.sum((state.m[:, 0, 0, 0] - aim) ** 2), system=system, tolerance=1e-10)
    found = fit.design({"psi": 0.3}, seen, fit.Parameter("psi", unit="rad"), tolerance=1e-14)
    expected = theta + np.arcsin(K / 1e6 * np.sin(2 * theta) / B)
    assert found.values["psi"] == pytest.approx(expected, rel=1e-5, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("adjoint", ["forward", "checkpointed", "bounded"])
def test_gradient_of_a_damped_macrospin_by_every_adjoint(adjoint) -> None:
    """dm_z/dα of the integrated equation is (1 − m_z²) γBt (1 − α²)/(1 + α²)², and dm_z/dB likewise, to 1e-6.

    500 fixed steps of 0.1 ps at γB dt = 0.01 are right to 1e-10: the discrete derivative is the exact one.
    """
    alpha, B, T = 0.3, 0.6, 50e-12
    seen = fit.Evolution(mj.textures.uniform(MESH, (0.8, 0.0, -0.6)), T, adjoint=adjoint, dt=0.1e-12, max_steps=600)

    def m_z(p):
        system = mj.System(MESH, Ms=1e6, alpha=p[0], energy=mj.Zeeman(B=jnp.stack([0 * p[1], 0 * p[1], p[1]])))
        return seen(system)[-1, 2]

    take = jax.jacfwd if adjoint == "forward" else jax.grad
    found = np.asarray(jax.jit(take(m_z))(jnp.array([alpha, B])))
    exact = jax.grad(lambda p: macrospin.relaxation(T, (0.8, 0.0, -0.6), jnp.stack([0.0, 0.0, p[1]]), p[0])[2])
    assert np.allclose(found, np.asarray(exact(jnp.array([alpha, B]))), rtol=1e-6, atol=0)
    m = float(macrospin.relaxation(T, (0.8, 0.0, -0.6), (0.0, 0.0, B), alpha)[2])
    by_hand = (1 - m**2) * mj.constants.GAMMA * B * T * (1 - alpha**2) / (1 + alpha**2) ** 2
    assert found[0] == pytest.approx(by_hand, rel=1e-6, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("direction", [jax.jacfwd, jax.jacrev], ids=["forward", "reverse"])
def test_gradient_of_a_macrospin_at_rest(direction) -> None:
    """Across its easy axis m_x = MsB/2K at the minimum; dm_x/dK = −MsB/2K², implicitly, in either direction."""
    K, B = 5e4, 0.04
    seen = fit.Minimum(UP, lambda state, x: state.m[0, 0, 0, 0], tolerance=1e-12)

    def m_x(K):
        return seen(spin(K, 0.1) + mj.Zeeman(B=(B, 0, 0)))

    assert float(jax.jit(direction(m_x))(K)) == pytest.approx(-1e6 * B / (2 * K**2), rel=1e-6, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("K", "alpha", "strength", "knots"), [(0.0, 0.01, 0.1, 8), (1e5, 0.1, 0.2, 12), (1e5, 0.1, 0.05, 30)]
)
def test_fastest_reversal_takes_the_shortest_time(K, alpha, strength, knots) -> None:
    """T = π(1+α²)/(γ√((1+α²)B² − α²K²/Ms²)) of Sun and Wang, also where B is a quarter of the switching field 2K/Ms.

    The design ends within 1e-6 of where its cost changes no more, at most 1e-4 above; below lies only the error of its
    fixed steps. The state is that of an independent run under error control.
    """
    found = fit.fastest_reversal(spin(K, alpha), UP, strength, knots=knots)
    assert found.result.succeeded
    shortest = float(optimal_reversal.shortest_time(strength, K, 1e6, alpha))
    assert -1e-5 < float(found.model.duration) / shortest - 1 < 3e-4
    end = mj.evolve(found.model.system, UP, float(found.model.duration), tolerance=1e-9).average[-1]
    np.testing.assert_allclose(end, (0, 0, -1), rtol=0, atol=1e-4)


@pytest.mark.slow
def test_fastest_way_to_any_target_is_the_shortest_way() -> None:
    """Without anisotropy and damping a field across the way turns the spin at γB: T = angle/(γB)."""
    across = mj.textures.uniform(MESH, (0, 1, 0))
    found = fit.fastest_reversal(spin(0.0, 0.0), across, 0.1, target=(0.6, 0.0, 0.8), knots=5)
    assert found.result.succeeded
    assert float(found.model.duration) == pytest.approx(np.pi / 2 / (mj.constants.GAMMA * 0.1), rel=1e-4, abs=0)


@pytest.mark.slow
def test_too_weak_a_field_is_no_success() -> None:
    """Below αK/(Ms√(1+α²)) no field turns the spin over, however it turns."""
    weak = 0.5 * float(optimal_reversal.threshold_field(1e5, 1e6, 0.3))
    found = fit.fastest_reversal(spin(1e5, 0.3), UP, weak, knots=8, max_steps=20)
    assert not found.result.succeeded
