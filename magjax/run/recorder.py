"""What a run leaves behind: rows and states, on disk as they come, or in memory."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from magjax.io import netcdf, odt, ovf, table, vtk, zarr
from magjax.mesh import Mesh
from magjax.run.folder import Folder
from magjax.run.loading import saved_states
from magjax.run.result import Frames, Run
from magjax.run.state_fields import field_names, fields_of

#: Formats of saved states.
FORMATS = ("ovf", "vtk", "zarr", "netcdf")


class Recorder:
    """Takes rows and states in the order of time.

    - `mesh`: the mesh. `units`: units by name of the table's columns.
    - `folder`: where to write; `None` keeps everything in memory.
    - `formats`: formats of the states.
    - `sublattices`: names of the sublattices; none of a ferromagnet.
    - `origin`: metadata that each file carries; the same for the same run, so that files can be compared byte by byte.

    >>> import numpy as np, magjax as mj
    >>> from magjax.run.recorder import Recorder
    >>> recorder = Recorder(mj.Mesh((2, 1, 1), 5e-9), {"t": "s", "m_x": ""}, None, (), {})
    >>> recorder.rows({"t": np.zeros(1), "m_x": np.ones(1)})
    >>> recorder.columns()["m_x"]
    array([1.])
    """

    def __init__(
        self,
        mesh: Mesh,
        units: Mapping[str, str],
        folder: Folder | None,
        formats: Sequence[str],
        origin: Mapping[str, Any],
        sublattices: Sequence[str] = (),
    ):
        self.sublattices = tuple(sublattices)
        self.mesh, self.folder, self.origin = mesh, folder, dict(origin)
        self.units = dict(units)
        # netCDF files are written in one piece at the end; until then the states need a place on disk.
        self.formats = tuple(formats) if set(formats) - {"netcdf"} else (*formats, "ovf")
        self._parts: list[dict[str, np.ndarray]] = []
        self._states: list[np.ndarray] = []
        self._state_rows: list[int] = []
        self._table: table.TableWriter | None = None
        self._store: zarr.FrameWriter | None = None

    def start(self) -> None:
        """Begin the files."""
        if self.folder is not None:
            self._table = table.create(self.folder.table, self.units, metadata=self.origin)

    def go_on(self, rows: int, t: float) -> None:
        """Go on where a checkpoint was written: with that many rows, the last at time `t` (s)."""
        if self.folder is None:
            return
        self._table = table.resume(self.folder.table, after=t)
        known = table.read(self.folder.table)
        self._parts = [{name: known.data[name].to_numpy() for name in self.units}]
        files = [f for name in field_names(self.sublattices) for f in self.folder.frames(".ovf", name)]
        for row, path in (*files, *self.folder.frames(".vti")):
            if row >= rows:
                path.unlink()
        if self.folder.zarr.is_dir():
            self._store = zarr.resume(self.folder.zarr, after=t)

    def rows(self, columns: Mapping[str, np.ndarray]) -> None:
        """Add rows."""
        if len(columns["t"]) == 0:
            return
        self._parts.append({name: np.asarray(columns[name], dtype=np.float64) for name in self.units})
        if self._table is not None:
            self._table.append({name: columns[name] for name in self.units})

    def state(self, row: int, t: float, m: Any) -> None:
        """Save the state at a row, time `t` (s)."""
        # A copy of its own: the run goes on in the memory that `m` lies in.
        m = np.array(m)
        if self.folder is None:
            self._states.append(m)
            self._state_rows.append(row)
            return
        about: dict[str, Any] = {"time": t, "metadata": self.origin}
        fields = fields_of(m, self.sublattices)
        if "ovf" in self.formats:
            for name, field in fields.items():
                ovf.write(self.folder.frame(row, ".ovf", name), self.mesh, field, title=name, **about)
        if "vtk" in self.formats:
            vtk.write(self.folder.frame(row, ".vti"), self.mesh, fields, encoding="raw", **about)
        if "zarr" in self.formats:
            if self._store is None:
                parts = dict.fromkeys(fields, "xyz")
                self._store = zarr.create(self.folder.zarr, self.mesh, parts, dtype=m.dtype, metadata=self.origin)
            self._store.append(t, fields)

    def settle(self) -> None:
        """Bring the rows to the disk for good, before a checkpoint relies on them."""
        if self._table is not None:
            with self._table.path.open("rb") as file:
                os.fsync(file.fileno())

    def columns(self) -> dict[str, np.ndarray]:
        """The table so far."""
        if not self._parts:
            return {name: np.zeros(0) for name in self.units}
        return {name: np.concatenate([part[name] for part in self._parts]) for name in self.units}

    def states(self) -> Frames:
        """The states so far."""
        if self.folder is None:
            return Frames(tuple(self._state_rows), self._states.__getitem__)
        return saved_states(self.folder, self.columns()["t"], self.sublattices)

    def leave(self, t: float, m: Any) -> None:
        """Write what only the state the run is left in can complete: that state, and the table for other programs."""
        if self.folder is None:
            return
        for name, field in fields_of(m, self.sublattices).items():
            ovf.write(self.folder.last(name), self.mesh, field, title=name, time=t, metadata=self.origin)
        columns = self.columns()
        if len(columns["t"]):
            odt.write(self.folder.odt, columns, self.units, metadata=self.origin)
        files = self.folder.frames(".vti")
        if files:
            vtk.write_series(self.folder.series, [(float(columns["t"][row]), path) for row, path in files])

    def finish(self, run: Run, *, pictures: bool, movie: bool) -> None:
        """Write what is made of a whole run: pictures, a film, one netCDF file."""
        if self.folder is None:
            return
        if "netcdf" in self.formats and len(run.states):
            netcdf.write(self.folder.netcdf, run.to_xarray())
        if pictures:
            run.plot().savefig(self.folder.table_picture)
            run.plot_state().savefig(self.folder.final_picture)
        if movie and len(run.states):
            run.animate(self.folder.movie)
