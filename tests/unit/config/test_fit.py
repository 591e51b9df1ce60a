"""Tables of fits, and CSV files as people make them: what is refused, and how."""

from pathlib import Path

import numpy as np
import pytest

from magjax.config.errors import ConfigError
from magjax.config.fit import check_fit, with_values
from magjax.config.fit_data import load_data, load_sets, read_columns, simulate
from magjax.config.fit_execute import earlier, write_synthetic
from magjax.config.fit_models import LAWS

MODEL = {"kind": "relaxation", "alpha": 0.1, "B": "200 mT", "start": -0.9}
OTHERS = {
    "sharrock": {"H0": "400 kA/m", "xi": 60},
    "viscosity": {"barriers": {"kind": "normal", "center": "0.1 aJ", "width": "10 zJ"}, "Ms": "800 kA/m"},
    "resonance": {"Ms": "800 kA/m"},
    "spin_waves": {"A": "13 pJ/m", "Ms": "800 kA/m", "thickness": "20 nm"},
    "antiferromagnetic_resonance": {"B_E": "50 T", "B_A": "0.8 T"},
    "stoner_wohlfarth": {"HK": "400 kA/m", "Ms": "800 kA/m"},
}


def tables(**changes):
    return {"fit": {"model": MODEL, "free": {"alpha": {}}, **changes}}


@pytest.mark.parametrize("kind", OTHERS)
def test_every_model_can_be_written(kind) -> None:
    values = dict(OTHERS[kind])
    if kind == "viscosity":
        values["barriers"] = {"kind": "normal", "center": "0.1 aJ", "width": "0.01 aJ"}
    free = {"viscosity": "tau0", "sharrock": "H0", "antiferromagnetic_resonance": "B_E"}.get(kind, "Ms")
    config = check_fit(tables(model={"kind": kind, **values}, free={free: {}}))
    assert config.parameters(config.table.build())[0].name == free
    assert set(OTHERS) | {"relaxation", "material_map"} == set(LAWS)  # a map is written in a file of its own


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": {**MODEL, "B": "200 nm"}}, r"\[fit.model\] B: must be in T"),
        ({"model": {**MODEL, "kind": "relaxtion"}}, "did you mean `relaxation`"),
        ({"free": {"alfa": {}}}, r"\[fit.free\] alfa: is no parameter of the model; did you mean `alpha`"),
        ({"free": {"alpha": {"bounds": [1, 0.1]}}}, "must rise"),
        ({"free": {"B": {"start": "3 s"}}}, r"\[fit.free.B\] start: must be in T"),
        ({"free": {}}, r"free: must hold at least 1|free: .*at least 1"),
        ({"errors": {"m_q": 0.1}}, "names the output 'm_q'"),
        ({"measured": ["Hc"]}, "names the output 'Hc'"),
        ({"simulate": {"inputs": {"t": {"since": "1 s"}}}}, "must be given together with `until`"),
        ({"simulate": {"inputs": {"t": {"course": ["1 s"]}}}}, "two turning points or more"),
        ({"simulate": {"inputs": {"t": {"course": ["1 s", "2 s"], "values": ["1 s"]}}}}, "or a `course` instead"),
        ({"data": 3}, "must be the name of a CSV file"),
        ({"data": [{"file": "a.csv", "held": {"C": 1}}]}, r"held\] C: is no parameter of the model"),
        ({"data": [{"file": "a.csv", "held": {"alpha": 1}}]}, "cannot be held, too"),
        ({"data": [{"fil": "a.csv"}]}, "did you mean `file`"),
    ],
)
def test_wrong_tables_are_named(changes, message) -> None:
    with pytest.raises(ConfigError, match=message):
        check_fit(tables(**changes))


def load(tmp_path: Path, text: str, **changes):
    path = tmp_path / "data.csv"
    path.write_text(text, encoding="utf-8")
    config = check_fit(tables(**changes))
    return load_data(config, config.table.build(), path)


