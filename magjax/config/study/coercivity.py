"""Study `coercivity`: against waiting time, sweep rate and temperature, exactly and by the usual laws."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax import constants
from magjax.config.errors import Problem
from magjax.config.model import Count, Kelvin, Model, Seconds, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from magjax.kinetics import AbstractFieldBarrier

Rate = Annotated[float, BeforeValidator(number("A/m/s", above=0))]
Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=0, maximum=1e8))]
Inclination = Annotated[float, BeforeValidator(number("rad", minimum=0, maximum=np.pi / 2 + 1e-9))]


class PowerTable(Model):
    """`[study.power]`: E = E0 (1 − H/H0)^m. `H0`: a field. `E0`: an energy. `m`: exponent, 1 … 4."""

    H0: Magnetisation
    E0: Annotated[float, BeforeValidator(number("J", above=0, maximum=1e-12))]
    m: Annotated[float, BeforeValidator(number("", minimum=1, maximum=4))] = 1.5


class GrainTable(Model):
    """`[study.grain]`: a particle that turns coherently.

    - `K`: anisotropy. `V`: volume. `Ms`: saturation magnetisation. `angle`: of the field to the axis, 0 … 90°.
    """

    K: Annotated[float, BeforeValidator(number("J/m3", above=0))]
    V: Annotated[float, BeforeValidator(number("m3", above=0, maximum=1e-15))]
    Ms: Magnetisation
    angle: Inclination = 0.0


class Coercivity(AbstractStudy):
    """`kind = "coercivity"`: one particle over a barrier that a field lowers.

    - `power` or `grain`: the barrier. `T`: temperature. `tau0`: time between attempts.
    - `times`, `rates`, `temperatures`: first and last of `points` values; times and rates by their logarithm.
    - `time`: waited at each temperature. `loops`: rates of M(H) loops with thermal hopping to and fro.
    """

    kind: Literal["coercivity"]
    power: PowerTable | None = None
    grain: GrainTable | None = None
    T: Kelvin = 300.0
    tau0: Seconds = 1e-9
    times: tuple[Seconds, Seconds] = (1e-6, 3e8)
    rates: tuple[Rate, Rate] = (1.0, 1e10)
    temperatures: tuple[Kelvin, Kelvin] = (4.0, 600.0)
    time: Seconds = 100.0
    loops: Annotated[tuple[Rate, ...], pydantic.Field(min_length=1)] = (1e3, 1e6, 1e9)
    points: Count = 41

    @pydantic.model_validator(mode="after")
    def _one_barrier(self) -> "Coercivity":
        if (self.power is None) == (self.grain is None):
            raise Problem("must be given, or [study.grain] instead, and not both.", "power")
        for key in ("times", "rates", "temperatures"):
            first, last = getattr(self, key)
            if not first < last:
                raise Problem(f"must rise from the first to the last, but got {first:g} and {last:g}.", key)
        return self

    def barrier(self) -> "AbstractFieldBarrier":
        """The barrier that is given."""
        from magjax.kinetics import PowerBarrier, StonerWohlfarthGrain

        if self.grain is not None:
            return StonerWohlfarthGrain(self.grain.K, self.grain.V, self.grain.Ms, self.grain.angle)
        assert self.power is not None
        return PowerBarrier(self.power.H0, self.power.E0, self.power.m)

    def law(self) -> tuple[float, float, float]:
        """H0, E0 and m of the closed laws; a grain off its axis has 3/2 for m."""
        barrier = self.barrier()
        m = self.power.m if self.power is not None else 1.5
        if self.grain is not None and min(self.grain.angle, np.pi / 2 - self.grain.angle) < 1e-9:
            m = 2.0
        return float(barrier.switching_field()), float(barrier.barrier(0.0)), m

    def run(self, say: Callable[[str], None]) -> Findings:
        """Exact coercivities, and those of Sharrock, Kneller, and paper A."""
        import jax
        import xarray as xr

        from magjax.analytic import sharrock
        from magjax.kinetics import dynamic_loop, sweep_coercivity, waiting_coercivity
        from magjax.results import check

        barrier, (H0, E0, m), tau0 = self.barrier(), self.law(), self.tau0
        xi, field = E0 / (constants.KB * self.T), {"units": "A/m"}
        times, rates = (np.geomspace(*ends, self.points) for ends in (self.times, self.rates))
        temperatures = np.linspace(*self.temperatures, self.points)
        say("coercivity: against waiting time, rate and temperature")
        waited = jax.jit(jax.vmap(lambda t: waiting_coercivity(barrier, t, self.T, tau0=tau0, back=True)))(times)
        swept = jax.jit(jax.vmap(lambda r: sweep_coercivity(barrier, r, self.T, tau0=tau0)))(rates)
        warm = jax.vmap(lambda T: waiting_coercivity(barrier, self.time, T, tau0=tau0, back=True))
        warmed = jax.jit(warm)(temperatures)
        for found in (waited, swept, warmed):
            check(found.outcome, "coercivity")
        say("coercivity: loops")
        way = np.linspace(1.25 * H0, -1.25 * H0, 201)
        path = np.concatenate([way, way[-2::-1]])
        loops = jax.jit(jax.vmap(lambda r: dynamic_loop(barrier, path, r, self.T, tau0=tau0)))(np.asarray(self.loops))
        half = np.log(2)
        blocking = E0 / (constants.KB * np.log(self.time / half / tau0))
        seed = sharrock.sweep_seed(rates, H0, xi, tau0, m)
        law = sharrock.sweep(rates, H0, xi, tau0, m)
        columns = {
            "Hc_waiting": ("time", waited.H, "coercivity after waiting, exact"),
            "Hc_sharrock": ("time", sharrock.waiting(times / half, H0, xi, tau0, m), "Sharrock's law"),
            "Hc_swept": ("rate", swept.H, "coercivity of a sweep, exact hazard"),
            "Hc_effective": ("rate", law, "Sharrock's law with the effective time"),
            "Hc_seed": ("rate", seed, "Sharrock's law with the inverse rate"),
            "Hc_T": ("T", warmed.H, f"coercivity after {self.time:g} s, exact"),
            "Hc_kneller": ("T", sharrock.kneller_luborsky(temperatures, H0, blocking, m), "Kneller's law"),
            "H": ("step", path, "field of the loops"),
        }
        data = xr.Dataset(
            {name: (dim, np.asarray(x), {**field, "long_name": text}) for name, (dim, x, text) in columns.items()},
            {
                "time": ("time", times, {"units": "s", "long_name": "waiting time"}),
                "rate": ("rate", rates, {"units": "A/m/s", "long_name": "sweep rate dH/dt"}),
                "T": ("T", temperatures, {"units": "K", "long_name": "temperature"}),
                "loop": ("loop", np.asarray(self.loops), {"units": "A/m/s", "long_name": "sweep rate of a loop"}),
                "step": ("step", np.arange(path.size), {"units": "", "long_name": "number of the field"}),
            },
        )  # fmt: skip
        data["M"] = (("loop", "step"), np.asarray(loops.m), {"units": "", "long_name": "M/Ms along the field"})
        return Findings(data, self._notes(data, H0, xi, m))

    def _notes(self, data: "xr.Dataset", H0: float, xi: float, m: float) -> tuple[str, ...]:
        middle = self.points // 2
        row = data.isel(rate=middle)
        low, exact, law, seed = (float(row[name]) for name in ("rate", "Hc_swept", "Hc_effective", "Hc_seed"))
        return (
            f"H0 = {H0 * 1e-3:.5g} kA/m, ξ = E0/kT = {xi:.4g}, m = {m:g}",
            f"swept at {low:.3g} A/(m·s): Hc = {exact * 1e-3:.5g} kA/m exactly, "
            f"{law * 1e-3:.5g} by the effective time, {seed * 1e-3:.5g} by the inverse rate",
            f"waited {float(data.time[-1]):.3g} s: Hc = {float(data.Hc_waiting[-1]) * 1e-3:.5g} kA/m",
        )

    def draw(self, data: "xr.Dataset") -> "Figure":
        """Coercivity against time, rate and temperature, and the loops."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(7.2, 5.0)
        panels = figure.subplots(2, 2)
        rows = (
            (panels[0, 0], "time", "s", ("Hc_waiting", "Hc_sharrock")),
            (panels[0, 1], "rate", "A/m/s", ("Hc_swept", "Hc_effective", "Hc_seed")),
            (panels[1, 0], "T", "K", ("Hc_T", "Hc_kneller")),
        )
        for axes, x, unit, names in rows:
            for i, name in enumerate(names):
                style = {"linewidth": 1.2} if i == 0 else {"linewidth": 1.0, "linestyle": ("", "--", ":")[i]}
                color = fig.LINE_COLORS[i]
                axes.plot(data[x], data[name] * 1e-3, color=color, label=data[name].attrs["long_name"], **style)
            axes.set(xlabel=f"{data[x].attrs['long_name']} ({unit})", ylabel="$H_c$ (kA/m)", ylim=(0, None))
            axes.legend(fontsize=7, frameon=False)
            if x != "T":
                axes.set_xscale("log")
        for i, rate in enumerate(data.loop.values):
            color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
            panels[1, 1].plot(data.H * 1e-3, data.M[i], color=color, linewidth=1.0, label=f"{rate:.0e} A/m/s")
        panels[1, 1].set(xlabel="$H$ (kA/m)", ylabel="$M/M_s$")
        panels[1, 1].legend(fontsize=7, frameon=False)
        for axes in panels.flat:
            fig.tidy(axes)
        return figure
