"""Zarr stores: folders that grow along time, for runs too long to hold in memory.

Frames are added in chunks, and the time of a frame is written after the frame itself: whatever has a time is whole, so
a run that dies while it writes loses at most the frames of its last call. A store can be cut back to a checkpoint.
"""

import dataclasses
import os
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.io import metadata as _metadata
from magjax.io.atomic import draft_of, writing
from magjax.io.errors import FileFormatError
from magjax.io.xarray import field_array, plain_attrs
from magjax.mesh import Mesh

if TYPE_CHECKING:
    import xarray as xr

# A chunk is read and rewritten as one: large enough for fast disks, small enough to add to.
_CHUNK_BYTES = 4 << 20
# The compressor takes at most 2 GiB at once.
_LARGEST_CHUNK_BYTES = 1 << 30


@dataclasses.dataclass(frozen=True)
class FrameWriter:
    """Adds frames to a store on disk; made by `create` or `resume`.

    - `path`: the folder.
    - `fields`: the names of the fields that each frame holds.
    """

    path: Path
    fields: tuple[str, ...]

    def __len__(self) -> int:
        """Number of frames that are whole."""
        return _whole(_open(self.path, "r"))

    def append(self, t: Any, fields: Mapping[str, Any]) -> None:
        """Add one frame, or several at once, which is faster.

        **Arguments**

        - `t`: time, s, or times `(n,)`.
        - `fields`: array per name, `(c, nz, ny, nx)` or `(nz, ny, nx)`; with n frames before them if `t` is an array.

        **Raises** `ValueError` where a field is missing, unknown, or of another shape.
        """
        group = _open(self.path, "r+")
        times = np.atleast_1d(np.asarray(t, dtype=np.float64))
        if set(fields) != set(self.fields):
            raise ValueError(f"Argument `fields` must name {', '.join(self.fields)}, but got {', '.join(fields)}.")
        arrays = {name: np.asarray(values) for name, values in fields.items()}
        for name, array in arrays.items():
            expected = (*np.shape(t), *group[name].shape[1:])
            if array.shape != expected:
                raise ValueError(f"Argument `fields` must hold {name} of shape {expected}, but got {array.shape}.")
        start = _whole(group)
        end = start + len(times)
        with writing(self.path):
            for name, array in arrays.items():
                target = group[name]
                target.resize((end, *target.shape[1:]))
                target[start:end] = array.reshape(len(times), *target.shape[1:])
            group["t"].resize((end,))
            group["t"][start:end] = times

    def truncate_after(self, t: float) -> None:
        """Drop what was written after a checkpoint, so that a resumed run writes it once.

        **Arguments**

        - `t`: time of the last frame to keep, s.
        """
        group = _open(self.path, "r+")
        times = group["t"][: _whole(group)]
        later = np.flatnonzero(times > t)
        keep = int(later[0]) if len(later) else len(times)
        # The times go first, for the reason that they come last when frames are added.
        for name in ("t", *self.fields):
            group[name].resize((keep, *group[name].shape[1:]))


