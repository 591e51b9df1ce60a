"""Study `ink_drop`: Gibbs' drop of ink on the sphere of directions, stirred by precession and unstirred again."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator

from magjax.config.model import Count, Direction, Duration, Model, Natural, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Rate = Annotated[float, BeforeValidator(number("Hz"))]
Radius = Annotated[float, BeforeValidator(number("rad", above=0, maximum=np.pi, hint="did you mean degrees?"))]
Noise = Annotated[float, BeforeValidator(number("rad", minimum=0))]

#: So many points are kept of each picture of the drop.
_SHOWN = 6000


class TwistTable(Model):
    """One of `twists`: precession about an axis at the rate `rate` + `shear` m·axis.

    - `axis`: about what. `rate`: of directions across it. `shear`: how much faster those along it turn.
    """

    axis: Direction = (0.0, 0.0, 1.0)
    rate: Rate = 0.0
    shear: Rate


class InkDrop(AbstractStudy):
    """`kind = "ink_drop"`: a cap of directions carried along by precession of non-uniform rate, forth and back.

    - `twists`: one after the other, each for `duration`, in each of the `rounds`; then all of it backwards.
    - `centre`, `radius`: of the drop. `points`: how many directions.
    - `cells`: numbers of bands of m_z in which the coarse-grained entropy is taken, with twice as many sectors.
    - `noise`: random angle of each direction after each round, on the way back only. `seed`: of all that is random.
    """

    kind: Literal["ink_drop"]
    twists: tuple[TwistTable, ...]
    duration: Duration
    rounds: Count
    centre: Direction = (1.0, 0.0, 0.0)
    radius: Radius = 0.4
    points: Count = 100_000
    cells: tuple[Count, ...] = (8, 16, 32)
    noise: Noise = 0.0
    seed: Natural = 0

    def run(self, say: Callable[[str], None]) -> Findings:
        """Stir, and turn the flow round."""
        import jax
        import xarray as xr

        from magjax.kinetics import Twist, drop, stir

        turn = 2 * np.pi
        twists = [Twist(each.axis, turn * each.rate, turn * each.shear) for each in self.twists]
        ink = drop(jax.random.key(self.seed), self.points, self.centre, self.radius)
        middle = max(1, self.rounds // 4)
        coarse, shown, end, back, fine, t = [], [], ink, ink, np.zeros(0), np.zeros(0)
        for bands in self.cells:
            say(f"ink_drop: {bands} bands")
            cells = (bands, 2 * bands)
            options = {"radius": self.radius, "cells": cells}
            forth = stir(ink, twists, self.duration, self.rounds, **options)
            there = {**options, "noise": self.noise, "key": jax.random.key(self.seed + 1)}
            backwards = stir(forth.points, twists[::-1], -self.duration, self.rounds, **there)
            coarse.append(np.concatenate([forth.coarse, np.asarray(backwards.coarse)[1:]]))
            end, back = forth.points, backwards.points
            fine = np.concatenate([forth.fine, np.asarray(forth.fine[-1] + backwards.fine - backwards.fine[0])[1:]])
            t = np.concatenate([forth.t, np.asarray(forth.t[-1] - backwards.t)[1:]])
        early = stir(ink, twists, self.duration, middle, radius=self.radius, cells=(1, 1)).points
        shown = np.stack([np.asarray(each[:, :_SHOWN]) for each in (ink, early, end, back)])
        names = {"snapshot": "time of the picture", "component": "component of the direction", "point": "direction"}
        when = np.array([0.0, t[middle], t[self.rounds], t[-1]])
        data = xr.Dataset(
            {
                "S_fine": ("t", fine, {"units": "", "long_name": "fine-grained entropy S/k"}),
                "S_coarse": (
                    ("bands", "t"),
                    np.stack(coarse),
                    {"units": "", "long_name": "coarse-grained entropy S/k"},
                ),
                "m": (("snapshot", "component", "point"), shown, {"units": "", "long_name": "directions"}),
            },
            {
                "t": ("t", t, {"units": "s", "long_name": "time, the flow being reversed after half of it"}),
                "bands": ("bands", list(self.cells), {"units": "", "long_name": "bands of m_z"}),
                "snapshot": ("snapshot", when, {"units": "s", "long_name": names["snapshot"]}),
                "component": ("component", list("xyz"), {"units": "", "long_name": names["component"]}),
                "point": ("point", np.arange(shown.shape[2]), {"units": "", "long_name": names["point"]}),
            },
        )
        return Findings(data, self._notes(data, float(np.abs(np.asarray(back - ink)).max())))

    def draw(self, data: "xr.Dataset") -> "Figure":
        """The drop on a map of equal areas at four times, and both entropies."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(6.4, 4.6)
        grid = figure.add_gridspec(2, 4, height_ratios=(1, 1.5))
        factor, unit = fig.prefixed(float(data.t.max()), "s")
        for i, title in enumerate(("start", "stirred", "stirred on", "flow reversed")):
            axes = figure.add_subplot(grid[0, i])
            x, y, z = data.m.values[i]
            axes.plot(np.degrees(np.arctan2(y, x)), z, ",", color=fig.LINE_COLORS[0], alpha=0.6)
            axes.set(xlim=(-180, 180), ylim=(-1, 1), xticks=(-180, 0, 180), xlabel="φ (°)")
            axes.set_title(f"{title}, {float(data.snapshot[i]) * factor:.3g} {unit}", fontsize=7)
            if i == 0:
                axes.set_ylabel("$m_z$")
            else:
                axes.set_yticklabels([])
            fig.tidy(axes)
        axes = figure.add_subplot(grid[1, :])
        for i, bands in enumerate(data.bands.values):
            name = f"coarse-grained, {bands}×{2 * bands} cells"
            axes.plot(data.t * factor, data.S_coarse[i], color=fig.LINE_COLORS[i % 7], linewidth=1.0, label=name)
        axes.plot(data.t * factor, data.S_fine, "--", color=fig.INK, linewidth=1.0, label="fine-grained")
        axes.axhline(np.log(4 * np.pi), color=fig.INK, linewidth=0.6, linestyle=":", label="whole sphere, ln 4π")
        axes.axvline(float(data.snapshot[2]) * factor, color=fig.INK, linewidth=0.6)
        axes.set(xlabel=fig.label("t", unit), ylabel="S/k")
        axes.margins(x=0)
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        fig.tidy(axes)
        return figure

    def _notes(self, data: "xr.Dataset", away: float) -> tuple[str, ...]:
        S, finest = data.S_coarse.values, int(self.cells[-1])
        drift = float(np.abs(data.S_fine - data.S_fine[0]).max())
        return (
            f"the fine-grained entropy is {float(data.S_fine[0]):.4f} k and moves by {drift:.1e} k",
            f"in {finest}×{2 * finest} cells it rises from {S[-1, 0]:.3f} k to {S[-1, self.rounds]:.3f} k",
            f"after turning the flow round it is {S[-1, -1]:.3f} k, and the drop is back to within {away:.1e}",
        )
