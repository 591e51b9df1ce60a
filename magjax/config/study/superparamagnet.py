"""Study `superparamagnet`: replicas of a particle in a heat bath, at every temperature in every field."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax import constants
from magjax.config.model import Count, Duration, Kelvin, Length, Natural, Positive, Tesla, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=100, hint="did you give T or MA/m?"))]
Anisotropy = Annotated[float, BeforeValidator(number("J/m3"))]
#: The part of the duration that particles get to forget where they started.
_FORGET = 0.5


class SuperparamagnetStudy(AbstractStudy):
    """`kind = "superparamagnet"`: averages of spheres by the stochastic equation, beside those of Boltzmann.

    - `diameter`, `Ms`: of a sphere, whose own demagnetising field turns nothing. `K`: uniaxial anisotropy along z.
    - `alpha`: Gilbert damping, which equilibrium does not depend on.
    - `temperatures`; `fields`: along z. `replicas`: at each of their pairs, from directions all over the sphere.
    - `duration`: of each; the second half counts, the first is to forget the start.
    - `dt`: the step, chosen unless given. `seed`: of the noise.
    """

    kind: Literal["superparamagnet"]
    diameter: Length
    Ms: Magnetisation
    K: Anisotropy = 0.0
    alpha: Positive = 0.5
    temperatures: Annotated[tuple[Kelvin, ...], pydantic.Field(min_length=1)]
    fields: Annotated[tuple[Tesla, ...], pydantic.Field(min_length=1)]
    replicas: Count = 100
    duration: Duration
    dt: Duration | None = None
    seed: Natural = 0

    def run(self, say: Callable[[str], None]) -> Findings:
        """Simulate the ensemble, and integrate Boltzmann's factor."""
        import xarray as xr

        say(f"superparamagnet: {len(self.temperatures) * len(self.fields) * self.replicas} particles")
        data = self._simulated().to_xarray()
        exact, square = self._boltzmann()
        dims, one = ("T", "B"), {"units": ""}
        named = {
            "m": (dims, data.m_z_mean.values, one | {"long_name": "⟨m_z⟩"}),
            "m_error": (dims, data.m_z_error.values, one | {"long_name": "standard error of ⟨m_z⟩"}),
            "m_squared": (dims, data.square_mean.values, one | {"long_name": "⟨m_z²⟩"}),
            "m_squared_error": (dims, data.square_error.values, one | {"long_name": "standard error of ⟨m_z²⟩"}),
            "boltzmann": (dims, exact, one | {"long_name": "⟨m_z⟩ of Boltzmann"}),
            "boltzmann_squared": (dims, square, one | {"long_name": "⟨m_z²⟩ of Boltzmann"}),
        }
        axes = {
            "T": ("T", np.array(self.temperatures), {"units": "K", "long_name": "temperature"}),
            "B": ("B", np.array(self.fields), {"units": "T", "long_name": "field along the axis"}),
        }
        found = xr.Dataset(named, axes)
        return Findings(found, self._notes(found))

    def draw(self, data: "xr.Dataset") -> "Figure":
        """Both averages against the field over temperature, with Boltzmann's."""
        from magjax.plot import figure as fig

        figure: Any = fig.new_figure(7.0, 2.9)
        left, right = figure.subplots(1, 2)
        x = self._moment * data.B.values / constants.KB
        for i, T in enumerate(data["T"].values):
            color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
            for axes, name, exact in ((left, "m", "boltzmann"), (right, "m_squared", "boltzmann_squared")):
                axes.errorbar(
                    x / T, data[name][i], data[f"{name}_error"][i], fmt="o", markersize=3, color=color, label=f"{T:g} K"
                )
                axes.plot(x / T, data[exact][i], color=color, linewidth=1.0)
        left.set(xlabel="$\\mu B/kT$", ylabel="$\\langle m_z\\rangle$")
        right.set(xlabel="$\\mu B/kT$", ylabel="$\\langle m_z^2\\rangle$")
        left.legend(fontsize=8, frameon=False)
        for axes in (left, right):
            fig.tidy(axes)
        return figure

    @property
    def _volume(self) -> float:
        return np.pi / 6 * self.diameter**3

    @property
    def _moment(self) -> float:
        return self.Ms * self._volume

    def _simulated(self) -> Any:
        import magjax as mj

        mesh = mj.Mesh((1, 1, 1), self._volume ** (1 / 3))
        energy = mj.UniaxialAnisotropy(K=self.K, axis=(0, 0, 1)) + mj.Zeeman(B=(0, 0, 0))
        particle = mj.System(mesh, Ms=self.Ms, alpha=self.alpha, energy=energy)
        after = _FORGET * self.duration
        return mj.ensemble(
            particle,
            _all_over_the_sphere(self.replicas),
            self.duration,
            replicas=self.replicas,
            over={"T": self.temperatures, "zeeman.B": [(0.0, 0.0, B) for B in self.fields]},
            dynamics=mj.Langevin(T=0.0, seed=self.seed),
            dt=self.dt,
            save_every=self.duration / 400,
            statistics={
                "m_z": mj.batch.Mean("m_z", after=after),
                "square": mj.batch.Mean(_square, after=after),
            },
            progress=False,
        )

    def _boltzmann(self) -> tuple[np.ndarray, np.ndarray]:
        """⟨s⟩ and ⟨s²⟩ with the weight exp(σs² + ξs): Gauss–Legendre, in pieces where the weight is steep."""
        nodes, weights = np.polynomial.legendre.leggauss(24)
        edges = np.cos(np.linspace(np.pi, 0, 65))
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        s = (middle[:, None] + half[:, None] * nodes).ravel()
        w = (half[:, None] * weights).ravel()
        thermal = constants.KB * np.array(self.temperatures)[:, None, None]
        exponent = (self.K * self._volume * s**2 + self._moment * np.array(self.fields)[:, None] * s) / thermal
        factor = w * np.exp(exponent - exponent.max(-1, keepdims=True))
        total = factor.sum(-1)
        return (factor * s).sum(-1) / total, (factor * s**2).sum(-1) / total

    def _notes(self, data: "xr.Dataset") -> tuple[str, ...]:
        sigma = self.K * self._volume / (constants.KB * np.array(self.temperatures))
        off = [
            np.sqrt(np.mean(((data[name] - data[exact]) / data[f"{name}_error"]).values ** 2))
            for name, exact in (("m", "boltzmann"), ("m_squared", "boltzmann_squared"))
        ]
        return (
            f"μ = {self._moment:.4g} A m², KV/kT = {', '.join(f'{x:.4g}' for x in sigma)}",
            f"⟨m_z⟩ is off Boltzmann's by {off[0]:.2f} standard errors, ⟨m_z²⟩ by {off[1]:.2f} (root mean square)",
        )


def _square(t: Any, m: Any, system: Any) -> Any:
    # By a name of its own, so that the points of a sweep share one compiled program.
    return m[2, 0, 0, 0] ** 2


def _all_over_the_sphere(count: int) -> np.ndarray:
    """`(count, 3, 1, 1, 1)` directions, evenly on a spiral from pole to pole."""
    i = np.arange(count)
    z = 1 - (2 * i + 1) / count
    phi = np.pi * (3 - np.sqrt(5)) * i
    across = np.sqrt(1 - z**2)
    return np.stack([across * np.cos(phi), across * np.sin(phi), z], axis=1).reshape(count, 3, 1, 1, 1)
