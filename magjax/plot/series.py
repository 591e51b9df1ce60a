"""Quantities along time."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def plot_series(
    t: Any,
    columns: Mapping[str, Any],
    *,
    units: Mapping[str, str] | None = None,
    x_name: str = "t",
    x_unit: str = "s",
    title: str = "",
    ax: "Axes | None" = None,
) -> "Figure":
    """Show columns of numbers along time, one panel per unit.

    **Arguments**

    - `t`: times `(n,)`, s; or whatever `x_name` and `x_unit` say, such as a field in T.
    - `columns`: arrays `(n,)` by name, in the units that `units` gives.
    - `units`: unit by name; missing ones mean dimensionless.
    - `x_name`: name of the horizontal axis.
    - `x_unit`: its unit. All units get SI prefixes where that helps.
    - `title`: a line above.
    - `ax`: axes to draw all columns into, which then must have one unit; by default a new figure.

    **Returns** the figure.

    **Raises** `ValueError` for no columns, other lengths than that of `t`, or several units in one `ax`.

    >>> import numpy as np
    >>> from magjax.plot.series import plot_series
    >>> t = np.linspace(0, 1e-9, 100)
    >>> figure = plot_series(t, {"m_x": np.cos(1e10 * t), "E_total": 1e-9 * t}, units={"E_total": "J"})
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['$m_{x}$', '$E_{\\\\mathrm{total}}$ (aJ)']
    """
    from magjax.plot import figure as fig

    x = np.asarray(t, dtype=np.float64)
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in columns.items()}
    if not arrays:
        raise ValueError("Argument `columns` must hold at least one array, but got none.")
    for name, array in arrays.items():
        if x.ndim != 1 or array.shape != x.shape:
            raise ValueError(
                f"Argument `columns` must hold arrays as long as `t` {x.shape}, but got {name} of {array.shape}."
            )
    panels: dict[str, list[str]] = {}
    for name in arrays:
        panels.setdefault((units or {}).get(name, ""), []).append(name)
    if ax is not None and len(panels) > 1:
        raise ValueError(f"Argument `ax` can show one unit, but `columns` have {', '.join(map(repr, panels))}.")
    if ax is None:
        figure: Any = fig.new_figure(5.4, 0.7 + 2.3 * len(panels) if len(panels) == 1 else 0.6 + 1.8 * len(panels))
        axes = list(figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0])
    else:
        figure, axes = ax.get_figure(root=True), [ax]
    factor, x_shown = fig.prefixed(_largest(x), x_unit)
    for panel, (unit, names) in zip(axes, panels.items(), strict=True):
        _draw_panel(panel, x * factor, {name: arrays[name] for name in names}, unit)
    axes[-1].set_xlabel(fig.label(x_name, x_shown))
    axes[0].set_title(title, fontsize=9, loc="left")
    for panel in axes:
        fig.tidy(panel)
    if ax is None:
        figure.align_ylabels()
    return figure


def _draw_panel(axes: "Axes", x: np.ndarray, columns: Mapping[str, np.ndarray], unit: str) -> None:
    from magjax.plot import figure as fig

    factor, unit = fig.prefixed(max(_largest(values) for values in columns.values()), unit)
    for i, (name, values) in enumerate(columns.items()):
        color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
        axes.plot(x, values * factor, color=color, linewidth=1.2, label=fig.label(name))
    axes.set_ylabel(fig.label(_common_name(list(columns)), unit))
    axes.margins(x=0)
    axes.grid(color="#e4e4e4", linewidth=0.5)
    axes.set_axisbelow(True)
    if len(columns) > 1:
        axes.legend(
            fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.03), handlelength=1.4, borderaxespad=0.4
        )


def _common_name(names: list[str]) -> str:
    """`m` for `m_x, m_y, m_z`; nothing for names that share nothing."""
    if len(names) == 1:
        return names[0]
    stems = {name.split("_")[0] for name in names}
    return stems.pop() if len(stems) == 1 else ""


def _largest(values: np.ndarray) -> float:
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max()) if finite.size else 0.0
