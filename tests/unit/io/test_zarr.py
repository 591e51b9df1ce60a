import numpy as np
import pytest

from magjax.io import xarray, zarr
from magjax.io.errors import FileFormatError


def begun(path, mesh, spins):
    fields = {"m": ("x", "y", "z"), "energy_density": ()}
    return zarr.create(
        path, mesh, fields, dtype=spins.dtype, units={"energy_density": "J/m³"}, metadata={"config": "µ\n"}
    )


def frame(spins, i):
    return {"m": spins * i, "energy_density": spins[0] + i}


def test_frames_come_back_exactly(tmp_path, mesh, spins):
    writer = begun(tmp_path / "new" / "run.zarr", mesh, spins)
    assert len(writer) == 0
    assert zarr.read(writer.path).sizes["t"] == 0
    writer.append(0.0, frame(spins, 0))
    writer.append(
        np.array([1e-12, 2e-12]), {n: np.stack([frame(spins, i)[n] for i in (1, 2)]) for n in frame(spins, 0)}
    )
    data = zarr.read(writer.path)
    assert len(writer) == 3
    assert data.m.dims == ("t", "vdims", "z", "y", "x")
    assert data.energy_density.dims == ("t", "z", "y", "x")
    np.testing.assert_array_equal(data.t, [0, 1e-12, 2e-12])
    for i in range(3):
        np.testing.assert_array_equal(data.m.isel(t=i), spins * i)
        np.testing.assert_array_equal(data.energy_density.isel(t=i), spins[0] + i)
    assert data.m.dtype == spins.dtype
    np.testing.assert_array_equal(data.m.sel(vdims="y", t=1e-12), spins[1])
    assert xarray.mesh_of(data) == mesh
    assert xarray.metadata_of(data) == {"config": "µ\n"}
    assert data.energy_density.attrs["units"] == "J/m³"
    assert [f.name for f in writer.path.parent.iterdir()] == ["run.zarr"]


def test_the_same_dataset_in_one_piece(tmp_path, mesh, spins):
    writer = begun(tmp_path / "a.zarr", mesh, spins)
    for i in range(3):
        writer.append(i * 1e-12, frame(spins, i))
    data = zarr.read(tmp_path / "a.zarr")
    zarr.write(tmp_path / "b.zarr", data)
    assert zarr.read(tmp_path / "b.zarr").identical(data.load())


def test_resume_from_a_checkpoint_repeats_nothing(tmp_path, mesh, spins):
    writer = begun(tmp_path / "run.zarr", mesh, spins)
    for i in range(6):
        writer.append(i * 1e-12, frame(spins, i))
    whole = zarr.read(writer.path).load()
    writer = zarr.resume(writer.path, after=float(whole.t[2]))
    assert len(writer) == 3
    for i in range(3, 6):
        writer.append(i * 1e-12, frame(spins, i))
    assert zarr.read(writer.path).identical(whole)


def test_a_run_killed_while_it_writes(tmp_path, mesh, spins):
    """Each state on the way through `append` reads as the frames before it, and can be gone on from."""
    import zarr as library

    writer = begun(tmp_path / "run.zarr", mesh, spins)
    for i in range(2):
        writer.append(i * 1e-12, frame(spins, i))
    before = zarr.read(writer.path).load()
    group = library.open_group(writer.path, mode="r+")
    for name, size in (("energy_density", 3), ("m", 3), ("t", 3)):
        group[name].resize((size, *group[name].shape[1:]))
        assert zarr.read(writer.path).identical(before)
    writer = zarr.resume(writer.path)
    assert len(writer) == 2
    writer.append(2e-12, frame(spins, 2))
    np.testing.assert_array_equal(zarr.read(writer.path).m.isel(t=2), spins * 2)


def test_plain_xarray_opens_it(tmp_path, mesh, spins):
    import xarray as xr

    writer = begun(tmp_path / "run.zarr", mesh, spins)
    writer.append(0.0, frame(spins, 1))
    with xr.open_zarr(writer.path, consolidated=False) as data:
        np.testing.assert_array_equal(data.m.isel(t=0), spins)


def test_bad_arguments(tmp_path, mesh, spins):
    writer = begun(tmp_path / "run.zarr", mesh, spins)
    with pytest.raises(ValueError, match="must name m, energy_density"):
        writer.append(0.0, {"m": spins})
    with pytest.raises(ValueError, match="of shape"):
        writer.append([0.0], frame(spins, 1))
    with pytest.raises(ValueError, match="of shape"):
        writer.append(0.0, frame(spins[..., :1], 1))
    assert len(writer) == 0
    assert zarr.read(writer.path).sizes["t"] == 0


def test_other_things_are_never_overwritten(tmp_path, mesh, spins):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.png").touch()
    (tmp_path / "file").touch()
    for name in ("photos", "file"):
        with pytest.raises(ValueError, match="something else"):
            begun(tmp_path / name, mesh, spins)
    begun(tmp_path / "run.zarr", mesh, spins).append(0.0, frame(spins, 1))
    assert len(begun(tmp_path / "run.zarr", mesh, spins)) == 0


def test_not_a_store(tmp_path):
    with pytest.raises(FileNotFoundError, match="no store"):
        zarr.read(tmp_path / "nothing.zarr")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "zarr.json").write_text("{")
    for name in ("empty", "broken"):
        for action in (zarr.read, zarr.resume):
            with pytest.raises(FileFormatError, match="no zarr store"):
                action(tmp_path / name)
