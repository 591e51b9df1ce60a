"""One direction everywhere."""

from collections.abc import Sequence
from typing import Any

from jaxtyping import Array, Float

from magjax.mesh import Axis, Mesh
from magjax.textures.field import unit_field, vector


def uniform(mesh: Mesh, direction: Axis | Sequence[float], dtype: Any = None) -> Float[Array, "3 nz ny nx"]:
    """The same direction in every cell.

    **Arguments**

    - `direction`: "x", "y", "z" or a vector of any length.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for the zero vector.

    >>> import magjax as mj
    >>> mj.textures.uniform(mj.Mesh((4, 2, 1), 5e-9), (1, 1, 0))[:, 0, 0, 0].round(3).tolist()
    [0.707..., 0.707..., 0.0]
    """
    return unit_field(mesh, vector("direction", direction), dtype)
