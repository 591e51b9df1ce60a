"""Which format a file has, told from its name."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.io import netcdf, odt, ovf, table, vtk, zarr
from magjax.io import xarray as _xarray
from magjax.io.errors import FileFormatError
from magjax.io.field import Field

if TYPE_CHECKING:
    import xarray as xr

#: Endings of OVF files.
OVF_SUFFIXES = (".ovf", ".omf", ".ohf", ".oef")
#: Endings of files that hold one field, or fields along time.
FIELD_SUFFIXES = (*OVF_SUFFIXES, ".vti", ".nc", ".zarr")
#: Endings of files that hold columns of numbers.
TABLE_SUFFIXES = (".csv", ".odt")


def read_field(path: str | os.PathLike[str], *, name: str | None = None, frame: int = -1) -> Field:
    """Read a field from a file of any format.

    **Arguments**

    - `path`: the file: `.ovf`, `.omf`, `.ohf`, `.oef`, `.vti`, `.nc` or `.zarr`.
    - `name`: which field, where the file holds several; by default `m` if it is there, else the first.
    - `frame`: which frame of a course in time; the last by default.

    **Raises** `ValueError` for an unknown ending, name or frame; `FileFormatError` for a broken file.

    >>> import numpy as np
    >>> import magjax as mj
    >>> from magjax.io import formats
    >>> mesh = mj.Mesh(cells=(4, 3, 2), cell_size=(5e-9, 4e-9, 3e-9))
    >>> field = formats.Field(mesh, np.ones((3, 2, 3, 4)), ("m_x", "m_y", "m_z"), ("", "", ""), time=1e-9)
    >>> formats.write_field("m.ovf", field)
    >>> formats.write_field("m.vti", formats.read_field("m.ovf"))
    >>> formats.read_field("m.vti").time
    1e-09
    """
    suffix = _suffix(path, FIELD_SUFFIXES)
    if suffix in OVF_SUFFIXES:
        return ovf.read(path)
    if suffix == ".vti":
        return vtk.read(path, name)
    return _from_dataset(path, netcdf.read(path) if suffix == ".nc" else zarr.read(path), name, frame)


def write_field(path: str | os.PathLike[str], field: Field, **options: Any) -> None:
    """Write a field to a file of the format that its ending names.

    **Arguments**

    - `path`: the file: `.ovf`, `.omf`, `.ohf`, `.oef`, `.vti`, `.nc` or `.zarr`.
    - `field`: what to write; all it says about itself goes along.
    - `options`: what that format's own `write` takes, such as `encoding="text"`.

    **Raises** `ValueError` for an unknown ending.
    """
    suffix = _suffix(path, FIELD_SUFFIXES)
    if suffix in OVF_SUFFIXES:
        ovf.write(
            path,
            field.mesh,
            field.values,
            labels=field.labels,
            units=field.units,
            title=field.title or "magjax",
            time=field.time,
            metadata=field.metadata,
            **options,
        )
        return
    name, labels = _name(field)
    if suffix == ".vti":
        values = {name: field.values}
        vtk.write(path, field.mesh, values, time=field.time, metadata=field.metadata, **options)
        return
    values = field.values if len(field.values) > 1 else field.values[0]
    array = _xarray.field_array(
        field.mesh,
        values if field.time is None else values[None],
        name=name,
        t=None if field.time is None else [field.time],
        labels=labels if len(field.values) > 1 else None,
        units=field.units[0],
    )
    data = _xarray.dataset(field.mesh, {}, metadata=field.metadata).assign({name: array})
    (netcdf if suffix == ".nc" else zarr).write(path, data, **options)


def read_table(path: str | os.PathLike[str]) -> table.Table:
    """Read columns of numbers from a `.csv` of magjax or an `.odt` of OOMMF.

    **Raises** `ValueError` for an unknown ending; `FileFormatError` for a broken file.
    """
    return (odt if _suffix(path, TABLE_SUFFIXES) == ".odt" else table).read(path)


def write_table(path: str | os.PathLike[str], data: table.Table) -> None:
    """Write columns of numbers as `.csv` or `.odt`.

    **Raises** `ValueError` for an unknown ending.
    """
    columns = {str(name): data.data[name].to_numpy() for name in data.data.columns}
    writer = odt if _suffix(path, TABLE_SUFFIXES) == ".odt" else table
    writer.write(path, columns, data.units, metadata=data.metadata)


def _suffix(path: str | os.PathLike[str], known: tuple[str, ...]) -> str:
    suffix = Path(path).suffix.lower()
    if suffix not in known:
        raise ValueError(f"Argument `path` must end in one of {', '.join(known)}, but got {os.fspath(path)!r}.")
    return suffix


def _name(field: Field) -> tuple[str, list[str]]:
    """`m_x, m_y, m_z` is the field `m` with components x, y, z."""
    if len(field.labels) == 1:
        return field.labels[0], []
    stems, _, ends = zip(*(label.rpartition("_") for label in field.labels), strict=True)
    if len(set(stems)) > 1 or not stems[0]:
        return field.title or "field", list(field.labels)
    return stems[0], list(ends)


def _from_dataset(path: str | os.PathLike[str], data: "xr.Dataset", name: str | None, frame: int) -> Field:
    names = [str(n) for n, a in data.data_vars.items() if {"x", "y", "z"} <= set(a.dims)]
    if not names:
        raise FileFormatError(path, "it holds no field with dimensions x, y, z", "give a file with fields")
    name = name or ("m" if "m" in names else names[0])
    if name not in names:
        raise ValueError(f"Argument `name` must be one of {', '.join(map(repr, names))}, but got {name!r}.")
    array, time = data[name], None
    if "t" in array.dims:
        if not -array.sizes["t"] <= frame < array.sizes["t"]:
            raise ValueError(f"Argument `frame` must lie within the {array.sizes['t']} frames, but got {frame}.")
        array = array.isel(t=frame)
        time = float(array.t)
    values = array.transpose(..., "z", "y", "x").to_numpy()
    labels = [f"{name}_{c}" for c in array.vdims.values] if "vdims" in array.dims else [name]
    values = values.reshape(len(labels), *values.shape[-3:])
    units = (str(array.attrs.get("units", "")),) * len(labels)
    about = _xarray.metadata_of(data)
    return Field(_xarray.mesh_of(array), np.ascontiguousarray(values), tuple(labels), units, time, name, about)
