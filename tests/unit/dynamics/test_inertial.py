import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic import inertial as theory

MESH = mj.Mesh((2, 1, 1), 5e-9)
SPIN = mj.System(MESH, Ms=8e5, alpha=0.05, energy=mj.Zeeman(B=(0, 0, 1.0)))
X = mj.textures.uniform(MESH, (1, 0, 0))


@pytest.mark.parametrize(
    ("eta", "message"), [(0.0, "`eta` must be > 0"), (-1e-15, "`eta` must be ≥ 0"), (100.0, "did you give it in fs")]
)
def test_an_inertia_that_cannot_be_meant(eta, message):
    with pytest.raises(ValueError, match=message):
        mj.dynamics.Inertial(eta)


def test_a_velocity_that_does_not_fit():
    for velocity, message in ((jnp.zeros((3, 1, 1, 1)), "shape"), (jnp.full((3, 1, 1, 2), jnp.nan), "finite")):
        with pytest.raises(ValueError, match=message):
            mj.evolve(SPIN, X, 1e-12, dynamics=mj.dynamics.Inertial(1e-13, velocity))


def test_no_other_solver_and_no_other_equation():
    with pytest.raises(ValueError, match=r"must be mj\.solvers\.InertialRK43"):
        mj.evolve(SPIN, X, 1e-12, dynamics=mj.dynamics.Inertial(1e-13), solver=mj.solvers.RK43())
    with pytest.raises(ValueError, match=r"needs `dynamics=mj\.dynamics\.Inertial"):
        mj.evolve(SPIN, X, 1e-12, solver=mj.solvers.InertialRK43())


@eqx.filter_jit
def run(system, m0, velocity, dt, duration):
    """Fixed steps."""
    inertial = mj.dynamics.Inertial(1e-13, velocity)
    return mj.evolve(system, m0, duration, dt=dt, dynamics=inertial, adjoint="forward")


def test_a_run_goes_on_where_another_ended(precision):
    """Spins and velocity are all there is: two runs of 100 steps are one of 200, to rounding."""
    m0 = X.astype(precision.dtype)
    whole = run(SPIN, m0, jnp.zeros_like(m0), 5e-15, jnp.asarray(1e-12))
    half = run(SPIN, m0, jnp.zeros_like(m0), 5e-15, jnp.asarray(0.5e-12))
    rest = run(SPIN, half.m, half.velocity, 5e-15, jnp.asarray(0.5e-12))
    assert rest.m.dtype == precision.dtype
    np.testing.assert_allclose(rest.m, whole.m, rtol=0, atol=100 * precision.eps)
    scale = float(jnp.abs(whole.velocity).max())
    np.testing.assert_allclose(rest.velocity / scale, whole.velocity / scale, rtol=0, atol=1000 * precision.eps)
    np.testing.assert_allclose(jnp.linalg.norm(whole.m, axis=0), 1, rtol=0, atol=precision.exact)


def test_fourth_order():
    """Halving the step divides the error by sixteen."""
    free, velocity = SPIN + mj.Zeeman(B=(0, 0, -1.0)), jnp.zeros_like(X).at[1].set(2e12)
    free = eqx.tree_at(lambda s: s.alpha, free, jnp.asarray(0.0))
    exact = theory.free_nutation(0.5e-12, (1.0, 0, 0), (0, 2e12, 0.0), 1e-13)
    errors = []
    for dt in (10e-15, 5e-15):
        found = run(free, X, velocity, jnp.asarray(dt), jnp.asarray(0.5e-12))
        errors.append(float(jnp.abs(found.average[-1] - exact).max()))
    assert errors[0] / errors[1] == pytest.approx(16, rel=0.2, abs=0)


@pytest.mark.slow
def test_simulate_keeps_the_momenta(tmp_path):
    """They are part of the state of a run: files and chunks leave every bit."""
    inertial = mj.dynamics.Inertial({"left": 1e-13, "right": 2e-13})
    halves = mj.Regions(MESH, {"left": MESH.centers()[0] < 5e-9}, background="right")
    wire = mj.System(MESH, Ms=8e5, energy=SPIN.energy, regions=halves)
    options = {"dynamics": inertial, "save_every": 0.25e-12, "progress": False, "pictures": False}
    mj.simulate(wire, X, 0.5e-12, out=tmp_path, **options)
    found = mj.simulate(wire, X, 1e-12, out=tmp_path, resume=True, **options)
    whole = mj.simulate(wire, X, 1e-12, **options)
    assert np.array_equal(found.m, whole.m)


@pytest.mark.slow
def test_empty_cells_stay_empty():
    Ms = jnp.asarray([8e5, 0.0]).reshape(1, 1, 2)
    eta = jnp.asarray([1e-13, 0.0]).reshape(1, 1, 2)
    inertial = mj.dynamics.Inertial(eta)
    system = mj.System(MESH, Ms=Ms, energy=SPIN.energy)
    found = mj.evolve(system, X, 1e-12, dynamics=inertial, adjoint="forward")
    assert found.result.succeeded
    assert not found.m[..., 1].any()
    assert float(inertial.kinetic_energy(system, found.velocity)) > 0
