"""`[sublattices]`: the objects it builds, what it refuses, and the files that its stages leave."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import magjax as mj
from magjax.config.errors import ConfigError
from magjax.config.execute import Options, execute
from magjax.config.load import check, points
from magjax.config.report import StageReport
from magjax.config.states import has_state, read_state, write_state
from magjax.io import ovf, table

ONE: dict[str, Any] = {
    "material": {"Ms": "400 kA/m", "alpha": 0.5},
    "energy": {"exchange": {"A": "5 pJ/m"}, "uniaxial_anisotropy": {"K": "100 kJ/m3", "axis": "z"}},
}
BASE: dict[str, Any] = {
    "mesh": {"cells": [3, 2, 1], "cell_size": ["2 nm", "3 nm", "2.5 nm"]},
    "sublattices": {"up": ONE, "down": ONE},
    "coupling": {"J": "4 MJ/m3", "A": "-2 pJ/m"},
    "initial": {"texture": "uniform", "direction": [0.3, 0, 1]},
    "output": {"pictures": False},
}


def built(*stages: dict[str, Any], **changes: Any) -> Any:
    """The objects of the base with changes."""
    return check({**BASE, **changes, "stage": list(stages) or [{"kind": "minimize"}]}).build()


def refused(*stages: dict[str, Any], **changes: Any) -> list[str]:
    """The lines that say what is wrong."""

    def whole() -> None:
        job = built(*stages, **changes)
        for stage in job.config.stage:
            job.system_of(stage)

    with pytest.raises(ConfigError) as caught:
        whole()
    return caught.value.problems


def run(out: Path, *stages: dict[str, Any], changes: dict[str, Any] | None = None, **options: Any) -> Any:
    """The reports of stages by name."""
    tables = {**BASE, **(changes or {}), "stage": list(stages)}
    reports: list[StageReport] = execute(check(tables).build(), out, Options(progress=False, **options), tables=tables)
    return {report.name: report for report in reports}


@pytest.mark.slow
def test_the_system_is_that_of_python() -> None:
    """Number by number, in the same fields, with what is common to all."""
    own = {"material": {"Ms": "300 kA/m", "gamma": 1.8e11}, "energy": {"zeeman": {"B": [0, 0, "1 T"]}}}
    system = built(sublattices={"a": ONE, "b": own}, energy={"demag": {}, "zeeman": {"B": [0, "0.1 T", 0]}}).system
    mesh = mj.Mesh((3, 2, 1), (2e-9, 3e-9, 2.5e-9))
    a = mj.System(mesh, Ms=4e5, alpha=0.5,
                  energy=mj.Exchange(A=5e-12) + mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1)))  # fmt: skip
    b = mj.System(mesh, Ms=3e5, gamma=1.8e11, energy=mj.Zeeman(B=(0, 0, 1)))
    expected = mj.Sublattices(
        {"a": a, "b": b}, coupling=mj.Coupling(J=4e6, A=-2e-12), energy=mj.Zeeman(B=(0, 0.1, 0)) + mj.Demag(mesh)
    )
    assert system.names == expected.names
    m = np.stack([np.asarray(mj.textures.random(mesh, key)) for key in (1, 2)])
    np.testing.assert_array_equal(system.field(m), expected.field(m))
    assert [float(s.gamma) for s in system.systems] == [float(s.gamma) for s in expected.systems]


def test_a_stage_changes_one_sublattice_or_all() -> None:
    """Terms of one join its own, terms of the stage those of the sum; damping of one goes before that of all."""
    stage = {
        "kind": "evolve", "duration": "1 ps", "alpha": 0.1, "energy": {"zeeman": {"B": [0, 0, "2 T"]}},
        "sublattices": {"down": {"alpha": 0.2, "energy": {"zeeman": {"B": ["1 T", 0, 0]}},
                                 "torque": {"zhang_li": {"u": ["10 m/s", 0, 0]}}}},
    }  # fmt: skip
    job = built(stage, {"kind": "minimize"})
    changed, bare = (job.system_of(each) for each in job.config.stage)
    assert [float(s.alpha) for s in changed.systems] == [0.1, 0.2]
    assert changed["down"].names == ("exchange", "uniaxial_anisotropy", "zeeman")
    assert changed["down"].has_torques
    assert not changed["up"].has_torques
    assert changed.names[-1] == "zeeman"
    assert bare.names == ("exchange_up", "uniaxial_anisotropy_up", "exchange_down", "uniaxial_anisotropy_down",
                          "coupling_up_down")  # fmt: skip


def test_couplings_of_pairs() -> None:
    """Each with its own; of three, those that are not named are not coupled."""
    states = {name: {"texture": "uniform", "direction": axis} for name, axis in zip("abc", "xyz", strict=True)}
    couplings = [{"between": ["a", "b"], "J": 1e6}, {"between": ["c", "b"], "D": [0, 0, 2e5]}]
    job = built(sublattices=dict.fromkeys("abc", ONE), coupling=couplings, initial=states)
    assert job.system.pairs == ((0, 1), (2, 1))
    assert [c.D is None for c in job.system.couplings] == [True, False]
    np.testing.assert_array_equal(job.initial()[:, :, 0, 0, 0], np.eye(3))


def test_a_texture_is_that_of_the_first_of_two() -> None:
    """The second points against it, and empty cells are empty in both."""
    job = built(geometry={"shape": "cuboid", "size": ["4 nm", "6 nm", "2.5 nm"]})
    m = np.asarray(job.initial())
    assert m.shape == (2, 3, 1, 2, 3)
    np.testing.assert_array_equal(m[0], -m[1])
    assert (np.linalg.norm(m, axis=1) == 0).any()
    np.testing.assert_array_equal(np.linalg.norm(m, axis=1) > 0, np.asarray(job.system.occupied.value))


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"sublattices": {"up": ONE}}, "[sublattices] must be at least two, but got ['up']; one alone is given by"),
        ({"sublattices": {"up": ONE, "b_1": ONE}}, "[sublattices] must have names of letters and digits"),
        ({"sublattices": {"x": ONE, "y": ONE}}, "[sublattices] must not have the name of an axis, but got 'x'"),
        ({"sublattices": 3}, "sublattices: must be tables by name, such as [sublattices.a], but got 3."),
        ({"sublattices": {"up": ONE, "b": {"materal": {}}}}, "materal: is no key here; did you mean `material`?"),
        ({"sublattices": {"up": ONE, "b": {"material": {"Ms": 0.5}}}}, "[sublattices.b.material] Ms: must be in A/m"),
        ({"material": {"Ms": 8e5}}, "[material] has no meaning beside [sublattices]"),
        ({"energy": {"exchange": {"A": 1e-11}}}, "write [sublattices.up.energy.exchange]."),
        ({"torque": {"zhang_li": {"u": [1, 0, 0]}}}, "write [sublattices.up.torque.zhang_li]."),
        ({"sublattices": {"up": ONE, "b": {**ONE, "energy": {"demag": {}}}}}, "write [energy.demag]."),
        ({"coupling": {"between": ["up", "dwn"], "J": 1e6}}, "must name a sublattice, but got 'dwn'; did you mean"),
        ({"coupling": {"between": ["up", "up"], "J": 1e6}}, "must name two sublattices, but got 'up' twice."),
        ({"coupling": [{"J": 1e6}, {"J": 1e6}]}, "must be given where there are several couplings."),
        ({"coupling": [{"J": 1e6, "between": ["up", "down"]}, {"A": 1e-12, "between": ["down", "up"]}]},
         "must name each pair once, but got down and up more often."),
        ({"coupling": {"between": ["up", "down"]}}, "it couples nothing."),
        ({"coupling": {"J": "40 pJ/m"}}, "[coupling] J: must be in J/m3"),
        ({"coupling": {"J": 1e13}}, "must be in J/m³, but got 1e+13"),
        ({"initial": {"up": {"texture": "random"}}}, "must hold a texture for each of the sublattices up, down."),
        ({"initial": {"up": {"texture": "random"}, "dwn": {"texture": "random"}}}, "[initial.dwn] must name a sublat"),
        ({"initial": {"up": {"textur": "random"}, "down": {"texture": "random"}}}, "[initial.up] texture: must be giv"),
        ({"sublattices": dict.fromkeys("abc", ONE)}, "a, b, c: write [initial.a] and so on."),
        ({"sublattices": {"up": {**ONE, "energy": {"exchange": {"A": {"core": 1e-12}}}}, "b": ONE}},
         "[sublattices.up.energy.exchange.A] core: must name a region"),
    ],
)  # fmt: skip
def test_what_is_refused(changes: dict[str, Any], line: str) -> None:
    assert line in "\n".join(refused(**changes))


def test_what_a_stage_may_not_say() -> None:
    at_rest = {"kind": "relax", "sublattices": {"up": {"torque": {"zhang_li": {"u": [1, 0, 0]}}}, "dwn": {}}}
    assert refused(at_rest) == [
        "[stage.1.sublattices.up] torque: has no meaning here: time stands still.",
        "[stage.1.sublattices.dwn] must name a sublattice, but got 'dwn'; did you mean `down`?",
    ]
    common = {"kind": "relax", "energy": {"uniaxial_anisotropy": {"K": 1e5, "axis": "z"}}}
    (problem,) = refused(common)
    assert problem.endswith("write [stage.sublattices.up.energy.uniaxial_anisotropy].")


def test_a_ferromagnet_has_none() -> None:
    tables = {**BASE, "material": {"Ms": 8e5}, "stage": [{"kind": "minimize"}]}
    del tables["sublattices"]
    with pytest.raises(ConfigError, match=r"\[coupling\] couples \[sublattices\], but the file has none\."):
        check(tables)
    with pytest.raises(ConfigError, match=r"material: must be given\."):
        check({key: value for key, value in tables.items() if key not in ("material", "coupling")})


def test_states_are_kept_to_the_last_bit(tmp_path) -> None:
    mesh = mj.Mesh((3, 2, 1), 2e-9)
    m = np.stack([np.asarray(mj.textures.random(mesh, key)) for key in (1, 2)])
    assert not has_state(tmp_path, ("a", "b"))
    write_state(tmp_path, mesh, m, ("a", "b"), {"step": 3})
    assert has_state(tmp_path, ("a", "b"))
    found, about = read_state(tmp_path, ("a", "b"), m.dtype)
    np.testing.assert_array_equal(found, m)
    assert [each["step"] for each in about] == [3, 3]


def test_a_swept_key_reaches_a_sublattice() -> None:
    tables = {**BASE, "scan": {"sublattices.down.material.Ms": ["300 kA/m", "400 kA/m"]}, "stage": [{"kind": "relax"}]}
    found = [float(check(each).build().system["down"].Ms) for _, each in points(tables)]
    assert found == [3e5, 4e5]


@pytest.mark.slow
def test_stages_and_their_files(tmp_path) -> None:
    """Each kind of stage: its files are those of both sublattices, its table has the Néel vector and the net moment."""
    fields = {"kind": "hysteresis", "name": "loop", "direction": "x", "through": ["0 T", "2 T"], "step": "1 T"}
    found = run(
        tmp_path,
        {"kind": "minimize", "name": "least"},
        {"kind": "relax", "name": "rest", "from": "initial"},
        {"kind": "evolve", "name": "go", "duration": "0.2 ps", "from": "initial", "fields_every": "0.1 ps",
         "save_every": "0.1 ps"},
        {"kind": "evolve", "name": "hot", "duration": "0.1 ps", "temperature": "10 K", "save_every": "0.1 ps"},
        {**fields, "from": "least"},
        changes={"output": {"pictures": True}},
    )  # fmt: skip
    for name in ("least", "rest"):
        assert abs(abs(found[name].m[0, 2]) - 1).max() < 1e-9
        assert found[name].notes[-1] == "Néel vector ⟨n⟩ = (0.0000, 0.0000, 1.0000)"
        assert (tmp_path / name / "final.png").is_file()
        np.testing.assert_array_equal(ovf.read(tmp_path / name / "m_down.ovf").values, found[name].m[1])
    data = table.read(tmp_path / "go" / "table.csv").data
    np.testing.assert_allclose(data["n_z"], (data["m_up_z"] - data["m_down_z"]) / 2, atol=1e-15)
    assert (tmp_path / "go" / "m_up_000002.ovf").is_file()
    # B/(2B_E + B_A) of the sublattices' spins lean towards a field across the axis: 10 T and 0.5 T.
    loop = table.read(tmp_path / "loop" / "loop.csv").data
    np.testing.assert_allclose(loop["m_along"], loop["B"] / 20.5, atol=1e-6)
    np.testing.assert_allclose(loop["n_z"], np.sqrt(1 - (loop["B"] / 20.5) ** 2), atol=1e-6)


@pytest.mark.slow
def test_paths_and_modes_of_sublattices(tmp_path) -> None:
    """A grain in a field along its axis: both branches γ(√(B_A(2B_E + B_A)) ± B), and the barrier 2KV(1 − B²/B_sf²).

    At the saddle the Néel vector lies across the field and the sublattices cant by sin φ = B/(2B_E − B_A) towards it,
    which costs less and less up to the spin-flop field B_sf. Newton's method and dense matrices leave rounding.
    """
    hard = {"K": "-30 kJ/m3", "axis": "x"}
    one = {**ONE, "energy": {"uniaxial_anisotropy": [ONE["energy"]["uniaxial_anisotropy"], hard]}}
    changes = {
        "mesh": {"cells": [1, 1, 1], "cell_size": ["5 nm", "6 nm", "7 nm"]},
        "sublattices": {"up": one, "down": one},
        "energy": {"zeeman": {"B": [0, 0, "1 T"]}},
        "initial": {"texture": "uniform", "direction": [0.02, 0.1, 1]},
        "output": {"pictures": True},
    }
    down = {"up": {"texture": "uniform", "direction": "-z"}, "down": {"texture": "uniform", "direction": "z"}}
    stages = [
        {"kind": "minimize", "name": "rest", "torque": "1 nT"},
        {"kind": "path", "name": "over", "to": down, "via": {"texture": "uniform", "direction": "y"}, "images": 9,
         "rate": {"temperature": "300 K", "form": "langer"}},
        {"kind": "eigenmodes", "name": "modes", "from": "rest", "count": 2, "excitation": [0, "1 mT", 0],
         "sublattices": {name: {"energy": {"uniaxial_anisotropy": one["energy"]["uniaxial_anisotropy"][0]}}
                         for name in ("up", "down")}},
    ]  # fmt: skip
    found = run(tmp_path, *stages, changes=changes)
    flop = np.sqrt(0.5 * (2 * 10 - 0.5))
    barrier = 2 * 1e5 * 210e-27 * (1 - 1 / flop**2)
    assert found["over"].columns["barrier (J)"] == pytest.approx(barrier, rel=1e-9, abs=0)
    assert found["over"].columns["barrier_back (J)"] == pytest.approx(barrier, rel=1e-9, abs=0)
    assert found["over"].columns["rate (1/s)"] > 0
    np.testing.assert_allclose(found["over"].m[:, 2, 0, 0, 0], 1 / 19.5, atol=1e-7)
    data = table.read(tmp_path / "modes" / "modes.csv").data
    exact = mj.constants.GAMMA * (np.sqrt(0.5 * 20.5) + np.array([-1, 1])) / (2 * np.pi)
    np.testing.assert_allclose(data["frequency"], exact, rtol=1e-9)
    assert {"modes_up.png", "modes_down.png", "absorption.png"} <= {p.name for p in (tmp_path / "modes").iterdir()}
    assert {"path.png", "images.png", "image_00_down.ovf"} <= {p.name for p in (tmp_path / "over").iterdir()}


@pytest.mark.parametrize(
    "state", [{"to": {"up": {"texture": "random"}}}, {"to": "initial", "via": {"up": {"texture": "random"}}}]
)
def test_states_of_a_path_are_of_each_sublattice(state: dict[str, Any]) -> None:
    (problem,) = refused({"kind": "path", **state})
    assert problem.endswith("must hold a texture for each of the sublattices up, down.")


@pytest.mark.slow
def test_resumed_stages_are_kept(tmp_path) -> None:
    """What is done is not done again; a loop that lost a file of one sublattice begins anew, to the same end."""
    stages = [
        {"kind": "minimize", "name": "rest"},
        {"kind": "hysteresis", "name": "loop", "direction": "x", "through": ["0 T", "2 T"], "step": "1 T"},
        {"kind": "evolve", "name": "go", "duration": "0.2 ps", "save_every": "0.1 ps"},
    ]
    whole = run(tmp_path, *stages)
    again = run(tmp_path, *stages, resume=True)
    assert again["rest"].notes == again["loop"].notes == ("kept from before",)
    for name in whole:
        np.testing.assert_array_equal(again[name].m, whole[name].m)
    (tmp_path / "loop" / "m_down.ovf").unlink()
    third = run(tmp_path, *stages, resume=True)
    assert third["rest"].notes == ("kept from before",)
    np.testing.assert_array_equal(third["loop"].m, whole["loop"].m)
    with pytest.raises(FileExistsError, match="results of another configuration"):
        run(tmp_path, *stages, changes={"coupling": {"J": "5 MJ/m3"}}, resume=True)


@pytest.mark.slow
def test_half_a_state_is_none(tmp_path) -> None:
    """A loop that was killed between the files of two sublattices does not go on from two different fields."""
    from magjax.config.loop import run_loop

    stage = {"kind": "hysteresis", "name": "loop", "direction": "x", "through": ["0 T", "1 T"]}
    job = built(stage)
    (table_of,) = job.config.stage
    options: dict[str, Any] = {"about": {}, "say": None, "pictures": False}
    whole = run_loop(table_of, "loop", job.system, job.initial(), tmp_path, resume=False, **options)
    m, _ = read_state(tmp_path, ("up", "down"), whole.m.dtype)
    ovf.write(tmp_path / "m_down.ovf", job.site.mesh, np.asarray(m[1]), metadata={"step": 1})
    again = run_loop(table_of, "loop", job.system, job.initial(), tmp_path, resume=True, **options)
    np.testing.assert_array_equal(again.m, whole.m)
    assert again.steps == whole.steps
