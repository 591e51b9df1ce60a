"""Two sublattices that point against each other."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Float


def antiparallel(m: Any) -> Float[Array, "2 3 nz ny nx"]:
    """The spins of an antiferromagnet whose Néel vector is a texture: the texture, and its opposite.

    **Arguments**

    - `m`: unit vectors `(3, nz, ny, nx)`.

    **Raises** `ValueError` for another shape.

    >>> import magjax as mj
    >>> m = mj.textures.antiparallel(mj.textures.uniform(mj.Mesh((2, 1, 1), 5e-9), "z"))
    >>> m.shape, m[:, 2, 0, 0, 0].tolist()
    ((2, 3, 1, 1, 2), [1.0, -1.0])
    """
    spins = jnp.asarray(m)
    if spins.ndim != 4 or spins.shape[0] != 3:
        raise ValueError(f"Argument `m` must have the shape (3, nz, ny, nx), but got {spins.shape}.")
    return jnp.stack([spins, -spins])
