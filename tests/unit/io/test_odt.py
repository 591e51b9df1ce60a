import importlib.resources
from pathlib import Path

import numpy as np
import pytest

from magjax.io import odt
from magjax.io.errors import FileFormatError

COLUMNS = {"t": np.arange(3) / 3e12, "m_x": np.array([1, 0.5, 1 / 3]), "E_total": np.full(3, -1e-18)}
COLUMNS |= {"max_torque": np.array([1.0, 2.0, np.nan])}
UNITS = {"t": "s", "E_total": "J", "max_torque": "rad/s"}


def test_round_trip_is_exact(tmp_path):
    odt.write(tmp_path / "a.odt", COLUMNS, UNITS, title="a\nb", metadata={"seed": 1})
    found = odt.read(tmp_path / "a.odt")
    assert found.units == {"t": "s", "m_x": "", "E_total": "J", "max_torque": "rad/s"}
    assert found.metadata == {"seed": 1}
    for name, values in COLUMNS.items():
        np.testing.assert_array_equal(found.data[name], values)


def test_ubermagtable_reads_the_same(tmp_path):
    ut = pytest.importorskip("ubermagtable")
    odt.write(tmp_path / "a.odt", COLUMNS, UNITS)
    theirs = ut.Table.fromfile(str(tmp_path / "a.odt"), x="t")
    assert list(theirs.data.columns) == ["t", "mx", "E", "max_torque"]
    assert theirs.units == {"t": "s", "mx": "", "E": "J", "max_torque": "rad/s"}
    np.testing.assert_array_equal(theirs.data.to_numpy(), np.stack(list(COLUMNS.values()), axis=1))


def test_tables_of_oommf():
    """The samples that ubermagtable ships, against ubermagtable's own reading."""
    ut = pytest.importorskip("ubermagtable")
    samples = Path(str(importlib.resources.files("ubermagtable"))) / "tests" / "test_sample"
    files = sorted(samples.glob("oommf-*.odt"))
    if not files:
        pytest.skip("this ubermagtable comes without its samples")
    for file in files:
        ours, theirs = odt.read(file), ut.Table.fromfile(str(file))
        np.testing.assert_array_equal(ours.data.to_numpy(), theirs.data.to_numpy(), err_msg=file.name)
    assert {"m_x", "m_y", "m_z"} <= set(ours.data.columns)


def test_missing_values_and_continued_lines(tmp_path):
    text = (
        "# ODT 1.0\n# Table Start\n# Columns: {Oxs_A::Simulation time} \\\n#  Oxs_B::mx\n# Units: s {}\n 0 {}\n 1 2\n"
    )
    (tmp_path / "a.odt").write_text(text)
    found = odt.read(tmp_path / "a.odt")
    assert list(found.data.columns) == ["t", "m_x"]
    np.testing.assert_array_equal(found.data["m_x"], [np.nan, 2])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line"),
        ("t,x\n", "first line"),
        ("# ODT 1.0\n# Table Start\n", "no line"),
        ("# ODT 1.0\n# Columns: a b\n1 2 3\n", "does not hold 2 numbers"),
        ("# ODT 1.0\n# Columns: a b\n1 x\n", "does not hold 2 numbers"),
        ("# ODT 1.0\n# Columns: a b\n1 2\n# Columns: c\n1\n", "different columns"),
    ],
)
def test_broken_files(tmp_path, text, message):
    (tmp_path / "a.odt").write_text(text)
    with pytest.raises(FileFormatError, match=message):
        odt.read(tmp_path / "a.odt")


def test_columns_must_match(tmp_path):
    with pytest.raises(ValueError, match="one length"):
        odt.write(tmp_path / "a.odt", {"t": np.zeros(2), "x": np.zeros(3)}, {})
