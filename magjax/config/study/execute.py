"""Running a study: its data to netCDF and CSV, its picture, and the record of how they came about."""

import hashlib
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.config.errors import at
from magjax.config.execute import Options
from magjax.config.record import Record
from magjax.config.study.base import Findings
from magjax.config.study.config import StudyConfig
from magjax.io import metadata, netcdf, table
from magjax.run.folder import Folder
from magjax.run.progress import clock

if TYPE_CHECKING:
    import xarray as xr


def execute(config: StudyConfig, out: Path, options: Options, *, tables: Mapping[str, Any]) -> Findings:
    """Run a study and write what it found.

    - `config`: the checked configuration, and `tables` as they were read. `out`: the folder. `options`: how.

    **Returns** what it found; read back from the folder where `options.resume` finds it done.

    **Raises** `FileExistsError` for a folder with something else in it, or with results that `options` do not say what
    to do with; `SolveError` where the study fails.
    """
    content = {key: value for key, value in tables.items() if key not in ("output", "title")}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]
    record = Record(out, digest)
    kept = record.look(resume=options.resume, overwrite=options.overwrite)
    record.make()
    with Folder(out).locked():
        if options.resume and kept.get("finished"):
            options.say("kept from before")
            return Findings(netcdf.read(out / "data.nc"), tuple(kept["notes"]))
        record.write({"finished": False})
        began = time.monotonic()
        if options.progress:
            options.say(f"{config.model.kind}: computing")
        with at("study"):
            found = config.model.run(options.say if options.progress else lambda _: None)
        seconds = time.monotonic() - began
        about = metadata.gather(config=json.dumps(dict(tables), default=str), timings={"study": seconds})
        write(found.data, out, about)
        if config.output.pictures:
            config.model.draw(found.data).savefig(out / "figure.png")
        record.write({"finished": True, "notes": list(found.notes), **about})
        if options.progress:
            options.say(f"{config.model.kind}: done after {clock(seconds)}")
    return found


def write(data: "xr.Dataset", out: Path, about: Mapping[str, Any]) -> None:
    """Write data to `data.nc`, and what lies along one dimension to `table.csv` (`table_DIM.csv` if along several).

    - `data`: as a study finds it. `out`: the folder. `about`: metadata.
    """
    netcdf.write(out / "data.nc", data.assign_attrs(metadata=metadata.dumps(about)))
    lines: dict[str, dict[str, Any]] = {}
    for name, variable in data.data_vars.items():
        if variable.ndim == 1 and np.isrealobj(variable.values) and variable.dtype.kind in "fiub":
            lines.setdefault(str(variable.dims[0]), {})[str(name)] = variable
    for dim, columns in lines.items():
        axis = {dim: data[dim]} if dim in data.coords and data[dim].dtype.kind in "fiu" else {}
        every = {**axis, **columns}
        units = {name: str(column.attrs.get("units", "")) for name, column in every.items()}
        name = "table.csv" if len(lines) == 1 else f"table_{dim}.csv"
        arrays = {key: np.asarray(column.values, float) for key, column in every.items()}
        table.write(out / name, arrays, units, metadata=about)