def create(
    path: str | os.PathLike[str],
    mesh: Mesh,
    fields: Mapping[str, Sequence[str]],
    *,
    dtype: Any = np.float64,
    units: Mapping[str, str] | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> FrameWriter:
    """Start a store without frames, replacing an earlier store at `path`.

    **Arguments**

    - `path`: the folder, by custom `.zarr`.
    - `mesh`: the mesh the fields live on.
    - `fields`: names of the components by name of a field; `()` for a scalar field.
    - `dtype`: floating-point type of the fields.
    - `units`: unit by name of a field; missing ones mean dimensionless.
    - `metadata`: dict of JSON-like values.

    **Raises** `ValueError` if `path` is something else than a store.

    >>> import numpy as np
    >>> import magjax as mj
    >>> from magjax.io import zarr
    >>> mesh = mj.Mesh(cells=(4, 3, 2), cell_size=(5e-9, 4e-9, 3e-9))
    >>> frames = zarr.create("run.zarr", mesh, {"m": "xyz"})
    >>> frames.append(0.0, {"m": np.ones((3, 2, 3, 4))})
    >>> frames.append(np.array([1e-12, 2e-12]), {"m": np.zeros((2, 3, 2, 3, 4))})
    >>> zarr.read("run.zarr").m.sizes["t"]
    3
    """
    import xarray as xr
    import zarr

    _check_free(path)
    units = units or {}
    with draft_of(path) as draft:
        group = zarr.open_group(draft, mode="w", zarr_format=3)
        coords: dict[str, xr.DataArray] = {}
        for name, labels in fields.items():
            shape = (0, *((len(labels),) if labels else ()), *mesh.shape)
            empty = field_array(
                mesh, np.zeros(shape, dtype), name=name, t=[], labels=labels or None, units=units.get(name, "")
            )
            coords |= {str(c): v for c, v in empty.coords.items() if c != "t" and str(c) not in coords}
            _create_array(group, empty)
        _create_array(group, xr.DataArray(np.zeros(0), dims="t", name="t", attrs={"units": "s"}))
        _write(xr.Dataset(coords=coords, attrs={"metadata": _metadata.dumps(metadata or {})}), draft, mode="a")
    return FrameWriter(Path(path), tuple(fields))


def resume(path: str | os.PathLike[str], *, after: float | None = None) -> FrameWriter:
    """Go on with a store, first dropping every frame later than `after`.

    **Arguments**

    - `path`: a folder that `create` began.
    - `after`: time of the checkpoint from which the run goes on, s; `None` keeps all whole frames.

    **Raises** `FileFormatError` if the folder is no such store.
    """
    group = _open(path, "r")
    names = tuple(sorted(name for name, array in group.arrays() if _along_time(array) and name != "t"))
    writer = FrameWriter(Path(path), names)
    writer.truncate_after(np.inf if after is None else after)
    return writer


def write(path: str | os.PathLike[str], data: "xr.Dataset") -> None:
    """Write a whole dataset as a store, replacing an earlier one at `path` only once it is whole.

    **Raises** `ValueError` if `path` is something else than a store.
    """
    _check_free(path)
    with draft_of(path) as draft:
        _write(data, draft, mode="w")


def read(path: str | os.PathLike[str]) -> "xr.Dataset":
    """Open a store, even while it is being written; numbers are read from disk where they are used.

    **Raises** `FileFormatError` if the folder is no store; `FileNotFoundError` if there is none.
    """
    import xarray as xr

    group = _open(path, "r")
    timed = [name for name, array in group.arrays() if _along_time(array)]
    options: dict[str, Any] = {"consolidated": False, "decode_times": False}
    data = xr.open_zarr(path, drop_variables=timed, **options)
    if "t" in timed:
        whole = _whole(group)
        # One at a time, because a store that is being written has frames without a time, and arrays of several lengths.
        parts = [xr.open_zarr(path, drop_variables=[n for n in timed if n != name], **options) for name in timed]
        data = xr.merge(
            [data, *(part.isel(t=slice(whole)) for part in parts)],
            compat="override",
            combine_attrs="override",
            join="exact",
        )
    return plain_attrs(data)


def _open(path: str | os.PathLike[str], mode: Any) -> Any:
    import zarr
    from zarr.errors import BaseZarrError

    if not Path(path).exists():
        raise FileNotFoundError(f"There is no store at {os.fspath(path)!r}.")
    try:
        return zarr.open_group(path, mode=mode, zarr_format=3)
    except (BaseZarrError, OSError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise FileFormatError(
            path, f"it is no zarr store of version 3 ({reason})", "give the .zarr folder of a run"
        ) from None


def _along_time(array: Any) -> bool:
    return bool(array.metadata.dimension_names) and array.metadata.dimension_names[0] == "t"


def _whole(group: Any) -> int:
    """Number of frames that have a time; a time that is still missing reads as NaN."""
    times = group["t"][:]
    missing = np.flatnonzero(np.isnan(times))
    return int(missing[0]) if len(missing) else len(times)


def _create_array(group: Any, like: "xr.DataArray") -> None:
    shape, itemsize = like.shape[1:], like.dtype.itemsize
    frame = int(np.prod(shape)) * itemsize
    frames = max(1, min(1024, _CHUNK_BYTES // max(frame, 1)))
    inner = list(shape)
    if frame > _LARGEST_CHUNK_BYTES:
        inner[:-2] = [1] * len(inner[:-2])
    group.create_array(
        like.name,
        shape=like.shape,
        chunks=(frames, *inner),
        dtype=like.dtype,
        dimension_names=like.dims,
        fill_value=np.nan,
        attributes=dict(like.attrs),
    )


def _write(data: "xr.Dataset", path: Path, mode: Any) -> None:
    with warnings.catch_warnings():
        # The names of components are texts, whose layout zarr 3 has not settled; xarray reads back what it wrote.
        warnings.filterwarnings("ignore", message="The data type .* does not have a Zarr V3 specification")
        data.to_zarr(path, mode=mode, zarr_format=3, consolidated=False)


def _check_free(path: str | os.PathLike[str]) -> None:
    target = Path(path)
    if target.exists() and not (target / "zarr.json").is_file() and not (target.is_dir() and not any(target.iterdir())):
        raise ValueError(f"Argument `path` must be free or a zarr store, but {os.fspath(path)!r} is something else.")
