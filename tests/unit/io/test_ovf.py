import importlib.resources
import re
from pathlib import Path

import numpy as np
import pytest

from magjax.io import ovf
from magjax.io.errors import FileFormatError
from magjax.mesh import Mesh

ENCODINGS = ["text", "binary 4", "binary 8"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_round_trip_is_exact(tmp_path, mesh, spins, encoding):
    if encoding == "binary 4":
        spins = spins.astype(np.float32)
    path = tmp_path / "new folder" / "m.ovf"
    metadata = {"magjax": "0.1", "config": "Ms = 8e5 ## not a comment\n[mesh]", "seed": 3, "sizes": [1, 2.5]}
    ovf.write(path, mesh, spins, title="a # b\nc", time=1.25e-10, encoding=encoding, metadata=metadata, units="A/m")
    field = ovf.read(path)
    np.testing.assert_array_equal(field.values, spins)
    assert field.mesh == mesh
    assert field.labels == ("m_x", "m_y", "m_z")
    assert field.units == ("A/m",) * 3
    assert field.time == 1.25e-10
    assert field.title == "a # b c"
    assert field.metadata == metadata
    assert list(path.parent.iterdir()) == [path]


def test_precision_is_kept_by_default(tmp_path, mesh, spins):
    ovf.write(tmp_path / "m.ovf", mesh, spins)
    assert ovf.read(tmp_path / "m.ovf").values.dtype == spins.dtype


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("count", [1, 2, 6])
def test_any_number_of_components(tmp_path, mesh, rng, count, encoding):
    values = rng.normal(size=(count, *mesh.shape)).astype(np.float32)
    labels = [f"first {i}" for i in range(count)]
    ovf.write(tmp_path / "e.ovf", mesh, values, labels=labels, units=["J/m3"] * count, encoding=encoding)
    field = ovf.read(tmp_path / "e.ovf")
    np.testing.assert_array_equal(field.values, values)
    assert field.labels == tuple(labels)


def test_scalar_field_needs_no_component_axis(tmp_path, mesh, rng):
    density = rng.normal(size=mesh.shape)
    ovf.write(tmp_path / "e.ovf", mesh, density, labels="energy_density", units="J/m3")
    np.testing.assert_array_equal(ovf.read(tmp_path / "e.ovf").values, density[None])


def test_periodic_axes_survive(tmp_path):
    mesh = Mesh((2, 3, 1), (1e-9, 2e-9, 3e-9), periodic="xy")
    ovf.write(tmp_path / "m.ovf", mesh, np.ones((3, 1, 3, 2)))
    assert ovf.read(tmp_path / "m.ovf").mesh == mesh


def test_x_is_fastest_and_components_are_interleaved(tmp_path):
    """The order of the numbers in the file itself, as the format prescribes it."""
    mesh = Mesh((2, 2, 2), (1e-9, 2e-9, 3e-9))
    z, y, x = np.indices(mesh.shape)
    ovf.write(tmp_path / "m.ovf", mesh, np.stack([x, y, z]), encoding="text")
    rows = [line for line in (tmp_path / "m.ovf").read_text().splitlines() if not line.startswith("#")]
    assert rows == ["0 0 0", "1 0 0", "0 1 0", "1 1 0", "0 0 1", "1 0 1", "0 1 1", "1 1 1"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_discretisedfield_reads_the_same(tmp_path, mesh, spins, encoding):
    df = pytest.importorskip("discretisedfield")
    path = tmp_path / "m.ovf"
    ovf.write(path, mesh, spins.astype(np.float32), encoding=encoding, time=1e-9, metadata={"xmin": "1: 2"})
    theirs = df.Field.from_file(path)
    np.testing.assert_array_equal(theirs.array.transpose(3, 2, 1, 0), spins.astype(np.float32))
    np.testing.assert_allclose(theirs.mesh.cell, mesh.cell_size, rtol=1e-12)
    np.testing.assert_allclose(theirs.mesh.region.pmin, mesh.origin, rtol=1e-12)
    assert theirs.vdims == ["x", "y", "z"]


@pytest.mark.parametrize("representation", ["txt", "bin4", "bin8"])
def test_reads_what_discretisedfield_writes(tmp_path, representation):
    df = pytest.importorskip("discretisedfield")
    mesh = df.Mesh(p1=(0, 0, 0), p2=(6e-9, 8e-9, 3e-9), cell=(2e-9, 4e-9, 1e-9))
    theirs = df.Field(mesh, nvdim=3, value=lambda p: p, unit="A/m", dtype=np.float32)
    theirs.to_file(tmp_path / "m.omf", representation=representation)
    ours = ovf.read(tmp_path / "m.omf")
    np.testing.assert_array_equal(ours.values.astype(np.float32), theirs.array.transpose(3, 2, 1, 0))
    assert ours.units == ("A/m",) * 3


@pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame:DeprecationWarning")
def test_files_of_oommf_and_mumax3():
    """The samples that discretisedfield ships, OVF 1.0 among them, against discretisedfield's own reading."""
    df = pytest.importorskip("discretisedfield")
    samples = Path(str(importlib.resources.files("discretisedfield"))) / "tests" / "test_sample"
    files = [f for f in samples.glob("*.o[mhev]f") if not f.name.startswith("demag")]
    if not files:
        pytest.skip("this discretisedfield comes without its samples")
    for file in files:
        ours, theirs = ovf.read(file), df.Field.from_file(file)
        np.testing.assert_array_equal(ours.values, theirs.array.transpose(3, 2, 1, 0), err_msg=file.name)
        np.testing.assert_allclose(ours.mesh.cell_size, theirs.mesh.cell, rtol=1e-9)


def version_1(encoding: str, data: bytes, **changes: str) -> bytes:
    entries = {"Title": "old", "meshtype": "rectangular", "meshunit": "nm"}
    entries |= {f"{a}base": "2.5" for a in "xyz"} | {f"{a}stepsize": "5" for a in "xyz"}
    entries |= {"xnodes": "2", "ynodes": "1", "znodes": "1", "valueunit": "A/m", "valuemultiplier": "100"} | changes
    lines = ["OOMMF: rectangular mesh v1.0", "Segment count: 1", "Begin: Segment", "Begin: Header"]
    lines += [f"{k}: {v}" for k, v in entries.items() if v]
    lines += ["Desc: Total simulation time: -2 s", "End: Header", f"Begin: Data {encoding}"]
    head = "".join(f"# {line}\n" for line in lines).encode()
    return head + data + f"\n# End: Data {encoding}\n# End: Segment\n".encode()


@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("Binary 4", np.array([1234567.0, 1, 2, 3, 4, 5, 6], ">f4").tobytes()),
        ("Binary 8", np.array([123456789012345.0, 1, 2, 3, 4, 5, 6], ">f8").tobytes()),
        ("Text", b"1 2 3\n 4\t5 6 "),
    ],
)
def test_version_1_is_big_endian_and_scaled(tmp_path, encoding, data):
    path = tmp_path / "old.omf"
    path.write_bytes(version_1(encoding, data))
    field = ovf.read(path)
    np.testing.assert_array_equal(field.values[:, 0, 0, :], [[100, 400], [200, 500], [300, 600]])
    assert field.values.dtype.isnative
    assert field.mesh.cell_size == (5e-9, 5e-9, 5e-9)
    assert field.mesh.origin == (0.0, 0.0, 0.0)
    assert field.units == ("A/m",) * 3
    assert field.time is None  # OOMMF's −2 s means that there is none


