"""`[mesh]`: the cells of the simulation."""

from typing import Annotated, Any

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem, at
from magjax.config.model import Lengths, Model, Point
from magjax.mesh import AXES, Mesh


def _cells(value: Any) -> tuple[int, int, int]:
    given = value if isinstance(value, (list, tuple)) else [value]
    whole = all(isinstance(n, int) and not isinstance(n, bool) and n >= 1 for n in given)
    if not whole or not 1 <= len(given) <= 3:
        raise Problem(f"must hold one to three whole numbers ≥ 1 along x, y, z, but got {value!r}.")
    nx, ny, nz = (*given, 1, 1)[:3]
    return nx, ny, nz


def _axes(value: Any) -> str:
    if not isinstance(value, str) or any(a not in AXES for a in value) or len(set(value)) != len(value):
        raise Problem(f"must name each axis that repeats once, such as 'x' or 'xy', but got {value!r}.")
    return "".join(sorted(value))


class MeshConfig(Model):
    """`[mesh]`: any two of `cells`, `cell_size` and `size` define it.

    - `cells`: number of cells along x, y, z.
    - `cell_size`: edge lengths of a cell, m; one length makes cubes.
    - `size`: edge lengths of the whole mesh, m; one length makes a cube.
    - `origin`: lower corner, m.
    - `periodic`: axes along which the sample repeats, such as "xy".
    """

    cells: Annotated[tuple[int, int, int], BeforeValidator(_cells)] | None = None
    cell_size: Lengths | None = None
    size: Lengths | None = None
    origin: Point = (0.0, 0.0, 0.0)
    periodic: Annotated[str, BeforeValidator(_axes)] = ""

    @pydantic.model_validator(mode="after")
    def _two_of_three(self) -> "MeshConfig":
        given = [key for key in ("cells", "cell_size", "size") if getattr(self, key) is not None]
        if len(given) != 2:
            raise Problem(f"must have two of `cells`, `cell_size` and `size`, but got {' and '.join(given) or 'none'}.")
        if self.cells is None:
            for axis, length, d in zip(AXES, self.size or (), self.cell_size or (), strict=True):
                if abs(length / d - round(length / d)) > 1e-6 * length / d or round(length / d) < 1:
                    raise Problem(
                        f"must have a `size` of whole cells, but along {axis} it is {length / d:.6g} × `cell_size`."
                    )
        return self

    @property
    def counts(self) -> tuple[int, int, int]:
        """Number of cells along x, y, z."""
        if self.cells is not None:
            return self.cells
        nx, ny, nz = (round(length / d) for length, d in zip(self.size or (), self.cell_size or (), strict=True))
        return nx, ny, nz

    def build(self) -> Mesh:
        """The mesh."""
        cells = self.counts
        sizes = self.cell_size or tuple(length / n for length, n in zip(self.size or (), cells, strict=True))
        with at("mesh"):
            return Mesh(cells, sizes, origin=self.origin, periodic=self.periodic)
