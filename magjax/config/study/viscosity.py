"""Study `viscosity`: how a magnetisation creeps away over barriers of many heights."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax.config.barriers import Barriers
from magjax.config.errors import Problem
from magjax.config.model import Count, Kelvin, Seconds, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Magnetization = Annotated[float, BeforeValidator(number("A/m", above=0))]


class Viscosity(AbstractStudy):
    """`kind = "viscosity"`: M(t) = −Ms + 2Ms ∫P(E) exp(−(t/τ0) e^(−E/kT)) dE and S = −dM/d ln t.

    - `barriers`: P(E). `temperatures`: one curve for each. `Ms`: saturation magnetisation.
    - `since`, `until`, `points`: times, spaced evenly in their logarithm. `tau0`: time between attempts.
    - `ensemble`: so many two-level systems with random barriers are evolved beside it; 0 for none. `seed`: of theirs.
    """

    kind: Literal["viscosity"]
    barriers: Barriers
    temperatures: tuple[Kelvin, ...] = pydantic.Field(min_length=1)
    Ms: Magnetization
    since: Seconds = 1e-9
    until: Seconds
    points: Count = 121
    tau0: Annotated[float, BeforeValidator(number("s", above=0, maximum=1e-3, hint="did you mean ns?"))] = 1e-9
    ensemble: Annotated[int, pydantic.Field(ge=0, le=1_000_000, strict=True)] = 2000
    seed: Annotated[int, pydantic.Field(ge=0, strict=True)] = 0

    @pydantic.model_validator(mode="after")
    def _rises(self) -> "Viscosity":
        if not self.since < self.until:
            raise Problem(f"must be before `until`, but got {self.since:g} s.", "since")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        """Integrate over the barriers; evolve an ensemble of two-level systems beside it."""
        import jax
        import jax.numpy as jnp
        import xarray as xr

        from magjax import kinetics
        from magjax.analytic.viscosity import scaling_variable

        P, T = self.barriers.build(), np.array(self.temperatures)
        t = np.geomspace(self.since, self.until, self.points)

        def curves(T: Any) -> Any:
            M = kinetics.magnetization(t, P, T, self.Ms, self.tau0)
            S = kinetics.viscosity(t, P, T, self.Ms, self.tau0)
            return M, S, kinetics.logarithmic_viscosity(t, P, T, self.Ms, self.tau0)

        M, S, law = (np.asarray(x) for x in jax.jit(jax.vmap(curves))(jnp.asarray(T)))
        units = {"units": "A/m"}
        both = {
            "M": (M, "magnetisation"),
            "S": (S, "viscosity −dM/d ln t"),
            "S_law": (law, "viscosity 2kT Ms P(E*)"),
        }
        if self.ensemble:
            say(f"viscosity: {self.ensemble} two-level systems")
            E = P.sample(jax.random.key(self.seed), self.ensemble)
            shares = jnp.full(self.ensemble, 1 / self.ensemble)
            each = jax.vmap(lambda T: kinetics.ensemble_magnetization(t, E, shares, T, self.Ms, 1 / self.tau0))
            both["M_ensemble"] = (np.asarray(each(jnp.asarray(T))), "magnetisation of an ensemble")
        scaled = np.asarray(scaling_variable(t[None], T[:, None], self.tau0))
        data = xr.Dataset(
            {
                **{n: (("T", "t"), x, {**units, "long_name": text}) for n, (x, text) in both.items()},
                "scaled": (("T", "t"), scaled, {"units": "K", "long_name": "T ln(t/tau0)"}),
            },
            {
                "T": ("T", T, {"units": "K", "long_name": "temperature"}),
                "t": ("t", t, {"units": "s", "long_name": "time"}),
            },
        )
        return Findings(data, self._notes(data))

    def draw(self, data: "xr.Dataset") -> "Figure":
        """M and S along the logarithm of time, and M along T ln(t/τ0), where all temperatures fall together."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(7.2, 2.6)
        panels = figure.subplots(1, 3)
        for i, T in enumerate(data.T.values):
            color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
            panels[0].semilogx(data.t, data.M[i] / self.Ms, color=color, linewidth=1.1, label=f"{T:g} K")
            if "M_ensemble" in data:
                panels[0].semilogx(data.t[::6], data.M_ensemble[i, ::6] / self.Ms, ".", color=color, markersize=3)
            panels[1].semilogx(data.t, data.S[i] / self.Ms, color=color, linewidth=1.1)
            panels[1].semilogx(data.t, data.S_law[i] / self.Ms, "--", color=color, linewidth=0.8)
            panels[2].plot(data.scaled[i], data.M[i] / self.Ms, color=color, linewidth=1.1)
        panels[0].set(xlabel="$t$ (s)", ylabel="$M/M_\\mathrm{s}$")
        panels[1].set(xlabel="$t$ (s)", ylabel="$S/M_\\mathrm{s}$", title="dashed: $2kTP(E^*)$")
        panels[2].set(xlabel="$T\\,\\ln(t/\\tau_0)$ (K)", ylabel="$M/M_\\mathrm{s}$")
        panels[0].legend(fontsize=7, frameon=False)
        panels[1].title.set_fontsize(7)
        for axes in panels:
            axes.margins(x=0)
            fig.tidy(axes)
        return figure

    def _notes(self, data: "xr.Dataset") -> tuple[str, ...]:
        notes = []
        for i, T in enumerate(data.T.values):
            S, M = data.S.values[i], data.M.values[i]
            top = int(np.argmax(S))
            law = data.S_law.values[i, top] / S[top] - 1
            notes.append(
                f"{T:g} K: S is largest, {S[top]:.4g} A/m, at {data.t.values[top]:.3g} s, where 2kT Ms P(E*) "
                f"is {100 * law:+.2f} % off; M ends at {M[-1]:.4g} A/m"
            )
        if "M_ensemble" in data:
            away = float(np.abs(data.M_ensemble - data.M).max()) / self.Ms
            notes.append(
                f"{self.ensemble} random two-level systems differ by up to {away:.2g} Ms, 1/√N being "
                f"{self.ensemble**-0.5:.2g}"
            )
        return tuple(notes)
