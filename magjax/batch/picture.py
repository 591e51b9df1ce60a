"""One variable of an ensemble as lines."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

_LINES = 7


def plot_variable(data: "xr.Dataset", name: str | None = None) -> "Figure":
    """A variable along its last axis of numbers; the other axes make lines, of which the first seven are drawn.

    - `data`: of `Ensemble.to_xarray`. `name`: of the variable, the first with such an axis unless given.

    **Raises** `ValueError` for unknown variables, and those without an axis.

    >>> import numpy as np, xarray as xr
    >>> from magjax.batch.picture import plot_variable
    >>> data = xr.Dataset({"m": (("T", "t"), np.ones((2, 5)))}, {"T": [4.0, 77.0], "t": np.arange(5.0)})
    >>> len(plot_variable(data, "m").axes[0].lines)
    2
    """
    from magjax.plot import figure as fig

    if name is None:
        own = [str(key) for key in data.data_vars if key not in ("outcome", "m", "m_end") and _axis(data[key])]
        name = own[0] if own else "m_end"
    if name not in data.data_vars:
        raise ValueError(f"Argument `name` must be one of {[str(k) for k in data.data_vars]}, but got {name!r}.")
    variable = data[name]
    along = _axis(variable) or ("replica" if variable.sizes.get("replica", 0) > 1 else None)
    if along is None:
        raise ValueError(f"Argument `name` must name a variable with an axis to draw it along, but got {name!r}.")
    figure: Any = fig.new_figure(5.4, 3.0)
    axes = figure.subplots()
    x = data[along]
    factor, unit = fig.prefixed(float(np.nanmax(np.abs(x.values))), str(x.attrs.get("units", "")))
    for i, (label, y) in enumerate(_lines(variable, along)):
        axes.plot(x.values * factor, y, color=fig.LINE_COLORS[i], linewidth=1.2, label=label)
    axes.set_xlabel(fig.label(str(along), unit))
    axes.set_ylabel(fig.label(name, str(variable.attrs.get("units", ""))))
    axes.grid(color="#e4e4e4", linewidth=0.5)
    if any(line.get_label()[0] != "_" for line in axes.lines):
        axes.legend(fontsize=8, frameon=False)
    fig.tidy(axes)
    return figure


def _axis(variable: Any) -> str | None:
    """The last axis of several numbers; that of replicas is none."""
    found = [str(d) for d in variable.dims if d not in ("component", "replica") and variable.sizes[d] > 1]
    return found[-1] if found else None


def _lines(variable: Any, along: str) -> list[tuple[str, np.ndarray]]:
    others = [d for d in variable.dims if d != along]
    array = variable.transpose(*others, along)
    found = []
    for index in np.ndindex(*array.shape[:-1]):
        named = []
        for dim, i in zip(others, index, strict=True):
            value = array[dim].values[i] if dim in array.coords else i
            if array.sizes[dim] > 1:
                named.append(f"{dim} = {value:g}" if np.issubdtype(type(value), np.number) else str(value))
        found.append((", ".join(named) or "_", array.values[index]))
        if len(found) == _LINES:
            break
    return found
