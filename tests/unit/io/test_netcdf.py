import numpy as np
import pytest

from magjax.io import netcdf, xarray
from magjax.io.errors import FileFormatError


def data(mesh, spins):
    t = np.arange(2) * 1e-12 / 3
    values = np.stack([spins, -spins])
    values[1, 0, 0, 0, 0] = np.nan
    columns = {"E_total": [1.0, np.nan], "steps": [1, 2]}
    return xarray.dataset(mesh, {"m": values}, t=t, columns=columns, units={"E_total": "J"}, metadata={"config": "µ\n"})


def test_round_trip_is_exact(tmp_path, mesh, spins):
    before = data(mesh, spins)
    netcdf.write(tmp_path / "new" / "run.nc", before)
    after = netcdf.read(tmp_path / "new" / "run.nc")
    assert after.identical(before)
    assert after.m.values.tobytes() == before.m.values.tobytes()
    assert after.m.dtype == spins.dtype
    assert xarray.mesh_of(after) == mesh
    assert xarray.metadata_of(after) == {"config": "µ\n"}
    assert [f.name for f in (tmp_path / "new").iterdir()] == ["run.nc"]


def test_discretisedfield_takes_a_frame_from_a_file(tmp_path, mesh, spins):
    df = pytest.importorskip("discretisedfield")
    netcdf.write(tmp_path / "run.nc", data(mesh, spins))
    frame = netcdf.read(tmp_path / "run.nc").m.isel(t=0)
    theirs = df.Field.from_xarray(frame.transpose("x", "y", "z", "vdims"))
    np.testing.assert_array_equal(theirs.array.transpose(3, 2, 1, 0), spins)


def test_broken_files(tmp_path, mesh, spins):
    path = tmp_path / "run.nc"
    netcdf.write(path, data(mesh, spins))
    whole = path.read_bytes()
    for content in [b"", b"hello", whole[:300], whole[: len(whole) // 2]]:
        path.write_bytes(content)
        with pytest.raises(FileFormatError, match="no whole netCDF-4"):
            netcdf.read(path)
    with pytest.raises(FileNotFoundError):
        netcdf.read(tmp_path / "nothing.nc")
