"""Every kind of bad input is one line: its place, what is wrong and, if there is one, the nearest right key."""

import copy
import math
from typing import Any

import pytest

from magjax.config import Config, ConfigError, load
from magjax.config.errors import at, line, nearest
from magjax.config.load import MAX_BYTES, changed, check, points, read

GOOD: dict[str, Any] = {
    "mesh": {"cells": [8, 4, 2], "cell_size": ["4 nm", "5 nm", "3 nm"], "periodic": "x"},
    "material": {"Ms": "800 kA/m", "alpha": 0.1},
    "energy": {"exchange": {"A": "13 pJ/m"}, "demag": {}},
    "initial": {"texture": "uniform", "direction": "x"},
    "regions": {"core": {"shape": "sphere", "radius": "8 nm"}},
    "stage": [
        {"name": "rest", "kind": "minimize"},
        {"name": "go", "kind": "evolve", "duration": "1 ns", "save_every": "10 ps"},
    ],
}


def faults(*settings: str) -> list[str]:
    """What is wrong with the good configuration after some changes."""
    with pytest.raises(ConfigError) as caught:
        check(changed(GOOD, settings), "run.toml")
    assert str(caught.value).splitlines() == [f"run.toml: {problem}" for problem in caught.value.problems]
    return caught.value.problems


