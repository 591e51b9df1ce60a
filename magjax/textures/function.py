"""A texture given by a formula."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from magjax.mesh import Mesh
from magjax.textures.field import unit_field


def from_function(
    mesh: Mesh, f: Callable[[np.ndarray, np.ndarray, np.ndarray], Any], dtype: Any = None
) -> Float[Array, "3 nz ny nx"]:
    """Any texture: f(x, y, z)/|f(x, y, z)| in every cell.

    **Arguments**

    - `f`: takes NumPy arrays of cell centres in m, `(nz, ny, nx)` each, and returns three components, each a number
      or an array of that shape.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` where the vector has no length or is not finite, `TypeError` for what cannot be called.

    >>> import magjax as mj
    >>> m = mj.textures.from_function(mj.Mesh((8, 4, 1), 5e-9), lambda x, y, z: (x, y, 1e-9))
    >>> m.shape
    (3, 1, 4, 8)
    """
    if not callable(f):
        raise TypeError(f"Argument `f` must be a function of x, y, z in metres, but got {f!r}.")
    return unit_field(mesh, f(*mesh.centers()), dtype)
