"""`kind = "radiation_damping"`: a magnetisation that relaxes in the radiation of its own precession."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Duration, Number, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Field = Annotated[float, BeforeValidator(number("T", above=0, maximum=1e3, hint="did you mean mT?"))]
Damping = Annotated[float, BeforeValidator(number("", above=0))]
Cosine = Annotated[float, BeforeValidator(number("", minimum=-1, maximum=1, hint="it is M_z/M"))]
_SHOWN = {"longitudinal": ("m_z",), "transverse": ("m_p",), "both": ("m_z", "m_p")}


class RadiationDamping(AbstractStudy):
    """One spin in a field along z, simulated for several additional torques beside its tanh and sech.

    - `B`: field. `alpha0`: Gilbert damping without extras. `start`: M_z/M at first.
    - `extra_torques`: a of each trajectory; 0 is Gilbert's equation, below −1 the torque pumps.
    - `extra_field`: λ̄ of all. `duration`, `points`: of what is saved.
    - `show`: which component the picture has, "longitudinal" (M_z), "transverse" (M_p) or "both".
    """

    kind: Literal["radiation_damping"] = "radiation_damping"
    B: Field
    alpha0: Damping
    start: Cosine = 0.5
    extra_torques: Annotated[tuple[Number, ...], pydantic.Field(min_length=1)] = (0.0,)
    extra_field: Number = 0.0
    duration: Duration
    points: Count = 201
    show: Literal["longitudinal", "transverse", "both"] = "both"

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        import magjax as mj
        from magjax.analytic import radiation
        from magjax.results import check

        spin = mj.System(mj.Mesh((1, 1, 1), 5e-9), Ms=8e5, alpha=self.alpha0, energy=mj.Zeeman(B=(0, 0, self.B)))
        across = (1 - self.start**2) ** 0.5
        m0 = mj.textures.uniform(spin.mesh, (across, 0, self.start))
        times = np.linspace(0, self.duration, self.points)

        def trajectory(extra_torque):
            equation = mj.dynamics.Radiation(self.extra_field, extra_torque)
            run = mj.evolve(
                spin, m0, self.duration, save_at=times[1:], dynamics=equation, tolerance=1e-8, adjoint="forward"
            )
            return jnp.concatenate([m0[None, :, 0, 0, 0], run.average]), run.outcome

        extra = np.asarray(self.extra_torques)
        say(f"{len(extra)} trajectories")
        m, outcome = jax.vmap(trajectory)(jnp.asarray(extra))
        check(outcome, "evolve")
        m = np.asarray(m)
        along, beside = m[..., 2], np.hypot(m[..., 0], m[..., 1])
        each = extra[:, None]
        exact_z = np.asarray(radiation.longitudinal(times[None], self.start, self.B, self.alpha0, each))
        exact_p = np.asarray(radiation.transverse(times[None], self.start, self.B, self.alpha0, each))
        effective = np.asarray(radiation.effective_damping(self.alpha0, self.extra_field, extra))
        dims = ("extra_torque", "t")
        data = xr.Dataset(
            {
                "m_z": (dims, along, _named("component along the field, M_z/M")),
                "m_p": (dims, beside, _named("length across the field, M_p/M")),
                "m_z_exact": (dims, exact_z, _named("M_z/M by tanh")),
                "m_p_exact": (dims, exact_p, _named("M_p/M by sech")),
                "effective_damping": (("extra_torque",), effective, _named("Gilbert damping of the whole")),
            },
            {"t": ("t", times, _named("time", "s")), "extra_torque": ("extra_torque", extra, _named("extra torque a"))},
        )
        return Findings(data, self._notes(data))

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        shown = _SHOWN[self.show]
        figure = fig.new_figure(5.4, 0.8 + 2.2 * len(shown))
        panels = figure.subplots(len(shown), 1, sharex=True, squeeze=False)[:, 0]
        t = data["t"] * 1e9
        for axes, name in zip(panels, shown, strict=True):
            for i, a in enumerate(data["extra_torque"].values):
                (line,) = axes.plot(t, data[f"{name}_exact"][i], color=fig.LINE_COLORS[i % 7], label=f"$a = {a:g}$")
                axes.plot(t[::8], data[name][i][::8], "o", markersize=3, color=line.get_color())
            axes.set(ylabel=f"${'M_z' if name == 'm_z' else 'M_p'}/M$")
            axes.margins(x=0)
            fig.tidy(axes)
        panels[0].legend(
            title="closed form;\ndots: simulated", fontsize=7, title_fontsize=7, frameon=False,
            loc="upper left", bbox_to_anchor=(1.0, 1.02),
        )  # fmt: skip
        panels[-1].set_xlabel("time (ns)")
        return figure

    def _notes(self, data: "xr.Dataset") -> tuple[str, ...]:
        from magjax import constants
        from magjax.analytic import radiation
        from magjax.run.progress import si

        missed = max(float(abs(data[name] - data[f"{name}_exact"]).max()) for name in ("m_z", "m_p"))
        tau = float(radiation.relaxation_time(self.B, self.alpha0))
        frequency = float(radiation.precession_frequency(self.B, self.alpha0, self.extra_field)) / (2 * constants.PI)
        bare = constants.GAMMA * self.B / (2 * constants.PI)
        dampings = ", ".join(
            f"{float(d):.4g} (a = {float(a):g})"
            for a, d in zip(data["extra_torque"], data["effective_damping"], strict=True)
        )
        return (
            f"relaxation time without extra torque 1/(λ0γB) = {si(tau, 's', 4)}, divided by 1+a with one",
            f"precession {frequency * 1e-9:.6g} GHz; undamped {bare * 1e-9:.6g} GHz",
            f"Gilbert damping of the whole: {dampings}",
            f"largest difference between simulation and closed form {missed:.1e}",
        )


def _named(name: str, units: str = "") -> dict[str, str]:
    return {"units": units, "long_name": name}
