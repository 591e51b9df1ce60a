import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from magjax.numerics.rotation import cayley, exponential


@pytest.fixture
def pair(rng):
    return jnp.asarray(rng.normal(size=(3, 2, 3, 4))), jnp.asarray(rng.normal(size=(3, 2, 3, 4)))


def _turned(v, angle):
    flat = Rotation.from_rotvec(np.array(angle).reshape(3, -1).T).apply(np.array(v).reshape(3, -1).T)
    return flat.T.reshape(v.shape)


def test_exponential_against_scipy(pair):
    assert np.allclose(exponential(*pair), _turned(*pair), rtol=0, atol=1e-14)


def test_cayley_turns_by_twice_the_arctangent(pair):
    v, angle = pair
    length = np.linalg.norm(angle, axis=0, keepdims=True)
    assert np.allclose(cayley(v, angle), _turned(v, angle * (2 * np.arctan(length / 2) / length)), rtol=0, atol=1e-14)


def test_cayley_solves_the_implicit_midpoint(pair):
    v, angle = pair
    turned = cayley(v, angle)
    assert np.allclose(turned, v + jnp.cross(angle, (v + turned) / 2, axis=0), rtol=0, atol=1e-14)


@pytest.mark.parametrize("rotate", [cayley, exponential])
def test_no_rotation_has_a_derivative(rotate):
    """d(R v)/d(angle) at zero is angle × v."""
    v, direction = jnp.array([0.6, 0.0, 0.8]), jnp.array([0.1, 0.2, -0.3])
    value, tangent = jax.jvp(lambda a: rotate(v, a), (jnp.zeros(3),), (direction,))
    assert np.allclose(value, v, rtol=0, atol=1e-15)
    assert np.allclose(tangent, jnp.cross(direction, v), rtol=0, atol=1e-15)
