"""`kind = "spin_precession"`: quantum spins in fields of any course in time, beside classical ones."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.drive import Drive, build_drive
from magjax.config.model import Count, Direction, Duration, Flag, Model, as_list, number, three
from magjax.config.parameter import Site
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

_TESLA = number("T", minimum=-1e3, maximum=1e3, hint="did you mean mT?")
FieldVector = Annotated[tuple[float, float, float], BeforeValidator(three(_TESLA))]
Energy = Annotated[float, BeforeValidator(number("J"))]
HalfInteger = Annotated[float, BeforeValidator(number("", above=0))]


class Field(Model):
    """`B`: a field, T. `drive`: its course in time."""

    B: FieldVector
    drive: Drive | None = None

    def build(self) -> Any:
        """The vector, times its course in time."""
        import magjax as mj

        site = Site(mesh=mj.Mesh(1, 1e-9), folder=Path())
        return mj.drive.constant(1.0) * self.B if self.drive is None else build_drive(self.drive, site) * self.B


class SpinPrecession(AbstractStudy):
    """N spins with H = ħγ ΣS·B(t) − 2J ΣS·S of neighbours, started along one direction, or two in turn.

    - `S`, `spins`: length and number. `fields`: what acts, added up. `J`: exchange, > 0 is ferromagnetic.
    - `ring`: closed, or an open chain. `start`: direction of ⟨S⟩; `start_other`: that of every second spin.
    - `duration`, `points`: of what is saved.
    """

    kind: Literal["spin_precession"] = "spin_precession"
    S: HalfInteger = 0.5
    spins: Count = 1
    fields: Annotated[tuple[Field, ...], pydantic.Field(min_length=1), BeforeValidator(as_list)]
    J: Energy = 0.0
    ring: Flag = False
    start: Direction
    start_other: Direction | None = None
    duration: Duration
    points: Count = 201

    def run(self, say: Callable[[str], None]) -> Findings:
        import numpy as np
        import xarray as xr

        from magjax import quantum
        from magjax.results import check

        spins = quantum.Spins(self.S, n=self.spins)
        first, *others = (field.build() for field in self.fields)
        H: quantum.AbstractHamiltonian = quantum.Zeeman(spins, B=sum(others, first))
        pairs = quantum.ring(self.spins) if self.ring else quantum.chain(self.spins)
        if pairs and self.J:
            H = H + quantum.Exchange(spins, J=self.J, pairs=pairs)
        both = (self.start, self.start_other or self.start)
        directions = np.array([both[i % 2] for i in range(self.spins)], float)
        times = np.linspace(0, self.duration, max(2, self.points))
        say(f"Schrödinger's equation of {self.spins} spins {self.S:g}")
        run = quantum.schrodinger(H, quantum.coherent_state(spins, directions), times)
        check(run.outcome, "schrodinger")
        say("classical spins")
        motion = quantum.classical(H, directions, times)
        check(motion.outcome, "classical")
        n, m = np.asarray(run.spin_vectors) / self.S, np.asarray(motion.directions)
        lengths, apart = np.linalg.norm(n[:, 0], axis=1), np.abs(n - m).max()
        data = xr.Dataset(
            {
                "quantum": (("t", "spin", "component"), n, _named("", "⟨S⟩/S of quantum spins")),
                "classical": (("t", "spin", "component"), m, _named("", "direction of classical spins")),
                "length": ("t", lengths, _named("", "|⟨S⟩|/S of the first spin")),
                "energy": ("t", np.asarray(run.expect(H)), _named("J", "mean energy")),
            },
            {
                "t": ("t", times, _named("s", "time")),
                "spin": ("spin", np.arange(self.spins), _named("", "number of the spin")),
                "component": ("component", ["x", "y", "z"], _named("", "component")),
            },
        )
        notes = (
            f"quantum and classical spins differ by at most {apart:.2g}",
            f"the first spin is shortest at {lengths.min():.4g} of its length, by entanglement with the others",
            f"{int(run.steps)} steps of Schrödinger's equation, {int(motion.steps)} of the classical one",
        )
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(5.8, 3.0)
        axes = figure.subplots()
        factor, unit = fig.prefixed(float(data["t"].max()), "s")
        t = data["t"] * factor
        for k, name in enumerate("xyz"):
            axes.plot(t, data["quantum"][:, 0, k], color=fig.LINE_COLORS[k], label=f"{name}, quantum")
            axes.plot(
                t, data["classical"][:, 0, k], color=fig.LINE_COLORS[k], linestyle=":", label=f"{name}, classical"
            )
        axes.plot(t, data["length"], color="0.6", linewidth=0.8, label="length, quantum")
        axes.set(xlabel=fig.label("t", unit), ylabel="first spin, ⟨S⟩/S")
        axes.margins(x=0)
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        fig.tidy(axes)
        return figure


def _named(units: str, name: str) -> dict[str, str]:
    return {"units": units, "long_name": name}