def test_the_good_one_is_good() -> None:
    assert check(GOOD).names() == ("rest", "go")


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        # misspelt and unknown keys
        ("mesh.cels=3", "[mesh] cels: is no key here; did you mean `cells`?"),
        ("energy.exchnge.A=1", "[energy] exchnge: is no key here; did you mean `exchange`?"),
        ("material.ms=8e5", "[material] ms: is no key here; did you mean `Ms`?"),
        ("energy.exchange.B=1", "[energy.exchange] B: is no key here; known are A, between."),
        ("stage.go.durations=1", "[stage.2] durations: is no key here; did you mean `duration`?"),
        ("stage.go.kind=evolv", "[stage.2] kind: must be a known kind, but got 'evolv'; did you mean `evolve`?"),
        ("geometry={shap='sphere'}", "[geometry] shape: must be given; did you mean it by `shap`?"),
        ("initial.texture=vortx", "[initial] texture: must be a known kind, but got 'vortx'; did you mean `vortex`?"),
        ("solver.method=rk4", "did you mean `rk43`?"),
        ("precision=doubl", "did you mean `double`?"),
        ("output.formats=['ovff']", "[output] formats.1: must be 'ovf', 'vtk', 'zarr' or 'netcdf', but got 'ovff'"),
        # units
        ("energy.exchange.A=13 mT", "[energy.exchange] A: must be in J/m, but got '13 mT', a field B"),
        ("material.Ms=1 T", "[material] Ms: must be in A/m, but got '1 T', a field B; 1 T corresponds to 795.775 kA/m"),
        ("mesh.cell_size=5 mn", "[mesh] cell_size: has the unknown unit 'mn'; did you mean 'm'?"),
        ("mesh.cell_size=5", "did you mean nm?"),
        ("material.Ms=0.8", "[material] Ms: must be in A/m, but got 0.8 A/m; did you give it in T or MA/m?"),
        ("stage.go.duration=2", "did you mean ns?"),
        # sizes and bounds
        ("mesh.cell_size=0", "[mesh] cell_size: must be > 0 m, but got 0"),
        ("mesh.cell_size=[1e-9, -1e-9, 1e-9]", "[mesh] cell_size: must be > 0 m, but got -1e-09"),
        ("mesh.cells=[0, 1, 1]", "[mesh] cells: must hold one to three whole numbers ≥ 1"),
        ("mesh.cells=[2.5, 1, 1]", "[mesh] cells: must hold one to three whole numbers ≥ 1"),
        ("mesh.periodic=xx", "[mesh] periodic: must name each axis that repeats once"),
        ("mesh.size=1 um", "[mesh] must have two of `cells`, `cell_size` and `size`"),
        ("material.Ms=-1", "[material] Ms: must be ≥ 0 A/m, but got -1."),
        ("material.alpha=-0.1", "[material] alpha: must be ≥ 0, but got -0.1; negative damping pumps energy in."),
        ("material.gamma=-1 Hz/T", "[material] gamma: must be > 0 rad/(s T)"),
        ("energy.uniaxial_anisotropy={K=1e4,axis=[0,0,0]}", "axis: must have a direction, but got a vector of length"),
        ("energy.demag.images=[-1, 0, 0]", "[energy.demag] images.1: must be ≥ 0, but got -1."),
        ("energy.demag.images=[0.5, 0, 0]", "[energy.demag] images.1: must be a whole number ≥ 0, or inf for"),
        ("energy.demag.images=[inf, inf, inf]", "[energy.demag] images: must be finite along one axis at least"),
        ("energy.demag.images=[1, 2, 0]", "[energy.demag] images: must be 0 along y, which is not periodic."),
        ("stage.go.save_every=0", "[stage.2] save_every: must be > 0 s"),
        ("stage.go.save_every=1e-20", "[stage.2] save_every: must make at most 10,000,000 saves"),
        ("stage.go.fields_every=15 ps", "[stage.2] fields_every: must be a multiple of `save_every` = 1e-11 s"),
        ("solver.tolerance=0", "[solver] tolerance: must be > 0 rad"),
        ("regions.core.radius=-8 nm", "[regions.core] radius: must be > 0 m"),
        (
            "energy.demag.images=[1000000000, 0, 0]",
            "images.1: must be at most 10,000, but got 1,000,000,000; inf is for",
        ),
        ("output.formats=[]", "[output] formats: must hold at least 1, but got 0."),
        (
            "energy.zeeman.B={waveform='sin', frequency='1 GHz'}",
            "has the key `waveform`; a course in time stands beside",
        ),
        ("energy.zeeman.B={rest=[0, 0, 1], drive={waveform='sin'}}", "[energy.zeeman.B] must be a value in space, but"),
        # not a number
        ("material.Ms=nan", "[material] Ms: must be finite, but got nan."),
        ("material.alpha=inf", "[material] alpha: must be finite, but got inf."),
        # types
        ("mesh=4", "mesh: must be a table, but got 4."),
        ("mesh.cells='8'", "[mesh] cells: must hold one to three whole numbers"),
        ("stage=3", "stage: must be a list, but got 3."),
        ("stage=[]", "stage: must hold at least 1, but got 0."),
        ("title=3", "title: must be a text, but got 3."),
        ("output.pictures=3", "[output] pictures: must be true or false, but got 3."),
        ("energy.exchange=true", "[energy] exchange: must be a table, but got True."),
        ("energy.zeeman.B=[1, 2]", "[energy.zeeman] B: must hold three numbers along x, y, z, but got [1, 2]."),
        ("energy.zeeman={}", "[energy.zeeman] must have exactly one of `B` (T) and `H` (A/m)"),
        # names that lead nowhere
        (
            "material.Ms={cor=1e6, rest=8e5}",
            "[material.Ms] cor: must name a region, but got 'cor'; did you mean `core`?",
        ),
        ("stage.go.from=rst", "[stage.2] from: must name an earlier stage, but got 'rst'; did you mean `rest`?"),
        ("stage.go.name=rest", "[stage.2] name: must be a name of its own, but 'rest' is taken."),
        ("stage.go.name=../up", "[stage.2] name: must be made of letters"),
        ("compare=['rest', 'go']", "compare: needs a [scan]"),
    ],
)
def test_one_line_for_each_fault(setting: str, expected: str) -> None:
    (problem,) = faults(setting)
    assert expected in problem
    assert len(problem) < 300


def test_all_faults_are_told_at_once() -> None:
    found = faults("mesh.cels=3", "material.Ms=-1", "energy.exchange.A=13 mT", "stage.go.duration=0")
    assert [problem.split(":")[0] for problem in found] == [
        "[mesh] cels", "[material] Ms", "[energy.exchange] A", "[stage.2] duration"
    ]  # fmt: skip


