"""`ringing = { … }` of a stage: the frequencies at which it rings."""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BeforeValidator

from magjax.config.model import Count, Model, number
from magjax.mesh import Axis
from magjax.run.progress import si

_F = BeforeValidator(number("Hz", above=0))


class RingingConfig(Model):
    """Power of one `component` of m by frequency: of ⟨m⟩, and of every cell where fields are saved.

    - `peaks`: how many maxima are told. `f_max`: the part that the picture shows, and that has maxima to tell, Hz.
    """

    component: Axis = "y"
    peaks: Count = 4
    f_max: Annotated[float, _F] | None = None

    def write(self, run: Any, folder: Path, *, pictures: bool) -> list[str]:
        """Write `ringing.csv` and `ringing.png`; lines of text that tell the maxima."""
        from magjax.io import table
        from magjax.mesh import AXES
        from magjax.observe import PowerSpectrum, power_spectrum

        notes = []
        # The state at the start belongs to the fields, but its row may be missing: each has its own times.
        found = {"average": power_spectrum(run.t, run.table[f"m_{self.component}"])}
        if len(run.states) >= 4:
            each = np.stack([m[AXES.index(self.component)] for m in run.states])
            found["cells"] = power_spectrum(run.t_states, each)
        for name, spectrum in found.items():
            shown = spectrum.f <= (self.f_max or np.inf)
            found[name] = PowerSpectrum(spectrum.f[shown], spectrum.power[shown])
            peaks = ", ".join(si(float(f), "Hz", 4) for f in found[name].peaks(self.peaks))
            what = f"⟨m_{self.component}⟩" if name == "average" else f"m_{self.component} of the cells"
            notes.append(f"{what} rings at {peaks or 'no frequency'}")
            columns = {"f": found[name].f, "power": found[name].power}
            table.write(folder / f"ringing_{name}.csv", columns, {"f": "Hz", "power": ""})
        if pictures:
            _draw(found).savefig(folder / "ringing.png")
        return notes


def _draw(found: dict[str, Any]) -> Any:
    from magjax.plot import figure as fig

    figure = fig.new_figure(5.4, 3.0)
    axes = figure.subplots()
    names = {"average": "the average", "cells": "the cells, averaged"}
    for (name, spectrum), color in zip(found.items(), fig.LINE_COLORS, strict=False):
        axes.semilogy(spectrum.f / 1e9, np.maximum(spectrum.power, 1e-300), color=color, lw=1.0, label=names[name])
    top = max(spectrum.power.max() for spectrum in found.values()) or 1.0
    axes.set(xlabel=fig.label("f", "GHz"), ylabel="power", ylim=(1e-10 * top, 3 * top))
    axes.legend(fontsize=8, frameon=False)
    fig.tidy(axes)
    return figure
