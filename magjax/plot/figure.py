"""What all figures share: their look, their labels, SI prefixes.

This module imports matplotlib; the others import it inside their functions.
"""

import io
import math
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from magjax.io.atomic import replacing

#: Colours that remain distinct for colour-blind readers (Okabe and Ito).
LINE_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
EMPTY = "#e6e6e6"
INK = "#222222"

_PREFIXES = {
    -24: "y", -21: "z", -18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"
}  # fmt: skip


class SpinFigure(Figure):
    """A figure that knows nothing of pyplot, and shows itself in a notebook."""

    def savefig(self, fname: Any, **options: Any) -> None:
        """Write the picture to a file, which takes the place of an earlier one only once it is whole.

        - `fname`: the file, whose ending says the format, or anything else that matplotlib takes, with its `options`.
        """
        suffix = Path(fname).suffix if isinstance(fname, (str, os.PathLike)) else ""
        if not suffix:
            super().savefig(fname, **options)
            return
        with replacing(fname) as file:
            super().savefig(file, **{"format": suffix[1:].lower(), **options})

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        FigureCanvasAgg(self).print_png(buffer)
        return buffer.getvalue()


def new_figure(width: float, height: float) -> SpinFigure:
    """An empty figure of a size in inches, which arranges its axes itself."""
    figure = SpinFigure(figsize=(width, height), dpi=150, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def prefixed(largest: float, unit: str) -> tuple[float, str]:
    """The factor and the unit that bring `largest` between 1 and 1000.

    Dimensionless numbers, and units whose first letter group carries a power, stay as they are.

    >>> from magjax.plot.figure import prefixed
    >>> prefixed(5e-7, "m"), prefixed(8e5, "A/m"), prefixed(0.3, "")
    ((1000000000.0, 'nm'), (0.001, 'kA/m'), (1.0, ''))
    """
    if not unit or not re.match(r"[A-Za-zΩ]+(?=$|[/·* ])", unit) or not (math.isfinite(largest) and largest > 0):
        return 1.0, unit
    # Rounding up by a little, so that 999.9999 and 1000 fall on the same side.
    power = 3 * math.floor(math.log10(largest * (1 + 1e-9)) / 3)
    power = min(max(power, min(_PREFIXES)), max(_PREFIXES))
    return 10.0**-power, _PREFIXES[power] + unit


def label(name: str, unit: str = "") -> str:
    """A name as it is printed: `m_x` with a subscript, `max_torque` as words, the unit in brackets.

    >>> from magjax.plot.figure import label
    >>> label("E_total", "aJ"), label("max_torque", "rad/s")
    ('$E_{\\\\mathrm{total}}$ (aJ)', 'max torque (rad/s)')
    """
    if match := re.fullmatch(r"([A-Za-zΑ-ω])_(\w+?)(?:_([xyz]))?", name):
        low = match[2].replace("_", "\\ ")
        low = low if len(low) == 1 else f"\\mathrm{{{low}}}"
        text = f"${match[1]}_{{{low},{match[3]}}}$" if match[3] else f"${match[1]}_{{{low}}}$"
    elif re.fullmatch(r"[A-Za-zΑ-ω]", name):
        text = f"${name}$"
    else:
        text = name.replace("_", " ")
    return f"{text} ({unit})" if unit else text


def tidy(axes: Axes) -> None:
    """Thin lines and small type, as journals print them."""
    axes.tick_params(labelsize=8, width=0.6, length=3, color=INK, labelcolor=INK)
    for spine in axes.spines.values():
        spine.set_linewidth(0.6)
        spine.set_color(INK)
    for text in (axes.xaxis.label, axes.yaxis.label):
        text.set_fontsize(9)
        text.set_color(INK)


def beside(parent: Axes, width: float, height: float | None, pad: float = 0.12) -> Axes:
    """New axes of a fixed size in inches to the right of others, aligned with their top.

    - `height`: `None` means as high as the others.
    """
    axes = parent.inset_axes((1.02, 0, 0.1, 1))
    axes.set_axes_locator(_locator(parent, width, height, pad))
    return axes


def _locator(parent: Axes, width: float, height: float | None, pad: float) -> Callable[[Any, Any], Bbox]:
    def locate(_axes: Any, _renderer: Any) -> Bbox:
        figure_width, figure_height = parent.get_figure(root=True).get_size_inches()  # type: ignore[union-attr]
        box = parent.get_position()
        high = box.height if height is None else height / figure_height
        return Bbox.from_bounds(box.x1 + pad / figure_width, box.y1 - high, width / figure_width, high)

    return locate
