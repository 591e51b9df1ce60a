"""Spin fields as xarray: named dimensions, coordinates in SI units, and all that is needed to get the mesh back."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.io import metadata as _metadata
from magjax.mesh import AXES, Mesh

if TYPE_CHECKING:
    import xarray as xr


def field_array(
    mesh: Mesh,
    values: Any,
    *,
    name: str = "m",
    t: Any = None,
    labels: Sequence[str] | None = None,
    units: str = "",
) -> "xr.DataArray":
    """A field, or its course in time, as a `DataArray`.

    Dimensions are `t` (s), `vdims` (the components), `z`, `y`, `x` (cell centres, m), as far as they apply. Attributes
    follow discretisedfield, so one frame becomes a field of Ubermag by
    `discretisedfield.Field.from_xarray(array.isel(t=-1).transpose("x", "y", "z", "vdims"))`.

    **Arguments**

    - `mesh`: the mesh the values live on.
    - `values`: `(c, nz, ny, nx)` or `(nz, ny, nx)`; with `t`, an axis of n frames before them.
    - `name`: name of the array.
    - `t`: times of the frames `(n,)`, s; `None` for a single field without time axis.
    - `labels`: one name per component; `x, y, z` for three of them.
    - `units`: unit of the values; `""` for dimensionless numbers.

    **Raises** `ValueError` for shapes that do not fit the mesh, times and labels.

    >>> import numpy as np
    >>> import magjax as mj
    >>> from magjax.io import xarray
    >>> mesh = mj.Mesh(cells=(4, 3, 2), cell_size=(5e-9, 4e-9, 3e-9))
    >>> m = xarray.field_array(mesh, np.ones((10, 3, 2, 3, 4)), t=np.arange(10) * 1e-12)
    >>> m.sel(vdims="x").mean(("x", "y", "z")).sizes
    Frozen({'t': 10})
    """
    import xarray as xr

    array = np.asarray(values)
    times = None if t is None else np.asarray(t, dtype=np.float64)
    frames = () if times is None else times.shape
    inner = array.shape[len(frames) :]
    has_components = len(inner) == 4
    if times is not None and times.ndim != 1:
        raise ValueError(f"Argument `t` must be an array (n,), but got shape {times.shape}.")
    if array.shape[: len(frames)] != frames or inner[-3:] != mesh.shape or len(inner) not in (3, 4):
        raise ValueError(
            f"Argument `values` must have shape {(*frames, 'c', *mesh.shape)} or {(*frames, *mesh.shape)}, "
            f"but got {array.shape}; the order is time, component, z, y, x."
        )
    coords: dict[str, Any] = {"t": ("t", times, {"units": "s"})} if times is not None else {}
    if has_components:
        coords["vdims"] = ("vdims", _labels(inner[0], labels))
    coords |= {axis: (axis, mesh.coordinates(axis), {"units": "m"}) for axis in reversed(AXES)}
    attrs = mesh_attrs(mesh) | {"units": units, "nvdim": inner[0] if has_components else 1}
    return xr.DataArray(array, coords, tuple(coords), name=name, attrs=attrs)


def dataset(
    mesh: Mesh,
    fields: Mapping[str, Any],
    *,
    t: Any = None,
    columns: Mapping[str, Any] | None = None,
    units: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> "xr.Dataset":
    """Fields and numbers of one run as a `Dataset`.

    **Arguments**

    - `mesh`: the mesh the fields live on.
    - `fields`: arrays by name, as `field_array` takes them.
    - `t`: times `(n,)`, s, shared by fields and columns.
    - `columns`: arrays `(n,)` by name, such as averages and energies.
    - `units`: unit by name of a field or column; missing ones mean dimensionless.
    - `metadata`: dict of JSON-like values, kept as the attribute `metadata`; `metadata_of` gives it back.

    **Raises** `ValueError` for shapes that do not fit.
    """
    import xarray as xr

    units = units or {}
    variables: dict[str, Any] = {
        name: field_array(mesh, values, name=name, t=t, units=units.get(name, "")) for name, values in fields.items()
    }
    for name, values in (columns or {}).items():
        array = np.asarray(values)
        if t is None or array.shape != np.shape(t):
            raise ValueError(
                f"Argument `columns` must hold arrays (n,) as long as `t`, but got {name} of shape {array.shape}."
            )
        variables[name] = ("t", array, {"units": units.get(name, "")})
    coords = {} if t is None else {"t": ("t", np.asarray(t, dtype=np.float64), {"units": "s"})}
    return xr.Dataset(variables, coords, attrs={"metadata": _metadata.dumps(metadata or {})})


def mesh_of(data: "xr.DataArray | xr.Dataset") -> Mesh:
    """The mesh of an array or dataset that `field_array` or `dataset` made, also after a way through a file.

    **Raises** `ValueError` if it has no cells, or some were selected away.
    """
    import xarray as xr

    arrays = list(data.data_vars.values()) if isinstance(data, xr.Dataset) else [data]
    fields = [a for a in arrays if set(AXES) <= set(a.dims) and {"cell", "pmin"} <= set(a.attrs)]
    if not fields:
        raise ValueError("Argument `data` must hold a field with dimensions x, y, z and attributes cell, pmin.")
    field = fields[0]
    sizes = [field.sizes[a] for a in AXES]
    cell, corner = (tuple(float(x) for x in field.attrs[key]) for key in ("cell", "pmin"))
    mesh = Mesh(sizes, cell, origin=corner, periodic=str(field.attrs.get("periodic", "")))
    for axis in AXES:
        if not np.allclose(field[axis], mesh.coordinates(axis), rtol=0, atol=1e-3 * min(cell)):
            raise ValueError(
                f"Argument `data` must hold the whole mesh, but it lacks cells along {axis}; was it cut by .sel?"
            )
    return mesh


def metadata_of(data: "xr.DataArray | xr.Dataset") -> dict[str, Any]:
    """What made the data, as `magjax.io.metadata.gather` recorded it; empty where nothing is known."""
    return _metadata.loads(str(data.attrs.get("metadata", "{}")))


def mesh_attrs(mesh: Mesh) -> dict[str, Any]:
    """The attributes that keep a mesh: corners and cell size as discretisedfield names them, and periodic axes."""
    attrs: dict[str, Any] = {
        "cell": list(mesh.cell_size),
        "pmin": list(mesh.origin),
        "pmax": [o + e for o, e in zip(mesh.origin, mesh.extent, strict=True)],
    }
    return attrs | ({"periodic": mesh.periodic} if mesh.periodic else {})


def plain_attrs(data: "xr.Dataset") -> "xr.Dataset":
    """The dataset with attributes in Python's own types, on which discretisedfield insists; files give numpy's."""
    for variable in (data, *data.variables.values()):
        variable.attrs = {
            k: v.tolist() if isinstance(v, np.ndarray | np.generic) else v for k, v in variable.attrs.items()
        }
    return data


def _labels(count: int, labels: Sequence[str] | None) -> list[str]:
    if labels is None:
        return list(AXES) if count == 3 else [f"v{i}" for i in range(count)]
    if len(labels) != count:
        raise ValueError(f"Argument `labels` must hold one text per component ({count}), but got {labels!r}.")
    return list(labels)
