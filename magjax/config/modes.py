"""A stage of eigenmodes: its table, its fields, its pictures, and the spectrum of an exciting field."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.config.errors import at
from magjax.config.job import Job
from magjax.config.report import StageReport
from magjax.config.stage import Eigenmodes
from magjax.io import metadata, netcdf, table
from magjax.results import SolveError
from magjax.run.progress import si

if TYPE_CHECKING:
    import xarray as xr

    from magjax.solve.linear.modes import Modes

#: What the stage writes.
MODE_FILES = ("modes.csv", "modes.nc", "modes.png", "modes_*.png", "absorption.csv", "absorption.png")
#: Frequencies of a spectrum.
_POINTS = 4001
#: Frequencies that are told.
_TOLD = 8


def run_modes(
    stage: Eigenmodes,
    name: str,
    system: Any,
    m0: Any,
    folder: Path,
    job: Job,
    about: Mapping[str, Any],
    say: Callable[[str], None],
) -> StageReport:
    """Find the modes about the state `m0` and write `MODE_FILES`; the stage's last state is that state.

    - `about`: metadata for the files. `say`: takes a line of text for the person who waits.

    **Raises** `ConfigError` where the state is no equilibrium, with its torque; `SolveError` where modes do not
    converge.
    """
    import magjax as mj

    say(f"{name}: {stage.count} modes of {system.mesh.n_cells:,} cells")
    found = mj.eigenmodes(system, m0, stage.count, torque=stage.torque)
    if not found.result.succeeded:
        raise SolveError(found.result, "eigenmodes", f"in the stage {name!r}")
    folder.mkdir(parents=True, exist_ok=True)
    numbers = {"frequency": "Hz", "linewidth": "Hz", "ellipticity": ""}
    columns = {"mode": np.arange(len(found.frequency)), **{key: np.asarray(getattr(found, key)) for key in numbers}}
    if stage.excitation is not None:
        with at("excitation"):
            B = _field(stage.excitation.build(job.site), system, found.m.dtype)
        columns["drive"] = np.asarray(found.drive(B))
        _absorption(stage, found, B, folder, about, job.config.output.pictures)
    units = {"mode": "", "drive": "rad/s", **numbers}
    table.write(folder / "modes.csv", columns, {key: units[key] for key in columns}, metadata=about)
    netcdf.write(folder / "modes.nc", _in_parts(found.to_xarray()).assign_attrs(metadata=metadata.dumps(about)))
    if job.config.output.pictures and stage.pictures:
        for file, which in _pictures(system):
            found.plot_profiles(stage.pictures, sublattice=which).savefig(folder / file)
    low = [si(float(f), "Hz", 4) for f in found.frequency[:_TOLD]]
    notes = [f"lowest frequencies {', '.join(low)}"]
    if stage.excitation is not None:
        best = int(np.argmax(columns["drive"]))
        notes.append(f"the field drives mode {best} most, at {si(float(found.frequency[best]), 'Hz', 4)}")
    say(f"{name}: {notes[0]}")
    average = tuple(float(c) for c in np.asarray(system.average(found.m)))
    return StageReport(
        name, stage.kind, folder, found.m, average, {}, found.result.name, int(found.steps), None, 0.0, tuple(notes)
    )


def _pictures(system: Any) -> list[tuple[str, int | None]]:
    """The files of profiles, and whose spins each shows."""
    from magjax.system import Sublattices

    if not isinstance(system, Sublattices):
        return [("modes.png", None)]
    return [(f"modes_{name}.png", i) for i, name in enumerate(system.sublattices)]


def _field(B: Any, system: Any, dtype: Any) -> Any:
    from magjax.material.parameter import in_space
    from magjax.system import Sublattices

    regions = system.systems[0].regions if isinstance(system, Sublattices) else system.regions
    return in_space(B, mesh=system.mesh, regions=regions, dtype=dtype, vector=True)


def _absorption(stage: Eigenmodes, found: "Modes", B: Any, folder: Path, about: Mapping[str, Any], draw: bool) -> None:
    """The power absorbed from the field, which damping makes finite."""
    around = found.around(_POINTS)
    f = np.linspace(stage.f_min or around[0], stage.f_max or around[-1], _POINTS)
    power = np.asarray(found.absorption(f, B))
    units = {"f": "Hz", "absorption": "W"}
    table.write(folder / "absorption.csv", {"f": f, "absorption": power}, units, metadata=about)
    if draw:
        found.plot_spectrum(B, f).savefig(folder / "absorption.png")


def _in_parts(data: "xr.Dataset") -> "xr.Dataset":
    """Complex fields as two real ones: netCDF knows no complex numbers."""
    complex_ = [name for name, values in data.data_vars.items() if np.iscomplexobj(values.values)]
    parts = {f"{name}_{part}": getattr(data[name], part) for name in complex_ for part in ("real", "imag")}
    parts = {name: values.assign_attrs(data[name.rpartition("_")[0]].attrs) for name, values in parts.items()}
    return data.drop_vars(complex_).assign(parts)
