"""What an ensemble gives."""

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.batch.design import Design
from magjax.batch.statistics.base import Column
from magjax.io import metadata as _metadata
from magjax.mesh import Mesh
from magjax.results import Outcome
from magjax.run.progress import clock, si

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

_SHOWN = 5


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Ensemble:
    """What `mj.ensemble` returns.

    - `mesh`: of each member. `design`: points and replicas; `units`: of the parameters by name.
    - `t`: `(saves,)` times of the saves since the start, s.
    - `m`: `(…, replicas, 3, nz, ny, nx)` the final spins, with the axes of the design in front; NaN where a member
      failed. `average`: `(…, replicas, 3)` their ⟨m⟩.
    - `outcome`: `(…, replicas)` `Outcome` codes. `steps`: alike, steps tried.
    - `columns`: what the statistics came to, by their headings. `metadata`: what made it.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> found = mj.ensemble(spin, mj.textures.uniform(mesh, "x"), 1e-10, over={"alpha": [0.1, 0.2]}, progress=False)
    >>> found.average.shape, found.failed, found.to_xarray().m_end.dims
    ((2, 1, 3), [], ('alpha', 'replica', 'component'))
    """

    mesh: Mesh
    design: Design
    units: dict[str, str]
    t: np.ndarray
    m: np.ndarray
    average: np.ndarray
    outcome: np.ndarray
    steps: np.ndarray
    columns: dict[str, list[Column]]
    metadata: dict[str, Any]
    folder: Path | None = None

    @property
    def result(self) -> Outcome:
        """How it ended: the worst of the members."""
        return Outcome.worst(self.outcome)

    @property
    def failed(self) -> list[dict[str, Any]]:
        """The members that failed: values of their parameters, replica, and why."""
        found = []
        for where in np.argwhere(self.outcome.reshape(self.design.points, -1) != int(Outcome.SUCCESS)):
            point, replica = (int(i) for i in where)
            values = {name: array[0].tolist() for name, array in self.design.at(np.array([point])).items()}
            code = self.outcome.reshape(self.design.points, -1)[point, replica]
            found.append({**values, "replica": replica, "outcome": Outcome(int(code)).name})
        return found

    def to_xarray(self) -> "xr.Dataset":
        """Everything as a `Dataset` with the parameters as named axes; units and meanings in the attributes."""
        import xarray as xr

        dims = (*self.design.dims, "replica")
        about = {"units": "", "long_name": "magnetisation at the end over saturation"}
        data: dict[str, Any] = {
            "m_end": ((*dims, "component"), self.average, about),
            "outcome": (dims, self.outcome, {"units": "", "long_name": "outcome code, 0 for success"}),
        }
        coordinates = {
            **self.design.coordinates(self.units),
            "replica": ("replica", np.arange(self.design.replicas), {"units": "", "long_name": "replica"}),
            "component": ("component", list("xyz"), {"units": "", "long_name": "component"}),
        }
        if self.mesh.n_cells > 1 and self.m.ndim == len(dims) + 4:
            names = (*dims, "component", "z", "y", "x")
            data["spins_end"] = (names, self.m, {"units": "", "long_name": "spins at the end"})
            for axis in ("x", "y", "z"):
                coordinates[axis] = (axis, self.mesh.coordinates(axis), {"units": "m", "long_name": axis})
        for heading, columns in self.columns.items():
            stem, unit = split(heading)
            for column in columns:
                axes, extra = _axes(stem, unit, column)
                coordinates |= extra
                name = "_".join(part for part in (stem, column.name) if part)
                values = column.values.reshape((*self.design.shape, *column.values.shape[1:]))
                what = f"{stem}: {column.meaning}"
                data[name] = (
                    (*self.design.dims, *axes),
                    values,
                    {"units": _unit(column.unit, unit), "long_name": what},
                )
        attrs = {"title": "ensemble", "metadata": _metadata.dumps(self.metadata)}
        return xr.Dataset(data, {k: v for k, v in coordinates.items() if _used(k, v, data)}, attrs)

    def plot(self, name: str | None = None) -> "Figure":
        """Show one variable of the dataset along its last axis of numbers, a line for each of the others.

        - `name`: of the variable; the first one of a statistic that has an axis unless given.

        **Raises** `ValueError` for unknown variables and those without an axis.
        """
        from magjax.batch.picture import plot_variable

        return plot_variable(self.to_xarray(), name)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Save the dataset as `.nc` or `.zarr`.

        **Raises** `ValueError` for another ending.
        """
        from magjax.io import netcdf, zarr

        suffix = Path(path).suffix.lower()
        if suffix not in (".nc", ".zarr"):
            raise ValueError(f"Argument `path` must end in .nc or .zarr, but got {os.fspath(path)!r}.")
        (netcdf if suffix == ".nc" else zarr).write(path, self.to_xarray())

    def __str__(self) -> str:
        design, failed = self.design, self.failed
        axes = " × ".join(f"{name} ({length})" for name, length in zip(design.dims, design.shape, strict=True))
        lines = [f"Ensemble {self.result.name}: {design.members} members, {design.replicas} replicas each"
                 + (f" of {axes}" if axes else "")]  # fmt: skip
        if len(self.t):
            lines.append(f"  time     {si(float(self.t[-1]), 's')}, {len(self.t)} saves")
        if self.columns:
            lines.append(f"  results  {', '.join(split(heading)[0] for heading in self.columns)}")
        for member in failed[:_SHOWN]:
            what = ", ".join(f"{k} = {v}" for k, v in member.items() if k != "outcome")
            lines.append(f"  failed   {what}: {member['outcome']}")
        if len(failed) > _SHOWN:
            lines.append(f"  failed   and {len(failed) - _SHOWN} more")
        if "timings" in self.metadata:
            how = f"{self.metadata['layout']} in {self.metadata['chunks']} chunks, {self.metadata['dtype']}"
            lines.append(
                f"  cost     {int(self.steps.sum())} steps, {clock(self.metadata['timings']['total'])} ({how})"
            )
        return "\n".join([*lines, f"  folder   {self.folder}"] if self.folder else lines)

    __repr__ = __str__


def split(heading: str) -> tuple[str, str]:
    """Name and unit of a heading.

    >>> from magjax.batch.result import split
    >>> split("E (J)"), split("m_z")
    (('E', 'J'), ('m_z', ''))
    """
    name, _, unit = heading.partition(" (")
    return name, unit.removesuffix(")")


def _unit(kind: str, unit: str) -> str:
    if kind == "same":
        return unit
    if kind == "square":
        return f"({unit})²" if unit else ""
    if kind == "inverse":
        return f"1/({unit})" if unit else ""
    return kind


def _axes(stem: str, unit: str, column: Column) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Names of a column's axes, its own ones told from those of other statistics, and their coordinates."""
    shared = ("replica", "t", "component")
    axes, extra = [], {}
    for dim in column.dims:
        name = dim if dim in shared else f"{stem}_{dim}"
        axes.append(name)
        if dim in column.coordinates:
            values, kind, meaning = column.coordinates[dim]
            extra[name] = (name, values, {"units": _unit(kind, unit), "long_name": meaning})
    # A function may follow any list of numbers.
    if "component" in axes and column.values.shape[1 + axes.index("component")] != 3:
        axes[axes.index("component")] = f"{stem}_component"
    return tuple(axes), extra


def _used(name: str, coordinate: Any, data: dict[str, Any]) -> bool:
    return any(coordinate[0] in value[0] for value in data.values())
