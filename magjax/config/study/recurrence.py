"""Study `recurrence`: sharp lines that bring an ensemble back, and the same lines seen coarsely, which do not."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator

from magjax.config.frequencies import Lines, Width
from magjax.config.model import Count, Duration, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Tolerance = Annotated[float, BeforeValidator(number("", above=0, maximum=0.5, hint="M returns to above 1 − tolerance"))]


class Recurrence(AbstractStudy):
    """`kind = "recurrence"`: the average of spins that start along x, with sharp and with blurred frequencies.

    - `frequencies`: sharp lines, "equidistant" or "lines". `blur`: half width to which each is coarse-grained.
    - `duration`: how long. `points`: how many times are recorded.
    - `tolerance`: ε; returns of the average of cos ωt to above 1 − ε are counted, over `waiting` if given.
    """

    kind: Literal["recurrence"]
    frequencies: Lines
    blur: Width
    duration: Duration
    points: Count = 2001
    tolerance: Tolerance = 0.02
    waiting: Duration | None = None

    def run(self, say: Callable[[str], None]) -> Findings:
        """Turn the spins of the sharp lines; take the coarse-grained average in closed form."""
        import xarray as xr

        from magjax.analytic.recurrence import mean_recurrence_time, recurrence_time
        from magjax.kinetics import coarse_grained, returns, signal

        lines = self.frequencies.build()
        t = np.linspace(0, self.duration, self.points)
        sharp = signal(lines, t)
        blurred = np.asarray(coarse_grained(lines, 2 * np.pi * self.blur).characteristic(t))
        columns = {
            "m_x": (sharp.m[:, 0], "average of m_x, every frequency resolved"),
            "envelope": (sharp.envelope, "length of the average, every frequency resolved"),
            "m_x_coarse": (np.real(blurred), "average of m_x, coarse-grained"),
            "envelope_coarse": (np.abs(blurred), "length of the average, coarse-grained"),
        }
        data = xr.Dataset(
            {name: ("t", np.asarray(x), {"units": "", "long_name": text}) for name, (x, text) in columns.items()},
            {"t": ("t", t, {"units": "s", "long_name": "time"})},
        )
        omega, weights = lines.nodes(1)
        notes = []
        if self.frequencies.kind == "equidistant":
            period = float(recurrence_time(2 * np.pi * self.frequencies.spacing))
            notes.append(f"equidistant frequencies meet again every {period * 1e9:.4g} ns")
        else:
            expected = float(mean_recurrence_time(omega, self.tolerance, weights))
            notes.append(
                f"without rational relations, the average would return to above {1 - self.tolerance:g} every "
                f"{expected * 1e9:.4g} ns in the mean"
            )
        waiting = self.waiting or self.duration
        step = 0.2 * np.sqrt(2 * self.tolerance) / float(np.abs(omega).max())
        found = returns(lines, self.tolerance, duration=waiting, step=min(step, waiting))
        count = int(found.number)
        notes.append(f"it did so {count} time{'s' * (count != 1)} in {waiting * 1e9:.4g} ns")
        half = len(t) // 2
        after = float(np.abs(blurred[half:]).max())
        notes.append(f"in the second half of the record the coarse-grained average never exceeds {after:.2g}")
        return Findings(data, tuple(notes))

    def draw(self, data: "xr.Dataset") -> "Figure":
        """Both averages along time, one above the other."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(5.4, 3.8)
        panels = figure.subplots(2, 1, sharex=True)
        factor, unit = fig.prefixed(float(data.t.max()), "s")
        titles = ("(a) every frequency resolved: the state recurs", "(b) coarse-grained: it does not")
        for axes, suffix, title in zip(panels, ("", "_coarse"), titles, strict=True):
            t, envelope = data.t.values * factor, data["envelope" + suffix].values
            axes.plot(t, data["m_x" + suffix], color=fig.LINE_COLORS[0], linewidth=0.7, label=r"$\langle m_x\rangle$")
            axes.plot(t, envelope, color=fig.LINE_COLORS[1], linewidth=1.0, label="envelope")
            axes.set_title(title, fontsize=8, loc="left")
            axes.set(ylim=(-1.1, 1.1), ylabel="M / saturation")
            axes.margins(x=0)
            fig.tidy(axes)
        panels[0].legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        panels[1].set_xlabel(fig.label("t", unit))
        return figure
