"""Named regions: which part of the sample each cell belongs to."""

import difflib
import os
from collections.abc import Mapping, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Bool, Int

from magjax.geometry.image import look_up, read_colors
from magjax.geometry.shape import AbstractShape
from magjax.geometry.voronoi import tessellate
from magjax.mesh import Mesh


class Regions(eqx.Module):
    """A partition of a mesh into named regions, over which parameters may differ.

    **Arguments**

    - `mesh`: the mesh to divide.
    - `areas`: a dictionary from names to shapes (or boolean arrays `(nz, ny, nx)`), where the later wins over the
      earlier; or an integer array `(nz, ny, nx)`.
    - `names`: for an integer array: one name for each of its numbers, in rising order; left out, the numbers
      themselves, as text.
    - `background`: the name of the cells that no shape holds; `None` demands that there be none.

    **Raises** `ValueError` for a region without a cell, for cells without a region, and for arrays that do not fit.

    >>> import magjax as mj
    >>> mesh = mj.Mesh(cells=(8, 4, 1), cell_size=5e-9)
    >>> regions = mj.Regions(mesh, {"dot": mj.shapes.cylinder(radius=8e-9)})
    >>> regions
    Regions(rest: 20 cells, dot: 12 cells)
    >>> regions.values({"rest": 8e5, "dot": 4e5}).shape
    (1, 4, 8)
    """

    mesh: Mesh
    index: Int[Array, "nz ny nx"]
    names: tuple[str, ...] = eqx.field(static=True)

    def __init__(
        self,
        mesh: Mesh,
        areas: Mapping[str, Any] | np.ndarray | Array,
        *,
        names: Sequence[str] | None = None,
        background: str | None = "rest",
    ):
        self.mesh = mesh
        if isinstance(areas, Mapping):
            self.names, index = _from_areas(mesh, areas, background)
        else:
            self.names, index = _from_numbers(mesh, np.asarray(areas), names)
        self.index = jnp.asarray(index, jnp.int32)

    @classmethod
    def from_image(
        cls,
        mesh: Mesh,
        image: str | os.PathLike[str] | np.ndarray,
        colors: Mapping[str, str | Sequence[float]],
    ) -> "Regions":
        """Regions painted in an image that covers the whole mesh seen along z, its upper edge towards +y.

        **Arguments**

        - `image`: a file, or an array `(rows, columns, 3)` of red, green, blue, 0 … 1.
        - `colors`: a dictionary from names to colours, "#rrggbb" or (red, green, blue) 0 … 1; each pixel belongs to
          the nearest of them.

        **Raises** `ValueError` for an unreadable image and for a region without a cell.

        >>> import magjax as mj
        >>> import numpy as np
        >>> left_is_red = np.broadcast_to(np.eye(3)[[0, 2]], (1, 2, 3))
        >>> mj.Regions.from_image(mj.Mesh((6, 4, 1), 5e-9), left_is_red, {"soft": "#ff0000", "hard": "#0000ff"})
        Regions(soft: 12 cells, hard: 12 cells)
        """
        pixels = np.asarray(image, float) if isinstance(image, np.ndarray) else read_colors(image)
        if pixels.ndim != 3 or pixels.shape[-1] != 3:
            raise ValueError(f"Argument `image` must have shape (rows, columns, 3), but got {pixels.shape}.")
        palette = np.array([_color(name, color) for name, color in colors.items()]).reshape(-1, 3)
        if len(palette) == 0:
            raise ValueError("Argument `colors` must name at least one region, but got none.")
        nearest = ((pixels[:, :, None, :] - palette[None, None]) ** 2).sum(-1).argmin(-1)
        (x, y, _), (x0, y0, _), (lx, ly, _) = mesh.centers(), mesh.origin, mesh.extent
        index = look_up(nearest, (x - x0) / lx, (y - y0) / ly, outside=-1)
        return cls(mesh, {name: index == i for i, name in enumerate(colors)})

    @classmethod
    def voronoi(
        cls, mesh: Mesh, grain_size: float, key: int | jax.Array = 0, *, columnar: bool | None = None
    ) -> "Regions":
        """Polycrystal: grains as Voronoi cells of random points, named "0", "1", ….

        Points are a Poisson process with one point per `grain_size`² (`grain_size`³) on average; grains close on
        themselves across periodic axes.

        **Arguments**

        - `grain_size`: √(mean area) of columnar grains, ∛(mean volume) otherwise, m.
        - `key`: of the random numbers, from `jax.random.key` or a whole number.
        - `columnar`: whether grains reach through the thickness; by default, when the film is thinner than a grain.

        **Raises** `ValueError` for a grain size that is not positive.

        >>> import magjax as mj
        >>> import numpy as np
        >>> mesh = mj.Mesh(cells=(40, 40, 1), cell_size=5e-9, periodic="xy")
        >>> grains = mj.Regions.voronoi(mesh, grain_size=40e-9, key=1)
        >>> K = grains.values(np.linspace(4e5, 5e5, len(grains.names)))
        """
        return cls(mesh, tessellate(mesh, grain_size, key, columnar))

    def mask(self, name: str) -> Bool[np.ndarray | Array, "nz ny nx"]:
        """The cells of one region.

        **Raises** `ValueError` for a name that no region has.
        """
        if name not in self.names:
            raise ValueError(self._unknown(name))
        # Under `jit` the regions of a system are traced like everything else in it.
        index = self.index if isinstance(self.index, Tracer) else np.asarray(self.index)
        return index == self.names.index(name)

    def values(self, values: Mapping[str, Any] | Any) -> Array:
        """Spread one value per region over the cells; differentiable in each of them.

        **Arguments**

        - `values`: a dictionary from every region's name to a number or a vector `(3,)`; or an array with one number
          `(n,)` or vector `(n, 3)` per region, in the order of `names`.

        **Returns** an array `(nz, ny, nx)`, or `(3, nz, ny, nx)` for vectors.

        **Raises** `ValueError` for unknown or missing names, and a mixture of numbers and vectors.
        """
        if isinstance(values, Mapping):
            values = self._ordered(values)
        table = jnp.asarray(values)
        if table.shape not in ((len(self.names),), (len(self.names), 3)):
            raise ValueError(
                f"Argument `values` must hold one number or three for each of {len(self.names)} regions, "
                f"but got an array of shape {table.shape}."
            )
        spread = table[self.index]
        return spread if table.ndim == 1 else jnp.moveaxis(spread, -1, 0)

    def _ordered(self, values: Mapping[str, Any]) -> Array:
        for name in values:
            if name not in self.names:
                raise ValueError(self._unknown(name))
        missing = [name for name in self.names if name not in values]
        if missing:
            raise ValueError(
                f"Argument `values` must give a value for every region, but got none for {_listed(missing)}."
            )
        rows = [jnp.asarray(values[name]) for name in self.names]
        if len({row.shape for row in rows}) > 1:
            shapes = ", ".join(f"{name}: {row.shape}" for name, row in zip(self.names, rows, strict=True))
            raise ValueError(f"Argument `values` must be all numbers or all vectors of three, but got {shapes}.")
        return jnp.stack(rows)

    def _unknown(self, name: Any) -> str:
        near = difflib.get_close_matches(str(name), self.names, n=1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        return f"There is no region {name!r}; {guess}The regions are {_listed(self.names)}."

    def __repr__(self) -> str:
        if isinstance(self.index, Tracer) or not isinstance(self.index, (jax.Array, np.ndarray)):
            return f"Regions({', '.join(self.names)})"
        counts = np.bincount(np.asarray(self.index).ravel(), minlength=len(self.names))
        if len(counts) > 6:
            return f"Regions({len(counts)} regions of {counts.min()} … {counts.max()} cells)"
        return f"Regions({', '.join(f'{n}: {c} cells' for n, c in zip(self.names, counts, strict=True))})"


def _from_areas(mesh: Mesh, areas: Mapping[str, Any], background: str | None) -> tuple[tuple[str, ...], np.ndarray]:
    names = [] if background is None else [background]
    if background in areas:
        raise ValueError(f"Argument `background` must differ from the names in `areas`, but got {background!r}.")
    index = np.full(mesh.shape, len(names) - 1)
    for name, area in areas.items():
        if not isinstance(name, str):
            raise ValueError(f"Argument `areas` must have names for keys, but got {name!r}.")
        index[_cells(mesh, name, area)] = len(names)
        names.append(name)
    if (index < 0).any():
        raise ValueError(
            f"Argument `areas` must cover the mesh when `background` is None, but got {(index < 0).sum()} cells in no "
            "region; name a background for them."
        )
    # A background that nothing is left of is no region: nobody should have to give it a value.
    if background is not None and not (index == 0).any():
        names, index = names[1:], index - 1
    counts = np.bincount(index.ravel(), minlength=len(names))
    if not counts.all():
        lost = [name for name, count in zip(names, counts, strict=True) if count == 0]
        raise ValueError(f"Every region must own a cell, but got none for {_listed(lost)}; later regions cover them.")
    return tuple(names), index


def _cells(mesh: Mesh, name: str, area: Any) -> np.ndarray:
    if isinstance(area, AbstractShape):
        try:
            return area.mask(mesh)
        except ValueError as error:
            raise ValueError(f"Region {name!r} is empty. {error}") from error
    cells = np.asarray(area)
    if cells.dtype != bool or cells.shape != mesh.shape:
        raise ValueError(
            f"Region {name!r} must be a shape or booleans of shape (nz, ny, nx) = {mesh.shape}, "
            f"but got {cells.dtype} of shape {cells.shape}."
        )
    if not cells.any():
        raise ValueError(f"Region {name!r} must hold at least one cell, but got an array that is false everywhere.")
    return cells


def _from_numbers(mesh: Mesh, numbers: np.ndarray, names: Sequence[str] | None) -> tuple[tuple[str, ...], np.ndarray]:
    if numbers.dtype.kind not in "iu" or numbers.shape != mesh.shape:
        raise ValueError(
            f"Argument `areas` must be a dictionary or integers of shape (nz, ny, nx) = {mesh.shape}, "
            f"but got {numbers.dtype} of shape {numbers.shape}."
        )
    present, index = np.unique(numbers, return_inverse=True)
    named = tuple(str(n) for n in present) if names is None else tuple(names)
    if len(named) != len(present) or len(set(named)) != len(named):
        raise ValueError(
            f"Argument `names` must hold one name for each of the {len(present)} numbers in the array "
            f"({_listed(map(str, present))}), but got {names!r}."
        )
    return named, index.reshape(mesh.shape)


def _color(name: str, color: str | Sequence[float]) -> tuple[float, float, float]:
    try:
        if isinstance(color, str):
            digits = color.removeprefix("#")
            red, green, blue = (int(digits[i : i + 2], 16) / 255 for i in range(0, 6, 2))
            if len(digits) != 6:
                raise ValueError(color)
        else:
            red, green, blue = (float(part) for part in color)
    except ValueError:
        raise ValueError(
            f"Argument `colors` must hold '#rrggbb' or (red, green, blue) 0 … 1, but got {color!r} for {name!r}."
        ) from None
    return red, green, blue


def _listed(names: Any) -> str:
    given = list(names)
    return ", ".join(map(repr, given[:8])) + (f" and {len(given) - 8} more" if len(given) > 8 else "")
