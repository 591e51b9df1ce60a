"""`kind = "hierarchy"`: correlations of spins, each driven by the next, cut off and beside the exact evolution."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Duration, Tesla, number
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Energy = Annotated[float, BeforeValidator(number("J"))]
Polar = Annotated[float, BeforeValidator(number("rad", minimum=0, maximum=3.1416))]
Order = Annotated[int, pydantic.Field(ge=1, le=3, strict=True)]


class Hierarchy(AbstractStudy):
    """N spins ½ with H = ħγB S_z + J S_z², all along (sin θ, 0, cos θ) at first: exactly, and with a hierarchy.

    - `spins`: N. `B`: field along z. `J`: coupling of the total spin. `angle`: θ.
    - `orders`: after which the hierarchy is cut off, 1 to 3; 1 is mean field. `closure`: "cumulant", or "frozen".
    - `duration`, `points`: of what is saved.
    """

    kind: Literal["hierarchy"] = "hierarchy"
    spins: Annotated[Count, pydantic.Field(ge=2, le=8)] = 4
    B: Tesla = 0.0
    J: Energy
    angle: Polar
    orders: Annotated[tuple[Order, ...], pydantic.Field(min_length=1)] = (1, 2, 3)
    closure: Literal["cumulant", "frozen"] = "cumulant"
    duration: Duration
    points: Annotated[Count, pydantic.Field(ge=3)] = 101

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        from magjax import quantum
        from magjax.analytic import twisting
        from magjax.results import check

        spins, t = quantum.Spins(0.5, n=self.spins), np.linspace(0, self.duration, self.points)
        J, B = np.diag([0.0, 0.0, self.J]), (0.0, 0.0, self.B)
        psi = quantum.coherent_state(spins, (np.sin(self.angle), 0.0, np.cos(self.angle)))
        rho0 = jnp.outer(psi, psi.conj())
        say("Liouville and von Neumann's equation")
        exact_run = quantum.liouville(quantum.Zeeman(spins, B) + quantum.Collective(spins, J), rho0, t)
        check(exact_run.outcome, "liouville")
        exact = np.asarray(exact_run.spin_vectors.sum(axis=1))
        closed = np.asarray(twisting.mean_spin(t, self.spins, self.J, self.angle, self.B))
        cut = []
        # A hierarchy that keeps its last order as it was moves one less.
        kept = 1 if self.closure == "frozen" else 0
        for order in self.orders:
            say(f"hierarchy of {order} order{'s' * (order > 1)}")
            G0 = quantum.correlations(spins, rho0, order + kept)
            run = quantum.hierarchy(G0, B, J, t, closure=self.closure)
            check(run.outcome, "hierarchy")
            cut.append(np.asarray(run.G[0]))
        missed = [np.abs(S - exact).max(axis=1) for S in cut]
        total, dims = self.spins / 2, ("order", "t")
        data = xr.Dataset(
            {
                "S": (("t", "component"), exact, about("total spin by the exact evolution (ħ)")),
                "S_closed": (("t", "component"), closed, about("the same, closed form (ħ)")),
                "S_cut": ((*dims, "component"), np.stack(cut), about("total spin by the hierarchy (ħ)")),
                "error": (dims, np.stack(missed), about("largest component of the error of the hierarchy (ħ)")),
            },
            {
                "t": ("t", t, about("time", "s")),
                "order": ("order", list(self.orders), about("orders that move")),
                "component": ("component", ["x", "y", "z"], about("component")),
            },
        )
        early = max(1, self.points // 10)
        notes = (
            f"rates of the first two orders differ from the exact ones by {self._rates(rho0, J):.1e} of them",
            f"the exact evolution differs from its closed form by {np.abs(exact - closed).max() / total:.1e} of N/2",
            *(
                f"{order} order{'s' * (order > 1)}: off by {e[early] / total:.1e} of N/2 after "
                f"{t[early] * 1e12:.3g} ps, by {e.max() / total:.1e} at most"
                for order, e in zip(self.orders, missed, strict=True)
            ),
        )
        return Findings(data, notes)

    def _rates(self, rho0: Any, J: Any) -> float:
        """How far the hierarchy's rates are from those of the density matrix, after a quarter of the time."""
        import jax
        import jax.numpy as jnp

        from magjax import constants, quantum

        spins, B = quantum.Spins(0.5, n=self.spins), (0.0, 0.0, self.B)
        H = quantum.Zeeman(spins, B) + quantum.Collective(spins, J)
        rho = quantum.liouville(H, rho0, (0.0, self.duration / 4)).states[-1]
        h = H.matrix(unit=constants.HBAR)
        G, exact = jax.jvp(lambda r: quantum.correlations(spins, r, 3), (rho,), (-1j * (h @ rho - rho @ h),))
        rates = quantum.hierarchy_rates(G, B, J)
        return max(float(jnp.abs(a - b).max() / jnp.abs(b).max()) for a, b in zip(rates, exact, strict=False))

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(7.0, 2.8)
        left, right = figure.subplots(1, 2)
        factor, unit = fig.prefixed(float(data["t"].max()), "s")
        t, half = data["t"] * factor, self.spins / 2
        left.plot(t, data["S"][:, 0], color="k", linewidth=1.6, label="exact")
        for k, order in enumerate(self.orders):
            label = f"{order} order{'s' * (order > 1)}"
            left.plot(t, data["S_cut"][k, :, 0], "--", color=fig.LINE_COLORS[k], linewidth=1.1, label=label)
            right.loglog(t[1:], data["error"][k][1:], color=fig.LINE_COLORS[k], label=label)
        left.set(xlabel=fig.label("t", unit), ylabel="$⟨S_x⟩$ (ħ)", ylim=(-1.3 * half, 1.3 * half))
        left.margins(x=0)
        right.set(xlabel=fig.label("t", unit), ylabel="error (ħ)", ylim=(1e-9, 10 * half))
        left.legend(fontsize=7, frameon=False, loc="lower left")
        for axes in (left, right):
            fig.tidy(axes)
        return figure
