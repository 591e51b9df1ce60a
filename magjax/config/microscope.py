"""`microscopes = [{ what = … }]` of a stage: how microscopes see the state that it ends with."""

import abc
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator

from magjax.config.errors import at
from magjax.config.model import Length, Model, as_list, choose, number
from magjax.material.description import numbered

Defocus = Annotated[float, BeforeValidator(number("m", minimum=-1.0, maximum=1.0, hint="did you mean µm?"))]
Voltage = Annotated[float, BeforeValidator(number("V", minimum=1e3, maximum=1e8, hint="did you mean kV?"))]
Divergence = Annotated[float, BeforeValidator(number("rad", minimum=0.0, maximum=0.1, hint="did you mean mrad?"))]


class AbstractMicroscope(Model, abc.ABC):
    """A table with the key `what`."""

    what: str

    @property
    @abc.abstractmethod
    def units(self) -> str:
        """Of the image."""

    @abc.abstractmethod
    def image(self, m: Any, system: Any) -> Any:
        """What is seen of a state, `(ny, nx)`, in `units`."""


class ForceMicroscope(AbstractMicroscope):
    """`what = "mfm"`: ∂²B_z/∂z² as a magnetic tip feels it at a `height` above the sample, m."""

    what: Literal["mfm"]
    height: Length

    @property
    def units(self) -> str:
        return "T/m²"

    def image(self, m: Any, system: Any) -> Any:
        from magjax.observe import mfm

        return mfm(0.0, m, system, height=self.height)


class Phase(AbstractMicroscope):
    """`what = "electron_phase"`: that of electrons behind the sample, as holograms show it."""

    what: Literal["electron_phase"]

    @property
    def units(self) -> str:
        return "rad"

    def image(self, m: Any, system: Any) -> Any:
        from magjax.observe import electron_phase

        return electron_phase(0.0, m, system)


class LorentzMicroscope(AbstractMicroscope):
    """`what = "lorentz"`: the intensity at a `defocus`, m, negative in underfocus; `voltage`, V; `divergence`, rad."""

    what: Literal["lorentz"]
    defocus: Defocus
    voltage: Voltage = 300e3
    divergence: Divergence = 0.0

    @property
    def units(self) -> str:
        return ""

    def image(self, m: Any, system: Any) -> Any:
        from magjax.observe import lorentz

        return lorentz(0.0, m, system, defocus=self.defocus, voltage=self.voltage, divergence=self.divergence)


MICROSCOPES: dict[str, type[AbstractMicroscope]] = {
    "mfm": ForceMicroscope,
    "electron_phase": Phase,
    "lorentz": LorentzMicroscope,
}
#: What the images leave.
MICROSCOPE_FILES = tuple(f"{what}{rest}" for what in MICROSCOPES for rest in (".nc", ".png", "_*.nc", "_*.png"))

_Microscope = Annotated[AbstractMicroscope, BeforeValidator(choose("what", lambda: MICROSCOPES))]
#: Any number of images.
Microscopes = Annotated[tuple[_Microscope, ...], BeforeValidator(as_list)]


def write_images(
    microscopes: tuple[AbstractMicroscope, ...],
    m: Any,
    system: Any,
    folder: Path,
    about: Mapping[str, Any],
    place: tuple[str | int, ...],
    *,
    pictures: bool,
) -> None:
    """Write each image as `WHAT.nc`, with a picture beside it; a second of its kind as `WHAT_2.nc`.

    - `m`, `system`: the state. `about`: metadata for the files. `place`: of the stage in the configuration.

    **Raises** `ConfigError` where a sample has no image of that kind.
    """
    import xarray as xr

    from magjax.io import metadata, netcdf
    from magjax.plot.fields import plot_field

    mesh = system.mesh
    for i, (microscope, name) in enumerate(zip(microscopes, numbered(each.what for each in microscopes), strict=True)):
        with at(*place, "microscopes", i):
            image = np.asarray(microscope.image(m, system))
        places = {axis: ((axis,), mesh.coordinates(axis), {"units": "m"}) for axis in ("y", "x")}
        told = {key: value for key, value in microscope.model_dump().items() if key != "what"}
        data = xr.DataArray(image, places, ("y", "x"), microscope.what, {"units": microscope.units, **told})
        netcdf.write(folder / f"{name}.nc", data.to_dataset().assign_attrs(metadata=metadata.dumps(about)))
        if pictures:
            plane = type(mesh)((mesh.cells[0], mesh.cells[1], 1), mesh.cell_size, origin=mesh.origin)
            label = {"mfm": "∂²B/∂z²", "electron_phase": "φ", "lorentz": "I"}[microscope.what]
            figure = plot_field(plane, image[None], name=label, units=microscope.units, title=_title(microscope))
            figure.savefig(folder / f"{name}.png")


def _title(microscope: AbstractMicroscope) -> str:
    from magjax.run.progress import si

    match microscope:
        case ForceMicroscope():
            return f"force microscope, {si(microscope.height, 'm')} above"
        case LorentzMicroscope():
            side = "overfocus" if microscope.defocus > 0 else "underfocus"
            return f"Lorentz microscope, {si(abs(microscope.defocus), 'm')} {side}"
    return "phase of electrons"
