"""`kind = "stability"`: how high a barrier has to be for a memory to last."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Kelvin, Seconds, number
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Attempt = Annotated[float, BeforeValidator(number("s", above=0, maximum=1e-3, hint="did you mean ns?"))]
Share = Annotated[float, BeforeValidator(number("", above=0, maximum=0.999999))]


class Stability(AbstractStudy):
    """The stability factor ξ = Ea/kT at which a bit's mean lifetime is the time asked for, by the master equation.

    - `times`: how long it has to last. `T`: temperature. `tau0`: time between attempts.
    - `bits`: of an array, of which a share `lost` may be lost in that time.
    - `points`: barriers in the picture.
    """

    kind: Literal["stability"] = "stability"
    times: Annotated[tuple[Seconds, ...], pydantic.Field(min_length=1)]
    T: Kelvin = 300.0
    tau0: Attempt = 1e-9
    bits: Count = 1
    lost: Share = 0.5
    points: Annotated[Count, pydantic.Field(ge=2)] = 61

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        from magjax import constants
        from magjax.analytic import lifetime
        from magjax.kinetics import mean_lifetime

        times, thermal = np.asarray(self.times), constants.KB * self.T

        @jax.jit
        @jax.vmap
        def life(xi: Any) -> Any:
            return mean_lifetime(xi * thermal, self.T, 1 / self.tau0)

        def needed(lasting: Any) -> Any:
            """ξ with that mean lifetime, by halving intervals: it rises with ξ."""
            low, high = np.zeros(len(lasting)), np.full(len(lasting), 200.0)
            for _ in range(60):
                middle = (low + high) / 2
                short = np.asarray(life(jnp.asarray(middle))) < lasting
                low, high = np.where(short, middle, low), np.where(short, high, middle)
            return (low + high) / 2

        say("the master equation, for barriers found by halving intervals")
        # All N bits must last: N t/(−ln(1 − lost)) for the mean lifetime of one.
        array = times * self.bits / -np.log1p(-self.lost)
        single, many = needed(times), needed(array)
        exact, exact_many = (np.asarray(lifetime.stability_factor(t, self.tau0)) for t in (times, array))
        xi = np.linspace(0, float(max(many.max(), single.max())) * 1.05, self.points)
        data = xr.Dataset(
            {
                "lifetime": ("xi", np.asarray(life(jnp.asarray(xi))), about("mean lifetime", "s")),
                "stability": ("time", single, about("ξ = Ea/kT that lasts so long")),
                "stability_exact": ("time", exact, about("ln(t/τ0)")),
                "stability_array": ("time", many, about("the same for all bits of an array")),
                "energy": ("time", single * thermal, about("barrier", "J")),
            },
            {
                "xi": ("xi", xi, about("Ea/kT")),
                "time": ("time", times, about("time to last", "s")),
            },
        )
        missed = max(np.abs(single - exact).max(), np.abs(many - exact_many).max())
        notes = (
            *(
                f"{_span(t)}: ξ = {x:.2f}" + (f", and {y:.2f} for {self.bits:g} bits" if self.bits > 1 else "")
                for t, x, y in zip(times, single, many, strict=True)
            ),
            f"from the master equation, at most {missed:.1e} from ln(t/τ0)",
        )
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(5.0, 3.0)
        axes = figure.subplots()
        axes.semilogy(data["xi"], data["lifetime"], color=fig.LINE_COLORS[0])
        for k, (t, x) in enumerate(zip(data["time"].values, data["stability"].values, strict=True)):
            color = fig.LINE_COLORS[1 + k % 6]
            axes.semilogy([x], [t], "o", markersize=4, color=color, label=f"{_span(t)}: ξ = {x:.1f}")
            axes.hlines(t, 0, x, color=color, linestyle=":", linewidth=0.8)
        axes.set(xlabel="ξ = Ea/kT", ylabel="mean lifetime (s)")
        axes.margins(x=0)
        axes.legend(fontsize=7, frameon=False)
        fig.tidy(axes)
        return figure


def _span(seconds: float) -> str:
    """A time as a person says it."""
    year = 3.15576e7
    return f"{seconds / year:.3g} years" if seconds >= year else f"{seconds:.3g} s"
