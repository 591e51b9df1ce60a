"""`kind = "optimal_reversal"`: the field pulse of least energy that turns a macrospin over, found by derivatives."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Positive, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=0, maximum=1e8))]
Anisotropy = Annotated[float, BeforeValidator(number("J/m3", minimum=0))]
Pulse = Annotated[float, BeforeValidator(number("s", above=0, maximum=1e-6, hint="did you mean ns?"))]
Times = Annotated[tuple[Pulse, ...], pydantic.Field(min_length=1)]


class OptimalReversal(AbstractStudy):
    """Pulses of several lengths, each designed by simulation and held against the exact bound.

    - `Ms`, `K`, `alpha`: of the spin, whose easy axis is z. `durations`: of the pulses.
    - `knots`: free values of each component of the field; cubic between them.
    """

    kind: Literal["optimal_reversal"] = "optimal_reversal"
    Ms: Magnetisation
    K: Anisotropy
    alpha: Positive
    durations: Times
    knots: Annotated[int, pydantic.Field(ge=3, le=500, strict=True)] = 30

    def run(self, say: Callable[[str], None]) -> Findings:
        import numpy as np
        import xarray as xr

        import magjax as mj
        from magjax.analytic import optimal_reversal
        from magjax.results import check

        mesh = mj.Mesh((1, 1, 1), 5e-9)
        easy = mj.UniaxialAnisotropy(K=self.K, axis=(0, 0, 1))
        spin = mj.System(mesh, Ms=self.Ms, alpha=self.alpha, energy=easy)
        up = mj.textures.uniform(mesh, (0, 0, 1))
        T, material = np.array(self.durations), (self.K, self.Ms, self.alpha)
        part = np.linspace(0, 1, 101)
        costs, strengths, angles = [], [], []
        for duration in self.durations:
            found = mj.fit.optimal_reversal(spin, up, duration, knots=self.knots)
            check(found.result, "optimal_reversal")
            pulse: Any = found.model
            run = mj.evolve(pulse.system, up, duration, save_at=part[1:] * duration, tolerance=1e-8)
            costs.append(float(pulse.cost))
            B = np.array([table(part * duration) for table in pulse.tables])
            strengths.append(np.linalg.norm(B, axis=0))
            angles.append(np.arccos(np.clip(np.r_[1.0, np.asarray(run.average)[:, 2]], -1, 1)))
            say(f"{duration * 1e9:.3g} ns: {costs[-1] * 1e15:.5g} mT²·ns")
        bound = np.array([float(optimal_reversal.least_cost(each, *material)) for each in T])
        exact = np.array([optimal_reversal.pulse_strength(part * each, each, *material) for each in T])
        turned = np.array([optimal_reversal.polar_angle(part * each, each, *material) for each in T])
        data = xr.Dataset(
            {
                "cost": ("T", costs, _named("T2 s", "∫B² dt of the designed pulse")),
                "bound": ("T", bound, _named("T2 s", "least ∫B² dt, closed form")),
                "B": (("T", "part"), np.array(strengths), _named("T", "strength of the designed pulse")),
                "B_exact": (("T", "part"), exact, _named("T", "strength of the optimal pulse, closed form")),
                "theta": (("T", "part"), np.array(angles), _named("rad", "angle to the axis")),
                "theta_exact": (("T", "part"), turned, _named("rad", "angle to the axis, closed form")),
            },
            {
                "T": ("T", T, _named("s", "duration of the pulse")),
                "part": ("part", part, _named("", "time over duration")),
            },
        )
        excess = np.array(costs) / bound - 1
        long = float(optimal_reversal.long_pulse_cost(self.K, self.Ms, self.alpha))
        notes = (
            f"designed pulses cost between {excess.min():.1e} and {excess.max():.1e} more than the exact bound",
            f"no pulse can cost less than 4αK/(γMs) = {long * 1e15:.5g} mT²·ns, however long it is",
        )
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(6.6, 3.0)
        left, right = figure.subplots(1, 2)
        left.plot(data["T"] * 1e9, data["bound"] * 1e15, "-", color=fig.INK, linewidth=0.8, label="exact bound")
        left.plot(data["T"] * 1e9, data["cost"] * 1e15, "o", color=fig.LINE_COLORS[0], markersize=4, label="designed")
        left.set(xlabel="duration (ns)", ylabel="$\\int B^2\\,dt$ (mT² ns)")
        left.legend(fontsize=7, frameon=False)
        for i, T in enumerate(data["T"].values):
            color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
            right.plot(data["part"], 1e3 * data["B"][i], color=color, linewidth=1.3, label=f"{T * 1e9:.3g} ns")
            right.plot(data["part"], 1e3 * data["B_exact"][i], ":", color=fig.INK, linewidth=0.9)
        right.set(xlabel="time over duration", ylabel="strength of the field (mT)")
        right.legend(fontsize=7, frameon=False)
        for axes in (left, right):
            fig.tidy(axes)
        return figure


def _named(units: str, name: str) -> dict[str, str]:
    return {"units": units, "long_name": name}
