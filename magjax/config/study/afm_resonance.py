"""`kind = "afm_resonance"`: an antiferromagnet rings in fields along its axis, beside Kittel's formula."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Angle, Count, Duration, Tesla, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=0, maximum=1e8))]
Field = Annotated[float, BeforeValidator(number("T", above=0, maximum=1e4))]
Damping = Annotated[float, BeforeValidator(number("", minimum=0, maximum=1))]


class AFMResonance(AbstractStudy):
    """Two equal sublattices, kicked out of their axis by a small angle, and left to ring.

    - `Ms`: of either sublattice. `B_E`, `B_A`: exchange and anisotropy field. `alpha`: damping of either.
    - `B`: the lowest and the highest field along the axis. `fields`: how many.
    - `tilt`: the kick, an angle of one sublattice. `duration`, `points`: of each run.
    """

    kind: Literal["afm_resonance"] = "afm_resonance"
    Ms: Magnetisation
    B_E: Field
    B_A: Field
    alpha: Damping = 0.0
    B: tuple[Tesla, Tesla]
    fields: Count = 25
    tilt: Angle = 1e-3
    duration: Duration
    points: Count = 400

    @pydantic.model_validator(mode="after")
    def _below_the_flop(self) -> "AFMResonance":
        limit = (self.B_A * (2 * self.B_E + self.B_A)) ** 0.5
        if not max(map(abs, self.B)) < limit:
            raise Problem(f"must stay below {limit:.4g} T, where the antiparallel state gives way.", "B")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        import magjax as mj
        from magjax.analytic import antiferromagnet
        from magjax.results import Outcome, check

        mesh = mj.Mesh((1, 1, 1), 5e-9)
        easy = mj.UniaxialAnisotropy(K=self.B_A * self.Ms / 2, axis=(0, 0, 1))
        one = mj.System(mesh, Ms=self.Ms, alpha=self.alpha, energy=easy)
        pair = mj.Sublattices({"a": one, "b": one}, coupling=mj.Coupling(J=self.B_E * self.Ms))
        up, kicked = (
            mj.textures.uniform(mesh, axis) for axis in ((0, 0, -1), (np.sin(self.tilt), 0, np.cos(self.tilt)))
        )
        m0 = pair.state(a=kicked, b=up)
        t = np.linspace(0, self.duration, self.points + 1)[1:]

        def ring(B: jax.Array) -> mj.Trajectory:
            field = mj.Zeeman(B=jnp.stack([0 * B, 0 * B, B]))
            return mj.evolve(pair + field, m0, self.duration, save_at=t, observe={"n": mj.observe.neel_vector},
                             tolerance=1e-7, adjoint="forward")  # fmt: skip

        B = np.linspace(*self.B, self.fields)
        say(f"{self.fields} fields at once")
        runs = jax.jit(jax.vmap(ring))(jnp.asarray(B))
        check(Outcome.worst(runs.outcome), "afm_resonance")
        n = np.asarray(runs.observed["n"])
        waves = n[..., 0] + 1j * n[..., 1]
        found = np.array([np.sort(mj.observe.ringing(t, z, count=2).omega) for z in waves])[:, ::-1]
        frequency = np.stack([found[:, 0], -found[:, 1]], axis=1) / (2 * np.pi)
        closed = np.asarray(antiferromagnet.resonance(self.B_E, self.B_A, B)).T / (2 * np.pi)
        seed = np.asarray(antiferromagnet.resonance_seed(self.B_E, self.B_A)) / (2 * np.pi)
        modes = ("B", "mode")
        data = xr.Dataset(
            {
                "frequency": (modes, frequency, _named("Hz", "frequency found in the run")),
                "closed_form": (modes, closed, _named("Hz", "frequency by Kittel's formula")),
                "seed": ("mode", seed, _named("Hz", "frequency as the seed paper prints it, without a field")),
                "n_x": (("B", "t"), n[..., 0], _named("", "Néel vector across the axis")),
            },
            {
                "B": ("B", B, _named("T", "field along the axis")),
                "mode": ("mode", ["right-handed", "left-handed"], _named("", "sense of rotation")),
                "t": ("t", t, _named("s", "time")),
            },
        )
        worst = float(np.max(np.abs(frequency / closed - 1)))
        middle = float(antiferromagnet.resonance(self.B_E, self.B_A)[0])
        notes = (
            f"γ√(B_A(2B_E + B_A))/2π = {middle / 2e12 / np.pi:.6g} THz (the seed's modes: {seed[0] / 1e12:.4g} and "
            f"{seed[1] / 1e12:.4g} THz)",
            f"largest relative deviation of the runs from γ[√(B_A(2B_E + B_A)) ± B]: {worst:.1e}",
        )
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(8.0, 2.9)
        left, right = figure.subplots(1, 2)
        for i, name in enumerate(data["mode"].values):
            color = fig.LINE_COLORS[i]
            left.plot(
                data["B"], data["closed_form"][:, i] / 1e12, color=color, linewidth=1.0, label=f"{name}, closed form"
            )
            left.plot(data["B"], data["frequency"][:, i] / 1e12, "o", markersize=3, color=color, label=f"{name}, run")
        left.set(xlabel="field along the axis (T)", ylabel="frequency (THz)")
        last = data["n_x"][-1]
        right.plot(data["t"] * 1e12, last * 1e3, color=fig.LINE_COLORS[0], linewidth=0.8)
        right.set(xlabel="time (ps)", ylabel="$n_x$ (10$^{-3}$)", title=f"in {float(data['B'][-1]):.3g} T")
        right.title.set_fontsize(9)
        figure.legend(*left.get_legend_handles_labels(), fontsize=7, frameon=False, loc="outside right upper")
        for axes in (left, right):
            fig.tidy(axes)
        return figure


def _named(units: str, name: str) -> dict[str, str]:
    return {"units": units, "long_name": name}
