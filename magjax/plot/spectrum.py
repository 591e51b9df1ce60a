"""Maps of a spectrum over wave number and frequency."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def plot_spectrum(
    k: Any,
    f: Any,
    power: Any,
    *,
    decades: float = 4.0,
    k_max: float | None = None,
    f_max: float | None = None,
    title: str = "",
) -> "Figure":
    """Show a spectrum over wave number and frequency, by its logarithm.

    **Arguments**

    - `k`: wave numbers `(nk,)`, rad/m. `f`: frequencies `(nf,)`, Hz. `power`: `(nf, nk)`, in any unit.
    - `decades`: how far below the maximum the colours reach.
    - `k_max`, `f_max`: the part to show, rad/m and Hz; all by default.
    - `title`: a line above.

    **Raises** `ValueError` for shapes that do not fit.

    >>> import numpy as np
    >>> from magjax.plot.spectrum import plot_spectrum
    >>> k, f = np.linspace(-1e8, 1e8, 21), np.linspace(0, 5e10, 11)
    >>> figure = plot_spectrum(k, f, np.exp(-((f[:, None] - 3e-6 * k[None] ** 2) ** 2) / 1e19))
    >>> figure.axes[0].get_ylabel()
    '$f$ (GHz)'
    """
    from magjax.plot import figure as fig

    k, f, power = (np.asarray(x, float) for x in (k, f, power))
    if power.shape != (f.size, k.size):
        raise ValueError(f"Argument `power` must have shape (nf, nk) = {(f.size, k.size)}, but got {power.shape}.")
    largest = power.max() if power.size and power.max() > 0 else 1.0
    shade = np.clip(np.log10(np.maximum(power, 1e-300) / largest), -decades, 0)
    figure = fig.new_figure(4.6, 3.6)
    axes = figure.subplots()
    image = axes.pcolormesh(k * 1e-6, f * 1e-9, shade, cmap="magma", shading="nearest", rasterized=True)
    axes.set_xlim(*(np.array([-1, 1]) * (np.abs(k).max() if k_max is None else k_max) * 1e-6))
    axes.set_ylim(0, (f.max() if f_max is None else f_max) * 1e-9)
    axes.set_xlabel("$k$ (rad/µm)")
    axes.set_ylabel(fig.label("f", "GHz"))
    axes.set_title(title, fontsize=9, loc="left")
    bar = figure.colorbar(image, ax=axes, pad=0.02)
    bar.set_label("log$_{10}$ of the power", fontsize=9)
    bar.ax.tick_params(labelsize=8, width=0.6, length=3)
    fig.tidy(axes)
    return figure
