import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic import macrospin
from magjax.solve.evolve import choose_scheme

MESH = mj.Mesh((2, 1, 1), 5e-9)
SPIN = mj.System(MESH, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 1.0)))
SOLVERS = [mj.solvers.RotationHeun(), mj.solvers.NormalizedHeun(), mj.solvers.SemiImplicit()]


def each(solver):
    return type(solver).__name__


@pytest.mark.slow
@pytest.mark.parametrize("solver", SOLVERS, ids=each)
def test_second_order_without_noise(solver):
    """Halving the step quarters the error of a damped precession; |m| = 1 to rounding at any step."""
    m0 = mj.textures.uniform(MESH, (1, 0, 0.1))

    @jax.jit
    def end(dt):
        return mj.evolve(SPIN, m0, 20e-12, dynamics=mj.Langevin(T=0.0), dt=dt, solver=solver).m

    exact = macrospin.relaxation(20e-12, m0[:, 0, 0, 0], (0.0, 0.0, 1.0), alpha=0.1)
    errors = []
    for dt in (200e-15, 100e-15):
        m = end(dt)
        assert np.allclose(jnp.linalg.norm(m, axis=0), 1, rtol=0, atol=1e-14)
        errors.append(np.abs(m[:, 0, 0, 0] - exact).max())
    assert errors[0] / errors[1] == pytest.approx(4, abs=0.15)


@pytest.mark.parametrize("solver", SOLVERS, ids=each)
def test_noise_converges_in_stratonovichs_sense(solver):
    """One path of noise, refined: the same end within √dt, and another one in Itô's sense.

    The thermal field of a step is set by hand to the mean of those of its halves. A Brownian path about a fixed axis
    (noise along z only) has the exact end m0 turned by γ∫B dt, whatever the step.
    """
    from magjax.dynamics.langevin import LangevinTerm

    m = mj.textures.uniform(MESH, (1, 0, 0))
    free = mj.System(MESH, Ms=8e5, alpha=0.0).prepare()
    term = LangevinTerm(mj.Langevin(T=0.0), jnp.zeros(()))
    rng = np.random.default_rng(1)
    kicks = rng.normal(size=400) * 0.02  # rad
    gamma = mj.constants.GAMMA
    turn = jax.jit(lambda m, angle: solver.turned(term, 0.0, 1e-15, m, free, jnp.zeros_like(m).at[2].set(angle)))
    for kick in kicks:
        m = turn(m, kick / gamma / 1e-15)
    phase = float(jnp.arctan2(m[1, 0, 0, 0], m[0, 0, 0, 0]))
    # Electrons precess counter-clockwise about B. The error of a second-order step is cubic in its angle.
    assert phase == pytest.approx(kicks.sum(), abs=400 * 0.02**3)


@pytest.mark.slow
def test_a_solver_of_noise_takes_the_plain_equation():
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    plain = mj.evolve(SPIN, m0, 5e-12, dt=50e-15, solver=mj.solvers.RotationHeun()).m
    assert np.allclose(plain, mj.evolve(SPIN, m0, 5e-12).m, rtol=0, atol=1e-4)
    downhill = mj.LLG(precession=False)
    with pytest.raises(ValueError, match="solves the LLG and Langevin equations"):
        mj.evolve(SPIN, m0, 5e-12, dt=50e-15, solver=mj.solvers.RotationHeun(), dynamics=downhill)


@pytest.mark.slow
def test_the_step_is_chosen_where_none_is_given():
    """A tenth of a radian of γB dt, or less where noise kicks harder."""
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    cold = mj.evolve(SPIN, m0, 10e-12, dynamics=mj.Langevin(T=0.0))
    rate = mj.constants.GAMMA / np.sqrt(1.01)
    assert int(cold.steps) == int(np.ceil(10e-12 * rate / 0.1))
    assert int(mj.evolve(SPIN, m0, 10e-12, dynamics=mj.Langevin(T=30_000.0)).steps) > int(cold.steps)


@pytest.mark.slow
def test_fixed_steps_are_counted_not_found_again():
    """In single precision 300 000 steps to one save stay 300 000; so does the time at their end."""
    m0 = mj.textures.uniform(MESH, (0, 0, 1), dtype=jnp.float32)
    still = mj.System(MESH, Ms=8e5, alpha=0.1)
    run = mj.evolve(still, m0, 3e-9, dynamics=mj.Langevin(T=0.0), dt=1e-14, adjoint="forward")
    assert int(run.steps) == 300_000
    assert float(run.end) == np.float32(3e-9)


