"""Observations that run a simulation: the adjoint is chosen for the fit, and every one gives the same derivatives."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import magjax as mj
from magjax import fit

MESH = mj.Mesh((4, 3, 1), (4e-9, 5e-9, 3e-9))
ANGLE = np.arange(12).reshape(MESH.shape) * 0.5
M0 = np.stack([np.cos(ANGLE), 0.8 * np.sin(ANGLE), 0.6 * np.sin(ANGLE)])


def film(A):
    """Exchange that differs from cell to cell, and a field."""
    return mj.System(MESH, Ms=8e5, alpha=0.1, energy=mj.Exchange(A=A) + mj.Zeeman(B=(0, 0, 0.2)))


def data(seen, A=1e-11, error=0.01):
    return fit.Data(0.0, np.asarray(seen(film(A))), error, observe=seen)


def test_adjoint_follows_the_direction_and_contradictions_are_named() -> None:
    spin = mj.System(mj.Mesh((1, 1, 1), 5e-9), Ms=8e5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    m0 = mj.textures.uniform(spin.mesh, (1, 0, 0))
    y = np.zeros((1, 3))
    for mode, adjoint in (("auto", "forward"), ("forward", "forward"), ("reverse", "checkpointed")):
        given = fit.Data(0.0, y, 0.1, observe=fit.Evolution(m0, 1e-12))
        problem = fit.Problem(spin, given, "alpha", mode=mode)
        assert problem.data[0].observe.adjoint == adjoint
        assert isinstance(problem.data[0].observe, fit.AbstractObservation)
    back = fit.Data(0.0, y, 0.1, observe=fit.Evolution(m0, 1e-12, adjoint="checkpointed"))
    assert fit.Problem(spin, back, "alpha").mode == "reverse"
    with pytest.raises(ValueError, match="what the `adjoint` of an observation allows"):
        fit.Problem(spin, back, "alpha", mode="forward")
    along = fit.Data(0.0, y, 0.1, observe=fit.Evolution(m0, 1e-12, adjoint="forward"))
    with pytest.raises(ValueError, match="a common way of taking derivatives"):
        fit.Problem(spin, [back, along], "alpha")
    with pytest.raises(ValueError, match="`adjoint` must be one of auto"):
        fit.Evolution(m0, 1e-12, adjoint="backward")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="at least one data set"):
        fit.fit(spin, [], "alpha")


@pytest.mark.slow
@pytest.mark.parametrize("adjoint", ["forward", "checkpointed", "bounded"])
def test_gradient_by_a_map_is_that_of_differences(adjoint) -> None:
    """Of m after 60 fixed steps, by A in one cell and another; central differences are good to 1e-7 of it."""
    options = {"dt": 0.1e-12, "max_steps": 70, "see": lambda run, x: run.m}
    seen = fit.Evolution(M0, 6e-12, adjoint=adjoint, **options)
    problem = fit.Problem(film(np.full(MESH.shape, 1e-11)), data(seen), fit.Parameter("A", at="exchange.A"))
    slope = np.asarray(eqx.filter_jit(problem.jacobian)(problem.start))
    left = eqx.filter_jit(problem.residuals)
    for i in (0, 7):
        step = 1e-5 * np.eye(12)[i]
        expected = np.asarray(left(problem.start + step) - left(problem.start - step)) / 2e-5
        assert np.allclose(slope[:, i], expected, atol=1e-6 * np.abs(expected).max()), i


@pytest.mark.slow
def test_map_is_found_by_least_squares_from_the_motion() -> None:
    """A from 0.7 to 1.3e-11 J/m in twelve cells, from exact pictures of the motion, as far as these tell.

    Spins feel the harmonic means of neighbours: these are found to 1e-3. To 1/A that alternates as on a chessboard they
    are blind, and that is all by which the map may be wrong.
    """
    truth = 1e-11 * (1 + 0.3 * np.sin(np.arange(12.0))).reshape(MESH.shape)
    seen = fit.Evolution(M0, 10e-12, lambda run, x: run.states, states=True, save_every=5e-12)
    start = film(np.full(MESH.shape, 1e-11))
    stiffness = fit.Parameter("A", at="exchange.A", log=True, smooth=10.0, unit="J/m")
    found = fit.fit(start, data(seen, truth, 1e-3), stiffness)
    assert found.result.succeeded
    resistance, right = 1 / found.values["A"], 1 / truth
    for axis in (1, 2):
        means = [each + np.roll(each, -1, axis=axis) for each in (resistance, right)]
        inner = tuple(slice(-1) if i == axis else slice(None) for i in range(3))
        assert np.allclose(means[0][inner], means[1][inner], rtol=1e-3, atol=0)
    chessboard = (-1.0) ** np.sum(np.indices(MESH.shape), axis=0)
    wrong = (resistance - right) * chessboard
    assert np.allclose(wrong, wrong.mean(), atol=1e-3 / 1e-11)
    assert "A  =  6." in found.table() or len(found.table().splitlines()) == 12
    assert len(fit.plot_maps(found).axes) == 4


@pytest.mark.slow
@pytest.mark.parametrize("name", ["K", "Ms"])
def test_map_is_found_from_a_state_at_rest(name) -> None:
    """K or Ms in cells from one picture of a minimum, by the implicit gradient: by least squares, and going back."""
    truth = 1 + 0.2 * np.cos(np.arange(12.0)).reshape(MESH.shape)
    values = {"K": 5e4, "Ms": 8e5}

    def system(part):
        now = {**values, name: values[name] * part}
        energy = mj.Exchange(A=3e-12) + mj.UniaxialAnisotropy(K=now["K"], axis=(0, 0, 1)) + mj.Zeeman(B=(0.1, 0, 0))
        return mj.System(MESH, Ms=now["Ms"], energy=energy)

    seen = fit.Minimum(mj.textures.uniform(MESH, (0.3, 0, 1)), tolerance=1e-9)
    given = fit.Data(0.0, np.asarray(seen(system(truth))), 1e-3, observe=seen)
    place = {"K": "uniaxial_anisotropy.K", "Ms": "Ms"}[name]
    parameter = fit.Parameter(name, at=place, smooth=30.0)
    start = system(np.ones(MESH.shape))
    found = fit.fit(start, given, parameter)
    assert found.result.succeeded
    assert np.allclose(found.values[name] / values[name], truth, rtol=2e-3, atol=0)
    back = fit.fit(start, given, parameter, method=optax.adam(0.02), max_steps=20)
    assert back.problem.mode == "reverse"
    assert back.chi_square < float(back.problem.chi_square(back.problem.start))
    # Partial results are kept, and gone on with.
    assert back.result is mj.Outcome.MAX_STEPS
    assert fit.fit(back.model, given, parameter, max_steps=50).chi_square < back.chi_square


@pytest.mark.slow
def test_trajectory_that_fails_is_no_number() -> None:
    seen = fit.Evolution(M0, 6e-12, max_steps=3)
    assert np.isnan(np.asarray(seen(film(1e-11)))).all()
    with pytest.raises(ValueError, match="must give numbers at the start"):
        fit.fit(film(1e-11), fit.Data(0.0, jnp.zeros((1, 3)), 0.1, observe=seen), fit.Parameter("A", at="exchange.A"))


@pytest.mark.slow
def test_material_map_reads_the_cell_and_the_time_next_to_a_point() -> None:
    law = fit.MaterialMap(mj.Mesh((4, 3, 1), 4e-9), A=1e-11, Ms=8e5, alpha=0.1, period=(2e-8, 3e-8), times=(1e-12,))
    found = law(x=jnp.array([0.1e-9, 15e-9]), y=jnp.array([1e-9, 11e-9]), t=jnp.array([0.0, 1e-12]))
    run = mj.evolve(law.system, law.m0, 1e-12)
    assert np.allclose(found["m_x"], [run.m[0, 0, 0, 0], run.m[0, 0, 2, 3]], atol=1e-9)
    with pytest.raises(ValueError, match="one layer"):
        fit.MaterialMap(mj.Mesh((2, 2, 2), 4e-9), A=1e-11, Ms=8e5, alpha=0.1)


@pytest.mark.slow
def test_material_map_is_fitted_going_along_and_going_back() -> None:
    """By least squares, whose derivatives go forward, and by L-BFGS, whose go back: to the same map of K.

    Exact data: what is wrong with it comes from the belief that neighbours are alike, and stays within the errors.
    """
    mesh = mj.Mesh((3, 2, 1), 4e-9)
    x, y = (np.ravel(np.broadcast_to(each, mesh.shape)) for each in mesh.centers()[:2])
    inputs = {"x": x, "y": y, "t": np.full(6, 4e-12)}
    truth = 1e5 * (1 + 0.3 * np.cos(np.arange(6.0))).reshape(mesh.shape)
    film = {"A": 1e-12, "Ms": 8e5, "alpha": 0.1, "period": (2e-8, 3e-8), "times": (4e-12,)}
    law = fit.MaterialMap(mesh, K=1e5, **film)
    seen = fit.MaterialMap(mesh, K=truth, **film)(**inputs)
    given = fit.Data(inputs, {name: np.asarray(v) for name, v in seen.items()}, 1e-3)
    along, back = (fit.fit(law, given, "K", method=name) for name in ("levenberg-marquardt", "lbfgs"))
    assert (along.problem.mode, back.problem.mode) == ("forward", "reverse")
    for found in (along, back):
        assert found.result.succeeded
        assert np.allclose(found.values["K"], along.values["K"], rtol=2e-3, atol=0)
    assert (np.abs(along.values["K"] - truth) < along.errors["K"]).all()
    assert np.median(along.errors["K"]) < 3e3
