"""netCDF-4, one file for one finished run; any tool that reads HDF5 opens it."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from magjax.io.atomic import draft_of, reserve
from magjax.io.errors import FileFormatError
from magjax.io.xarray import plain_attrs

if TYPE_CHECKING:
    import xarray as xr

#: Bytes that a file takes beyond its numbers.
_HEADERS = 1 << 17


def write(path: str | os.PathLike[str], data: "xr.Dataset") -> None:
    """Write a dataset to one netCDF file, replacing `path` only once the file is whole.

    **Arguments**

    - `path`: the file, by custom `.nc`.
    - `data`: a dataset, such as `magjax.io.xarray.dataset` makes.

    >>> import numpy as np
    >>> import magjax as mj
    >>> from magjax.io import netcdf, xarray
    >>> mesh = mj.Mesh(cells=(4, 3, 2), cell_size=(5e-9, 4e-9, 3e-9))
    >>> netcdf.write("run.nc", xarray.dataset(mesh, {"m": np.ones((3, 2, 3, 4))}))
    >>> xarray.mesh_of(netcdf.read("run.nc")) == mesh
    True
    """
    # Without this, xarray marks NaN as "missing" in every float array, and its bits are no longer ours.
    encoding = {str(name): {"_FillValue": None} for name in data.variables}
    with draft_of(path) as draft:
        # HDF5 may end the whole process when the disk is full, so the place is asked for first.
        reserve(draft, data.nbytes + _HEADERS)
        data.to_netcdf(draft, engine="h5netcdf", encoding=encoding)


def read(path: str | os.PathLike[str]) -> "xr.Dataset":
    """Read a whole netCDF file into memory.

    **Raises** `FileFormatError` if it is no netCDF-4, or is cut short; `FileNotFoundError` if there is none.
    """
    import xarray as xr

    with Path(path).open("rb"):
        pass  # a missing file, or one without permission, says so itself
    try:
        with xr.open_dataset(path, engine="h5netcdf", decode_times=False) as data:
            return plain_attrs(data.load())
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise FileFormatError(path, f"it is no whole netCDF-4 file ({reason})", "write or copy it again") from None
