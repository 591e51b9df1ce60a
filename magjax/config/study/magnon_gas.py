"""`kind = "magnon_gas"`: magnetisation of ferromagnets against temperature, in one, two and three dimensions."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Count, Kelvin, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Energy = Annotated[float, BeforeValidator(number("J", above=0, hint="exchange and gaps are energies, such as 1 meV"))]
Spin = Annotated[float, BeforeValidator(number("", minimum=0.5))]


DIMENSIONS: tuple[Literal[1, 2, 3], ...] = (1, 2, 3)


class MagnonGas(AbstractStudy):
    """Thermal magnons on a periodic lattice, summed over all modes, beside Bloch's law.

    - `J`: exchange of H = −2J Σ_bonds S·S. `gap`: of anisotropy or field. `S`: spin quantum number.
    - `T`: lowest and highest temperature. `points`: how many. `sizes`: sites along each axis for d = 1, 2, 3.
    """

    kind: Literal["magnon_gas"] = "magnon_gas"
    J: Energy
    gap: Energy
    S: Spin = 0.5
    T: tuple[Kelvin, Kelvin]
    points: Count = 40
    sizes: tuple[Count, Count, Count] = (4096, 256, 64)

    @pydantic.model_validator(mode="after")
    def _rising(self) -> "MagnonGas":
        if not self.T[0] < self.T[1]:
            raise Problem("must hold a lower and a higher temperature.", "T")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        import numpy as np
        import xarray as xr

        from magjax.analytic import magnon_gas as closed
        from magjax.quantum import magnon_gas

        T = np.geomspace(*self.T, self.points)
        ordered, bloch = [], []
        for d, size in zip(DIMENSIONS, self.sizes, strict=True):
            say(f"{d} dimension{'s' * (d > 1)}: {size**d} sites")
            n = np.asarray(magnon_gas.lattice_density((size,) * d, T, self.J, self.S, self.gap))
            long_waves = np.asarray(closed.bloch_density(T, self.J, self.S, self.gap, d))
            # More magnons than spins to flip mean that no order is left.
            ordered.append(np.maximum(self.S - n, 0))
            bloch.append(np.maximum(self.S - long_waves, 0))
        plane = magnon_gas.ordering_temperature((self.sizes[1],) * 2, self.J, self.gap, self.S)
        doubt = "" if plane.result.succeeded else f" ({plane.result.name.lower()})"
        rough = float(closed.ordering_temperature(self.J, self.gap, self.S))
        units = {"units": "", "long_name": "magnetisation per site, in units of ħ"}
        data = xr.Dataset(
            {
                "magnetisation": (("d", "T"), np.stack(ordered), units),
                "bloch": (("d", "T"), np.stack(bloch), {**units, "long_name": "magnetisation per site by Bloch's law"}),
            },
            {
                "d": ("d", [1, 2, 3], {"units": "", "long_name": "dimension"}),
                "T": ("T", T, {"units": "K", "long_name": "temperature"}),
            },
        )
        notes = (
            *(f"d = {d}: magnetisation {m[0]:.4g} at {T[0]:.3g} K, {m[-1]:.4g} at {T[-1]:.3g} K"
              for d, m in enumerate(ordered, 1)),
            f"square lattice: as many magnons as spins at {float(plane.T):.4g} K{doubt}; "
            f"8πJS²/k ln(kT/Δ) = {rough:.4g} K",
        )  # fmt: skip
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(5.4, 3.0)
        axes = figure.subplots()
        for i, d in enumerate(data["d"].values):
            axes.plot(data["T"], data["magnetisation"][i], color=fig.LINE_COLORS[i], label=f"d = {d}")
            axes.plot(data["T"], data["bloch"][i], color=fig.LINE_COLORS[i], linestyle=":")
        axes.axhline(0, color="0.7", linewidth=0.8)
        axes.set(xlabel="temperature (K)", ylabel="magnetisation per site (ħ)", ylim=(-0.1 * self.S, 1.05 * self.S))
        axes.plot([], [], color="0.3", linestyle=":", label="long waves only (Bloch)")
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        fig.tidy(axes)
        return figure
