"""Energies along a path between two states, and the states on it."""

from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.mesh import Mesh

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Pictures of states beside one another; more of them are too small.
_SHOWN = 7


def plot_path(
    position: Any, energy: Any, saddle: tuple[float, float] | None = None, *, ax: "Axes | None" = None
) -> "Figure":
    """Show energies along a path from the start's on, as points on a curve that does not overshoot.

    - `position`: `(n,)` lengths of the path up to each state, rad. `energy`: `(n,)` of each, J.
    - `saddle`: its position, rad, and energy, J, drawn as a point of its own. `ax`: axes to draw into.

    **Returns** the figure.

    >>> import numpy as np
    >>> from magjax.plot.path import plot_path
    >>> s = np.linspace(0, np.pi, 7)
    >>> plot_path(s, 1e-19 * np.sin(s) ** 2, (np.pi / 2, 1e-19)).axes[0].get_ylabel()
    '$E$ (zJ)'
    """
    from scipy.interpolate import PchipInterpolator

    from magjax.plot import figure as fig

    s, E = np.asarray(position, float), np.asarray(energy, float)
    base = E[0]
    knots, heights = s, E - base
    if saddle is not None:
        # The saddle stands for the image at its place, if one is there.
        other = np.abs(s - saddle[0]) > 1e-3 * s[-1]
        knots, heights = np.append(s[other], saddle[0]), np.append(E[other] - base, saddle[1] - base)
        order = np.argsort(knots)
        knots, heights = knots[order], heights[order]
    factor, unit = fig.prefixed(float(np.abs(heights).max()), "J")
    figure: Any = fig.new_figure(5.0, 3.0) if ax is None else ax.get_figure(root=True)
    axes: Any = figure.add_subplot() if ax is None else ax
    fine = np.linspace(s[0], s[-1], 400)
    axes.plot(fine, PchipInterpolator(knots, heights)(fine) * factor, color=fig.LINE_COLORS[0], linewidth=1.2)
    axes.plot(s, (E - base) * factor, "o", color=fig.LINE_COLORS[0], mfc="white", markersize=4, label="images")
    if saddle is not None:
        x, y = saddle[0], (saddle[1] - base) * factor
        axes.plot([x], [y], "D", color=fig.LINE_COLORS[1], markersize=4.5, label="saddle")
        axes.legend(fontsize=8, frameon=False)
    axes.set_xlabel("path length (rad)")
    axes.set_ylabel(fig.label("E", unit))
    axes.grid(color="#e4e4e4", linewidth=0.5)
    axes.set_axisbelow(True)
    fig.tidy(axes)
    return figure


def plot_images(mesh: Mesh, states: Any, saddle: Any, top: int) -> "Figure":
    """Show some of the states on a path beside one another, with the saddle for the highest of them.

    - `mesh`: the mesh. `states`: `(n, 3, nz, ny, nx)`. `saddle`: `(3, nz, ny, nx)`. `top`: number of the highest state.

    **Returns** the figure.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.plot.path import plot_images
    >>> mesh = mj.Mesh((4, 4, 1), 1e-9)
    >>> up, side, down = (mj.textures.uniform(mesh, (x, 0, z)) for x, z in ((0, 1), (1, 0), (0, -1)))
    >>> [axes.get_title(loc="left") for axes in plot_images(mesh, jnp.stack([up, side, down]), side, 1).axes[:3]]
    ['0', 'saddle', '2']
    """
    from magjax.plot import figure as fig
    from magjax.plot.fields import plot_field

    n = len(states)
    chosen = {round(i) for i in np.linspace(0, n - 1, min(_SHOWN, n))}
    if 0 < top < n - 1:
        # The nearest of those between the ends gives way.
        inner = sorted(chosen - {0, n - 1}, key=lambda i: abs(i - top))
        chosen = (chosen - set(inner[:1])) | {top}
    shown = sorted(chosen)
    flat = mesh.extent[1] / mesh.extent[0]
    wide = flat < 0.2
    rows, columns = (len(shown), 1) if wide else (1, len(shown))
    size = (6.0, 0.55 * rows + 0.5) if wide else (1.5 * columns, 1.5 * min(max(flat, 0.4), 3.0) + 0.3)
    figure: Any = fig.new_figure(*size)
    panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for axes, i in zip(panels, shown, strict=True):
        at_top = i == top and 0 < top < n - 1
        plot_field(mesh, saddle if at_top else states[i], ax=axes, title="saddle" if at_top else str(i))
        axes.set(xlabel="", ylabel="", xticks=[], yticks=[])
        for key in axes.child_axes:
            key.set_visible(False)
    return figure
