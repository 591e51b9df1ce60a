"""Pictures of fitted maps, cell by cell."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from magjax.fit.result import Fit


def plot_maps(found: "Fit") -> "Figure":
    """Every fitted map `(nz, ny, nx)`, averaged over z, beside its standard error.

    - `found`: a fit with at least one such parameter.

    **Raises** `ValueError` for a fit without.

    >>> import numpy as np
    >>> from magjax import fit
    >>> y = np.arange(6.0).reshape(1, 2, 3)
    >>> film = fit.Data(0.0, y, 0.1, observe=lambda m, x: 2 * m["A"])
    >>> len(fit.plot_maps(fit.fit({"A": np.ones((1, 2, 3))}, film, fit.Parameter("A", unit="J/m"))).axes)
    4
    """
    from magjax.plot import figure as fig

    maps = [p for p, shape in zip(found.problem.parameters, found.problem.shapes, strict=True) if len(shape) == 3]
    if not maps:
        raise ValueError("Argument `found` must have a parameter in cells (nz, ny, nx), but got none.")
    figure: Any = fig.new_figure(6.4, 2.6 * len(maps))
    panels = figure.subplots(len(maps), 2, squeeze=False)
    for row, p in zip(panels, maps, strict=True):
        value, error = found.values[p.name].mean(axis=0), np.asarray(found.errors[p.name]).mean(axis=0)
        for axes, shown, name in zip(row, (value, error), (p.name, f"error of {p.name}"), strict=True):
            sound = np.abs(shown[np.isfinite(shown)])
            factor, unit = fig.prefixed(float(sound.max()) if sound.size else 1.0, p.unit)
            picture = axes.imshow(shown * factor, origin="lower", cmap="viridis")
            figure.colorbar(picture, ax=axes, label=fig.label(name, unit))
            axes.set(xlabel="cell along x", ylabel="cell along y")
    return figure
