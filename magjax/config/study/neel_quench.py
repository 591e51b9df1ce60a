"""`kind = "neel_quench"`: what becomes of the Néel state of an antiferromagnetic ring or chain; its ground state."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Count, Duration, Flag, Number, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Energy = Annotated[float, BeforeValidator(number("J", above=0, hint="the antiferromagnetic coupling is −2J > 0"))]


class NeelQuench(AbstractStudy):
    """N spins ½ with H = c Σ (S^x S^x + S^y S^y + Δ S^z S^z) of neighbours, started as |↑↓↑↓…⟩.

    - `spins`: N, even. `coupling`: c = −2J. `delta`: Δ, 1 for Heisenberg's, 0 for the XX model.
    - `ring`: closed, or an open chain. `duration`, `points`: of what is saved.
    """

    kind: Literal["neel_quench"] = "neel_quench"
    spins: Count
    coupling: Energy
    delta: Number = 1.0
    ring: Flag = True
    duration: Duration
    points: Count = 101

    @pydantic.model_validator(mode="after")
    def _even(self) -> "NeelQuench":
        if self.spins % 2 or self.spins < 4:
            raise Problem(f"must be an even number ≥ 4, for as many spins up as down, but got {self.spins}.", "spins")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        import numpy as np
        import xarray as xr

        from magjax import constants, quantum
        from magjax.analytic import heisenberg
        from magjax.results import check

        n, c = self.spins, self.coupling
        spins = quantum.Spins(0.5, n=n)
        pairs = quantum.ring(n) if self.ring else quantum.chain(n)
        H = quantum.XXZ(spins, -c / 2, self.delta, pairs)
        say(f"quench of {n} spins")
        quench = quantum.neel_quench(H, np.linspace(0, self.duration, self.points))
        check(quench.outcome, "neel_quench")
        say("ground state")
        pattern = quantum.neel_pattern(spins)
        inside = quantum.Restricted(H, quantum.Sector(spins, Sz=sum(pattern)))
        ground = quantum.lowest_states(inside)
        check(ground.outcome, "lowest_states")
        spread = float(quantum.energy_deviation(inside, inside.sector.basis_state(pattern)))
        t = np.asarray(quench.t)
        xx = heisenberg.xx_staggered_magnetisation(t, c)
        data = xr.Dataset(
            {
                "staggered": ("t", np.asarray(quench.staggered), _named("", "staggered magnetisation per spin (ħ)")),
                "staggered_xx": ("t", np.asarray(xx), _named("", "the same of an infinite XX chain (ħ)")),
                "entropy": ("t", np.asarray(quench.entropy), _named("J/K", "entanglement entropy of one half")),
                "energy": ("t", np.asarray(quench.energy), _named("J", "mean energy")),
            },
            {"t": ("t", t, _named("s", "time"))},
        )
        notes = (
            f"ground state: E/N = {float(ground.energies[0]) / n / c:.8f} c "
            f"(infinite Heisenberg chain {float(heisenberg.chain_energy(1.0)):.8f} c), "
            f"residual {float(ground.residuals[0]) / c:.1e} c",
            f"Néel state: E/N = {float(quench.energy[0]) / n / c:.4f} c, standard deviation {spread / c:.4f} c: "
            "no eigenstate",
            f"staggered order {float(quench.staggered[0]):.3f} at first, {float(quench.staggered[-1]):.3f} at the end; "
            f"entanglement of the halves {float(quench.entropy[-1]) / constants.KB:.3f} k",
        )
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax import constants
        from magjax.plot import figure as fig

        figure = fig.new_figure(5.4, 4.0)
        above, below = figure.subplots(2, 1, sharex=True)
        t = data["t"] * 1e12
        above.plot(t, data["staggered"], color=fig.LINE_COLORS[0], label=f"{self.spins} spins, Δ = {self.delta:g}")
        above.plot(t, data["staggered_xx"], color=fig.LINE_COLORS[1], linestyle=":", label="infinite XX chain")
        above.axhline(0, color="0.7", linewidth=0.8)
        above.set(ylabel="staggered magnetisation (ħ)")
        above.legend(fontsize=7, frameon=False)
        below.plot(t, data["entropy"] / constants.KB, color=fig.LINE_COLORS[0])
        below.set(xlabel="time (ps)", ylabel="entanglement entropy (k)")
        for axes in (above, below):
            axes.margins(x=0)
            fig.tidy(axes)
        return figure


def _named(units: str, name: str) -> dict[str, str]:
    return {"units": units, "long_name": name}
