"""Study `stoner_wohlfarth`: loops, astroid and barriers of particles that turn coherently."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Count, Positive, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Inclination = Annotated[float, BeforeValidator(number("rad", minimum=0, maximum=np.pi / 2 + 1e-9))]
Ratio = Annotated[float, BeforeValidator(number("", minimum=-0.5, hint="else the axis is not the only easy one"))]


class StonerWohlfarth(AbstractStudy):
    """`kind = "stoner_wohlfarth"`: uniaxial particles without temperature, fields in units of H_K = 2K1/(μ0 Ms).

    - `angles`: between the field's line and the axis, 0 … 90°. `k2`: K2/K1.
    - `h_max`: loops go from h_max to −h_max and back, in `points` fields each way.
    - `orientations`: how many axes stand for a random ensemble.
    """

    kind: Literal["stoner_wohlfarth"]
    angles: Annotated[tuple[Inclination, ...], pydantic.Field(min_length=1)]
    k2: Ratio = 0.0
    h_max: Positive = 1.5
    points: Count = 301
    orientations: Count = 64

    def run(self, say: Callable[[str], None]) -> Findings:
        """Follow the loops, find where states vanish, and how their barriers do."""
        import jax
        import jax.numpy as jnp
        import xarray as xr

        from magjax.kinetics import random_axes, rotational_loss, static_loop
        from magjax.kinetics.stoner_wohlfarth import barrier_exponent, energy_barrier, switching_field

        way = np.linspace(self.h_max, -self.h_max, self.points)
        h = jnp.asarray(np.concatenate([way, way[-2::-1]]))
        psi = jnp.asarray(self.angles)
        loops = jax.jit(jax.vmap(lambda one: static_loop(h, one, k2=self.k2)))(psi)
        say("stoner_wohlfarth: random axes")
        random = jax.jit(lambda: static_loop(h, *random_axes(self.orientations), k2=self.k2))()
        say("stoner_wohlfarth: astroid and barriers")
        fine = jnp.linspace(0, jnp.pi / 2, 181)
        limit = jax.jit(switching_field)(fine, self.k2)
        part = jnp.geomspace(1e-8, 1, 65)
        lattice = switching_field(psi, self.k2)[:, None] * (1 - part[None])
        barrier, exponent = (jax.jit(f)(lattice, psi[:, None], self.k2) for f in (energy_barrier, barrier_exponent))
        strength = jnp.linspace(0.4, 1.1, 141)
        data = xr.Dataset(
            {
                "h": ("step", h, {"units": "", "long_name": "field h = H/H_K"}),
                "m": (("angle", "step"), loops.m, {"units": "", "long_name": "M/Ms along the field"}),
                "m_random": ("step", random.m, {"units": "", "long_name": "M/Ms along the field, random axes"}),
                "h_switching": ("psi", limit, {"units": "", "long_name": "switching field"}),
                "barrier": (("angle", "part"), barrier, {"units": "", "long_name": "barrier ΔE/KV"}),
                "exponent": (("angle", "part"), exponent, {"units": "", "long_name": "exponent m"}),
                "loss": ("strength", rotational_loss(strength), {"units": "", "long_name": "loss in a turn W/KV"}),
            },
            {
                "step": ("step", np.arange(h.size), {"units": "", "long_name": "number of the field"}),
                "angle": ("angle", psi, {"units": "rad", "long_name": "angle between field and axis"}),
                "psi": ("psi", fine, {"units": "rad", "long_name": "angle between field and axis"}),
                "part": ("part", part, {"units": "", "long_name": "1 − h/h_switching"}),
                "strength": ("strength", strength, {"units": "", "long_name": "strength of a turning field, K2 = 0"}),
            },
        )  # fmt: skip
        notes = [
            f"random axes: remanence {float(random.remanence()):.4f}, coercivity {float(random.coercivity()):.4f} H_K"
        ]
        coercivity = jax.vmap(lambda loop: loop.coercivity())(loops)
        limits = switching_field(psi, self.k2)
        for i, angle in enumerate(self.angles):
            notes.append(
                f"at {np.degrees(angle):.4g}°: switches at {float(limits[i]):.5f} H_K, "
                f"coercivity {float(coercivity[i]):.2f} H_K, exponent {float(exponent[i, 0]):.3f} near switching"
            )
        return Findings(data, tuple(notes))

    def draw(self, data: "xr.Dataset") -> "Figure":
        """Loops, astroid, exponents."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(8.4, 2.9)
        left, middle, right = figure.subplots(1, 3)
        for i, angle in enumerate(data.angle.values):
            color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
            label = f"{np.degrees(angle):.4g}°"
            left.plot(data.h, data.m[i], color=color, linewidth=1.0, label=label)
            right.semilogx(data.part, data.exponent[i], color=color, linewidth=1.0)
        left.plot(data.h, data.m_random, "--", color=fig.INK, linewidth=1.0, label="random")
        along, across = data.h_switching * np.cos(data.psi), data.h_switching * np.sin(data.psi)
        for x in (1, -1):
            for y in (1, -1):
                middle.plot(x * across, y * along, color=fig.INK, linewidth=1.0)
        left.set(xlabel="$H/H_K$", ylabel="$M/M_s$")
        middle.set(xlabel="$H_\\perp/H_K$", ylabel="$H_\\parallel/H_K$", aspect="equal")
        right.set(xlabel="$1 - H/H_{sw}$", ylabel="exponent $m$")
        figure.legend(*left.get_legend_handles_labels(), fontsize=7, frameon=False, loc="outside right upper")
        for axes in (left, middle, right):
            fig.tidy(axes)
        return figure