def test_columns_come_in_their_own_units(tmp_path) -> None:
    """Nanoseconds and an error for each point; a byte-order mark, semicolons, empty cells, remarks."""
    text = "\ufeff# measured on a Monday\nt [ns];m_z;m_z_error\n0;-0.9;0.01\n1;;0.01\n2;0.1;0.02\n"
    data = load(tmp_path, text)
    assert np.allclose(data.x["t"], [0, 1e-9, 2e-9], atol=1e-20)
    assert data.missing == 1
    assert np.allclose(data.error["m_z"], [0.01, 1, 0.02], atol=1e-12)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("time (ns),m_z\n0,1\n", "must have the column `t`"),
        ("t (mT),m_z\n0,1\n", "column `t` must be in s"),
        ("t (ns),H\n0,1\n", "must have a column of what was measured"),
        ("t (ns),m_z\n0,1,2\n", "line 2 has 3 cells"),
        ("t (ns),m_z,m_z\n0,1,2\n", "has m_z twice"),
        ("t (ns),m_z\n0,x\n", "line 2 holds 'x'"),
        ("0,1\n1,2\n", "must have headings"),
        ("t (ns),m_z\n", "must have a line of headings"),
        ("t (ns),m_z,m_z_error\n0,1,0\n", "must hold standard errors > 0"),
        ("t (ns),m_z\n0,nan\n", "must hold at least one point"),
    ],
)
def test_bad_files_are_named(tmp_path, text, message) -> None:
    with pytest.raises(ConfigError, match=message):
        load(tmp_path, text)


def test_missing_file_is_named(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"none.csv: cannot be read"):
        read_columns(tmp_path / "none.csv")


@pytest.mark.slow
def test_course_of_a_loop_turns_where_it_says() -> None:
    inputs = {"H": {"course": ["1 MA/m", "-1 MA/m", "1 MA/m"], "points": 9}}
    model = {"kind": "stoner_wohlfarth", "HK": "400 kA/m", "Ms": "800 kA/m"}
    given = {"model": model, "free": {"HK": {}}, "errors": {"M": "1 kA/m"}, "simulate": {"inputs": inputs}}
    config = check_fit(tables(**given))
    columns, _ = simulate(config, config.table.build())
    assert np.allclose(columns["H"], 1e6 * np.array([1, 0.5, 0, -0.5, -1, -0.5, 0, 0.5, 1]), atol=1e-6)


def test_sets_are_as_many_as_what_is_held_in_them(tmp_path) -> None:
    (tmp_path / "a.csv").write_text("t (ns),m_z\n0,-0.9\n1,0.5\n", encoding="utf-8")
    config = check_fit(tables(data=[{"file": "a.csv", "held": {"B": "100 mT"}}]))
    (one,) = load_sets(config, config.table.build(), [tmp_path / "a.csv"])
    law = config.table.build()
    expected = with_values(law, {"B": "100 mT"}, ())(t=np.array([0, 1e-9]))["m_z"]
    assert np.allclose(one.predicted(law)["m_z"], expected, atol=1e-12)
    with pytest.raises(ConfigError, match="holds values for 1 data sets, but there are 2 files"):
        load_sets(config, law, [tmp_path / "a.csv", tmp_path / "b.csv"])


@pytest.mark.slow
def test_earlier_fits_are_starts_within_bounds(tmp_path) -> None:
    config = check_fit(tables(free={"alpha": {"bounds": [0.01, 1]}}))
    (tmp_path / "fit.json").write_text('{"values": {"alpha": 1.0}}')
    (found,) = earlier(config.parameters(config.table.build()), tmp_path / "fit.json")
    assert 0.99 < float(found.start) < 1
    for text, message in (('{"values": {"B": 1}}', "not of the same parameters"), ("{", "what a fit has written")):
        (tmp_path / "fit.json").write_text(text)
        with pytest.raises(ConfigError, match=message):
            earlier(config.parameters(config.table.build()), tmp_path / "fit.json")
    with pytest.raises(ConfigError, match="no earlier fit"):
        earlier([], tmp_path / "none.json")


@pytest.mark.slow
def test_synthetic_data_need_noise_and_inputs(tmp_path) -> None:
    inputs = {"t": {"values": ["0 ns", "1 ns"]}}
    config = check_fit(tables(simulate={"inputs": inputs}, errors={"m_z": 0.1}))
    columns, units = simulate(config, config.table.build())
    assert columns["t"].tolist() == [0.0, 1e-9]
    assert units == {"t": "s", "m_z": ""}
    assert write_synthetic(config, tmp_path / "a.csv") == 2
    with pytest.raises(FileExistsError, match="is there already"):
        write_synthetic(config, tmp_path / "a.csv")
    for changes, message in (
        ({}, "must be given to simulate"),
        ({"simulate": {"inputs": inputs}}, "must give the noise"),
        ({"simulate": {"inputs": {"x": {"values": [1]}}}, "errors": {"m_z": 0.1}}, "x: is no input"),
    ):
        config = check_fit(tables(**changes))
        with pytest.raises(ConfigError, match=message):
            simulate(config, config.table.build())
