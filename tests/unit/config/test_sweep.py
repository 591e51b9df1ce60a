"""Sweeps: designs, chunks that are done once, processes that share them, points that fail."""

import jax
import numpy as np
import pytest
import xarray as xr

from magjax.cli import main
from magjax.config.errors import ConfigError
from magjax.config.execute import Options
from magjax.config.study.base import Findings, kinds
from magjax.config.sweep import Shard, Sweep
from magjax.config.sweep_design import SweepTable
from magjax.config.sweep_points import Failed, joined
from magjax.io import netcdf, ovf
from magjax.results import Outcome, SolveError

QUIET = Options(progress=False)
STUDY = {
    "study": {"kind": "stoner_wohlfarth", "angles": ["10 deg"]},
    "sweep": {"over": {"study.k2": {"from": 0.0, "to": 0.2, "count": 5}}, "chunk": 2},
}
SIMULATION = {
    "mesh": {"cells": [1, 1, 1], "cell_size": "5 nm"},
    "material": {"Ms": "800 kA/m", "alpha": 0.5},
    "energy": {"zeeman": {"B": ["0 T", "0 T", "1 T"]}},
    "initial": {"texture": "uniform", "direction": [1, 0, 0.1]},
    "output": {"pictures": False},
    "stage": [{"name": "fall", "kind": "evolve", "duration": "10 ps"}],
    "sweep": {
        "over": {"material.alpha": [0.1, 0.5], "energy.zeeman.B": [["0 T", "0 T", "1 T"], ["0 T", "0 T", "2 T"]]}
    },
}


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """The study's own numbers take seconds to compile and say nothing about sweeps."""

    def run(self, say):
        h = np.linspace(-1, 1, 5)
        axes = {"step": ("step", np.arange(5), {}), "field": ("field", h * (1 + self.k2), {})}
        return Findings(xr.Dataset({"m": ("step", h + self.k2), "loss": self.k2**2}, axes))

    monkeypatch.setattr(kinds()["stoner_wohlfarth"], "run", run)


def sweep_of(tables, tmp_path, **sweep):
    """A sweep in a folder of its own."""
    return Sweep({**tables, "sweep": {**tables["sweep"], **sweep}}, tmp_path / "points.toml", tmp_path / "out")


def test_designs():
    """A grid in logarithmic steps, one draw in each of n strata, choices from a list, the same in every process."""
    grid = {"a": {"from": "1 nm", "to": "100 nm", "count": 3, "spacing": "log"}, "b": [1, 2]}
    points = SweepTable.model_validate({"over": grid}).points()
    assert [point["b"] for point in points] == [1, 2, 1, 2, 1, 2]
    assert points[2]["a"].endswith(" m")
    assert float(points[2]["a"].split()[0]) == pytest.approx(1e-8, rel=1e-12, abs=0)
    latin = {"design": "latin", "count": 50, "seed": 3, "over": {"a": {"from": 0, "to": 50}, "b": ["x", "y"]}}
    drawn = SweepTable.model_validate(latin).points()
    assert sorted(int(point["a"]) for point in drawn) == list(range(50))
    assert sum(point["b"] == "x" for point in drawn) == 25
    assert drawn == SweepTable.model_validate(latin).points()
    assert drawn != SweepTable.model_validate({**latin, "seed": 4}).points()
    uniform = SweepTable.model_validate({**latin, "design": "random"}).points()
    assert sorted(int(point["a"]) for point in uniform) != list(range(50))


