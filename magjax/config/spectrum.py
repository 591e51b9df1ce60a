"""`spectrum = { … }` of a stage: which waves its saved fields hold."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from magjax.config.model import Model, number
from magjax.mesh import Axis

_K = BeforeValidator(number("rad/m", above=0))
_F = BeforeValidator(number("Hz", above=0))


class Spectrum(Model):
    """Power of one `component` of m, of two sublattices of their Néel vector, over frequency and wave number.

    - `along`: the axis of the wave vector.
    - `k_max`, `f_max`: the part that the picture shows, rad/m and Hz.
    """

    component: Axis = "y"
    along: Axis = "x"
    k_max: Annotated[float, _K] | None = None
    f_max: Annotated[float, _F] | None = None

    def write(self, run: Any, folder: Path, *, pictures: bool) -> str:
        """Write `spectrum.nc` and `spectrum.png`; what was written, as a line of text."""
        import xarray as xr

        from magjax.io import netcdf
        from magjax.observe import dispersion
        from magjax.run.state_fields import shown

        states = [shown(m, run.sublattices)[0] for m in run.states]
        found = dispersion(run.mesh, states, run.t_states, component=self.component, along=self.along)
        power = xr.DataArray(found.power, {"f": found.f, "k": found.k}, ("f", "k"), "power")
        for name, unit in (("f", "Hz"), ("k", "rad/m")):
            power[name].attrs["units"] = unit
        netcdf.write(folder / "spectrum.nc", power.to_dataset())
        if not pictures:
            return "spectrum.nc"
        from magjax.plot.spectrum import plot_spectrum

        figure = plot_spectrum(found.k, found.f, found.power, k_max=self.k_max, f_max=self.f_max)
        figure.savefig(folder / "spectrum.png")
        return "spectrum.nc, spectrum.png"
