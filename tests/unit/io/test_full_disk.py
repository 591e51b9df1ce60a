"""A disk that takes no more: the error names the file, and whatever was there before is still there, whole.

The limit that an operating system puts on the size of a process's files stands for the full disk: both refuse a write
in the middle, and no privilege is needed to set it.
"""

import contextlib
import errno
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import magjax as mj
from magjax.io import checkpoint, netcdf, odt, ovf, table, vtk, xarray, zarr
from magjax.io.atomic import replacing, reserve, writing
from magjax.io.errors import FileWriteError, resumable
from magjax.plot.figure import new_figure

resource = pytest.importorskip("resource")

MESH = mj.Mesh((16, 8, 4), (5e-9, 4e-9, 3e-9))
FIELD = np.random.default_rng(0).normal(size=(3, *MESH.shape))
COLUMNS = {"t": np.arange(2000.0), "m_x": np.random.default_rng(1).normal(size=2000)}


@contextlib.contextmanager
def full_disk(size: int = 4096) -> Iterator[None]:
    """No file of this process may become larger than `size`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def picture(path: Path) -> None:
    """A figure whose file is larger than the limit."""
    figure = new_figure(3, 3)
    figure.add_subplot().imshow(FIELD[0, 0])
    figure.savefig(path)


WRITERS: dict[str, Callable[[Path], Any]] = {
    "m.ovf": lambda path: ovf.write(path, MESH, FIELD),
    "text.ovf": lambda path: ovf.write(path, MESH, FIELD, encoding="text"),
    "m.vti": lambda path: vtk.write(path, MESH, {"m": FIELD}),
    "m.nc": lambda path: netcdf.write(path, xarray.dataset(MESH, {"m": FIELD})),
    "m.zarr": lambda path: zarr.write(path, xarray.dataset(MESH, {"m": FIELD})),
    "run.ckpt": lambda path: checkpoint.save(path, {"m": FIELD}),
    "table.odt": lambda path: odt.write(path, COLUMNS, {"t": "s"}),
    "m.png": picture,
}


def content(path: Path) -> dict[str, bytes]:
    """All bytes of a file or folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return {str(file.relative_to(path.parent)): file.read_bytes() for file in files if file.is_file()}


@pytest.mark.parametrize("name", WRITERS)
def test_the_file_is_named_and_the_earlier_one_kept(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    WRITERS[name](path)
    before = content(path)
    with full_disk(), pytest.raises(FileWriteError) as caught:
        WRITERS[name](path)
    assert str(caught.value).startswith(f"Cannot write {str(path)!r}: ")
    assert "kept; make room and repeat it" in str(caught.value)
    assert content(path) == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_table_keeps_its_rows_and_grows_again(tmp_path: Path) -> None:
    """No half row is left to which the next one would be glued."""
    rows = table.create(tmp_path / "table.csv", {"t": "s", "m_x": ""})
    rows.append({name: values[:10] for name, values in COLUMNS.items()})
    with full_disk(), pytest.raises(FileWriteError, match=r"table\.csv"):
        rows.append({name: values[10:] for name, values in COLUMNS.items()})
    assert table.read(tmp_path / "table.csv").data["m_x"].tolist() == COLUMNS["m_x"][:10].tolist()
    rows.append({name: values[10:] for name, values in COLUMNS.items()})
    assert table.read(tmp_path / "table.csv").data["m_x"].tolist() == COLUMNS["m_x"].tolist()


def test_a_store_keeps_its_frames_and_grows_again(tmp_path: Path) -> None:
    """Though the chunk that holds the earlier frames is the one that could not be written."""
    mesh = mj.Mesh((2, 2, 1), 5e-9)
    frames = np.random.default_rng(2).normal(size=(200, 3, *mesh.shape))
    store = zarr.create(tmp_path / "m.zarr", mesh, {"m": "xyz"})
    store.append(np.arange(3.0), {"m": frames[:3]})
    with full_disk(3072), pytest.raises(FileWriteError, match=r"m\.zarr"):
        store.append(np.arange(3.0, 200.0), {"m": frames[3:]})
    assert np.array_equal(zarr.read(tmp_path / "m.zarr").m.values, frames[:3])
    store.append(np.arange(3.0, 200.0), {"m": frames[3:]})
    assert np.array_equal(zarr.read(tmp_path / "m.zarr").m.values, frames)


def test_other_errors_stay_what_they_are_but_name_the_file(tmp_path: Path) -> None:
    """A person knows `m.ovf`, and has never heard of the name under which it is being written."""
    with pytest.raises(PermissionError) as caught, writing(tmp_path / "m.ovf", tmp_path / ".m.part"):
        raise PermissionError(errno.EACCES, "Permission denied", str(tmp_path / ".m.part"))
    assert caught.value.filename == str(tmp_path / "m.ovf")
    with pytest.raises(RuntimeError, match="a bug"), replacing(tmp_path / "m.ovf"):
        raise RuntimeError("a bug")
    with pytest.raises(FileWriteError, match="no space left"), writing("m.nc"):
        raise RuntimeError("Unable to close file (file write failed: error message = 'No space left on device')")


def test_room_is_asked_for_and_given_back(tmp_path: Path) -> None:
    reserve(tmp_path / "part", 1 << 16)
    with full_disk(), pytest.raises(OSError, match=r"File too large|No space"):
        reserve(tmp_path / "part", 1 << 16)
    assert not list(tmp_path.iterdir())


def test_the_error_travels_and_takes_the_first_advice() -> None:
    error = FileWriteError("a", "No space left on device").advising("first").advising("second")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "Cannot write 'a': no space left on device; first."
    with pytest.raises(FileWriteError, match="pass resume=True"), resumable():
        raise FileWriteError("a", "No space left on device")