def test_first_state_is_needed() -> None:
    tables = {key: value for key, value in GOOD.items() if key != "initial"}
    with pytest.raises(ConfigError, match=r"\[initial\] must be given: the first stage starts from it"):
        check(tables)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe", "must be a text in UTF-8"),
        (b"[mesh\n", "is no valid TOML"),
        (b"a = " + b"[" * 100_000, "nested too deeply"),
        (b"a = " + b"9" * 100_000, "number too large"),
        (b"#" * (MAX_BYTES + 1), "at most 1 MiB"),
        (b"a = " + b"[" * 40 + b"]" * 40, "nested at most 16 deep"),
        (b"a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s = 1", "nested at most 16 deep"),
        (b"", "mesh: must be given."),
        (b"[scan]\n'mesh.cells' = 3", "must hold a list of values for `mesh.cells`"),
    ],
)
def test_hostile_files(tmp_path, content: bytes, expected: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert expected in str(caught.value)
    assert all(len(problem) < 300 for problem in caught.value.problems)


def test_missing_file(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read: No such file"):
        read(tmp_path / "none.toml")


@pytest.mark.parametrize("text", ["__import__('os').system('touch owned')", "lambda: 1", "f'{1}'", "1 + 1", "${HOME}"])
def test_nothing_is_executed(text: str, tmp_path, monkeypatch) -> None:
    """A text stays a text, wherever it stands: in quantities it is refused, in titles it is kept as it is."""
    monkeypatch.chdir(tmp_path)
    tables = copy.deepcopy(GOOD)
    tables["title"] = text
    assert check(tables).title == text
    tables["material"]["Ms"] = text
    with pytest.raises(ConfigError, match=r"\[material\] Ms: (must|has)"):
        check(tables)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("material.alpha", "must be of the form key=value"),
        ("=3", "must be of the form key=value"),
        ("stage.nope.duration=1", "there is no such item; known are rest, go."),
        ("title.x=1", "leads through `title`, which is no table"),
        ("stage=1", ""),
    ],
)
def test_settings_that_lead_nowhere(setting: str, expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(changed({**GOOD, "title": "text"}, [setting]))
    assert expected in str(caught.value)


def test_settings() -> None:
    config = check(
        changed(GOOD, ["stage.go.duration=2 ns", "stage.1.torque=1 uT", "mesh.cells=[4, 4, 1]", "title=a b"])
    )
    assert config.mesh.counts == (4, 4, 1)
    assert config.title == "a b"
    assert config.stage[1].duration == 2e-9  # type: ignore[attr-defined]
    assert config.stage[0].torque == 1e-6  # type: ignore[attr-defined]


def test_scan_points_are_all_combinations() -> None:
    tables = {**GOOD, "scan": {"material.alpha": [0.1, 0.2], "stage.go.duration": ["1 ns", "2 ns"]}}
    found = [(check(each).material.alpha.content, check(each).stage[1].duration) for _, each in points(tables)]  # type: ignore[attr-defined]
    assert found == [(0.1, 1e-9), (0.1, 2e-9), (0.2, 1e-9), (0.2, 2e-9)]
    assert [setting for setting, _ in points(GOOD)] == [{}]
    with pytest.raises(ConfigError, match="at most 10000 points"):
        list(points({**GOOD, "scan": {"a": [1] * 200, "b": [1] * 200}}))


def test_lines_and_advice() -> None:
    assert line(("stage", 0, "energy", "zeeman", "B"), "x") == "[stage.1.energy.zeeman] B: x"
    assert line(("mesh", ""), "x") == "[mesh] x"
    assert line((), "x") == "x"
    assert nearest("lamda", ["Ms", "alpha"]) == "known are Ms, alpha."
    with (
        pytest.raises(ConfigError, match=r"^\[energy\.exchange\] A: must be ≥ 0, but got -1\.$"),
        at("energy", "exchange"),
    ):
        raise ValueError("Argument `A` must be ≥ 0, but got -1.")


def test_configurations_do_not_change() -> None:
    config = Config.model_validate(GOOD)
    with pytest.raises(ValueError, match="frozen"):
        config.title = "x"  # type: ignore[misc]
    assert math.isclose(config.material.ratio, 1.76085963e11)
