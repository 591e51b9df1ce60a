"""Which cells of a mesh a picture shows."""

import numpy as np

from magjax.mesh import AXES, Axis, Mesh


def layer_at(mesh: Mesh, axis: Axis, index: int | None, position: float | None) -> int:
    """Which plane of cells along `axis`: the given one, the one at a position in m, or the middle.

    **Raises** `ValueError` for a plane outside the mesh, or if both are given.
    """
    i = AXES.index(axis)
    count = mesh.cells[i]
    if index is not None and position is not None:
        raise ValueError("Give `index` or `position`, but not both.")
    if position is not None:
        lower, upper = mesh.origin[i], mesh.origin[i] + mesh.extent[i]
        if not lower <= position <= upper:
            raise ValueError(
                f"Argument `position` must lie within the mesh, {lower:.4g} … {upper:.4g} m along {axis}, "
                f"but got {position!r}; did you give nm for m?"
            )
        return min(int((position - lower) / mesh.cell_size[i]), count - 1)
    index = count // 2 if index is None else index
    if not -count <= index < count:
        raise ValueError(f"Argument `index` must lie within the {count} cells along {axis}, but got {index}.")
    return index % count


def cells_shown(mesh: Mesh, axis: Axis, layer: int | None, bounds: tuple[float, float] | None) -> slice:
    """The cells along one axis that are shown: one layer, those with centres within bounds in m, or all.

    **Raises** `ValueError` for bounds that hold no cell.
    """
    if layer is not None:
        return slice(layer, layer + 1)
    if bounds is None:
        return slice(0, mesh.cells[AXES.index(axis)])
    centres = mesh.coordinates(axis)
    inside = np.flatnonzero((centres >= bounds[0]) & (centres <= bounds[1]))
    if not len(inside):
        raise ValueError(
            f"Argument `box` must hold cells along {axis} ({centres[0]:.4g} … {centres[-1]:.4g} m), "
            f"but got {tuple(bounds)!r}; did you give nm for m?"
        )
    return slice(int(inside[0]), int(inside[-1]) + 1)
