"""`track = { what = … }`: what a stage follows in the table, and how fast it moved."""

import abc
from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator

from magjax.config.model import Coordinate, Flag, Model, choose
from magjax.mesh import AXES, Axis, Mesh


class AbstractTrack(Model, abc.ABC):
    """A table with the key `what`."""

    what: str

    @abc.abstractmethod
    def columns(self) -> dict[str, Any]:
        """Functions f(t, m, system) by heading."""

    @abc.abstractmethod
    def places(self) -> dict[Axis, str]:
        """The columns that hold positions, by axis."""

    def observed(self) -> dict[str, Any]:
        """The same functions for any system: of two sublattices they see the Néel vector, of more the first."""
        return {heading: _of_order(function) for heading, function in self.columns().items()}

    def note(self, run: Any, mesh: Mesh) -> str:
        """What a person wants to know: the mean velocity over the second half of a run."""
        half = len(run.t) // 2
        found = []
        for axis, column in self.places().items():
            path = np.asarray(run.table[column])[half:]
            if not np.all(np.isfinite(path)):
                return f"{self.what}: lost on the way"
            if mesh.is_periodic(axis):
                path = np.unwrap(path, period=mesh.extent[AXES.index(axis)])
            found.append(f"{(path[-1] - path[0]) / (run.t[-1] - run.t[half]):.4g}")
        return f"{self.what}: {', '.join(found)} m/s along {', '.join(self.places())} over the second half"


def _of_order(function: Callable[..., Any]) -> Callable[..., Any]:
    def observed(t: Any, m: Any, system: Any) -> Any:
        from magjax.numerics.sphere import normalize

        if not system.sublattices:
            return function(t, m, system)
        n = normalize(m[0] - m[1]) if len(system.sublattices) == 2 else m[0]
        return function(t, n, system[system.sublattices[0]])

    return observed


class TrackedWall(AbstractTrack):
    """`what = "wall"`: `component` along the easy axis, `axis` across it; `rising` or not; the one `near` a place."""

    what: Literal["wall"]
    component: Axis = "z"
    axis: Axis = "x"
    rising: Flag | None = None
    near: Coordinate | None = None

    def columns(self) -> dict[str, Any]:
        from magjax.observe import Wall

        wall = Wall(self.component, self.axis, self.rising, self.near)

        def part(name: str) -> Any:
            return lambda t, m, system: wall(t, m, system)[name]

        headings = {"wall (m)": "position", "wall_width (m)": "width", "wall_angle (rad)": "angle"}
        return {heading: part(name) for heading, name in headings.items()}

    def places(self) -> dict[Axis, str]:
        return {self.axis: "wall"}


class TrackedSkyrmion(AbstractTrack):
    """`what = "skyrmion"`: its centre, radius, and the skyrmion number of the film."""

    what: Literal["skyrmion"]

    def columns(self) -> dict[str, Any]:
        from magjax import observe

        return {
            "skyrmion_x (m)": lambda t, m, system: observe.skyrmion_position(t, m, system)[0],
            "skyrmion_y (m)": lambda t, m, system: observe.skyrmion_position(t, m, system)[1],
            "radius (m)": observe.skyrmion_radius,
            "skyrmion_number": observe.skyrmion_number,
        }

    def places(self) -> dict[Axis, str]:
        return {"x": "skyrmion_x", "y": "skyrmion_y"}


class TrackedCore(AbstractTrack):
    """`what = "core"`: where the core of a vortex is."""

    what: Literal["core"]

    def columns(self) -> dict[str, Any]:
        from magjax.observe import core_position

        return {
            "core_x (m)": lambda t, m, system: core_position(t, m, system)[0],
            "core_y (m)": lambda t, m, system: core_position(t, m, system)[1],
        }

    def places(self) -> dict[Axis, str]:
        return {"x": "core_x", "y": "core_y"}


TRACKS: dict[str, type[AbstractTrack]] = {"wall": TrackedWall, "skyrmion": TrackedSkyrmion, "core": TrackedCore}

#: Anything to follow.
Track = Annotated[AbstractTrack, BeforeValidator(choose("what", lambda: TRACKS))]
