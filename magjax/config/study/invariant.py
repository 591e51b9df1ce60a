"""`kind = "invariant"`: spins in a field that rotates however fast, and what stays all the same."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Duration, Frequency, Number, number, three
from magjax.config.study.base import AbstractStudy, Findings, about

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Field = Annotated[float, BeforeValidator(number("T", minimum=-1e3, maximum=1e3, hint="did you mean mT?"))]
HalfInteger = Annotated[float, BeforeValidator(number("", above=0))]
Vector = Annotated[tuple[float, float, float], BeforeValidator(three(number("")))]


class Invariant(AbstractStudy):
    """Spins in B(t) = (B₁ cos ωt, B₁ sin ωt, B₀), their Lewis–Riesenfeld invariant I = ΣS·R(t) and ρ = exp(−βI)/Z.

    - `S`: lengths of the spins, one each. `B_static`, `B_rotating`, `frequency`: B₀, B₁, ω/2π.
    - `R`: the vector R at first. `beta`: β, in its inverse unit.
    - `duration`, `points`: of what is saved.
    """

    kind: Literal["invariant"] = "invariant"
    S: Annotated[tuple[HalfInteger, ...], pydantic.Field(min_length=1)] = (0.5, 1.0)
    B_static: Field
    B_rotating: Field
    frequency: Frequency
    R: Vector
    beta: Number = 1.0
    duration: Duration
    points: Annotated[Count, pydantic.Field(ge=2)] = 201

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        from magjax import constants, quantum
        from magjax.analytic import rotating_field
        from magjax.results import check

        spins, t = quantum.Spins(self.S), np.linspace(0, self.duration, self.points)
        B = self._field()
        H, I0 = quantum.Zeeman(spins, B), quantum.invariant(spins, self.R)
        say("the vector of the invariant, and Liouville and von Neumann's equation")
        R = quantum.invariant_vector(self.R, B, t)
        rho = quantum.liouville(H, quantum.invariant_state(spins, self.R, self.beta), t)
        made = jax.vmap(lambda R: quantum.invariant_state(spins, R, self.beta))(R.values)
        say("evolution operators")
        U, W, W_seed = (f(H, t) for f in (quantum.propagator, quantum.inverse_propagator, _printed))
        for run, name in ((R, "invariant_vector"), (rho, "liouville"), (U, "propagator"), (W, "inverse_propagator")):
            check(run.outcome, name)
        exact = np.asarray(
            rotating_field.precession(t, np.array(self.R), self.B_static, self.B_rotating, 2 * np.pi * self.frequency)
        )
        carried = jax.vmap(lambda U: U @ I0 @ U.conj().T)(U.states)
        turned = jax.vmap(lambda R: quantum.invariant(spins, R))(R.values)
        one = np.eye(spins.dim)
        undone, printed = (np.abs(np.asarray(w.states @ U.states) - one).max(axis=(1, 2)) for w in (W, W_seed))
        fields = np.asarray(jax.vmap(lambda t: B.at(t, jnp.asarray))(jnp.asarray(t)))
        lengths = np.linalg.norm(R.values, axis=1) * np.linalg.norm(fields, axis=1)
        angle = np.degrees(np.arccos(np.clip(np.sum(np.asarray(R.values) * fields, axis=1) / lengths, -1, 1)))
        rho_apart = float(jnp.abs(rho.states - made).max())
        dims = ("t", "component")
        data = xr.Dataset(
            {
                "R": (dims, np.asarray(R.values), about("vector of the invariant")),
                "R_exact": (dims, exact, about("the same, in the rotating frame")),
                "angle": ("t", angle, about("angle between R and the field", "deg")),
                "inverse": ("t", undone, about("|WU − 1|, W anti-time-ordered")),
                "inverse_printed": ("t", printed, about("|WU − 1|, W time-ordered as printed")),
            },
            {
                "t": ("t", t, about("time", "s")),
                "component": ("component", ["x", "y", "z"], about("component")),
            },
        )
        larmor = constants.GAMMA * np.hypot(self.B_static, self.B_rotating) / (2 * np.pi)
        notes = (
            f"the field rotates at {self.frequency * 1e-9:.4g} GHz, spins precess at {larmor * 1e-9:.4g} GHz; the "
            f"angle between R and the field ranges from {angle.min():.1f} to {angle.max():.1f}°",
            f"R differs from the closed form by {np.abs(R.values - exact).max():.1e}",
            f"I = ΣS·R differs from U I(0) U† by {float(jnp.abs(carried - turned).max()):.1e}",
            f"exp(−βI)/Z differs from the solution of Liouville's equation by {rho_apart:.1e}",
            f"|WU − 1|: {undone.max():.1e} with the inverse in anti-time order, {printed.max():.2g} as printed",
        )
        return Findings(data, notes)

    def _field(self) -> Any:
        import magjax as mj

        round_z = [wave(frequency=self.frequency) for wave in (mj.drive.cos, mj.drive.sin)]
        rotating = round_z[0] * (self.B_rotating, 0.0, 0.0) + round_z[1] * (0.0, self.B_rotating, 0.0)
        return rotating + mj.drive.constant(1.0) * (0.0, 0.0, self.B_static)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(5.8, 4.2)
        above, below = figure.subplots(2, 1, sharex=True)
        factor, unit = fig.prefixed(float(data["t"].max()), "s")
        t, every = data["t"] * factor, max(1, self.points // 50)
        for k, name in enumerate("xyz"):
            above.plot(t, data["R_exact"][:, k], color=fig.LINE_COLORS[k], label=f"$R_{name}$")
            above.plot(t[::every], data["R"][::every, k], "o", markersize=2.5, color=fig.LINE_COLORS[k])
        above.set(ylabel="R; dots: simulated")
        above.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        below.semilogy(t[1:], data["inverse_printed"][1:], color=fig.LINE_COLORS[1], label="as printed")
        below.semilogy(t[1:], data["inverse"][1:], color=fig.LINE_COLORS[0], label="anti-time\norder")
        below.set(xlabel=fig.label("t", unit), ylabel="|WU − 1|")
        below.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        for axes in (above, below):
            axes.margins(x=0)
            fig.tidy(axes)
        return figure


def _printed(H: Any, t: Any) -> Any:
    from magjax import quantum

    return quantum.inverse_propagator_seed(H, t)
