"""Study `wire_lifetime`: how long a wire without long-range order in equilibrium stays magnetised."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Kelvin, Length, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

_YEAR = 3.15576e7

Stiffness = Annotated[float, BeforeValidator(number("J/m", above=0, maximum=1e-9, hint="did you mean pJ/m?"))]
Anisotropy = Annotated[float, BeforeValidator(number("J/m3", above=0))]
Attempt = Annotated[float, BeforeValidator(number("s", above=0, maximum=1e-3, hint="did you mean ns?"))]


class WireLifetime(AbstractStudy):
    """`kind = "wire_lifetime"`: domains appear over the barrier 8D²√(AK), and the average magnetisation decays.

    - `A`, `K`: exchange stiffness, and anisotropy along the wire. `tau0`: time between attempts.
    - `temperature`. `edges`: D of the square cross sections whose decay is shown.
    - `thinnest`, `thickest`, `points`: the range of D over which lifetimes are computed.
    """

    kind: Literal["wire_lifetime"]
    A: Stiffness
    K: Anisotropy
    temperature: Kelvin
    edges: tuple[Length, ...] = pydantic.Field(min_length=1)
    thinnest: Length = 0.5e-9
    thickest: Length = 4e-9
    points: Count = 71
    tau0: Attempt = 1e-9

    def run(self, say: Callable[[str], None]) -> Findings:
        """The master equation of a segment that is left, or that flips to and fro, at every thickness."""
        import jax
        import jax.numpy as jnp
        import xarray as xr

        from magjax.analytic.lifetime import wire_barrier, wire_end_barrier
        from magjax.kinetics import MasterEquation, evolve_populations, mean_lifetime

        T, rate = self.temperature, 1 / self.tau0
        life = jax.jit(jax.vmap(lambda E: mean_lifetime(E, T, rate)))
        D, edges = jnp.linspace(self.thinnest, self.thickest, self.points), jnp.asarray(self.edges)
        Ea = wire_barrier(self.A, self.K, D)
        shown = np.asarray(life(wire_barrier(self.A, self.K, edges)))
        t = np.geomspace(0.01 * shown.min(), 100 * shown.max(), 200)

        def average(E: Any) -> Any:
            wells = MasterEquation(jnp.zeros(2), ((0, 1),), E[None], rate)
            p = evolve_populations(wells, (1.0, 0.0), t, T).p
            return p[:, 0] - p[:, 1]

        m = jax.jit(jax.vmap(average))(wire_barrier(self.A, self.K, edges))
        along = {
            "Ea": (Ea, "J", "barrier of a domain"),
            "lifetime": (life(Ea), "s", "mean time until a domain appears"),
            "lifetime_end": (life(wire_end_barrier(self.A, self.K, D)), "s", "the same at a free end"),
        }
        data = xr.Dataset(
            {
                **{n: ("D", np.asarray(x), {"units": u, "long_name": text}) for n, (x, u, text) in along.items()},
                "m": (("edge", "t"), np.asarray(m), {"units": "", "long_name": "average magnetisation over Ms"}),
                "lifetime_shown": ("edge", shown, {"units": "s", "long_name": "mean time until a domain appears"}),
            },
            {
                "D": ("D", np.asarray(D), {"units": "m", "long_name": "edge of the cross section"}),
                "edge": ("edge", np.asarray(edges), {"units": "m", "long_name": "edge of the cross section shown"}),
                "t": ("t", t, {"units": "s", "long_name": "time"}),
            },
        )
        notes = (f"D = {D * 1e9:.3g} nm lasts {duration(x)}" for D, x in zip(self.edges, shown, strict=True))
        return Findings(data, tuple(notes))

    def draw(self, data: "xr.Dataset") -> "Figure":
        """Lifetimes along the thickness, beside the decay of the average magnetisation."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(6.8, 2.8)
        left, right = figure.subplots(1, 2)
        left.semilogy(
            data.D * 1e9, data.lifetime, color=fig.LINE_COLORS[0], linewidth=1.1, label=r"inside, $8D^2\sqrt{AK}$"
        )
        left.semilogy(data.D * 1e9, data.lifetime_end, "--", color=fig.LINE_COLORS[0], linewidth=0.8, label="free end")
        for time, name in ((100.0, "100 s"), (10 * _YEAR, "10 years")):
            left.axhline(time, color=fig.INK, linewidth=0.5, linestyle=":")
            left.annotate(name, (float(data.D[0]) * 1e9, time * 1.5), fontsize=6)
        for i, (D, time) in enumerate(zip(data.edge.values, data.lifetime_shown.values, strict=True)):
            color = fig.LINE_COLORS[(i + 1) % len(fig.LINE_COLORS)]
            left.plot([D * 1e9], [time], "o", color=color, markersize=4)
            right.semilogx(data.t, data.m[i], color=color, linewidth=1.1, label=f"{D * 1e9:.3g} nm")
        left.set(
            xlabel="$D$ (nm)", ylabel="lifetime (s)", ylim=(None, max(1e18, float(data.lifetime_shown.max()) * 10))
        )
        right.set(xlabel="$t$ (s)", ylabel="average $M/M_\\mathrm{s}$")
        for axes in (left, right):
            axes.margins(x=0)
            axes.legend(fontsize=7, frameon=False)
            fig.tidy(axes)
        return figure


def duration(seconds: float) -> str:
    """A time in the unit that makes it easy to read.

    >>> from magjax.config.study.wire_lifetime import duration
    >>> duration(41.0), duration(7.6e14)
    ('41 s', '24.1 million years')
    """
    for size, unit in ((1e6 * _YEAR, "million years"), (_YEAR, "years"), (1.0, "s"), (1e-3, "ms"), (1e-6, "µs")):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns" if seconds >= 1e-7 else f"{seconds:.3g} s"
