"""`kind = "spin_flop"`: an antiferromagnet in a rising and falling field along its axis, and across it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Angle, Count, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=0, maximum=1e8))]
Field = Annotated[float, BeforeValidator(number("T", above=0, maximum=1e3))]


class SpinFlop(AbstractStudy):
    """Equilibria of two equal sublattices, each field from the one before: up, down, and across the axis.

    - `Ms`: of either sublattice. `B_E`, `B_A`: exchange and anisotropy field.
    - `B`: the largest field. `points`: how many fields each way. `tilt`: the angle of the field to the axis, small.
    """

    kind: Literal["spin_flop"] = "spin_flop"
    Ms: Magnetisation
    B_E: Field
    B_A: Field
    B: Field
    points: Count = 101
    tilt: Angle = 1e-3

    @pydantic.model_validator(mode="after")
    def _has_a_flop(self) -> "SpinFlop":
        if not self.B_A < self.B_E:
            raise Problem("must be smaller than B_E; beyond, the sublattices flip one by one.", "B_A")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        import numpy as np
        import xarray as xr

        import magjax as mj
        from magjax.analytic import antiferromagnet
        from magjax.results import check

        mesh = mj.Mesh((1, 1, 1), 5e-9)
        easy = mj.UniaxialAnisotropy(K=self.B_A * self.Ms / 2, axis=(0, 0, 1))
        one = mj.System(mesh, Ms=self.Ms, energy=easy)
        pair = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=self.B_E * self.Ms))
        m0 = mj.textures.antiparallel(mj.textures.uniform(mesh, (0, 0, 1)))
        B = np.linspace(0, self.B, self.points)
        along = np.array([np.sin(self.tilt), 0, np.cos(self.tilt)])
        ways = {"up": (along, B), "down": (along, B[::-1]), "across": (np.array([1.0, 0, 0]), B)}
        net, order, m = [], [], m0
        for name, (direction, strength) in ways.items():
            say(name)
            start = m0 if name == "across" else m
            loop = mj.hysteresis(pair, start, strength[:, None] * direction, states=True, tolerance=1e-9 * self.B_E)
            check(loop.result, "spin_flop")
            m = loop.m
            states = np.asarray(loop.states)[..., 0, 0, 0]
            # In the order of rising fields.
            step = -1 if name == "down" else 1
            net.append((states.sum(axis=1) / 2 @ direction)[::step])
            order.append(np.abs(states[:, 0, 2] - states[:, 1, 2])[::step] / 2)
        flopped = np.cos(np.asarray(antiferromagnet.spin_flop_angle(B, self.B_E, self.B_A)))
        canted = np.sin(np.asarray(antiferromagnet.canting(B, self.B_E, self.B_A)))
        fields = {
            "flop": float(antiferromagnet.spin_flop_field(self.B_E, self.B_A)),
            "instability": float(antiferromagnet.instability_field(self.B_E, self.B_A)),
            "return": float(antiferromagnet.spin_flop_limit(self.B_E, self.B_A)),
            "flip": float(antiferromagnet.spin_flip_field(self.B_E, self.B_A)),
        }
        data = xr.Dataset(
            {
                "m": (("way", "B"), np.array(net), _named("", "net magnetisation along the field")),
                "order": (("way", "B"), np.array(order), _named("", "Néel vector along the axis")),
                "m_flopped": ("B", flopped, _named("", "net magnetisation of the spin-flop state, closed form")),
                "m_canted": ("B", canted, _named("", "net magnetisation across the axis, closed form")),
                "transition": ("kind", list(fields.values()), _named("T", "field of a transition, closed form")),
            },
            {
                "way": ("way", list(ways), _named("", "way of the field")),
                "B": ("B", B, _named("T", "field")),
                "kind": ("kind", list(fields), _named("", "transition")),
            },
        )
        jumps = [self._jump(B, each) for each in order[:2]]
        notes = (
            f"going up, the sublattices flop at {jumps[0]} (stability ends at {fields['instability']:.4g} T)",
            f"going down, they return at {jumps[1]} (stability ends at {fields['return']:.4g} T)",
            f"both states have one energy at {fields['flop']:.4g} T; all is parallel from {fields['flip']:.4g} T on",
            f"canting across the axis: largest deviation from B/(2B_E + B_A) {np.max(np.abs(net[2] - canted)):.1e}",
        )
        return Findings(data, notes)

    def _jump(self, B: Any, order: Any) -> str:
        import numpy as np

        flopped = np.flatnonzero(np.asarray(order) < 0.5)
        return f"{float(B[flopped[0]]):.4g} T" if len(flopped) and flopped[0] else "no field within the range"

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(5.8, 3.0)
        axes = figure.subplots()
        for i, way in enumerate(data["way"].values):
            axes.plot(data["B"], data["m"][i], color=fig.LINE_COLORS[i], linewidth=1.2, label=way)
        axes.plot(data["B"], data["m_flopped"], ":", color=fig.INK, linewidth=0.9, label="spin flop, closed form")
        axes.plot(data["B"], data["m_canted"], "--", color=fig.INK, linewidth=0.7, label="canting, closed form")
        for field in data["transition"].values:
            if field < data["B"].values[-1]:
                axes.axvline(field, color="0.8", linewidth=0.7, zorder=0)
        axes.set(xlabel="field (T)", ylabel="net magnetisation along the field")
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        fig.tidy(axes)
        return figure


def _named(units: str, name: str) -> dict[str, str]:
    return {"units": units, "long_name": name}
