"""Study `spin_wave_dispersion`: ω(k) of a film from its time evolution and from its eigenmodes, beside theory."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Count, Duration, Length, Positive, number
from magjax.config.study.base import AbstractStudy, Findings
from magjax.mesh import AXES, Axis

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=0, maximum=1e8))]
Stiffness = Annotated[float, BeforeValidator(number("J/m", above=0, maximum=1e-9, hint="did you mean pJ/m?"))]
Field = Annotated[float, BeforeValidator(number("T", above=0, maximum=1e3, hint="did you mean mT?"))]
Cutoff = Annotated[float, BeforeValidator(number("Hz", above=0))]
Kind = Literal["exchange", "backward volume", "surface", "forward volume"]
WaveNumber = Annotated[float, BeforeValidator(number("rad/m", above=0))]

#: Waves run along x. How a film stands to them: the axis of its magnetisation, and that of the pulse across it.
_KINDS: dict[Kind, tuple[Axis, Axis]] = {
    "exchange": ("x", "y"),
    "backward volume": ("x", "y"),
    "surface": ("y", "x"),
    "forward volume": ("z", "x"),
}
#: Of the strongest wave number's power in a mode that is even through the thickness.
_EVEN = 0.5


class Waves(NamedTuple):
    """One geometry: `power` `(nf, nk)`, `f_time` `(nk,)`, and `k_mode`, `f_mode` of its even eigenmodes."""

    f: np.ndarray
    k: np.ndarray
    power: np.ndarray
    f_time: np.ndarray
    k_mode: np.ndarray
    f_mode: np.ndarray


class SpinWaveDispersion(AbstractStudy):
    """`kind = "spin_wave_dispersion"`: a film is struck by a pulse that holds all waves and frequencies up to cutoffs.

    The film is endless: a piece of it is repeated in the plane. Its response, Fourier transformed in space and time,
    has its maxima on ω(k); the eigenmodes of the same film lie there, too.

    - `Ms`, `A`, `alpha`: of the film; `thickness`, in `layers` of cells. `B`: field in the plane; `B_normal`: along the
      normal, which must exceed μ0 Ms.
    - `length`: of the piece, in `cells`; wave numbers are multiples of 2π/length, up to `k_max`.
    - `kinds`: "exchange" (without dipolar fields), "backward volume", "surface", "forward volume".
    - `cutoff`: the highest frequency of the pulse. `amplitude`: of the pulse, T. `duration`: of the run, s.
    """

    kind: Literal["spin_wave_dispersion"]
    Ms: Magnetisation
    A: Stiffness
    thickness: Length
    length: Length
    k_max: WaveNumber
    B: Field
    B_normal: Field
    cells: Count = 200
    layers: Count = 4
    alpha: Positive = 1e-3
    cutoff: Cutoff = 40e9
    amplitude: Field = 1e-3
    duration: Duration = 2e-9
    kinds: tuple[Kind, ...] = pydantic.Field(default=tuple(_KINDS), min_length=1)

    @pydantic.model_validator(mode="after")
    def _sensible(self) -> "SpinWaveDispersion":
        from magjax import constants

        if "forward volume" in self.kinds and not self.B_normal > constants.MU0 * self.Ms:
            least = constants.MU0 * self.Ms
            raise Problem(f"must exceed μ0 Ms = {least:.4g} T, or the film turns into its plane.", "B_normal")
        if not 2 * np.pi / self.length <= self.k_max <= np.pi * self.cells / self.length / 3:
            raise Problem("must lie between 2π/length and π/3 of a cell's edge, where waves are resolved.", "k_max")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        import xarray as xr

        found = {}
        for kind in self.kinds:
            say(f"{kind}: time evolution and eigenmodes")
            found[kind] = self._waves(kind)
        some = next(iter(found.values()))
        theory = np.stack([self.theory(kind, some.k) for kind in found])
        every = {name: np.stack([getattr(w, name) for w in found.values()]) for name in Waves._fields}
        data = {
            "power": (("kind", "f", "k"), every["power"], _named("", "power of the waves")),
            "f_time": (("kind", "k"), every["f_time"], _named("Hz", "frequency in the time evolution")),
            "f_theory": (("kind", "k"), theory, _named("Hz", "frequency, closed form")),
            "k_mode": (("kind", "mode"), every["k_mode"], _named("rad/m", "wave number of an eigenmode")),
            "f_mode": (("kind", "mode"), every["f_mode"], _named("Hz", "frequency of an eigenmode")),
        }
        coordinates = {
            "kind": ("kind", list(found), _named("", "geometry")),
            "f": ("f", some.f, _named("Hz", "frequency")),
            "k": ("k", some.k, _named("rad/m", "wave number")),
        }
        notes = tuple(self._note(kind, waves) for kind, waves in found.items())
        return Findings(xr.Dataset(data, coordinates), notes)

    def theory(self, kind: Kind, k: np.ndarray) -> np.ndarray:
        """The closed form of one geometry at wave numbers `k` (rad/m), Hz."""
        from magjax.analytic import dispersion, film_waves

        film: dict[str, Any] = {"A": self.A, "Ms": self.Ms}
        k = np.abs(k)
        if kind == "exchange":
            omega = dispersion.frequency(k**2, B=self.B, **film)
        elif kind == "forward volume":
            omega = film_waves.forward_volume_frequency(k, B=self.B_normal, thickness=self.thickness, **film)
        else:
            angle = 0.0 if kind == "backward volume" else np.pi / 2
            omega = film_waves.frequency(k, B=self.B, thickness=self.thickness, angle=angle, **film)
        return np.asarray(omega) / (2 * np.pi)

    def _waves(self, kind: Kind) -> Waves:
        import magjax as mj
        from magjax.observe import dispersion

        magnetisation, across = _KINDS[kind]
        edges = (self.length / self.cells, self.length, self.thickness / self.layers)
        mesh = mj.Mesh((self.cells, 1, self.layers), edges, periodic="xy")
        B = np.where(np.array(list(AXES)) == magnetisation, self.B_normal if magnetisation == "z" else self.B, 0.0)
        energy = mj.Exchange(A=self.A) + mj.Zeeman(B=B)
        if kind != "exchange":
            energy = energy + mj.Demag(mesh, images=(math.inf, math.inf, 0))
        film = mj.System(mesh, Ms=self.Ms, alpha=self.alpha, energy=energy)
        rest = mj.textures.uniform(mesh, magnetisation)
        t0 = 2 / self.cutoff
        times = np.arange(0, self.duration, 0.4 / self.cutoff)[1:]
        struck = film + mj.Zeeman(B=mj.drive.sinc(self.cutoff, t0) * self._pulse(mesh, AXES.index(across)))
        run = mj.evolve(struck, rest, times[-1], save_at=times, observe={"m": _state}, adjoint="forward")
        mj.results.check(run.result, "spin_wave_dispersion", kind)
        late = times > 2 * t0
        heard = dispersion(mesh, list(np.asarray(run.observed["m"])[late]), times[late], component=across)
        shown = np.abs(heard.k) <= self.k_max * (1 + 1e-9)
        waves = heard.f, heard.k[shown], heard.power[:, shown], heard.peaks()[shown]
        return Waves(*waves, *self._modes(film, rest, across))

    def _pulse(self, mesh: Any, component: int) -> np.ndarray:
        """The field along one axis that holds every wave up to `k_max` alike, T."""
        x = mesh.centers()[0] / self.length
        waves = np.arange(1, int(self.k_max * self.length / (2 * np.pi) + 1e-9) + 1)
        B = np.zeros((3, *mesh.shape))
        B[component] = self.amplitude * (1 + 2 * np.cos(2 * np.pi * waves[:, None, None, None] * (x - 0.5)).sum(axis=0))
        return B / (1 + 2 * len(waves))

    def _modes(self, film: Any, rest: Any, across: Axis) -> tuple[np.ndarray, np.ndarray]:
        """Wave numbers and frequencies of eigenmodes; NaN for those that are odd through the thickness."""
        import magjax as mj

        found = mj.eigenmodes(film, rest, 2 * int(self.k_max * self.length / (2 * np.pi) + 1e-9) + 1)
        mj.results.check(found.result, "spin_wave_dispersion", "in the eigenmodes")
        u = np.asarray(found.profile)[:, AXES.index(across), :, 0]
        waves = np.abs(np.fft.fft(u.mean(axis=1), axis=-1)) ** 2
        even = waves.sum(axis=1) > _EVEN * np.sum(np.abs(u) ** 2, axis=(1, 2)) * self.cells / self.layers
        k = np.abs(2 * np.pi * np.fft.fftfreq(self.cells, self.length / self.cells))[np.argmax(waves, axis=1)]
        return np.where(even, k, np.nan), np.where(even, np.asarray(found.frequency), np.nan)

    def _note(self, kind: Kind, waves: Waves) -> str:
        by_time = np.max(np.abs(waves.f_time / self.theory(kind, waves.k) - 1))
        even = np.isfinite(waves.k_mode)
        by_modes = np.max(np.abs(waves.f_mode[even] / self.theory(kind, waves.k_mode[even]) - 1))
        return (
            f"{kind}: off the closed form by at most {100 * by_time:.2g} % in the time evolution, "
            f"{100 * by_modes:.2g} % in {even.sum()} eigenmodes"
        )

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        kinds: list[Kind] = [str(kind) for kind in data["kind"].values]  # type: ignore[misc]
        columns = min(2, len(kinds))
        rows = -(-len(kinds) // columns)
        figure = fig.new_figure(3.4 * columns + 0.4, 2.7 * rows)
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True)
        k = np.linspace(0, self.k_max, 200)
        fine = np.concatenate([-k[:0:-1], k])
        for i, (kind, axes) in enumerate(zip(kinds, panels.ravel(), strict=False)):
            power = np.maximum(data["power"].values[i], 1e-300)
            shade = np.clip(np.log10(power / power.max()), -6, 0)
            axes.pcolormesh(data["k"] * 1e-6, data["f"] * 1e-9, shade, cmap="magma", shading="nearest", rasterized=True)
            axes.plot(
                fine * 1e-6, self.theory(kind, fine) * 1e-9, color=fig.LINE_COLORS[2], lw=1.0, label="closed form"
            )
            axes.plot(data["k"] * 1e-6, data["f_time"][i] * 1e-9, "k+", ms=4, mew=0.8, label="maxima")
            for side in (-1, 1):
                at = side * data["k_mode"][i] * 1e-6, data["f_mode"][i] * 1e-9
                name = "eigenmodes" if side > 0 else None
                axes.plot(*at, "o", mfc="none", mec=fig.LINE_COLORS[0], ms=5, mew=0.9, label=name)
            highest, lowest = (reduce(self.theory(kind, fine)) * 1e-9 for reduce in (np.max, np.min))
            margin = 0.6 * (highest - lowest)
            axes.set_ylim(max(lowest - margin, 0), highest + margin)
            axes.set_title(kind, fontsize=9, loc="left")
            axes.set_ylabel(fig.label("f", "GHz"))
            if i >= len(kinds) - columns:
                axes.set_xlabel("$k$ (rad/µm)")
            fig.tidy(axes)
        lines = panels[0, 0].get_legend_handles_labels()
        figure.legend(*lines, fontsize=8, frameon=False, loc="outside upper center", ncols=3)
        for spare in panels.ravel()[len(kinds) :]:
            spare.remove()
        return figure


def _state(t: Any, m: Any, system: Any) -> Any:
    return m


def _named(units: str, name: str) -> dict[str, str]:
    return {"units": units, "long_name": name}
