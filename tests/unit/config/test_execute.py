"""Stages run in order, each from where it says, and leave what they promise."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from magjax.config import Config
from magjax.config.errors import ConfigError
from magjax.config.execute import Options, execute
from magjax.config.load import check
from magjax.config.record import Record
from magjax.config.report import StageReport
from magjax.io import ovf, table
from magjax.results import SolveError
from magjax.run.folder import Folder

BASE: dict[str, Any] = {
    "mesh": {"cells": [3, 1, 1], "cell_size": ["4 nm", "5 nm", "3 nm"]},
    "material": {"Ms": "800 kA/m", "alpha": 0.5},
    "energy": {"exchange": {"A": "13 pJ/m"}, "uniaxial_anisotropy": {"K": "50 kJ/m3", "axis": "z"}},
    "initial": {"texture": "uniform", "direction": [0.5, 0, 0.8]},
    "output": {"pictures": False},
}


def run(out: Path, *stages: dict[str, Any], **options: Any) -> dict[str, StageReport]:
    """The reports of some stages by name."""
    tables = {**BASE, "stage": list(stages)}
    reports = execute(Config.model_validate(tables).build(), out, Options(progress=False, **options), tables=tables)
    return {report.name: report for report in reports}


@pytest.mark.slow
def test_each_kind_of_stage_finds_the_easy_axis(tmp_path) -> None:
    """Relaxed, minimised, or damped until the torque is gone: the same state, and each start is the one asked for."""
    found = run(
        tmp_path,
        {"name": "relaxed", "kind": "relax"},
        {"name": "minimised", "kind": "minimize", "initial": {"texture": "uniform", "direction": [0, 0.3, -1]}},
        {"kind": "evolve", "duration": "10 ns", "from": "initial", "stop": {"torque": "1 uT"}},
        {"name": "kept", "kind": "minimize", "from": "minimised"},
    )
    assert list(found) == ["relaxed", "minimised", "3-evolve", "kept"]
    assert [round(report.average[2], 4) for report in found.values()] == [1, -1, 1, -1]
    assert found["3-evolve"].outcome == "STOPPED"
    assert found["kept"].steps == 0
    assert ovf.read(tmp_path / "kept" / "m.ovf").values[2].max() < -0.999
    record = json.loads((tmp_path / "job.json").read_text())
    total = found["relaxed"].energies["total"]
    assert record["stages"]["relaxed"]["energies"]["total"] == pytest.approx(total, rel=1e-6, abs=0)


@pytest.mark.slow
def test_stage_fields_and_damping(tmp_path) -> None:
    """A stage's own field pulls the spins over; without damping the energy stays."""
    field = {"zeeman": {"B": ["1 T", 0, 0]}}
    found = run(
        tmp_path,
        {"name": "pulled", "kind": "minimize", "energy": field},
        {"name": "free", "kind": "evolve", "duration": "50 ps", "alpha": 0, "from": "initial"},
    )
    assert found["pulled"].average[0] == pytest.approx(1, abs=1e-4)
    energy = table.read(tmp_path / "free" / "table.csv").data["E_total"].to_numpy()
    assert len(energy) == 201
    assert np.ptp(energy) < 1e-6 * np.abs(energy).max()


@pytest.mark.slow
def test_failure_names_the_stage_and_keeps_the_rest(tmp_path) -> None:
    stuck = {"name": "stuck", "kind": "minimize", "torque": 1e-15, "max_steps": 1, "from": "initial"}
    with pytest.raises(SolveError, match="in the stage 'stuck'"):
        run(tmp_path, {"name": "fine", "kind": "minimize"}, stuck)
    assert (tmp_path / "fine" / "m.ovf").is_file()
    assert list(json.loads((tmp_path / "job.json").read_text())["stages"]) == ["fine"]


@pytest.mark.slow
def test_what_is_said(tmp_path) -> None:
    said: list[str] = []
    tables = {**BASE, "stage": [{"name": "rest", "kind": "minimize"}]}
    execute(Config.model_validate(tables).build(), tmp_path, Options(say=said.append), tables=tables)
    assert said[0] == "rest: minimising the energy of 3 cells"
    assert said[1].startswith("rest: SUCCESS after")


@pytest.mark.slow
@pytest.mark.parametrize("choice", ["overwrite", "resume"])
def test_a_job_under_way_is_left_alone(tmp_path, choice) -> None:
    """Neither its record nor the results of its earlier stages change; when it has ended, the folder is free again."""
    stages = {"name": "relaxed", "kind": "relax"}
    run(tmp_path, stages)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    with Folder(tmp_path).locked(), pytest.raises(FileExistsError, match="Another run"):
        run(tmp_path, stages, **{choice: True})
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    run(tmp_path, stages, **{choice: True})


