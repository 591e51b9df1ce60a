from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax import textures
from magjax.mesh import Mesh

MESH = Mesh((50, 40, 20), (2e-9, 3e-9, 4e-9))


def test_directions_are_uniform_on_the_sphere() -> None:
    """⟨m_i⟩ = 0 and ⟨m_i m_j⟩ = δ_ij/3, to five standard errors: of N = 40 000, √(1/3N) and less than that."""
    m = np.asarray(textures.random(MESH, jax.random.key(1))).reshape(3, -1)
    error = 5 * np.sqrt(1 / (3 * m.shape[1]))
    np.testing.assert_allclose(m.mean(axis=1), 0, atol=error)
    np.testing.assert_allclose(m @ m.T / m.shape[1], np.eye(3) / 3, atol=error)
    # Archimedes: the projection on any axis is uniform on [−1, 1].
    counts, _ = np.histogram(m[2], bins=10, range=(-1, 1))
    np.testing.assert_allclose(counts / m.shape[1], 0.1, atol=5 * np.sqrt(0.09 / m.shape[1]))


def test_lengths_are_one(precision: Any) -> None:
    m = np.asarray(textures.random(MESH, 0, precision.dtype), float)
    np.testing.assert_allclose(np.sqrt((m**2).sum(axis=0)), 1, atol=precision.exact)


def test_keys_decide_and_make_batches() -> None:
    small = Mesh((3, 2, 1), 5e-9)
    np.testing.assert_array_equal(textures.random(small, 4), textures.random(small, jax.random.key(4)))
    batch = jax.vmap(lambda key: textures.random(small, key))(jax.random.split(jax.random.key(0), 5))
    assert batch.shape == (5, 3, 1, 2, 3)
    assert jnp.unique(batch).size == batch.size


@pytest.mark.parametrize("key", [-1, 0.5, True, None])
def test_refusals(key: object) -> None:
    with pytest.raises(ValueError, match="Argument `key` must be"):
        textures.random(MESH, key)  # type: ignore[arg-type]
