"""Regular meshes: where the spins sit."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Literal

import jax
import numpy as np

Axis = Literal["x", "y", "z"]
AXES: tuple[Axis, ...] = ("x", "y", "z")
#: m; a hundredth of an atom. Smaller cells are slips of units, and make fields that no precision can hold.
_SMALLEST = 1e-12


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True, init=False)
class Mesh:
    """A regular mesh of nx·ny·nz equal cells.

    A spin field on it is an array of shape `(3, nz, ny, nx)`: component first, x fastest.

    **Arguments**

    - `cells`: number of cells along x, y, z. One or two numbers make a mesh of one or two
      dimensions: each missing axis gets a single cell.
    - `cell_size`: edge lengths of a cell along x, y, z, in m. A single number makes cubic cells;
      lengths left out repeat the last one given.
    - `origin`: the lower corner of the mesh, in m.
    - `periodic`: the axes along which the sample repeats, as a string: `""`, `"x"`, `"xy"`, `"xyz"`, …

    **Raises** `ValueError` for counts or sizes that are not positive, and unknown axes.

    >>> import magjax as mj
    >>> mesh = mj.Mesh(cells=(200, 50, 1), cell_size=(2.5e-9, 2.5e-9, 3e-9))
    >>> mesh.shape, mesh.extent
    ((1, 50, 200), (5e-07, 1.25e-07, 3e-09))
    """

    cells: tuple[int, int, int]
    cell_size: tuple[float, float, float]
    origin: tuple[float, float, float]
    periodic: str

    def __init__(
        self,
        cells: int | Sequence[int],
        cell_size: float | Sequence[float],
        *,
        origin: Sequence[float] = (0.0, 0.0, 0.0),
        periodic: str | Sequence[str] = "",
    ):
        object.__setattr__(self, "cells", _cells(cells))
        object.__setattr__(self, "cell_size", _cell_size(cell_size))
        object.__setattr__(self, "origin", _origin(origin))
        object.__setattr__(self, "periodic", _periodic(periodic))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of a scalar field, `(nz, ny, nx)`."""
        nx, ny, nz = self.cells
        return (nz, ny, nx)

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return math.prod(self.cells)

    @property
    def cell_volume(self) -> float:
        """Volume of one cell, m³."""
        return math.prod(self.cell_size)

    @property
    def extent(self) -> tuple[float, float, float]:
        """Edge lengths of the whole mesh along x, y, z, m."""
        nx, ny, nz = self.cells
        dx, dy, dz = self.cell_size
        return (nx * dx, ny * dy, nz * dz)

    @property
    def center(self) -> tuple[float, float, float]:
        """Centre of the mesh, m."""
        (x, y, z), (lx, ly, lz) = self.origin, self.extent
        return (x + lx / 2, y + ly / 2, z + lz / 2)

    def is_periodic(self, axis: Axis) -> bool:
        """Whether the sample repeats along `axis`."""
        return axis in self.periodic

    def has_cells_of(self, other: "Mesh") -> bool:
        """Whether cells and periodic axes are those of `other`, wherever either lies: kernels do not depend on that."""
        return (self.cells, self.cell_size, self.periodic) == (other.cells, other.cell_size, other.periodic)

    def coordinates(self, axis: Axis) -> np.ndarray:
        """Cell centres along one axis in float64, m; shape `(n,)`."""
        i = AXES.index(axis)
        return self.origin[i] + (np.arange(self.cells[i]) + 0.5) * self.cell_size[i]

    def centers(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Cell centres `x, y, z` in float64, m; each of shape `(nz, ny, nx)`."""
        z, y, x = np.meshgrid(*(self.coordinates(a) for a in reversed(AXES)), indexing="ij")
        return x, y, z


def _cells(cells: Any) -> tuple[int, int, int]:
    given = _numbers("cells", cells, "numbers")
    for n in given:
        if isinstance(n, bool) or n != int(n) or n < 1:
            raise ValueError(
                f"Argument `cells` must hold whole numbers ≥ 1, but got {cells!r}; use 1 for an axis without extent."
            )
    nx, ny, nz = (*(int(n) for n in given), 1, 1)[:3]
    return nx, ny, nz


def _cell_size(cell_size: Any) -> tuple[float, float, float]:
    given = _numbers("cell_size", cell_size, "lengths > 0 in metres")
    for d in given:
        if not (math.isfinite(d) and d > 0):
            raise ValueError(f"Argument `cell_size` must hold lengths > 0 in metres, but got {cell_size!r}.")
        if d > 1e-2:
            raise ValueError(
                f"Argument `cell_size` must be in metres, but got {cell_size!r}; "
                "did you give nanometres (5 nm is 5e-9)?"
            )
        if d < _SMALLEST:
            raise ValueError(
                f"Argument `cell_size` must be at least {_SMALLEST:g} m, for no atom is smaller, but got "
                f"{cell_size!r}; was it scaled to metres twice?"
            )
    last = given[-1]
    dx, dy, dz = (*(float(d) for d in given), float(last), float(last))[:3]
    return dx, dy, dz


def _numbers(name: str, value: Any, what: str) -> tuple[Any, ...]:
    """One to three finite numbers, as a tuple."""
    try:
        given = (value,) if np.ndim(value) == 0 else tuple(value)
        known = all(math.isfinite(float(n)) and not isinstance(n, str) for n in given)
    except (TypeError, ValueError):  # texts, lists in lists
        given, known = (), False
    if not 1 <= len(given) <= 3 or not known:
        raise ValueError(f"Argument `{name}` must hold one to three {what}, but got {value!r}.")
    return given


def _origin(origin: Any) -> tuple[float, float, float]:
    given = tuple(origin) if isinstance(origin, Sequence | np.ndarray) else ()
    if len(given) != 3 or any(isinstance(x, str) or not math.isfinite(x) for x in given):
        raise ValueError(f"Argument `origin` must hold three finite lengths in metres, but got {origin!r}.")
    x, y, z = (float(x) for x in given)
    return x, y, z


def _periodic(periodic: Any) -> str:
    given = list(periodic) if isinstance(periodic, Sequence) else [periodic]
    if any(a not in AXES for a in given) or len(set(given)) != len(given):
        raise ValueError(
            f"Argument `periodic` must name each repeating axis once, such as 'x' or 'xy', but got {periodic!r}."
        )
    return "".join(sorted(given))
