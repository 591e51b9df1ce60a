import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from magjax.numerics.sphere import component_axis, components, cross, dot, joined, largest_length, normalize, tangent

COMPONENTS = st.lists(st.floats(-1e3, 1e3), min_size=6, max_size=6)


@given(COMPONENTS)
def test_products_are_numpys(numbers):
    a, b = np.array(numbers[:3])[:, None], np.array(numbers[3:])[:, None]
    np.testing.assert_allclose(cross(a, b)[:, 0], np.cross(a[:, 0], b[:, 0]), atol=1e-9)
    np.testing.assert_allclose(dot(a, b)[0], np.dot(a[:, 0], b[:, 0]), atol=1e-9)


def test_normalised_vectors_have_length_one_and_zero_stays_zero(rng, precision):
    v = rng.normal(size=(3, 2, 3, 4)) * 10.0 ** rng.uniform(-6, 6, (1, 2, 3, 4))
    v[:, 0, 0, 0] = 0
    m = np.asarray(normalize(jnp.asarray(v, precision.dtype)), float)
    lengths = np.linalg.norm(m, axis=0)
    assert np.all(m[:, 0, 0, 0] == 0)
    lengths[0, 0, 0] = 1
    assert np.abs(lengths - 1).max() <= precision.exact


@pytest.mark.slow
def test_derivatives_at_zero_vectors_are_zero():
    v = jnp.zeros((3, 2)).at[:, 0].set(jnp.array([3.0, 0.0, 4.0]))
    slope = jax.jacobian(normalize)(v)
    assert np.all(np.isfinite(slope))
    # ∂(v/|v|)/∂v = (1 − v̂v̂)/|v|
    unit = np.array([0.6, 0, 0.8])
    np.testing.assert_allclose(slope[:, 0, :, 0], (np.eye(3) - np.outer(unit, unit)) / 5, atol=1e-15)
    slope = jax.grad(largest_length)(jnp.zeros((3, 2)))
    assert np.all(np.asarray(slope) == 0)


def test_tangent_is_perpendicular(rng):
    m, v = rng.normal(size=(2, 3, 5))
    m /= np.linalg.norm(m, axis=0)
    t = tangent(jnp.asarray(m), jnp.asarray(v))
    assert np.abs(dot(t, m)).max() < 1e-15
    np.testing.assert_allclose(t + m * np.sum(m * v, 0)[None], v, atol=1e-15)


def test_largest_length(rng):
    v = rng.normal(size=(3, 2, 3, 4))
    assert float(largest_length(jnp.asarray(v))) == pytest.approx(np.linalg.norm(v, axis=0).max(), rel=1e-15, abs=0)
    assert float(largest_length(jnp.zeros((3, 4)))) == 0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_never_short(bad):
    """A norm of NaN that came out as 0 would pass every convergence test."""
    v = jnp.ones((3, 4)).at[1, 2].set(bad)
    assert not np.isfinite(largest_length(v))


def test_sublattices_are_fields_side_by_side(rng):
    """An axis in front changes nothing for any of them."""
    a, b = (jnp.asarray(v) for v in rng.normal(size=(2, 2, 3, 2, 3, 4)))
    assert component_axis(a.ndim) == 1
    for both in (cross, dot, tangent):
        found = both(a, b)
        for i in range(2):
            np.testing.assert_allclose(found[i], both(a[i], b[i]), rtol=0, atol=1e-15)
    np.testing.assert_allclose(normalize(a)[1], normalize(a[1]), rtol=0, atol=1e-15)
    np.testing.assert_array_equal(joined(components(a)), a)
    expected = max(float(largest_length(v)) for v in a)
    assert float(largest_length(a)) == pytest.approx(expected, rel=1e-15, abs=0)