@pytest.mark.slow
def test_chunks_seeds_and_batches_leave_every_bit(tmp_path):
    """The same noise for a run in one piece, one with more rows in its table, and a batch of seeds in any split."""
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    bath = mj.Langevin(T=300.0, seed=5)
    whole = mj.evolve(SPIN, m0, 2e-12, dynamics=bath, dt=20e-15, save_every=0.5e-12).m
    chunked = mj.simulate(
        SPIN, m0, 2e-12, dynamics=bath, dt=20e-15, save_every=0.5e-12, out=tmp_path, progress=False, pictures=False
    )
    assert np.array_equal(whole, chunked.m)

    def end(seed):
        dynamics = mj.Langevin(T=300.0, seed=seed)
        return mj.evolve(SPIN, m0, 2e-12, dynamics=dynamics, dt=20e-15, save_every=0.5e-12).m

    many = jax.jit(jax.vmap(end))
    batch = many(jnp.arange(8))
    assert np.array_equal(batch[5], whole)
    assert np.array_equal(many(jnp.arange(4, 8)), batch[4:])
    assert not np.array_equal(batch[4], batch[5])


@pytest.mark.slow
def test_reverse_mode_through_noise():
    """d⟨m_z⟩/dT and d/dα of one path of noise against finite differences."""
    m0 = mj.textures.uniform(MESH, (1, 0, 0.2))

    @jax.jit
    def end(T, alpha):
        system = mj.System(MESH, Ms=8e5, alpha=alpha, energy=SPIN.energy)
        return mj.evolve(system, m0, 2e-12, dynamics=mj.Langevin(T=T, seed=2), dt=20e-15).average[-1, 2]

    found = jax.jit(jax.grad(end, argnums=(0, 1)))(300.0, 0.1)
    for derivative, (dT, da) in zip(found, [(0.3, 0), (0, 1e-4)], strict=True):
        h = dT + da
        expected = (end(300.0 + dT, 0.1 + da) - end(300.0 - dT, 0.1 - da)) / (2 * h)
        assert float(derivative) == pytest.approx(float(expected), rel=1e-5, abs=1e-12)


@pytest.mark.slow
def test_a_field_that_grows_shortens_the_step():
    """The step that is chosen fits the field at its largest, which a ramp reaches at the end."""
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    ramp = mj.System(MESH, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=mj.drive.ramp(0, 10e-12) * (0, 0, 2.0)))
    rate = 2 * mj.constants.GAMMA / np.sqrt(1.01)
    assert int(mj.evolve(ramp, m0, 10e-12, dynamics=mj.Langevin(T=0.0)).steps) >= int(10e-12 * rate / 0.1)


def test_the_step_fits_fields_that_equal_looks_would_miss():
    """A sine whose zeros are where 32 equal looks would fall, and a pulse much shorter than the time between looks."""
    duration, B = 32e-9, 2.0
    rate = B * mj.constants.GAMMA / np.sqrt(1.01)
    for drive in (mj.drive.sin(frequency=1e9), mj.drive.gaussian(t0=5.3e-9, width=1e-12)):
        system = mj.System(MESH, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=drive * (0, 0, B)))
        scheme = choose_scheme(
            system, jnp.float64, solver=None, tolerance=1e-5, dt=None, dynamics=mj.Langevin(T=0.0),
            end=jnp.asarray(duration), t0=0.0,
        )  # fmt: skip
        assert 0.99 <= float(scheme.dt) * rate / 0.1 <= 1.05


@pytest.mark.slow
def test_the_step_fits_the_field_from_the_start_that_is_given():
    """A field of 2 T that lasts from 5 to 6 ns, in a run that begins within it, and in one that ends before it."""
    pulse = mj.drive.steps(times=[0.0, 5e-9, 6e-9], values=[0.0, 1.0, 0.0])
    system = mj.System(MESH, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=pulse * (0, 0, 2.0)))
    m0 = mj.textures.uniform(MESH, (1, 0, 0))
    steps = [int(mj.evolve(system, m0, 10e-12, dynamics=mj.Langevin(T=0.0), t0=t0).steps) for t0 in (5.2e-9, 1e-9)]
    assert steps[0] >= int(10e-12 * 2.0 * mj.constants.GAMMA / np.sqrt(1.01) / 0.1)
    assert steps[1] == 1