@pytest.mark.parametrize("record", ["{", "[]", '{"stages": [1]}', '{"stages": {"relaxed": 1}}', '{"stages": 3}'])
def test_a_damaged_record_is_named(tmp_path, record) -> None:
    (tmp_path / "job.json").write_text(record)
    with pytest.raises(FileExistsError, match=r"job\.json' is damaged"):
        run(tmp_path, {"name": "relaxed", "kind": "relax"}, overwrite=True)


@pytest.mark.slow
def test_stages_at_a_temperature(tmp_path) -> None:
    """The same noise as `mj.Langevin` with that temperature, seed and form; another seed, other noise."""
    import magjax as mj

    noisy = {"kind": "evolve", "duration": "2 ps", "from": "initial", "temperature": "300 K"}
    landau = {"form": "landau-lifshitz", "solver": {"method": "semi-implicit", "dt": "20 fs"}}
    found = run(
        tmp_path,
        {"name": "one", "seed": 1, **noisy, "solver": {"dt": "20 fs"}},
        {"name": "two", "seed": 2, **noisy, "solver": {"dt": "20 fs"}},
        {"name": "other", "seed": 1, **noisy, **landau},
        {"name": "cold", "kind": "evolve", "duration": "2 ps", "from": "initial", "form": "landau-lifshitz"},
    )
    job = Config.model_validate({**BASE, "stage": [{"kind": "relax"}]}).build()
    options = {"dt": 20e-15, "save_every": 1e-14}
    bath = mj.Langevin(300.0, seed=1)
    one = mj.evolve(job.system, job.initial(), 2e-12, dynamics=bath, **options).m
    assert np.allclose(found["one"].m, one, rtol=0, atol=1e-12)
    assert not np.array_equal(found["one"].m, found["two"].m)
    landau_bath = mj.Langevin(300.0, seed=1, form="landau-lifshitz")
    other = mj.evolve(
        job.system, job.initial(), 2e-12, dynamics=landau_bath, solver=mj.solvers.SemiImplicit(), **options
    ).m  # fmt: skip
    assert np.allclose(found["other"].m, other, rtol=0, atol=1e-12)
    cold = mj.evolve(job.system, job.initial(), 2e-12, dynamics=mj.LLG("landau-lifshitz")).m
    assert np.allclose(found["cold"].m, cold, rtol=0, atol=1e-4)
    assert json.loads((tmp_path / "one" / "run.json").read_text())["seed"] == 1


@pytest.mark.parametrize(
    ("stage", "solver", "message"),
    [
        ({"temperature": "-1 K"}, {}, "temperature: must be ≥ 0 K"),
        ({"temperature": "300 T"}, {}, "temperature"),
        ({"seed": 3}, {}, "seed: has no meaning without `temperature`"),
        ({"temperature": "300 K", "seed": -1}, {}, "seed"),
        ({"temperature": "300 K"}, {"method": "rk43"}, r"\[solver\] method: must know noise"),
        ({"temperature": "300 K", "solver": {"method": "tsit5"}}, {}, "must know noise"),
    ],
)
def test_temperatures_that_cannot_be_meant(stage: dict[str, Any], solver: dict[str, Any], message: str) -> None:
    tables = {**BASE, "solver": solver, "stage": [{"kind": "evolve", "duration": "1 ps", **stage}]}
    with pytest.raises(ConfigError, match=message):
        check(tables, "a.toml").build()


@pytest.mark.slow
@pytest.mark.parametrize("overwrite", [False, True])
def test_what_cannot_be_made_leaves_no_folder_and_replaces_nothing(tmp_path, overwrite) -> None:
    """A shape between all cells is found out only when the sample is made, and before anything is touched."""
    out, stage = tmp_path / "out", {"name": "relaxed", "kind": "relax"}
    if overwrite:
        run(out, stage)
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    tables = {**BASE, "stage": [stage], "geometry": {"shape": "sphere", "radius": "0.1 nm", "center": ["1 um", 0, 0]}}
    with pytest.raises(ConfigError, match="at least one cell"):
        execute(Config.model_validate(tables).build(), out, Options(progress=False, overwrite=overwrite), tables=tables)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    assert out.exists() == overwrite


def test_a_record_of_nothing_is_no_result(tmp_path) -> None:
    """A job that was refused before it began can be begun again without being told to replace anything."""
    record = Record(tmp_path, "abc")
    record.write({"stages": {}})
    assert Record(tmp_path, "other").look(resume=False, overwrite=False) == {}
    with pytest.raises(FileExistsError, match="another configuration"):
        Record(tmp_path, "other").look(resume=True, overwrite=False)
    (tmp_path / "table.csv").touch()
    with pytest.raises(FileExistsError, match="holds results already"):
        record.look(resume=False, overwrite=False)
