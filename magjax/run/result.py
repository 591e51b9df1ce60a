"""What a run gives: its table, its fields, and what can be done with them."""

import dataclasses
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.io import netcdf, zarr
from magjax.io import xarray as _xarray
from magjax.io.field import Field
from magjax.io.formats import FIELD_SUFFIXES, TABLE_SUFFIXES, write_field, write_table
from magjax.io.table import Table
from magjax.mesh import Mesh
from magjax.results import Outcome
from magjax.run.progress import clock, si
from magjax.run.state_fields import field_names, fields_of, shown

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure

    from magjax.system import AbstractSystem


@dataclasses.dataclass(frozen=True)
class Frames(Sequence[np.ndarray]):
    """The states of a run, in memory or read from disk when they are looked at.

    - `rows`: the rows of the table they belong to.
    - `read`: gives the state of a number from 0 on.

    >>> import numpy as np
    >>> from magjax.run.result import Frames
    >>> frames = Frames((0, 5), [np.zeros((3, 1, 1, 2)), np.ones((3, 1, 1, 2))].__getitem__)
    >>> len(frames), float(frames[-1].max())
    (2, 1.0)
    """

    rows: tuple[int, ...]
    read: Callable[[int], np.ndarray]

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self.read(i) for i in range(*index.indices(len(self)))]
        if not -len(self) <= index < len(self):
            raise IndexError(f"Argument `index` must lie within the {len(self)} saved states, but got {index}.")
        return self.read(index % len(self))


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Run:
    """What `mj.simulate` and `mj.load_run` return; a state to start from, wherever one is asked for.

    - `mesh`: the mesh. `system`: the system, or `None` if the run was loaded.
    - `m`: the final spins, `(3, nz, ny, nx)`, or `(S, 3, nz, ny, nx)` of sublattices.
    - `table`: arrays `(n,)` by column name: `t`, ⟨m⟩ as `m_x`, `m_y`, `m_z`, `E_total` and the energy of each term,
      `max_torque` (largest |m×B|), `max_dmdt`, `dt` (the next step), and what `observe` asked for.
    - `units`: their units.
    - `states`: the saved states, read from disk one by one where there is a folder.
    - `outcome`: how it ended; `None` for a run that was killed.
    - `metadata`: what made it. `folder`: where its files are, if it has any.
    - `sublattices`: their names, in the order of the spins' first axis; none of a ferromagnet. The table then has the
      averages of each as `m_a_x` and so on, and of two sublattices the Néel vector, `n_x`, `n_y`, `n_z`.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> run = mj.simulate(spin, mj.textures.uniform(mesh, "x"), 20e-12, save_every=10e-12, progress=False)
    >>> run.t.tolist(), run.average.shape
    ([0.0, 1e-11, 2e-11], (3, 3))
    >>> run.save("spin.csv")
    """

    mesh: Mesh
    system: "AbstractSystem | None"
    m: Any
    table: dict[str, np.ndarray]
    units: dict[str, str]
    states: Frames
    outcome: Outcome | None
    metadata: dict[str, Any]
    folder: Path | None = None
    sublattices: tuple[str, ...] = ()

    @property
    def t(self) -> np.ndarray:
        """`(n,)` times of the rows, s; the first is the start."""
        return self.table["t"]

    @property
    def average(self) -> np.ndarray:
        """`(n, 3)` ⟨m⟩ = Σ Ms m / Σ Ms."""
        return np.stack([self.table[f"m_{axis}"] for axis in "xyz"], axis=1)

    @property
    def t_states(self) -> np.ndarray:
        """Times of the saved states, s."""
        return self.t[list(self.states.rows)]

    @property
    def order_columns(self) -> tuple[str, ...]:
        """The columns of ⟨m⟩, or of two sublattices of the Néel vector."""
        name = "n" if "n_x" in self.table else "m"
        return tuple(f"{name}_{axis}" for axis in "xyz")

    @property
    def observed_columns(self) -> tuple[str, ...]:
        """The columns of what `observe` asked for."""
        names = list(self.table)
        # They come after all others, of which the next step is the last.
        return tuple(names[names.index("dt") + 1 :])

    def plot(self, columns: Sequence[str] | None = None) -> "Figure":
        """Show columns of the table along time, a panel per unit.

        - `columns`: one or several; by default ⟨m⟩, of two sublattices the Néel vector, and what `observe` asked for.

        **Raises** `ValueError` for unknown columns.
        """
        from magjax.plot.series import plot_series

        columns = self.order_columns + self.observed_columns if columns is None else columns
        columns = [columns] if isinstance(columns, str) else columns
        for name in columns:
            if name not in self.table:
                raise ValueError(f"Argument `columns` must name some of {list(self.table)}, but got {name!r}.")
        return plot_series(self.t, {name: self.table[name] for name in columns}, units=self.units)

    def plot_state(self, index: int | None = None, *, sublattice: str | None = None, **options: Any) -> "Figure":
        """Show the final state, or the saved state of a number; options are those of `plot_field`.

        - `sublattice`: the one to show; by default the Néel vector of two.
        """
        from magjax.plot.fields import plot_field

        field, name = shown(self.m if index is None else self.states[index], self.sublattices, sublattice)
        return plot_field(self.mesh, field, **{"name": name, **options})

    def animate(self, path: str | os.PathLike[str], *, sublattice: str | None = None, **options: Any) -> None:
        """Write the saved states as an animated GIF; options are those of `magjax.plot.animation.animate`.

        - `sublattice`: the one to show; by default the Néel vector of two.

        **Raises** `ValueError` if no states were saved.
        """
        from magjax.plot.animation import animate

        if not len(self.states):
            raise ValueError("A run can be animated if it has saved states; pass `fields_every` to `mj.simulate`.")
        fields = Frames(self.states.rows, lambda i: shown(self.states[i], self.sublattices, sublattice)[0])
        animate(self.mesh, fields, self.t_states, path, **options)

    def to_pandas(self) -> "pd.DataFrame":
        """The table as a `DataFrame`, its units in `.attrs`."""
        import pandas as pd

        frame = pd.DataFrame(self.table)
        frame.attrs["units"] = dict(self.units)
        return frame

    def to_xarray(self) -> "xr.Dataset":
        """Table and saved states, or with none the final one, as a `Dataset` with SI coordinates.

        The spins are `m`, those of sublattices `m_a`, `m_b` and so on.

        Where states were saved less often than rows, the table has a time axis of its own, `t_table`.
        """
        columns = {name: values for name, values in self.table.items() if name != "t"}
        about: dict[str, Any] = {"columns": columns, "units": self.units, "metadata": self.metadata}
        if not len(self.states):
            data = _xarray.dataset(self.mesh, {}, t=self.t, **about).rename(t="t_table")
            fields = fields_of(self.m, self.sublattices)
            return data.assign({k: _xarray.field_array(self.mesh, v, name=k) for k, v in fields.items()})
        frames = [fields_of(m, self.sublattices) for m in self.states]
        fields = {k: np.stack([frame[k] for frame in frames]) for k in field_names(self.sublattices)}
        if len(self.states) == len(self.t):
            return _xarray.dataset(self.mesh, fields, t=self.t, **about)
        data = _xarray.dataset(self.mesh, {}, t=self.t, **about).rename(t="t_table")
        return data.assign({k: _xarray.field_array(self.mesh, v, name=k, t=self.t_states) for k, v in fields.items()})

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save in the format that the name's ending says.

        `.nc`, `.zarr`: table and states. `.csv`, `.odt`: the table. `.ovf`, `.vti`: the final state.

        **Raises** `ValueError` for another ending.
        """
        suffix = Path(path).suffix.lower()
        if suffix in TABLE_SUFFIXES:
            write_table(path, Table(self.to_pandas(), self.units, self.metadata))
        elif suffix in (".nc", ".zarr"):
            (netcdf if suffix == ".nc" else zarr).write(path, self.to_xarray())
        elif suffix in FIELD_SUFFIXES:
            end = float(self.t[-1]) if len(self.t) else None
            fields = fields_of(self.m, self.sublattices)
            labels = tuple(f"{name}_{axis}" for name in fields for axis in "xyz")
            values = np.concatenate(list(fields.values()))
            write_field(path, Field(self.mesh, values, labels, ("",) * len(labels), end, "m", self.metadata))
        else:
            known = ", ".join((*FIELD_SUFFIXES, *TABLE_SUFFIXES))
            raise ValueError(f"Argument `path` must end in one of {known}, but got {os.fspath(path)!r}.")

    def __str__(self) -> str:
        how = "UNFINISHED" if self.outcome is None else self.outcome.name
        nx, ny, nz = self.mesh.cells
        dx, dy, dz = (f"{d * 1e9:g}" for d in self.mesh.cell_size)
        long = si(float(np.ptp(self.t)) if len(self.t) else 0.0, "s")
        lines = [f"Run {how}: {long} on {nx}×{ny}×{nz} cells of {dx}×{dy}×{dz} nm"]
        lines += [f"  table   {len(self.t)} rows: {', '.join(self.table)}", f"  states  {len(self.states)} saved"]
        if len(self.t):
            x, y, z = self.average[-1]
            lines.append(
                f"  end     ⟨m⟩ = ({x:.6f}, {y:.6f}, {z:.6f}), E = {self.table['E_total'][-1]:.6g} J, "
                f"torque {si(float(self.table['max_torque'][-1]), 'T')}"
            )
        lines += _cost(self.metadata)
        return "\n".join([*lines, f"  folder  {self.folder}"] if self.folder else lines)

    __repr__ = __str__


def _cost(metadata: Mapping[str, Any]) -> list[str]:
    if "steps" not in metadata:
        return []
    text = f"  cost    {metadata['steps']} steps, {metadata.get('rejected', 0)} rejected"
    if metadata.get("demag_evaluations"):
        text += f", {metadata['demag_evaluations']} demag evaluations"
    wall = metadata.get("timings", {}).get("total")
    return [text if wall is None else f"{text}, {clock(wall)} ({metadata['device']['kind']}, {metadata['dtype']})"]
