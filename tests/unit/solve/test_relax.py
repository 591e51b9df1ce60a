"""`relax`: down the steepest path, and the Chebyshev method that walks it."""

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.solve.steppers.chebyshev import Chebyshev
from magjax.system.prepared import total_bound

MESH = mj.Mesh((8, 3, 1), (4e-9, 5e-9, 3e-9))


def film(alpha: float = 0.0) -> mj.System:
    return mj.System(
        MESH, Ms=8e5, alpha=alpha, energy=mj.Exchange(A=1.3e-11) + mj.Demag(MESH) + mj.Zeeman(B=(0, 0.02, 0))
    )


@pytest.mark.slow
def test_dynamics_alone_and_polished_find_the_same_state() -> None:
    """Without damping in the system, too. States with torques of 1e-9 T agree to that over the softest curvature."""
    m0 = mj.textures.uniform(MESH, (1, 0.1, 0.3))
    polished = mj.relax(film(), m0, tolerance=1e-9)
    alone = mj.relax(film(alpha=0.5), m0, tolerance=1e-9, polish=False)
    assert polished.converged
    assert alone.converged
    assert int(polished.evaluations) < int(alone.evaluations)
    np.testing.assert_allclose(polished.m, alone.m, atol=1e-6)


@pytest.mark.slow
def test_both_precisions(dtype) -> None:
    state = mj.relax(film(), mj.textures.uniform(MESH, (1, 0.1, 0.3), dtype=dtype))
    assert state.m.dtype == dtype
    assert state.result is mj.Outcome.SUCCESS
    assert float(state.torque) <= float(state.tolerance)


@pytest.mark.slow
@pytest.mark.parametrize("polish", [True, False])
def test_few_steps_are_not_called_converged(polish: bool) -> None:
    m0 = mj.textures.uniform(MESH, (0.1, 1, 1))
    state = mj.relax(film(), m0, max_steps=1, polish=polish)
    assert state.result is mj.Outcome.NOT_CONVERGED
    with pytest.raises(mj.SolveError, match="`m0` failed"):
        mj.evolve(film(), state, duration=1e-12)


@pytest.mark.slow
def test_start_at_rest_takes_no_step() -> None:
    system = mj.System(MESH, Ms=8e5, energy=mj.Exchange(A=1e-11))
    state = mj.relax(system, mj.textures.uniform(MESH, (1, 0, 0)))
    assert state.converged
    assert int(state.steps) == 0


def test_wrong_steps() -> None:
    with pytest.raises(ValueError, match="Argument `max_steps` must be"):
        mj.relax(film(), mj.textures.uniform(MESH, (1, 0, 0)), max_steps=0)


@pytest.mark.slow
def test_drives_stand_still() -> None:
    """The field is the one at `t`, however long the fall takes."""
    pulse = mj.drive.gaussian(t0=1e-9, width=1e-12) * (0.0, 0.0, 0.3)
    system = mj.System(MESH, Ms=8e5, energy=mj.Exchange(A=1e-11) + mj.Zeeman(B=pulse))
    state = mj.relax(system, mj.textures.uniform(MESH, (1, 0, -0.5)), t=1e-9, tolerance=1e-9)
    np.testing.assert_allclose(state.m[2], 1, atol=1e-9)


@pytest.mark.slow
def test_batch_and_gradient() -> None:
    """A macrospin in an easy plane z of K: m_z = Ms B / 2K; its gradient is Ms / 2K for every field."""
    Ms, K, mesh = 8e5, 5e4, mj.Mesh((1, 1, 1), 5e-9)

    def mz(B):
        energy = mj.UniaxialAnisotropy(K=-K, axis=(0, 0, 1)) + mj.Zeeman(B=jnp.stack([0.01 + 0 * B, 0 * B, B]))
        system = mj.System(mesh, Ms=Ms, energy=energy)
        return mj.relax(system, mj.textures.uniform(mesh, (1, 0, 0.2)), tolerance=1e-13).m[2, 0, 0, 0]

    fields = jnp.asarray([0.01, 0.05])
    # The field along x, 0.01 T, adds to the stiffness of z: m_z (2K/Ms + 0.01/m_x) = B.
    found = jax.vmap(mz)(fields)
    np.testing.assert_allclose(found * (2 * K / Ms + 0.01 / jnp.sqrt(1 - found**2)), fields, rtol=1e-9)
    slopes = jax.vmap(jax.grad(mz))(fields)
    np.testing.assert_allclose(slopes, 1 / (2 * K / Ms + 0.01 / (1 - found**2) ** 1.5), rtol=1e-8)


