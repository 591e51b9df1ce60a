"""Study `kittel_resonance`: how bodies of different shapes resonate, by simulation on grids and by Kittel's formula."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import numpy as np
import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Length, number
from magjax.config.study.base import AbstractStudy, Findings

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

Magnetisation = Annotated[float, BeforeValidator(number("A/m", above=0, maximum=1e8))]
Stiffness = Annotated[float, BeforeValidator(number("J/m", above=0, maximum=1e-9, hint="did you mean pJ/m?"))]
Field = Annotated[float, BeforeValidator(number("T", above=0, maximum=1e3, hint="did you mean mT?"))]
Body = Literal["sphere", "cylinder", "slab", "film", "film along its normal"]

#: Demagnetising factors along x, y, z: the field is along z.
FACTORS: dict[str, tuple[float, float, float]] = {
    "sphere": (1 / 3, 1 / 3, 1 / 3),
    "cylinder": (1 / 2, 1 / 2, 0.0),
    "slab": (0.2, 0.8, 0.0),
    "film": (0.0, 1.0, 0.0),
    "film along its normal": (0.0, 0.0, 1.0),
}
#: Turns that are listened to, samples of them, and the spins' tilt at the start.
_TURNS, _SAMPLES, _TILT = 6.0, 120, 1e-3


class _Sample(NamedTuple):
    cells: tuple[int, int, int]
    periodic: str
    shape: Any


class KittelResonance(AbstractStudy):
    """`kind = "kittel_resonance"`: bodies in a field along z, struck by a tilt of 1 mrad, ring at Kittel's frequencies.

    Everything is on grids, with exchange and the demagnetising field of all cells: a ball of cells, an endless rod of
    round cross-section, an endless bar of rectangular one (slab), and an endless film, magnetised in its plane or along
    its normal. Bodies of some exchange lengths ring as a whole.

    - `Ms`, `A`: of the material. `size`: diameter of ball and rod, width of the bar, thickness of the film.
    - `fields`: along z, T; a film along its normal needs more than μ0 Ms, and a ball μ0 Ms/3.
    - `bodies`: which of them.
    """

    kind: Literal["kittel_resonance"]
    Ms: Magnetisation
    A: Stiffness
    size: Length
    fields: tuple[Field, ...] = pydantic.Field(min_length=1)
    bodies: tuple[Body, ...] = pydantic.Field(default=tuple(FACTORS), min_length=1)  # type: ignore[assignment]

    @pydantic.model_validator(mode="after")
    def _saturated(self) -> "KittelResonance":
        from magjax import constants

        needed = max(FACTORS[body][2] for body in self.bodies) * constants.MU0 * self.Ms
        if not min(self.fields) > needed:
            raise Problem(f"must exceed {needed:.4g} T, or not every body is magnetised along it.", "fields")
        return self

    def run(self, say: Callable[[str], None]) -> Findings:
        import xarray as xr

        from magjax.analytic import demag, macrospin

        found, closed = [], []
        for body in self.bodies:
            say(body)
            # A bar is no ellipsoid: its factors are those of the uniform state.
            slab = demag.prism_factors((self.size, self.size / 4, 1e4 * self.size))
            factors = slab if body == "slab" else FACTORS[body]
            kittel = [float(macrospin.resonance_frequency(B, self.Ms, factors)) for B in self.fields]
            closed.append(np.array(kittel) / (2 * np.pi))
            found.append(self._rung(body, kittel))
        data = {
            "f": (("body", "B"), np.array(found), {"units": "Hz", "long_name": "frequency of the ringing"}),
            "f_kittel": (("body", "B"), np.array(closed), {"units": "Hz", "long_name": "Kittel's frequency"}),
        }
        coordinates = {
            "body": ("body", list(self.bodies), {"units": "", "long_name": "body"}),
            "B": ("B", np.array(self.fields), {"units": "T", "long_name": "field"}),
        }
        off = np.max(np.abs(np.array(found) / np.array(closed) - 1), axis=1)
        notes = tuple(
            f"{body}: off Kittel's frequency by at most {100 * d:.2g} %"
            for body, d in zip(self.bodies, off, strict=True)
        )
        return Findings(xr.Dataset(data, coordinates), notes)

    def _rung(self, body: str, kittel: list[float]) -> np.ndarray:
        """The frequencies at which one body rings in each field, Hz; all fields are one program."""
        import jax
        import jax.numpy as jnp

        import magjax as mj
        from magjax.observe import ringing

        sample = self._sample(body)
        height = self.size / 4 if body == "slab" else self.size
        edges = self.size / sample.cells[0], height / sample.cells[1], self.size / sample.cells[2]
        mesh = mj.Mesh(sample.cells, edges, periodic=sample.periodic)
        images = [math.inf if axis in sample.periodic else 0 for axis in "xyz"]
        material = mj.System(
            mesh, Ms=self.Ms, energy=mj.Exchange(A=self.A) + mj.Demag(mesh, images=images), shape=sample.shape
        )
        tilted = mj.textures.uniform(mesh, (math.sin(_TILT), 0, math.cos(_TILT)))
        turns = 2 * np.pi / np.array(kittel)
        part = np.linspace(0, 1, _SAMPLES + 1)[1:]

        @jax.jit
        @jax.vmap
        def ring(B: Any, turn: Any) -> Any:
            # In units of its own period, so that all fields take the same number of steps.
            system = material + mj.Zeeman(B=B * jnp.array([0.0, 0.0, 1.0]))
            times = _TURNS * turn * part
            run = mj.evolve(system, tilted, times[-1], save_at=times, tolerance=1e-9, adjoint="forward")
            return run.average, run.outcome

        average, outcome = ring(jnp.asarray(self.fields), jnp.asarray(turns))
        mj.results.check(outcome, "kittel_resonance", body)
        across = np.asarray(average)[:, :, 0]
        rates = [
            np.max(np.abs(ringing(_TURNS * turn * part, signal, count=2).omega))
            for turn, signal in zip(turns, across, strict=True)
        ]
        return np.array(rates) / (2 * np.pi)

    def _sample(self, body: str) -> _Sample:
        import magjax as mj

        match body:
            case "sphere":
                return _Sample((6, 6, 6), "", mj.shapes.sphere(diameter=self.size))
            case "cylinder":
                return _Sample((8, 8, 1), "z", mj.shapes.cylinder(diameter=self.size))
            case "slab":
                return _Sample((8, 2, 1), "z", None)
            case "film":
                return _Sample((1, 2, 1), "xz", None)
        return _Sample((1, 1, 2), "xy", None)

    def draw(self, data: "xr.Dataset") -> "Figure":
        from magjax.plot import figure as fig

        figure = fig.new_figure(5.4, 3.2)
        axes = figure.subplots()
        for i, body in enumerate(data["body"].values):
            color = fig.LINE_COLORS[i % len(fig.LINE_COLORS)]
            axes.plot(data["B"], data["f_kittel"][i] * 1e-9, color=color, lw=1.0, label=str(body))
            axes.plot(data["B"], data["f"][i] * 1e-9, "o", color=color, mfc="white", ms=4)
        axes.set(xlabel=fig.label("B", "T"), ylabel=fig.label("f", "GHz"))
        axes.legend(fontsize=8, frameon=False, title="lines: Kittel", title_fontsize=8)
        fig.tidy(axes)
        return figure