def test_segments(tmp_path, mesh):
    parts = []
    for i, encoding in enumerate(ENCODINGS):
        ovf.write(tmp_path / "part.ovf", mesh, np.full((3, *mesh.shape), float(i)), encoding=encoding)
        parts.append((tmp_path / "part.ovf").read_bytes())
    body = [p[p.index(b"# Begin: Segment") :] for p in parts]
    (tmp_path / "all.ovf").write_bytes(b"# OOMMF OVF 2.0\n# Segment count: 3\n" + b"".join(body))
    assert [ovf.read(tmp_path / "all.ovf", segment=i).values[0, 0, 0, 0] for i in range(3)] == [0, 1, 2]
    assert ovf.read(tmp_path / "all.ovf").values.max() == 0
    with pytest.raises(FileFormatError, match="ends before its data begin"):
        ovf.read(tmp_path / "all.ovf", segment=3)


def written(tmp_path, mesh, encoding="binary 8") -> tuple[Path, bytes]:
    path = tmp_path / "m.ovf"
    ovf.write(path, mesh, np.full((3, *mesh.shape), 0.5), encoding=encoding)
    return path, path.read_bytes()


@pytest.mark.parametrize(
    ("entry", "value", "message"),
    [
        ("xnodes", "1000000000000000", "promises"),
        ("xnodes", "9" * 400, "'xnodes'"),
        ("xnodes", "-5", "not a whole number ≥ 1"),
        ("xnodes", "2.5", "not a whole number ≥ 1"),
        ("xnodes", "five", "not a number"),
        ("xnodes", "nan", "not a number"),
        ("valuedim", "0", "not a whole number ≥ 1"),
        ("valuedim", "100000000000", "promises"),
        ("xstepsize", "0", "describes no mesh"),
        ("xstepsize", "-1e-9", "describes no mesh"),
        ("ymin", "inf", "not a number"),
        ("meshtype", "irregular", "rectangular"),
        ("meshunit", "s", "no length"),
        ("ynodes", None, "no entry 'ynodes'"),
        ("Begin: Data Binary 8", "Begin: Data Binary 16", "encoding"),
    ],
)
@pytest.mark.parametrize("encoding", ["text", "binary 8"])
def test_hostile_headers(tmp_path, mesh, encoding, entry, value, message):
    path, data = written(tmp_path, mesh, encoding)
    if entry.startswith("Begin"):
        data = data.replace(b"Begin: Data " + encoding.title().encode(), value.encode())
    else:
        line = b"" if value is None else f"# {entry}: {value}\n".encode()
        data = re.sub(rf"# {entry}: .*\n".encode(), line, data)
    path.write_bytes(data)
    with pytest.raises(FileFormatError, match=message) as error:
        ovf.read(path)
    assert str(error.value).startswith(f"Cannot read '{path}': ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_truncation_is_noticed(tmp_path, mesh, encoding):
    path, data = written(tmp_path, mesh, encoding)
    end = data.index(b"# End: Data") - 2
    for keep in [0, 10, len(data) // 4, data.index(b"# Begin: Data") + 5, end - 7, end]:
        path.write_bytes(data[:keep])
        with pytest.raises(FileFormatError):
            ovf.read(path)


def test_bad_data(tmp_path, mesh):
    path, data = written(tmp_path, mesh)
    start = data.index(b"Binary 8\n") + len(b"Binary 8\n")
    path.write_bytes(data[:start] + b"\0" + data[start + 1 :])
    with pytest.raises(FileFormatError, match=r"check value .* binary mode"):
        ovf.read(path)
    path.write_bytes(data[: start + 8] + np.array(np.nan, "<f8").tobytes() + data[start + 16 :])
    with pytest.raises(FileFormatError, match=r"1 of its values are not finite.*unstable"):
        ovf.read(path)
    path, data = written(tmp_path, mesh, "text")
    path.write_bytes(data.replace(b"0.5", b"abc", 1))
    with pytest.raises(FileFormatError, match="not all numbers"):
        ovf.read(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" * 50, b"# OOMMF: irregular mesh v0.0\n"])
def test_not_an_ovf(tmp_path, content):
    path = tmp_path / "m.ovf"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match="first line"):
        ovf.read(path)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing\.ovf"):
        ovf.read(tmp_path / "nothing.ovf")


def test_bad_arguments_leave_the_old_file(tmp_path, mesh):
    path, data = written(tmp_path, mesh)
    good = np.zeros((3, *mesh.shape))
    bad = good.copy()
    bad[1, 2, 3, 4] = np.nan
    for values, options, message in [
        (good[..., 0], {}, r"shape \(c, nz, ny, nx\)"),
        (bad, {}, r"finite.*\(1, 2, 3, 4\)"),
        (good * 1j, {}, "real"),
        (good + 1e300, {"encoding": "binary 4"}, "use 'binary 8'"),
        (good, {"encoding": "bin4"}, "`encoding`"),
        (good, {"labels": ["a"]}, "`labels`"),
    ]:
        with pytest.raises(ValueError, match=message):
            ovf.write(path, mesh, values, **options)
    assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]
