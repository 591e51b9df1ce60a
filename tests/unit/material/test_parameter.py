import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import magjax as mj
from magjax.material.parameter import in_space, is_driven, largest, parameter

MESH = mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9))
LEFT = np.broadcast_to(np.arange(4) < 2, MESH.shape)
REGIONS = mj.Regions(MESH, {"left": LEFT, "right": ~LEFT})
SINE = mj.drive.sin(frequency=5e9)


def resolve(value, *, vector=False, dtype=np.float64, regions=REGIONS):
    return in_space(parameter(value, "A"), mesh=MESH, regions=regions, dtype=dtype, vector=vector)


@given(st.floats(-1e30, 1e30), st.floats(-1e30, 1e30))
def test_numbers_come_through_exactly(left, right):
    assert float(resolve(left)) == left
    np.testing.assert_array_equal(resolve({"left": left, "right": right}), np.where(LEFT, left, right))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_precision_is_the_callers(dtype):
    for value in (1, 1.0, np.float32(1), {"left": 1, "right": 2.0}, lambda x, y, z: x, np.ones(MESH.shape, int)):
        assert resolve(value, dtype=dtype).dtype == dtype


def test_shapes_broadcast_against_a_field():
    """Under strict promotion of ranks: a number stays one, everything else has the mesh's shape."""
    scalars = [2.0, np.full(MESH.shape, 2.0), {"left": 2.0, "right": 2.0}, lambda x, y, z: 2.0]
    assert [resolve(v).shape for v in scalars] == [(), *[MESH.shape] * 3]
    up = (0.0, 0.0, 2.0)
    vectors = [up, np.array(up), {"left": up, "right": up}, lambda x, y, z: up, lambda x, y, z: jnp.stack([x, y, z])]
    shapes = [resolve(v, vector=True).shape for v in vectors]
    assert shapes == [(3, 1, 1, 1)] * 2 + [(3, *MESH.shape)] * 3


def test_functions_get_the_cell_centres():
    x, y, z = MESH.centers()
    np.testing.assert_allclose(resolve(lambda x, y, z: x + 2 * y - z), x + 2 * y - z, rtol=1e-15)
    np.testing.assert_allclose(resolve(lambda x, y, z: (x, y, z), vector=True), np.stack([x, y, z]), rtol=1e-15)


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ("iron", TypeError, "`A` must hold real numbers"),
        (None, TypeError, "`A` must hold real numbers"),
        (1j, TypeError, "`A` must hold real numbers"),
        (True, TypeError, "`A` must hold real numbers"),
        (object(), TypeError, "`A` must hold real numbers"),
        ([[1.0], [1.0, 2.0]], TypeError, "`A` must hold numbers"),
        (np.inf, ValueError, "`A` must be finite, but got inf"),
        (np.full(5, np.nan), ValueError, r"array of shape \(5,\) with 5 such values"),
        ({}, ValueError, "empty dictionary"),
        ({"left": np.nan}, ValueError, r"`A\['left'\]` must be finite"),
    ],
)
def test_what_can_never_be_right_is_named(value, error, message):
    with pytest.raises(error, match=message):
        parameter(value, "A")


def test_bounds_are_checked_with_a_hint():
    with pytest.raises(ValueError, match="`A` must be ≥ 0, but got an array with minimum -3; a hint"):
        parameter(np.arange(-3.0, 3.0), "A", minimum=0.0, hint="a hint")


@pytest.mark.parametrize("value", [np.ones(5), np.ones((4, 3, 2)), np.ones((3, 2, 3, 4)), (1.0, 2.0, 3.0)])
def test_wrong_shapes_are_named(value):
    with pytest.raises(ValueError, match=r"a number or an array \(nz, ny, nx\) on a mesh .* = \(2, 3, 4\), but got"):
        resolve(value)


def test_wrong_vectors_are_named():
    with pytest.raises(ValueError, match="must return three components, but got 2"):
        resolve(lambda x, y, z: (x, y), vector=True)
    with pytest.raises(ValueError, match="a vector of three numbers"):
        resolve(1.0, vector=True)


def test_regions_are_needed_for_values_per_region():
    with pytest.raises(ValueError, match=r"given per region \(left, right\), but the system has no regions"):
        resolve({"left": 1.0, "right": 2.0}, regions=None)
    with pytest.raises(ValueError, match="middle"):
        resolve({"left": 1.0, "middle": 2.0})


def test_traced_numbers_pass():
    def total(a):
        vector = resolve((a, 0.0, 2 * a), vector=True)
        return resolve(a) + vector.sum() + resolve({"left": a, "right": 1.0}).sum()

    assert float(jax.grad(total)(1.0)) == 1 + 3 + LEFT.sum()
    assert float(jax.jit(total)(1.0)) == float(total(1.0))


def test_leaves_keep_the_precision_they_were_given_in():
    assert parameter(jnp.ones(3, jnp.float32), "B").dtype == np.float32
    assert parameter(np.ones(3, np.float32), "B").dtype == np.float32
    assert parameter(np.asarray(1.0, np.float32), "A").dtype == np.float32
    assert parameter(np.float32(1), "A").dtype == np.float64
    assert parameter(1.0, "A").dtype == np.float64


def test_drives_are_found_anywhere_and_no_size_is_read_from_them():
    """A frequency of 5 GHz is not a field of 5e9 T."""
    assert is_driven(mj.Zeeman(B=SINE * (0, 0, 1.0)))
    assert is_driven({"a": [1.0, 0.5 * SINE]})
    assert not is_driven(mj.Exchange(A=1e-11))
    assert largest(SINE * (0, 0, 1.0)) == 0
    assert largest({"a": jnp.asarray(-3.0), "b": jnp.ones(4)}) == 3


def test_driven_profiles_may_be_anything_a_parameter_is(dtype):
    """Numbers, cells, regions and functions, each times a drive, resolved at the sample's time."""
    t, now = 0.03e-9, np.sin(2 * np.pi * 5e9 * 0.03e-9)
    sample = mj.System(MESH, Ms=8e5, regions=REGIONS).sample(t, dtype)
    profile = np.where(LEFT, 1.0, 2.0)
    profiles = [profile, {"left": 1.0, "right": 2.0}, lambda x, y, z: jnp.where(x < 4e-9, 1.0, 2.0)]
    for value in profiles:
        found = sample.value(parameter(SINE * value, "K"))
        assert found.dtype == dtype
        np.testing.assert_allclose(found, now * profile, rtol=1e-5 if dtype == np.float32 else 1e-13)
    assert sample.value(parameter(3.0 * SINE, "K")).shape == ()
    assert sample.vector(parameter(SINE * (0, 0, 1.0), "B")).shape == (3, 1, 1, 1)
