import numpy as np
import pytest

from magjax.io import table
from magjax.io.errors import FileFormatError

UNITS = {"t": "s", "m_x": "", "E_total": "J", "max_torque": "rad/s", "steps": ""}
METADATA = {"magjax": "0.1", "config": "a = 1 # b\nc = 'x, y'"}


def rows(n, start=0):
    t = (start + np.arange(n)) * 1e-12 / 3
    return {"t": t, "m_x": np.cos(t * 1e12), "E_total": -1e-18 / (1 + t), "max_torque": t + 1e10, "steps": np.arange(n)}


def test_headings_are_readable(tmp_path):
    table.write(tmp_path / "t.csv", rows(1), UNITS, metadata=METADATA)
    lines = (tmp_path / "t.csv").read_text().splitlines()
    assert lines[1] == "t (s),m_x,E_total (J),max_torque (rad/s),steps"
    assert lines[0].startswith("# {")
    assert len(lines) == 3


def test_round_trip_is_exact(tmp_path, dtype):
    columns = {name: a.astype(dtype) if a.dtype.kind == "f" else a for name, a in rows(20).items()}
    table.write(tmp_path / "t.csv", columns, UNITS, metadata=METADATA)
    found = table.read(tmp_path / "t.csv")
    assert found.units == UNITS
    assert found.metadata == METADATA
    assert list(found.data.columns) == list(UNITS)
    for name, values in columns.items():
        np.testing.assert_array_equal(found.data[name].to_numpy().astype(values.dtype), values)


def test_rows_and_blocks_give_the_same_file(tmp_path):
    table.write(tmp_path / "a.csv", rows(5), UNITS)
    writer = table.create(tmp_path / "b.csv", UNITS)
    for i in range(5):
        writer.append({name: values[i] for name, values in reversed(rows(5).items())})
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_not_a_number_is_a_value(tmp_path):
    table.write(tmp_path / "t.csv", {"t": [0.0, 1.0], "x": [np.nan, -np.inf]}, {})
    np.testing.assert_array_equal(table.read(tmp_path / "t.csv").data["x"], [np.nan, -np.inf])


def test_empty_table(tmp_path):
    table.create(tmp_path / "t.csv", UNITS)
    assert len(table.read(tmp_path / "t.csv").data) == 0


def test_an_unfinished_line_is_ignored_and_dropped(tmp_path):
    """A process killed at any byte of its last row leaves a table that reads and resumes."""
    path = tmp_path / "t.csv"
    table.write(path, rows(4), UNITS)
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(last, len(whole)):
        path.write_bytes(whole[:cut])
        assert len(table.read(path).data) == 3
        table.resume(path).append({name: values[3] for name, values in rows(4).items()})
        assert path.read_bytes() == whole


def test_resume_from_a_checkpoint_repeats_nothing(tmp_path):
    path = tmp_path / "t.csv"
    table.write(path, rows(10), UNITS, metadata=METADATA)
    whole = path.read_bytes()
    t = rows(10)["t"]
    writer = table.resume(path, after=float(t[5]))
    np.testing.assert_array_equal(table.read(path).data["t"], t[:6])
    writer.append({name: values[6:] for name, values in rows(10).items()})
    assert path.read_bytes() == whole
    table.resume(path, after=-1.0)
    assert len(table.read(path).data) == 0
    assert table.read(path).metadata == METADATA


def test_bad_arguments(tmp_path):
    writer = table.create(tmp_path / "t.csv", {"t": "s", "x": ""})
    with pytest.raises(ValueError, match="check y"):
        writer.append({"t": 0, "x": 1, "y": 2})
    with pytest.raises(ValueError, match="check x"):
        writer.append({"t": 0})
    with pytest.raises(ValueError, match="one length"):
        writer.append({"t": np.zeros(2), "x": np.zeros(3)})
    with pytest.raises(ValueError, match="without commas"):
        table.create(tmp_path / "u.csv", {"a,b": ""})
    with pytest.raises(ValueError, match="at least one"):
        table.create(tmp_path / "u.csv", {})
    assert len(table.read(tmp_path / "t.csv").data) == 0


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"# {}\nt (s),x", b"\x00\xff" * 100])
def test_not_a_table(tmp_path, content):
    (tmp_path / "t.csv").write_bytes(content)
    for action in table.read, table.resume:
        with pytest.raises(FileFormatError, match="first two lines"):
            action(tmp_path / "t.csv")


@pytest.mark.parametrize("row", ["1,2,3,4", "1,abc", "x,2"])
def test_damaged_row(tmp_path, row):
    (tmp_path / "t.csv").write_text(f"# {{}}\nt (s),x\n0,0\n{row}\n5,6\n")
    with pytest.raises(FileFormatError, match="a row is damaged"):
        table.read(tmp_path / "t.csv")
