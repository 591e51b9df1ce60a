"""A texture cut to a shape."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float


def masked(m: Float[Array, "3 nz ny nx"], mask: Bool[Any, "nz ny nx"]) -> Float[Array, "3 nz ny nx"]:
    """The texture with exact zeros outside the mask, as in cells without material.

    **Arguments**

    - `m`: unit vectors.
    - `mask`: true where there is material, such as `shape.mask(mesh)`.

    **Raises** `ValueError` for a mask of another shape.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((8, 8, 1), 5e-9)
    >>> disc = mj.shapes.cylinder(radius=20e-9, center=mesh.center)
    >>> m = mj.textures.masked(mj.textures.uniform(mesh, "x"), disc.mask(mesh))
    >>> int(m.sum())
    52
    """
    cells = jnp.asarray(mask)
    if cells.dtype != bool or m.shape != (3, *cells.shape):
        raise ValueError(
            f"Argument `mask` must hold booleans of shape (nz, ny, nx) = {m.shape[1:]}, "
            f"but got {cells.dtype} of shape {cells.shape}."
        )
    return jnp.where(cells[None], m, 0)
