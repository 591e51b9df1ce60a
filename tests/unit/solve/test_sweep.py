import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.solve.hysteresis import coercive_fields

MESH = mj.Mesh((2, 1, 1), 4e-9)
GRAIN = mj.System(MESH, Ms=8e5, alpha=1.0, energy=mj.UniaxialAnisotropy(K=8e4, axis=(0, 0, 1)))
UP = mj.textures.uniform(MESH, (0, 0, 1))


@pytest.mark.slow
def test_the_path_is_followed_at_the_rate():
    """Corners, times and fields of a path that turns; a field too weak to switch anything leaves infinite fields."""
    path = [(0, 0, 0.03), (0, 0, -0.01), (0.03, 0, -0.01)]
    sweep = mj.sweep_field(GRAIN, UP, path, rate=1e9, samples=7)
    assert isinstance(sweep, mj.Sweep)
    assert sweep.t[-1] == pytest.approx(70e-12, rel=1e-12, abs=0)
    expected = [(0, 0, 0.02), (0, 0, 0.01), (0, 0, 0), (0, 0, -0.01), (0.01, 0, -0.01), (0.02, 0, -0.01), path[-1]]
    np.testing.assert_allclose(sweep.B, expected, rtol=0, atol=1e-15)
    assert np.isinf(sweep.switching_fields).all()
    assert sweep.average.shape == (7, 3)


@pytest.mark.slow
def test_loops_and_a_direction_of_ones_own():
    """A whole loop: both branches in ⟨m⟩, and the field at which the sample passes a threshold along x."""
    path = [(0.03, 0, 0.45), (-0.03, 0, -0.45), (0.03, 0, 0.45)]
    sweep = mj.sweep_field(GRAIN, UP, path, rate=1e9, samples=60, whole=True, direction=(-1, 0, 0), threshold=0.2)
    along = np.asarray(sweep.average[:, 2])
    coercive = coercive_fields(sweep.B[:, 2], along)
    assert coercive.size == 2
    assert coercive[0] < -0.1 < 0.1 < coercive[1]
    assert sweep.switching_fields.shape == ()
    # B·n is the field's component along −x, small; at that moment it has long changed sign.
    assert 0 < float(sweep.switching_fields) < 0.02


@pytest.mark.slow
def test_rates_and_seeds_in_a_batch():
    """`vmap` over rate and seed; without a step given, the hardest field on the path sets it."""

    def field(rate, seed):
        bath = mj.Langevin(T=100.0, seed=seed)
        m0 = UP.astype(jnp.float32)
        sweep = mj.sweep_field(GRAIN, m0, [(0, 0, 0), (0, 0, -0.5)], rate, samples=2, dynamics=bath)
        return sweep.switching_fields, sweep.steps

    fields, steps = jax.jit(jax.vmap(field))(jnp.asarray([5e9, 10e9]), jnp.arange(2))
    assert fields.shape == (2, 1, 1, 2)
    assert 1.9 < steps[0] / steps[1] < 2.1
    assert int(steps[1]) >= 50e-12 * mj.constants.GAMMA * 0.5 / np.sqrt(2) / 0.1


def test_what_cannot_be_meant():
    path = [(0, 0, 0.1), (0, 0, -0.1)]
    for fields, rate, message in (
        ([(0, 0, 0.1)], 1e9, "at least two corners"),
        ([(0, 0, 0.1), (0, 0, 0.1)], 1e9, "must lead somewhere"),
        ([(0, 0, 100.0), (0, 0, -2e3)], 1e9, "did you give mT"),
        (path, 0.0, "must be one rate"),
        (path, "1 T/s", "must be one rate"),
        (path, np.array([1e9, 2e9]), "jax.vmap"),
        (path, 1e-3, "mj.hysteresis"),
    ):
        with pytest.raises(ValueError, match=message):
            mj.sweep_field(GRAIN, UP, fields, rate)
    for samples in (0, 2.5):
        with pytest.raises(ValueError, match="`samples` must be"):
            mj.sweep_field(GRAIN, UP, path, 1e9, samples=samples)
