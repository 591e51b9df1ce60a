import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.drive import AbstractDrive
from magjax.material import Sample

MESH = mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9))
LEFT = np.broadcast_to(np.arange(4) < 2, MESH.shape)
REGIONS = mj.Regions(MESH, {"left": LEFT, "right": ~LEFT})


def sample(dtype=np.float64, t=0.0, occupied=None, Ms=8e5):
    return Sample(MESH, jnp.asarray(Ms, dtype), occupied, REGIONS, jnp.asarray(t, dtype), np.dtype(dtype))


def test_parameters_of_every_kind_are_resolved(dtype):
    here = sample(dtype)
    x = np.asarray(MESH.centers()[0], dtype)
    for value, expected in (
        (2.0, 2.0),
        ({"left": 1.0, "right": 3.0}, np.where(LEFT, 1.0, 3.0)),
        (lambda x, y, z: 1e9 * x, 1e9 * x),
        (np.arange(24.0).reshape(MESH.shape), np.arange(24.0).reshape(MESH.shape)),
    ):
        found = here.value(value)
        assert found.dtype == dtype
        np.testing.assert_allclose(found, expected, rtol=1e-6)
    for value in ((0, 0, 2.0), {"left": (0, 0, 2.0), "right": (0, 0, 2.0)}, lambda x, y, z: (0 * x, 0, 2.0)):
        found = here.vector(value)
        assert found.dtype == dtype
        np.testing.assert_array_equal(
            jnp.broadcast_to(found, (3, *MESH.shape)), np.broadcast_to([[[[0]]], [[[0]]], [[[2]]]], (3, *MESH.shape))
        )


def test_drives_are_taken_at_its_time(dtype):
    ramp = mj.drive.sin(frequency=1e9)
    assert isinstance(ramp, AbstractDrive)
    assert float(sample(dtype, t=0.25e-9).value(ramp)) == pytest.approx(1, rel=1e-6, abs=0)
    field = sample(dtype, t=0.75e-9).vector(ramp * (0, 0.1, 0))
    assert field.dtype == dtype
    np.testing.assert_allclose(field.ravel(), [0, -0.1, 0], atol=1e-7)


def test_empty_cells_hold_exact_zeros():
    here = sample(occupied=jnp.asarray(LEFT), Ms=np.where(LEFT, 8e5, 0))
    np.testing.assert_array_equal(here.inverse_Ms, np.where(LEFT, 1 / 8e5, 0))
    np.testing.assert_array_equal(here.only_occupied(jnp.ones(())), LEFT)
    full = sample()
    assert float(full.inverse_Ms) == 1 / 8e5
    np.testing.assert_array_equal(full.only_occupied(jnp.ones(())), np.ones(MESH.shape))