def test_chunks_are_done_once_and_damaged_ones_again(tmp_path):
    """A file cut in half, as by a killed process, a draft that was left, and one of another sweep are not believed."""
    whole = sweep_of(STUDY, tmp_path).run(QUIET)
    assert whole.m.dims[0] == "point"
    assert whole["study.k2"].values == pytest.approx([0, 0.05, 0.1, 0.15, 0.2], rel=1e-12, abs=1e-15)
    assert whole.loss.values == pytest.approx(whole["study.k2"].values ** 2, rel=1e-12, abs=0)
    # An axis that is the same everywhere is one; one that is not is data of each point.
    assert "step" in whole.coords
    assert whole.axis_field.dims == ("point", "field")
    first, second, third = sorted((tmp_path / "out").glob("chunk_*.nc"))
    second.write_bytes(second.read_bytes()[: second.stat().st_size // 2])
    (tmp_path / "out" / f".{third.name}.0badc0de.part").write_bytes(third.read_bytes()[:100])
    third.unlink()
    kept = first.stat().st_mtime_ns
    again = sweep_of(STUDY, tmp_path).run(Options(progress=False, resume=True))
    assert first.stat().st_mtime_ns == kept
    assert all(np.array_equal(again[name], whole[name], equal_nan=True) for name in whole.data_vars)
    assert netcdf.read(tmp_path / "out" / "data.nc").sizes["point"] == 5
    with pytest.raises(FileExistsError, match="--resume"):
        sweep_of(STUDY, tmp_path).run(QUIET)
    with pytest.raises(FileExistsError, match="another configuration"):
        sweep_of(STUDY, tmp_path, chunk=3).run(Options(progress=False, resume=True))


def test_shards_share_the_work(tmp_path):
    """Two processes with every second chunk each: the later one joins what both have done."""
    assert sweep_of(STUDY, tmp_path).run(QUIET, Shard.parse("1/2")) is None
    assert len(list((tmp_path / "out").glob("chunk_*.nc"))) == 2
    assert sweep_of(STUDY, tmp_path).run(QUIET, Shard.parse("2/2")).sizes["point"] == 5
    for text in ("0/2", "3/2", "1", "a/b"):
        with pytest.raises(ValueError, match="i/n"):
            Shard.parse(text)


def test_a_point_that_fails_leaves_the_others(tmp_path, monkeypatch):
    """It is NaN and named by its outcome; the sweep goes on."""
    kind = kinds()["stoner_wohlfarth"]
    good = kind.run

    def run(self, say):
        if self.k2 > 0.12:
            raise SolveError(Outcome.NOT_CONVERGED, "minimize")
        return good(self, say)

    monkeypatch.setattr(kind, "run", run)
    data = sweep_of(STUDY, tmp_path).run(QUIET)
    assert data.outcome.values.tolist() == [0, 0, 0, int(Outcome.NOT_CONVERGED), int(Outcome.NOT_CONVERGED)]
    assert np.isnan(data.m.values[3:]).all()
    assert np.isfinite(data.m.values[:3]).all()


@pytest.mark.slow
def test_simulations(tmp_path):
    """Stages of an ordinary configuration, with their folders; m_z = tanh(αγBt/(1+α²) + artanh m_z(0)) of one spin."""
    data = sweep_of(SIMULATION, tmp_path).run(QUIET)
    alpha, B = data["material.alpha"].values, np.array([1, 2, 1, 2])
    start = np.arctanh(0.1 / np.sqrt(1.01))
    exact = np.tanh(alpha * 1.76085963e11 * B * 10e-12 / (1 + alpha**2) + start)
    np.testing.assert_allclose(data.m.sel(component="z", stage="fall"), exact, atol=1e-4)
    assert (tmp_path / "out" / "point_00003" / "fall" / "table.csv").is_file()


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        ({"over": {}}, "table of keys"),
        ({"over": {"study.k2": []}}, "axis of length zero"),
        ({"over": {"study.k2": {"from": 0.0, "to": 0.2}}}, "must give `count`"),
        ({"over": {"study.k2": {"from": 0.0, "to": 0.2, "count": 2, "spacing": "log"}}}, "ends > 0"),
        ({"over": {"study.k2": {"from": "0 T", "to": 0.2, "count": 2}}}, "as `from` is"),
        ({"over": {"study.k2": 0.1}}, "must hold a list"),
        ({"over": {"study.K2": [0.1]}}, "is no key here"),
        ({"design": "random"}, "count: must be given"),
        ({"design": "latn", "count": 3}, "'latin'"),
        ({"count": 3}, "no place in a grid"),
        ({"chunk": 0}, "≥ 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, sweep, message):
    """Before anything is computed."""
    with pytest.raises(ConfigError, match=message):
        sweep_of(STUDY, tmp_path, **sweep)


def test_shapes_must_agree():
    """Points side by side need one shape."""
    with pytest.raises(ConfigError, match="one shape"):
        joined([xr.Dataset({"m": ("t", [0.1])}), xr.Dataset({"m": ("t", [0.1, 0.2])})], np.arange(2))
    assert joined([Failed(2)], np.arange(1)).outcome.values.tolist() == [2]


def test_command(tmp_path, monkeypatch, capsys):
    """`magjax sweep` from a file, and its errors in one line."""
    monkeypatch.chdir(tmp_path)
    text = '[study]\nkind = "stoner_wohlfarth"\nangles = ["10 deg"]\n'
    (tmp_path / "points.toml").write_text(text + '[sweep]\nchunk = 1\nover = { "study.k2" = [0.0, 0.1] }\n')
    assert main(["sweep", "points.toml", "--precision", "double"]) == 0
    said = capsys.readouterr()
    assert "data.nc with 2 points" in said.out
    assert "point 2 of 2: study.k2 = 0.1" in said.err
    assert main(["sweep", "points.toml", "--resume", "-q"]) == 0
    assert main(["sweep", "points.toml", "--overwrite", "--resume"]) == 2
    assert main(["sweep", "points.toml", "--shard", "5/2"]) == 2
    (tmp_path / "plain.toml").write_text(text)
    assert main(["sweep", "plain.toml"]) == 2
    assert "has no table [sweep]" in capsys.readouterr().err
    (tmp_path / "both.toml").write_text(text + '[scan]\n"study.k2" = [0.0]\n[sweep]\nover = { "study.k2" = [0.0] }\n')
    assert main(["sweep", "both.toml"]) == 2


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["single", "double"])
def test_the_command_knows_better_than_the_file(tmp_path, monkeypatch, precision):
    """Whatever precision the file names, a state has that of the command."""
    monkeypatch.chdir(tmp_path)
    before = jax.config.read("jax_enable_x64")
    text = f"""
    precision = "{"double" if precision == "single" else "single"}"
    [mesh]
    cells = [2, 1, 1]
    cell_size = "5 nm"
    [material]
    Ms = 8e5
    [energy.zeeman]
    B = [0, 0, 1.0]
    [initial]
    texture = "uniform"
    direction = [1, 0, 0.1]
    [[stage]]
    kind = "minimize"
    [output]
    pictures = false
    [sweep]
    over = {{ "material.Ms" = [8e5, 4e5] }}
    """
    (tmp_path / "points.toml").write_text(text)
    try:
        assert main(["sweep", "points.toml", "--precision", precision, "-q"]) == 0
    finally:
        jax.config.update("jax_enable_x64", before)
    first = ovf.read(tmp_path / "out" / "points" / "point_00000" / "1-minimize" / "m.ovf")
    assert first.values.dtype == {"single": np.float32, "double": np.float64}[precision]
