"""Pictures of modes beside one another: how far spins swing, and which way at one time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.mesh import AXES, Mesh
from magjax.plot.plane import cells_shown, layer_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Panels side by side.
_COLUMNS = 4


def plot_modes(mesh: Mesh, profiles: Any, *, titles: Sequence[str] = ()) -> "Figure":
    """Show modes, two pictures each: the amplitude |u| of every spin above, and a moment of the swing below.

    Below is the real part of the component that swings most, blue and red for either sign: its nodes are the lines in
    between. Modes of a row of cells are curves. Of several layers the middle one is shown; empty cells are grey.

    - `mesh`: the mesh. `profiles`: `(n, 3, nz, ny, nx)` complex, such as `Modes.profile`; zero in empty cells.
    - `titles`: a line above each.

    **Returns** the figure.

    **Raises** `ValueError` for a shape that does not fit.

    >>> import numpy as np, magjax as mj
    >>> from magjax.plot.modes import plot_modes
    >>> mesh = mj.Mesh((16, 8, 1), 5e-9)
    >>> x = mesh.centers()[0] / 80e-9
    >>> waves = np.stack([np.stack([np.cos(n * np.pi * x), 1j * np.cos(n * np.pi * x), 0 * x]) for n in (0, 1)])
    >>> len(plot_modes(mesh, waves, titles=("uniform", "one node")).axes)
    4
    """
    from magjax.plot import figure as fig

    u = np.asarray(profiles)
    if u.ndim != 5 or u.shape[1:] != (3, *mesh.shape) or not len(u):
        shape = f"(n, 3, nz, ny, nx) = (n, {', '.join(map(str, (3, *mesh.shape)))})"
        raise ValueError(f"Argument `profiles` must have the shape {shape} with n > 0, but got {u.shape}.")
    size = np.sqrt(np.sum(np.abs(u) ** 2, axis=1))
    empty = (size == 0).all(axis=0)
    strongest = np.argmax(np.sum(np.real(u) ** 2, axis=(2, 3, 4)), axis=1)
    moment = np.stack([np.real(v[c]) for v, c in zip(u, strongest, strict=True)])
    columns = min(len(u), _COLUMNS)
    rows = -(-len(u) // columns)
    line = sum(n > 1 for n in mesh.cells) <= 1
    shape = 0.6 if line else _ratio(mesh)
    figure = fig.new_figure(max(1.9 * columns, 3.0), rows * (3.7 * shape + 0.6))
    panels = figure.subplots(2 * rows, columns, squeeze=False)
    for i, (amplitude, swing, component) in enumerate(zip(size, moment, strongest, strict=True)):
        row, column = divmod(i, columns)
        above, below = panels[2 * row, column], panels[2 * row + 1, column]
        if line:
            _curve(above, mesh, np.where(empty, np.nan, amplitude), "|u|" if column == 0 else "", 0.0)
            _curve(below, mesh, np.where(empty, np.nan, swing), f"Re $u_{AXES[component]}$", -1.0)
        else:
            _picture(above, mesh, np.where(empty, np.nan, amplitude), "viridis", 0.0)
            _picture(below, mesh, np.where(empty, np.nan, swing), "RdBu_r", -1.0)
            below.set_xlabel(f"Re $u_{AXES[component]}$")
            above.set_ylabel("$|u|$" if column == 0 else "")
        if i < len(titles):
            above.set_title(titles[i], fontsize=8)
        for axes in (above, below):
            fig.tidy(axes)
            axes.xaxis.label.set_fontsize(8)
    for spare in panels.reshape(rows, 2, columns)[-1, :, len(u) - (rows - 1) * columns :].ravel():
        spare.remove()
    return figure


def _across(mesh: Mesh) -> tuple[int, int, int]:
    """The two axes that a picture shows, and its normal: that of the fewest cells, z if it has as few."""
    normal = min((2, 1, 0), key=lambda i: mesh.cells[i])
    first, second = (i for i in range(3) if i != normal)
    return first, second, normal


def _ratio(mesh: Mesh) -> float:
    first, second, _ = _across(mesh)
    return min(max(mesh.extent[second] / mesh.extent[first], 0.25), 2.0)


def _picture(axes: "Axes", mesh: Mesh, values: np.ndarray, colors: str, low: float) -> None:
    first, second, normal = _across(mesh)
    layer = layer_at(mesh, AXES[normal], None, None)
    z_y_x = tuple(cells_shown(mesh, AXES[i], layer if i == normal else None, None) for i in (2, 1, 0))
    plane = values[z_y_x].squeeze(axis=2 - normal)
    largest = float(np.nanmax(np.abs(plane), initial=0.0)) or 1.0
    left, right, bottom, top = (
        1e9 * (mesh.origin[i] + side * mesh.extent[i]) for i in (first, second) for side in (0, 1)
    )
    long = max(mesh.extent[first], mesh.extent[second]) > 15 * min(mesh.extent[first], mesh.extent[second])
    axes.set_facecolor("#e6e6e6")
    axes.imshow(
        np.ma.masked_invalid(plane / largest), origin="lower", extent=(left, right, bottom, top), cmap=colors,
        vmin=low, vmax=1.0, aspect="auto" if long else "equal",
    )  # fmt: skip
    axes.set_xticks([])
    axes.set_yticks([])


def _curve(axes: "Axes", mesh: Mesh, values: np.ndarray, name: str, low: float) -> None:
    from magjax.plot import figure as fig

    along = int(np.argmax(mesh.cells))
    axes.plot(1e9 * mesh.coordinates(AXES[along]), values.ravel(), color=fig.LINE_COLORS[0], linewidth=1.0)
    # From zero, or about it: else the rounding of a uniform mode would fill the picture.
    largest = 1.1 * (float(np.nanmax(np.abs(values), initial=0.0)) or 1.0)
    axes.set_ylim(low * largest, largest)
    axes.set_xlabel(f"${AXES[along]}$ (nm)")
    axes.set_ylabel(name)
