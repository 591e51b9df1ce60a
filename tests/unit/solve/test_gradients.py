"""Derivatives of trajectories: against finite differences, and of each adjoint against the others.

Steps are fixed: then the scheme is a smooth function of its parameters, and central differences with a relative step of
1e-5 have a truncation error of 1e-10 and a rounding error of 1e-10, relative to the derivative's own scale.
"""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.dynamics import SpinTerm
from magjax.material.gradient import parameters
from magjax.solve.solvers import RK43, Multirate

DURATION, STEPS = 4e-12, 20
NAMES = ["A", "Ms", "K", "alpha", "B", "gamma", "angle"]
VALUES = jnp.asarray([8e-12, 8e5, 1e5, 0.1, 0.5, mj.constants.GAMMA, 0.7])


def start(bench, angle):
    """Random spins, all turned about y by an angle."""
    m = bench.some_spins(mj.System(MESH, Ms=1e6))
    c, s = jnp.cos(angle), jnp.sin(angle)
    return jnp.stack([c * m[0] + s * m[2], m[1], c * m[2] - s * m[0]])


MESH = mj.Mesh((3, 2, 1), (4e-9, 5e-9, 3e-9))


def outcome(bench, solver, adjoint):
    """⟨m⟩ at the end as a function of all parameters at once, relative to their values."""

    def average(relative):
        A, Ms, K, alpha, B, gamma, angle = VALUES * relative
        # A column of cells is empty: derivatives must be finite there, too.
        occupied = mj.shapes.cuboid((7.9e-9, 1e-7, 1e-7), center=(4e-9, 5e-9, 1.5e-9))
        energy = (
            mj.Exchange(A=A) + mj.UniaxialAnisotropy(K=K, axis=(0, 0.6, 0.8)) + mj.Zeeman(B=B * np.array([0.3, 0, 1]))
        )
        energy = energy + bench.MeanField(mj.parameter(6e5))
        system = mj.System(MESH, Ms=Ms, alpha=alpha, gamma=gamma, energy=energy, shape=occupied)
        run = mj.evolve(
            system,
            start(bench, angle),
            DURATION,
            dt=DURATION / STEPS,
            solver=solver,
            adjoint=adjoint,
            max_steps=2 * STEPS,
        )
        return run.average[-1]

    return average


@pytest.mark.slow
@pytest.mark.parametrize("solver", [RK43(), Multirate(substeps=2)], ids=["RK43", "Multirate-2"])
def test_gradients_agree_with_finite_differences(solver, bench):
    """A, Ms, K, α, B, γ and the initial state, by every adjoint; none is NaN beside the empty cells."""
    one = jnp.ones(len(NAMES))
    forward = outcome(bench, solver, "forward")
    average = jax.jit(forward)
    found = np.asarray(jax.jit(jax.jacfwd(forward))(one))
    assert np.all(np.isfinite(found))
    for i, name in enumerate(NAMES):
        step = 1e-5 * jnp.eye(len(NAMES))[i]
        expected = np.asarray(average(one + step) - average(one - step)) / 2e-5
        np.testing.assert_allclose(found[:, i], expected, atol=1e-6 * np.abs(expected).max(), err_msg=name)
    reverse = jax.jit(jax.grad(lambda x: outcome(bench, solver, "checkpointed")(x)[1]))
    np.testing.assert_allclose(reverse(one), found[1], atol=1e-11 * np.abs(found[1]).max())


@pytest.mark.slow
def test_the_bounded_adjoint_goes_both_ways(bench):
    bounded = outcome(bench, RK43(), "bounded")
    one = jnp.ones(len(NAMES))
    _, forward = jax.jit(lambda x, v: jax.jvp(bounded, (x,), (v,)))(one, one)
    (reverse,) = jax.jit(jax.grad(lambda x: bounded(x)[1]))(one)[None]
    assert float(reverse.sum()) == pytest.approx(float(forward[1]), rel=1e-10, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("adaptive", [False, True], ids=["fixed", "controlled"])
def test_derivative_by_the_duration_is_the_velocity(adaptive, bench):
    """d⟨m⟩(T)/dT = ⟨dm/dt⟩(T) of the exact solution; the scheme's differs by its own error.

    RK43 with a local error of 1e-8 is right to some 1e-7 of γB.
    """
    system = bench.small_system(nonlocal_=False)
    m0 = bench.some_spins(system)
    steps = {"tolerance": 1e-9} if adaptive else {"dt": 2e-14}

    def end(duration):
        run = mj.evolve(system, m0, duration, adjoint="forward", **steps)
        return run.average[-1], run.m

    (_, m), (slope, _) = jax.jit(lambda T: jax.jvp(end, (T,), (1.0,)))(DURATION)
    velocity = SpinTerm(mj.LLG()).vf(DURATION, m, system.prepare(m.dtype))
    expected = np.asarray(system.average(velocity))
    np.testing.assert_allclose(slope, expected, atol=1e-6 * np.abs(expected).max())


def test_saves_under_a_traced_duration_need_their_own_times():
    system = mj.System(MESH, Ms=8e5)
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    with pytest.raises(ValueError, match="under a transformation use `save_at`"):
        jax.jit(lambda T: mj.evolve(system, m0, T, save_every=1e-12).average)(1e-11)


@pytest.mark.slow
def test_gradient_of_a_system_is_a_system_without_derived_data(bench):
    """`mj.grad` through a trajectory: a number for every parameter, nothing for the mask, no NaN from empty cells."""
    Ms = np.full(MESH.shape, 8e5)
    Ms[0, 1, 2] = 0
    drive = mj.drive.gaussian(t0=2e-12, width=1e-12)
    energy = mj.Exchange(A=8e-12) + mj.Zeeman(B=drive * (0, 0, 0.5))
    system = mj.System(MESH, Ms=Ms, alpha=0.1, energy=energy)
    m0 = mj.textures.uniform(MESH, (1, 0, 0))

    def loss(system, scale):
        return scale * mj.evolve(system, m0, DURATION).average[-1, 1]

    value, slope = eqx.filter_jit(mj.value_and_grad(loss))(system, 2.0)
    assert slope.occupied.value is None
    leaves = jax.tree_util.tree_leaves(slope)
    assert len(leaves) == len(jax.tree_util.tree_leaves(eqx.filter(system, parameters(system))))
    assert all(np.all(np.isfinite(x)) for x in leaves)
    assert float(slope["zeeman"].B.terms[0][1].width) != 0
    assert float(value) != 0
    # Under RK43 alone Ms cancels from Zeeman; exchange does not act on parallel spins.
    assert np.abs(np.asarray(slope.Ms)).max() * 8e5 < 1e-9
