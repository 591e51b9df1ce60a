"""`kind = "magnons"`: one flipped spin in a ferromagnetic ring, its energies and its way."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Angle, Count, Duration, Joules, Positive, number
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Energy = Annotated[float, BeforeValidator(number("J", above=0, hint="J > 0 is ferromagnetic"))]
HalfInteger = Annotated[float, BeforeValidator(number("", above=0))]


class MagnonsStudy(AbstractStudy):
    """A ring of N spins with H = −2J ΣS·S: all energies of one magnon, and a packet of them on its way.

    - `spins`, `S`: number and length. `J`: exchange. `gap`: Zeeman energy gμ_B B of a flip.
    - `k`: wave number of the packet, rad per site. `width`: its standard deviation, sites.
    - `duration`, `points`: of what is saved.
    """

    kind: Literal["magnons"] = "magnons"
    spins: Annotated[Count, pydantic.Field(ge=3)] = 120
    S: HalfInteger = 0.5
    J: Energy
    gap: Joules = 0.0
    k: Angle = 1.0
    width: Positive = 6.0
    duration: Duration
    points: Annotated[Count, pydantic.Field(ge=2)] = 161

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        from magjax import constants, quantum
        from magjax.analytic import heisenberg

        n = self.spins
        ring = quantum.Magnons(quantum.Spins(self.S, n=n), quantum.ring_exchange(n, self.J), zeeman=self.gap)
        k = 2 * np.pi * np.arange(-((n - 1) // 2), n // 2 + 1) / n
        exact = np.asarray(heisenberg.magnon_energy(k, self.J, self.S, gap=self.gap))
        say(f"{n} energies by diagonalisation")
        found = np.empty(n)
        found[np.argsort(exact, kind="stable")] = np.asarray(ring.energies())
        say("a packet on its way")
        t = np.linspace(0, self.duration, self.points)
        start = quantum.wave_packet(n, self.k, n / 4, self.width)
        psi = ring.evolve(start, jnp.asarray(t))
        # Each plane wave turns at its own energy: the packet of the closed form.
        waves = np.exp(1j * np.outer(np.arange(n), k)) / n**0.5
        phases = np.exp(-1j * np.outer(t, exact) / constants.HBAR)
        closed = (phases * (waves.conj().T @ np.asarray(start))) @ waves.T
        place = np.unwrap(np.asarray(quantum.mean_position(psi)), period=n)
        speed = (place[-1] - place[0]) / t[-1]
        single = float(heisenberg.magnon_velocity(self.k, self.J, self.S))
        # Over the packet's wave numbers, whose spread is 1/(2·width).
        spread = np.exp(-2 * self.width**2 * ((k - self.k + np.pi) % (2 * np.pi) - np.pi) ** 2)
        mean = float((spread * np.asarray(heisenberg.magnon_velocity(k, self.J, self.S))).sum() / spread.sum())
        data = xr.Dataset(
            {
                "energy": ("k", found, about("energy of one magnon, diagonalised", "J")),
                "energy_exact": ("k", exact, about("4JS(1 − cos ka) + gap", "J")),
                "probability": (("t", "site"), np.abs(np.asarray(psi)) ** 2, about("probability of the flip")),
                "place": ("t", place, about("mean place of the flip (sites)")),
            },
            {
                "k": ("k", k, about("wave number ka (rad per site)")),
                "t": ("t", t, about("time", "s")),
                "site": ("site", np.arange(n), about("site")),
            },
        )
        notes = (
            f"energies differ from 4JS(1 − cos ka) by at most {np.abs(found - exact).max() / self.J:.1e} of J",
            f"the packet differs from a sum of plane waves by {np.abs(np.asarray(psi) - closed).max():.1e}; "
            f"probabilities add up to 1 within {abs(np.abs(np.asarray(psi)) ** 2 @ np.ones(n) - 1).max():.1e}",
            f"it moves at {speed * 1e-12:.6g} sites/ps, the mean group velocity of its waves {mean * 1e-12:.6g}; "
            f"a single k would have {single * 1e-12:.6g}",
        )
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(7.0, 2.8)
        left, right = figure.subplots(1, 2)
        left.plot(data["k"], data["energy_exact"] / self.J, color=fig.LINE_COLORS[0], label="4JS(1 − cos ka)")
        left.plot(data["k"], data["energy"] / self.J, ".", markersize=3, color=fig.LINE_COLORS[1], label="diagonalised")
        left.set(xlabel="ka", ylabel="energy (J)")
        left.legend(fontsize=7, frameon=False, loc="upper center")
        factor, unit = fig.prefixed(float(data["t"].max()), "s")
        P = data["probability"].T
        image = right.pcolormesh(data["t"] * factor, data["site"], P, cmap="viridis", rasterized=True)
        bar = figure.colorbar(image)
        bar.set_label("probability of the flip", fontsize=9)
        bar.ax.tick_params(labelsize=8)
        right.plot(data["t"] * factor, data["place"] % self.spins, "w:", linewidth=1)
        right.set(xlabel=fig.label("t", unit), ylabel="site", ylim=(0, self.spins - 1))
        for axes in (left, right):
            fig.tidy(axes)
        return figure
