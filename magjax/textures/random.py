"""A direction drawn for each cell."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from magjax.mesh import Mesh


def random(mesh: Mesh, key: int | jax.Array, dtype: Any = None) -> Float[Array, "3 nz ny nx"]:
    """Independent directions, uniform on the sphere.

    The same key gives the same directions in either precision; under `jax.vmap`, a batch of keys gives a batch of
    states.

    **Arguments**

    - `key`: from `jax.random.key`, or a whole number to make one of.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for a key that is neither.

    >>> import magjax as mj
    >>> mj.textures.random(mj.Mesh((4, 2, 1), 5e-9), key=0).shape
    (3, 1, 2, 4)
    """
    if not isinstance(key, jax.Array):
        if isinstance(key, bool) or not isinstance(key, int) or key < 0:
            raise ValueError(f"Argument `key` must be a jax random key or a whole number ≥ 0, but got {key!r}.")
        key = jax.random.key(key)
    # Three independent normal numbers point in every direction alike.
    v = jax.random.normal(key, (3, *mesh.shape), jnp.float32)
    v = v.astype(jnp.result_type(float) if dtype is None else dtype)
    return v / jnp.sqrt(jnp.sum(v**2, axis=0, keepdims=True))
