"""A texture read from a file."""

import os
from typing import Any

from jaxtyping import Array, Float

from magjax.mesh import Mesh
from magjax.textures.field import unit_field


def from_file(mesh: Mesh, path: str | os.PathLike[str], dtype: Any = None) -> Float[Array, "3 nz ny nx"]:
    """A magnetisation from an OVF file (OOMMF, mumax3, Ubermag), in any unit; cells that are zero there stay zero.

    **Arguments**

    - `mesh`: must have the cells of the file; only their number counts, not where the file puts them.
    - `path`: the file.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for another number of cells or components, `FileFormatError` for a file that is not OVF.

    >>> import magjax as mj
    >>> from magjax.io import ovf
    >>> mesh = mj.Mesh((8, 4, 1), 5e-9)
    >>> ovf.write("vortex.ovf", mesh, 8e5 * mj.textures.vortex(mesh))
    >>> mj.textures.from_file(mesh, "vortex.ovf").shape
    (3, 1, 4, 8)
    """
    from magjax.io import ovf  # reading is needed by few sessions: importing the library must not pay for it

    field = ovf.read(path)
    if len(field.values) != 3 or field.mesh.cells != mesh.cells:
        raise ValueError(
            f"Argument `path` must be a file of vectors on {mesh.cells} cells (x, y, z), but got "
            f"{len(field.values)} component(s) on {field.mesh.cells} cells in {os.fspath(path)!r}."
        )
    return unit_field(mesh, field.values, dtype, empty=True)
