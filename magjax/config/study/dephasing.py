"""Study `dephasing`: spins that precess at different rates, their average, and pulses that bring it back."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pydantic

from magjax.config.errors import Problem
from magjax.config.frequencies import Frequencies
from magjax.config.model import Angle, Count, Direction, Duration, Model, Natural, Seconds, Time
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

    from magjax.kinetics import Pulse, Signal
    from magjax.kinetics.frequencies import AbstractFrequencies


class PulseTable(Model):
    """One of `[[study.pulses]]`.

    - `time`: when. `angle`: by how much all spins turn. `axis`: about what.
    """

    time: Time
    angle: Angle = np.pi
    axis: Direction = (1.0, 0.0, 0.0)


class Dephasing(AbstractStudy):
    """`kind = "dephasing"`: the average of spins that start along x in fields along z.

    - `frequencies`: how their frequencies are distributed. `duration`: how long. `points`: how many times are recorded.
    - `pulses`: rotations of all spins at once.
    - `T1`, `T2`: relaxation of each spin by noise. `alpha`: Gilbert damping of each spin, instead.
    - `spins`: how many stand for all. `seed`: draw them at random.
    - `method`: "rotation" turns them exactly; "llg" integrates the equation of motion of a sample of so many cells.
    """

    kind: Literal["dephasing"]
    frequencies: Frequencies
    duration: Duration
    points: Count = 601
    pulses: tuple[PulseTable, ...] = ()
    T1: Seconds | None = None
    T2: Seconds | None = None
    alpha: float = pydantic.Field(default=0.0, ge=0)
    spins: Count = 512
    seed: Natural | None = None
    method: Literal["rotation", "llg"] = "rotation"

    @pydantic.model_validator(mode="after")
    def _one_kind_of_damping(self) -> "Dephasing":
        relaxes = self.T1 is not None or self.T2 is not None
        if relaxes and (self.alpha > 0 or self.method == "llg"):
            key = "T2" if self.T2 is not None else "T1"
            raise Problem("goes with method 'rotation' and without `alpha`: choose one kind of damping.", key)
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        """Turn every spin by itself, and average."""
        import jax
        import xarray as xr

        from magjax.kinetics import Pulse

        p = self.frequencies.build()
        t = np.linspace(0, self.duration, self.points)
        pulses = [Pulse(each.time, each.angle, each.axis) for each in self.pulses]
        key = None if self.seed is None else jax.random.key(self.seed)
        seen = (self._integrate if self.method == "llg" else self._turn)(p, t, pulses, key)
        columns: dict[str, tuple[Any, str]] = {
            f"m_{axis}": (seen.m[:, i], f"average of m_{axis}") for i, axis in enumerate("xyz")
        }
        columns["envelope"] = (seen.envelope, "length of the average across the field")
        columns["transverse"] = (seen.transverse, "length across the field of each spin, rms")
        closed = self._closed(p, t)
        if closed is not None:
            columns["m_x_closed"] = (np.real(closed), "average of m_x, closed form")
        data = xr.Dataset(
            {name: ("t", np.asarray(x), {"units": "", "long_name": text}) for name, (x, text) in columns.items()},
            {"t": ("t", t, {"units": "s", "long_name": "time"})},
        )
        return Findings(data, self._notes(data))

    def draw(self, data: "xr.Dataset") -> "Figure":
        """⟨m_x⟩ and its envelope along time, and what every spin keeps."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(5.4, 3.0)
        axes = figure.subplots()
        factor, unit = fig.prefixed(float(data.t.max()), "s")
        t = data.t.values * factor
        axes.plot(t, data.m_x, color=fig.LINE_COLORS[0], linewidth=1.0, label=r"$\langle m_x\rangle$, simulated")
        if "m_x_closed" in data:
            few = slice(None, None, max(1, len(t) // 83))
            axes.plot(t[few], data.m_x_closed[few], "o", color=fig.INK, markersize=2, label="closed form")
        axes.plot(t, data.envelope, color=fig.LINE_COLORS[1], linewidth=1.0, label="envelope")
        axes.plot(t, data.transverse, "--", color=fig.LINE_COLORS[2], linewidth=1.0, label="each spin by itself")
        for pulse in self.pulses:
            axes.axvline(pulse.time * factor, color=fig.INK, linewidth=0.8, linestyle=":")
            text = f"{np.degrees(pulse.angle):.4g}°"
            axes.annotate(text, (pulse.time * factor, 1.03), ha="center", fontsize=7, annotation_clip=False)
        axes.set(xlabel=fig.label("t", unit), ylabel="magnetisation / saturation", ylim=(-1.15, 1.15))
        axes.margins(x=0)
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        fig.tidy(axes)
        return figure

    def _turn(self, p: "AbstractFrequencies", t: np.ndarray, pulses: "list[Pulse]", key: Any) -> "Signal":
        from magjax.kinetics import Bloch, Damped, signal

        times = {name: value for name, value in (("T1", self.T1), ("T2", self.T2)) if value is not None}
        motion = Damped(self.alpha) if self.alpha > 0 else Bloch(**times)
        return signal(p, t, pulses, motion=motion, spins=self.spins, key=key)

    def _integrate(self, p: "AbstractFrequencies", t: np.ndarray, pulses: "list[Pulse]", key: Any) -> "Signal":
        """The same by the equation of motion, from pulse to pulse."""
        import jax.numpy as jnp

        from magjax.kinetics import Signal, macrospins
        from magjax.results import check
        from magjax.solve.evolve import evolve

        system = macrospins(p, self.spins, alpha=self.alpha, key=key)
        m = jnp.zeros((3, *system.mesh.shape)).at[0].set(1.0)
        observe = {"square": lambda t, m, system: system.average(m**2)}
        ends = [*(float(pulse.time) for pulse in pulses if float(pulse.time) <= t[-1]), float(t[-1])]
        averages, squares, began = [], [], 0.0
        for i, end in enumerate(ends):
            if i > 0:
                m = pulses[i - 1].turn(m.reshape(3, -1)).reshape(m.shape)
            last = i == len(ends) - 1
            inside = t[(t > began) & ((t <= end) if last else (t < end))]
            if (t == began).any():
                averages.append(np.asarray(system.average(m))[None])
                squares.append(np.asarray(system.average(m**2))[None])
            if end > began:
                at = inside if inside.size and inside[-1] == end else np.append(inside, end)
                run = evolve(system, m, end - began, save_at=at - began, observe=observe, tolerance=1e-7, t0=began)
                check(run.outcome, "evolve")
                m = run.m
                averages.append(np.asarray(run.average)[: inside.size])
                squares.append(np.asarray(run.observed["square"])[: inside.size])
            began = end
        average, square = np.concatenate(averages), np.concatenate(squares)
        return Signal(jnp.asarray(t), jnp.asarray(average), jnp.sqrt(jnp.asarray(square[:, 0] + square[:, 1])))

    def _closed(self, p: "AbstractFrequencies", t: np.ndarray) -> np.ndarray | None:
        """⟨m_x⟩ + i⟨m_y⟩ by closed forms, where there is one: no damping but T₂, at most one pulse about x."""
        from magjax.analytic import dephasing

        along_x = all(each.axis[1] == each.axis[2] == 0 and each.axis[0] > 0 for each in self.pulses)
        if self.alpha > 0 or len(self.pulses) > 1 or not along_x:
            return None
        chi = np.asarray(p.characteristic(t))
        for pulse in self.pulses:
            after = np.asarray(dephasing.echo(p.characteristic, t, pulse.time, pulse.angle))
            chi = np.where(t >= pulse.time, after, chi)
        return chi * (np.exp(-t / self.T2) if self.T2 is not None else 1.0)

    def _notes(self, data: "xr.Dataset") -> tuple[str, ...]:
        t, envelope = data.t.values, data.envelope.values
        below = np.flatnonzero(envelope < np.exp(-1))
        notes = []
        if below.size:
            notes.append(f"the average falls below 1/e after {t[below[0]] * 1e9:.4g} ns; ")
            notes[0] += f"each spin by itself still has {data.transverse.values[below[0]]:.4g} across the field"
        for pulse in self.pulses:
            if 2 * pulse.time <= t[-1]:
                at = int(np.argmin(np.abs(t - 2 * pulse.time)))
                notes.append(f"at {t[at] * 1e9:.4g} ns, twice the time of a pulse, it is {envelope[at]:.6g}")
        if "m_x_closed" in data:
            worst = float(np.abs(data.m_x - data.m_x_closed).max())
            notes.append(f"the closed form differs from the simulation by at most {worst:.1e}")
        return tuple(notes) or (f"the average is {envelope[-1]:.4g} at the end",)