# ----------------------------------------------------------------------------------------- the Chebyshev method
def _turning(steps: int) -> float:
    """Error after equal steps of dm/dt = −m×(m×B(t)) with a field that turns, against many more steps."""

    def field(t):
        return jnp.stack([jnp.cos(t), jnp.sin(2 * t), 0.5 + 0 * t]).reshape(3, 1, 1, 1)

    def vf(t, m, args):
        B = field(t)
        return B - m * jnp.sum(m * B, axis=0, keepdims=True)

    m0 = jnp.asarray([0.0, 0.6, 0.8]).reshape(3, 1, 1, 1)
    solve = lambda n, solver: diffrax.diffeqsolve(  # noqa: E731
        diffrax.ODETerm(vf), solver, 0.0, 2.0, 2.0 / n, m0, stepsize_controller=diffrax.ConstantStepSize()
    ).ys[0]
    return float(jnp.max(jnp.abs(solve(steps, Chebyshev(stages=6)) - solve(2000, diffrax.Tsit5()))))


@pytest.mark.slow
def test_chebyshev_is_of_second_order() -> None:
    """Halving the step divides the error by four; steps of 0.1 and 0.05 are well inside the asymptotic range."""
    order = np.log2(_turning(20) / _turning(40))
    assert order == pytest.approx(2, abs=0.15)


@pytest.mark.slow
@pytest.mark.parametrize("stages", [2, 5, 12])
def test_chebyshev_is_stable_as_far_as_it_says(stages: int) -> None:
    """The stability polynomial of m' = −λm stays inside the unit disk up to `stability`, and leaves it soon after."""
    solver = Chebyshev(stages=stages)
    assert solver.stability > 0.6 * (stages**2 - 1)

    def growth(z: float) -> float:
        from magjax.solve.steppers.chebyshev import _coefficients

        first, rows = _coefficients(stages)
        before, last = 1.0, 1.0 - first * z
        for mu, nu, mu_f, gamma, _ in rows:
            before, last = last, (1 - mu - nu) + mu * last + nu * before - z * (mu_f * last + gamma)
        return abs(last)

    assert max(growth(z) for z in np.linspace(1e-3, solver.stability, 2000)) < 1
    assert growth(1.1 * solver.stability) > 1


def test_chebyshev_needs_two_stages() -> None:
    with pytest.raises(ValueError, match="Argument `stages` must be at least 2"):
        Chebyshev(stages=1)


@pytest.mark.slow
@pytest.mark.parametrize("cells", [(1, 1, 1), (1, 3, 2)])
def test_single_precision_stays_single(cells):
    """Whatever the default is: terms without neighbours, or with several parameters, bound their fields, too."""
    mesh = mj.Mesh(cells, (2e-9, 3e-9, 4e-9))
    energy = mj.Exchange(A=1.3e-11) + mj.CubicAnisotropy(Kc1=1e4) + mj.DMI(D=1e-3, kind="interfacial")
    system = mj.System(mesh, Ms=8e5, energy=energy)
    assert total_bound([jnp.ones(()), jnp.ones((), np.float32)], np.float32).dtype == np.float32
    assert system.prepare(np.float32).local_bound().dtype == np.float32
    found = mj.relax(system, mj.textures.random(mesh, 3, dtype=np.float32))
    assert found.result.succeeded
    assert found.m.dtype == np.float32
