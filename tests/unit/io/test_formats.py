import numpy as np
import pytest

from magjax.io import formats, netcdf, table, xarray, zarr
from magjax.io.errors import FileFormatError
from magjax.io.field import Field


@pytest.mark.parametrize("suffix", formats.FIELD_SUFFIXES)
@pytest.mark.parametrize("time", [None, 1e-9])
def test_every_format_carries_a_field(tmp_path, mesh, spins, suffix, time):
    labels, metadata = ("m_x", "m_y", "m_z"), {"seed": 1, "config": "µ\n"}
    field = Field(mesh, spins, labels, ("", "", ""), time, "m", metadata)
    formats.write_field(tmp_path / f"a{suffix}", field)
    found = formats.read_field(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(found.values, spins)
    assert found.values.dtype == spins.dtype
    assert (found.mesh, found.labels, found.units, found.time, found.metadata) == (
        mesh,
        labels,
        ("", "", ""),
        time,
        metadata,
    )


@pytest.mark.parametrize("suffix", formats.FIELD_SUFFIXES)
def test_every_format_carries_a_scalar_field(tmp_path, mesh, spins, suffix):
    formats.write_field(tmp_path / f"a{suffix}", Field(mesh, spins[:1], ("energy_density",), ("J/m3",)))
    found = formats.read_field(tmp_path / f"a{suffix}")
    np.testing.assert_array_equal(found.values, spins[:1])
    assert found.labels == ("energy_density",)


def test_frames_and_names(tmp_path, mesh, spins):
    writer = zarr.create(tmp_path / "a.zarr", mesh, {"B": "xyz", "m": "xyz", "e": ()}, dtype=spins.dtype)
    for i in range(3):
        writer.append(i * 1e-12, {"B": spins + i, "m": spins * i, "e": spins[0]})
    assert formats.read_field(writer.path).time == 2e-12
    np.testing.assert_array_equal(formats.read_field(writer.path, frame=1).values, spins)
    np.testing.assert_array_equal(formats.read_field(writer.path, name="B", frame=0).values, spins)
    assert formats.read_field(writer.path, name="e").values.shape == (1, *mesh.shape)
    with pytest.raises(ValueError, match="`frame`"):
        formats.read_field(writer.path, frame=3)
    with pytest.raises(ValueError, match="`name`"):
        formats.read_field(writer.path, name="H")


def test_a_grown_store_becomes_one_file_and_back(tmp_path, mesh, spins):
    writer = zarr.create(tmp_path / "a.zarr", mesh, {"m": "xyz"}, dtype=spins.dtype)
    for i in range(3):
        writer.append(i * 1e-12, {"m": spins * i})
    netcdf.write(tmp_path / "a.nc", zarr.read(writer.path))
    zarr.write(tmp_path / "b.zarr", netcdf.read(tmp_path / "a.nc"))
    assert zarr.read(tmp_path / "b.zarr").identical(zarr.read(writer.path).load())


@pytest.mark.parametrize("suffix", formats.TABLE_SUFFIXES)
def test_every_format_carries_a_table(tmp_path, suffix):
    columns = {"t": np.arange(3) * 1e-12, "m_x": np.ones(3)}
    table.write(tmp_path / "a.csv", columns, {"t": "s"}, metadata={"seed": 1})
    before = formats.read_table(tmp_path / "a.csv")
    formats.write_table(tmp_path / f"b{suffix}", before)
    after = formats.read_table(tmp_path / f"b{suffix}")
    assert after.data.equals(before.data)
    assert (after.units, after.metadata) == (before.units, before.metadata)


def test_unknown_endings(tmp_path, mesh, spins):
    with pytest.raises(ValueError, match=r"must end in one of \.ovf"):
        formats.read_field("a.txt")
    with pytest.raises(ValueError, match=r"must end in one of \.csv"):
        formats.read_table("a.ovf")
    numbers_only = xarray.dataset(mesh, {}, t=[0.0], columns={"E": [1.0]})
    zarr.write(tmp_path / "a.zarr", numbers_only)
    with pytest.raises(FileFormatError, match="no field"):
        formats.read_field(tmp_path / "a.zarr")
