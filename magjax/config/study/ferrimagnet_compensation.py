"""`kind = "ferrimagnet_compensation"`: both modes of a ferrimagnet as one sublattice outgrows the other."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Angle, Count, Duration, Positive, Tesla, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=0, maximum=1e8))]
Coupling = Annotated[float, BeforeValidator(number("J/m3", above=0, maximum=1e11))]
Anisotropy = Annotated[float, BeforeValidator(number("J/m3", minimum=0))]


class FerrimagnetCompensation(AbstractStudy):
    """Antiparallel sublattices with g-factors of their own, kicked by a small angle, and left to ring.

    The magnetisation of the first changes, as with temperature or composition, past the two points of compensation.

    - `Ms_a`: the lowest and the highest magnetisation of the first sublattice. `values`: how many.
    - `Ms_b`: that of the second. `g_a`, `g_b`: g-factors. `J`: exchange between them. `K_a`, `K_b`: anisotropies.
    - `B`: field along the axis. `tilt`: the kick. `duration`, `points`: of each run.
    """

    kind: Literal["ferrimagnet_compensation"] = "ferrimagnet_compensation"
    Ms_a: tuple[Magnetisation, Magnetisation]
    values: Count = 41
    Ms_b: Magnetisation
    g_a: Positive
    g_b: Positive
    J: Coupling
    K_a: Anisotropy
    K_b: Anisotropy
    B: Tesla = 0.0
    tilt: Angle = 1e-3
    duration: Duration
    points: Count = 400

    @pydantic.model_validator(mode="after")
    def _rising(self) -> "FerrimagnetCompensation":
        if not self.Ms_a[0] < self.Ms_a[1]:
            raise Problem("must hold a lower and a higher magnetisation.", "Ms_a")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        import jax
        import jax.numpy as jnp
        import numpy as np
        import xarray as xr

        import magjax as mj
        from magjax.analytic import ferrimagnet
        from magjax.results import Outcome, check

        mesh = mj.Mesh((1, 1, 1), 5e-9)
        magneton = mj.constants.MU_B / mj.constants.HBAR
        gamma = (self.g_a * magneton, self.g_b * magneton)
        kicked = mj.textures.uniform(mesh, (np.sin(self.tilt), 0, np.cos(self.tilt)))
        m0 = jnp.stack([kicked, mj.textures.uniform(mesh, (0, 0, -1))])
        t = np.linspace(0, self.duration, self.points + 1)[1:]

        def ring(Ms: jax.Array) -> mj.Trajectory:
            parts = {
                name: mj.System(mesh, Ms=M, gamma=g, energy=mj.UniaxialAnisotropy(K=K, axis=(0, 0, 1)))
                for name, M, g, K in zip("ab", (Ms, self.Ms_b), gamma, (self.K_a, self.K_b), strict=True)
            }
            pair = mj.Sublattices(parts, coupling=mj.Coupling(J=self.J), energy=mj.Zeeman(B=(0, 0, self.B)))
            see = {"a": mj.observe.average_of("a")}
            return mj.evolve(pair, m0, self.duration, save_at=t, observe=see, tolerance=1e-7, adjoint="forward")

        Ms = np.linspace(*self.Ms_a, self.values)
        say(f"{self.values} magnetisations at once")
        runs = jax.jit(jax.vmap(ring))(jnp.asarray(Ms))
        check(Outcome.worst(runs.outcome), "ferrimagnet_compensation")
        m = np.asarray(runs.observed["a"])
        found = [np.sort(mj.observe.ringing(t, z, count=2).omega)[::-1] for z in m[..., 0] + 1j * m[..., 1]]
        frequency = np.array(found) / (2 * np.pi)
        modes_closed = ferrimagnet.modes(
            J=self.J, Ms=(Ms, self.Ms_b), K=(self.K_a, self.K_b), gamma=gamma, B=self.B
        )  # fmt: skip
        closed = np.asarray(jnp.real(modes_closed)).T / (2 * np.pi)
        modes = ("Ms_a", "mode")
        momentum = np.asarray(ferrimagnet.net_angular_momentum((Ms, self.Ms_b), gamma))
        data = xr.Dataset(
            {
                "frequency": (modes, frequency, _named("Hz", "frequency found in the run")),
                "closed_form": (modes, closed, _named("Hz", "frequency by the closed form")),
                "angular_momentum": ("Ms_a", momentum, _named("J s/m3", "net angular momentum density")),
                "magnetisation": ("Ms_a", Ms - self.Ms_b, _named("A/m", "net magnetisation")),
            },
            {
                "Ms_a": ("Ms_a", Ms, _named("A/m", "magnetisation of the first sublattice")),
                "mode": ("mode", ["right-handed", "left-handed"], _named("", "sense of rotation")),
            },
        )
        angular = self.Ms_b * gamma[0] / gamma[1]
        worst = float(np.max(np.abs(frequency - closed)) / np.abs(closed).max())
        notes = (
            f"magnetisations compensate at Ms_a = {self.Ms_b:.4g} A/m, angular momenta at {angular:.4g} A/m",
            f"the modes come closest at Ms_a = {Ms[np.argmin(np.abs(frequency.sum(axis=1)))]:.4g} A/m",
            f"largest deviation of the runs from the closed form: {worst:.1e} of the highest frequency",
        )
        return Findings(data, notes)

    def draw(self, data: "xr.Dataset") -> "Figure":
        import numpy as np

        from magjax.plot import figure as fig

        figure = fig.new_figure(5.8, 3.0)
        axes = figure.subplots()
        x = data["Ms_a"] / 1e3
        for i, name in enumerate(data["mode"].values):
            color = fig.LINE_COLORS[i]
            axes.plot(
                x, np.abs(data["closed_form"][:, i]) / 1e12, color=color, linewidth=1.0, label=f"{name}, closed form"
            )
            axes.plot(x, np.abs(data["frequency"][:, i]) / 1e12, "o", markersize=3, color=color, label=f"{name}, run")
        angular = self.Ms_b * self.g_a / self.g_b
        for at, name in ((self.Ms_b, "magnetisations"), (angular, "angular momenta")):
            style = ":" if at == self.Ms_b else "--"
            axes.axvline(at / 1e3, color=fig.INK, linestyle=style, linewidth=0.7, label=f"{name} compensate")
        axes.set(xlabel="magnetisation of the first sublattice (kA/m)", ylabel="frequency (THz)")
        axes.legend(fontsize=7, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.02))
        fig.tidy(axes)
        return figure


def _named(units: str, name: str) -> dict[str, str]:
    return {"units": units, "long_name": name}
