import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic import macrospin

MESH = mj.Mesh((3, 1, 1), 4e-9)
FALLING = mj.System(MESH, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, -1.0)))


def tilted(*cosines):
    z = np.asarray(cosines)
    return jnp.asarray(np.stack([np.sqrt(1 - z**2), 0 * z, z])[:, None, None, :])


@pytest.mark.slow
def test_each_cell_has_its_time():
    """Each spin falls by its own closed form, at any time between saves; one that is beyond needs none."""
    found = mj.switching_times(FALLING, tilted(0.99, 0.5, -0.9), 1e-9, direction=(0, 0, -1), threshold=0.3)
    expected = [float(macrospin.switching_time(-z, 0.3, 1.0, 0.5)) for z in (0.99, 0.5)]
    assert found.result.name == "STOPPED"
    # Straight lines within steps that turn a spin by 0.1 rad: an error of some 1e-3 of the time a step takes.
    np.testing.assert_allclose(found.times.ravel(), [*expected, 0.0], rtol=2e-3, atol=0)
    assert float(found.end) < 1.2 * max(expected)


def test_those_that_do_not_switch_and_those_that_cannot():
    Ms = jnp.asarray([8e5, 0.0, 8e5]).reshape(1, 1, 3)
    system = mj.System(MESH, Ms=Ms, alpha=0.5, energy=mj.Zeeman(B=(0, 0, -1.0)))
    found = mj.switching_times(system, tilted(0.999, 0.5, 0.0), 20e-12, direction=(0, 0, -1), threshold=0.5)
    first, empty, last = np.asarray(found.times).ravel()
    assert np.isinf(first)
    assert np.isnan(empty)
    assert 0 < last < 20e-12
    assert found.result.name == "SUCCESS"
    assert float(found.end) == 20e-12


@pytest.mark.slow
def test_the_whole_sample_drives_and_late_starts():
    """⟨m⟩ as one number; times count from the start of the run, whatever time drives see then."""
    field = mj.drive.steps(times=(0.0, 5e-9), values=(1.0, -1.0)) * (0, 0, 1)
    system = mj.System(MESH, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=field))
    found = mj.switching_times(
        system, tilted(0.9, 0.9, 0.9), 0.2e-9, direction=(0, 0, -2), whole=True, t0=5e-9, threshold=0.3
    )  # fmt: skip
    assert found.times.shape == ()
    assert float(found.times) == pytest.approx(float(macrospin.switching_time(-0.9, 0.3, 1.0, 0.5)), rel=2e-3, abs=0)


@pytest.mark.slow
def test_each_sublattice_has_its_times():
    """Two that nothing couples fall like spins by themselves; with inertia, they keep their momenta apart, too."""
    two = mj.Sublattices({"a": FALLING, "b": FALLING})
    m0 = jnp.stack([tilted(0.9, 0.9, 0.9), tilted(0.5, 0.5, 0.5)])
    found = mj.switching_times(two, m0, 1e-9, direction=(0, 0, -1), threshold=0.3)
    expected = [float(macrospin.switching_time(-z, 0.3, 1.0, 0.5)) for z in (0.9, 0.5)]
    np.testing.assert_allclose(found.times[:, 0, 0, 0], expected, rtol=2e-3, atol=0)
    inertial = mj.dynamics.Inertial(1e-13)
    both = mj.evolve(two, m0, 0.2e-12, dynamics=inertial, dt=5e-15, adjoint="forward")
    alone = mj.evolve(FALLING, m0[1], 0.2e-12, dynamics=inertial, dt=5e-15, adjoint="forward")
    np.testing.assert_allclose(both.velocity[1], alone.velocity, rtol=1e-9, atol=0.01)
    kinetic = [float(inertial.kinetic_energy(*pair)) for pair in ((two, both.velocity), (FALLING, alone.velocity))]
    assert kinetic[0] > kinetic[1] > 0


@pytest.mark.slow
def test_batches_of_noise():
    """`vmap` over seeds gives what each gives alone, to the rounding of the line between two steps."""
    m0 = tilted(0.9, 0.5, 0.1)

    def times(seed):
        bath = mj.Langevin(T=300.0, seed=seed)
        return mj.switching_times(FALLING, m0, 30e-12, direction=(0, 0, -1), dynamics=bath, dt=100e-15).times

    many = jax.jit(jax.vmap(times))(jnp.arange(3))
    assert many.shape == (3, 1, 1, 3)
    np.testing.assert_allclose(many[1], jax.jit(times)(1), rtol=1e-12, atol=0)
    assert not np.array_equal(many[0], many[1])


@pytest.mark.slow
def test_what_cannot_be_meant():
    m0 = tilted(0.9, 0.5, 0.1)
    for arguments, message in (
        ({"direction": (0, 0, 0)}, "must be a direction"),
        ({"direction": (0, 1)}, "three numbers"),
        ({"direction": (0, 0, 1), "threshold": 1.5}, "-1 … 1"),
    ):
        with pytest.raises(ValueError, match=message):
            mj.switching_times(FALLING, m0, 1e-12, **arguments)
    few = mj.switching_times(FALLING, m0, 1e-9, direction=(0, 0, -1), max_steps=2)
    assert few.result.name == "MAX_STEPS"
    assert isinstance(few, mj.Switching)
