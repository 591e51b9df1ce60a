"""Stages of `kind = "path"`: where they lead, what they write, what they refuse, and what a scan keeps of them."""

from typing import Any

import numpy as np
import pytest

from magjax import constants
from magjax.config.errors import ConfigError
from magjax.config.execute import Options, execute
from magjax.config.load import check, points
from magjax.config.scan import scan
from magjax.io import ovf, table
from magjax.results import SolveError

K, EDGE = 1e5, 10e-9
KV = K * EDGE**3
DOWN = {"texture": "uniform", "direction": "-z"}


def grain(**path: Any) -> dict[str, Any]:
    """One spin with an easy and a hard axis, and a path between its two minima."""
    easy, hard = ({"K": f"{k} J/m3", "axis": axis} for k, axis in ((K, "z"), (-K / 2, "x")))
    return {
        "mesh": {"cells": [1, 1, 1], "cell_size": "10 nm"},
        "material": {"Ms": "800 kA/m", "alpha": 0.1},
        "energy": {"uniaxial_anisotropy": [easy, hard]},
        "initial": {"texture": "uniform", "direction": [0.1, 0.1, 1]},
        "stage": [
            {"kind": "minimize", "name": "up"},
            {"kind": "path", "name": "over", "to": DOWN, "images": 7, **path},
        ],
        "output": {"pictures": False},
    }


@pytest.mark.slow
def test_path_from_a_stage_to_a_texture(tmp_path) -> None:
    """KV, up and down; the table, the images, and the saddle as the stage's last state, from which a stage goes on."""
    tables = grain(rate={"temperature": "300 K", "saddles": 2})
    tables["stage"].append({"kind": "minimize", "name": "there"})
    up, over, there = execute(check(tables).build(), tmp_path, Options(progress=False), tables=tables)
    assert over.columns["barrier (J)"] == pytest.approx(KV, rel=1e-9, abs=0)
    assert over.columns["barrier_back (J)"] == pytest.approx(KV, rel=1e-9, abs=0)
    # (γ/2π)(2/Ms) √(K(K + K′)), twice.
    exact = constants.GAMMA / np.pi * 2 / 8e5 * np.sqrt(1.5) * K * np.exp(-KV / (constants.KB * 300))
    assert over.columns["rate (1/s)"] == pytest.approx(exact, rel=1e-6, abs=0)
    assert abs(over.average[1]) == pytest.approx(1.0, rel=0, abs=1e-9)
    assert any("1 direction: the lowest way over" in note for note in over.notes)
    rows = table.read(over.folder / "path.csv")
    assert rows.units["position"] == "rad"
    assert rows.units["E_uniaxial_anisotropy_2"] == "J"
    assert rows.data["m_z"].to_numpy()[[0, -1]] == pytest.approx([1, -1], rel=0, abs=1e-6)
    assert rows.data["E"].max() == pytest.approx(KV, rel=0.02, abs=0)
    images = sorted(over.folder.glob("image_*.ovf"))
    assert len(images) == 7
    assert np.array_equal(ovf.read(images[0]).values, np.asarray(up.m))
    assert np.array_equal(ovf.read(over.folder / "m.ovf").values, np.asarray(over.m))
    assert there.outcome == "SUCCESS"


@pytest.mark.slow
def test_path_by_a_string(tmp_path) -> None:
    """The same KV, with the saddle refined: rates need nothing more."""
    tables = grain(method="string", rate={"temperature": "300 K"})
    _, over = execute(check(tables).build(), tmp_path, Options(progress=False), tables=tables)
    assert over.columns["barrier (J)"] == pytest.approx(KV, rel=1e-9, abs=0)
    assert over.columns["rate (1/s)"] > 0


@pytest.mark.slow
def test_path_is_kept_on_resuming(tmp_path) -> None:
    """What is done is not done again, and says the same; replaced results leave nothing behind."""
    tables = grain()
    first = execute(check(tables).build(), tmp_path, Options(progress=False), tables=tables)[1]
    kept = execute(check(tables).build(), tmp_path, Options(progress=False, resume=True), tables=tables)[1]
    assert kept.notes == ("kept from before",)
    assert dict(kept.columns) == dict(first.columns)
    (tmp_path / "over" / "image_99.ovf").write_bytes(b"")
    execute(check(tables).build(), tmp_path, Options(progress=False, overwrite=True), tables=tables)
    assert len(list((tmp_path / "over").glob("image_*.ovf"))) == 7


def test_path_through_states(tmp_path) -> None:
    """Each of `via` may be a texture, a stage, or where the file begins."""
    side = {"texture": "uniform", "direction": [0.3, 1, 0]}
    tables = grain(via=["initial", side, "up"])
    tables["stage"][1]["to"] = "down"
    tables["stage"].insert(0, {"kind": "minimize", "name": "down", "initial": DOWN})
    tables["stage"][1]["from"] = "initial"
    report = execute(check(tables).build(), tmp_path, Options(progress=False), tables=tables)[-1]
    assert report.columns["barrier (J)"] == pytest.approx(KV, rel=1e-9, abs=0)


@pytest.mark.slow
def test_scan_keeps_the_barrier(tmp_path) -> None:
    """A column for each number that a path has."""
    tables = {**grain(rate={"temperature": "300 K"}), "scan": {"mesh.cell_size": ["10 nm", "8 nm"]}}
    jobs = [(setting, check(each), each) for setting, each in points(tables)]
    scan(jobs, tmp_path, Options(progress=False))
    rows = table.read(tmp_path / "scan.csv")
    assert rows.data["barrier_over"].to_numpy() == pytest.approx([KV, 0.512 * KV], rel=1e-9, abs=0)
    assert rows.units["barrier_over"] == "J"
    assert rows.units["rate_over"] == "1/s"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"to": "dwon"}, r"\[stage\.2\] to: must name an earlier stage or hold a texture, but got 'dwon'"),
        ({"to": "over"}, r"\[stage\.2\] to: must name an earlier stage"),
        ({"to": {"texture": "unifrom"}}, r"must be a known kind, but got 'unifrom'; did you mean `uniform`"),
        ({"to": 3}, "must be a table with the key `texture`"),
        ({"via": ["upp"]}, r"\[stage\.2\] via\.1: must name an earlier stage"),
        ({"images": 2}, "images: must be ≥ 3"),
        ({"method": "string", "climbing": True}, "climbing: must be left out with `method` = 'string'"),
        ({"climbing": False, "rate": {"temperature": "300 K"}}, "climbing: must be true where a `rate`"),
        (
            {"rate": {"temperature": "300 K", "zero_modes": {"saddle": ["translation w"]}}},
            r"zero_modes\] saddle\.1: .* did you mean `translation z`",
        ),
        ({"tolerance": "1 nm"}, "tolerance"),
    ],
)
def test_slips_are_told_before_anything_runs(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        check(grain(**changes))


def test_ends_that_are_one_state_and_rates_without_sense(tmp_path) -> None:
    """Both fall into the same minimum; a named mode along which the energy changes."""
    tables = grain(to={"texture": "uniform", "direction": [0, 0.3, 1]})
    with pytest.raises(ConfigError, match=r"\[stage\.2\] to: must be another state than the start, but both fall"):
        execute(check(tables).build(), tmp_path / "same", Options(progress=False))
    tables = grain(rate={"temperature": "300 K", "zero_modes": {"saddle": ["rotation x"]}})
    with pytest.raises(ConfigError, match=r"\[stage\.2\.rate\] zero_modes: must name .* is not flat along it"):
        execute(check(tables).build(), tmp_path / "rate", Options(progress=False))


def test_path_that_does_not_converge_leaves_what_it_found(tmp_path) -> None:
    """The table is there, the state from which another stage would go on is not."""
    tables = grain(max_steps=1)
    with pytest.raises(SolveError, match="in the stage 'over' at a force of"):
        execute(check(tables).build(), tmp_path, Options(progress=False), tables=tables)
    assert len(table.read(tmp_path / "over" / "path.csv").data) == 7
    assert not (tmp_path / "over" / "m.ovf").exists()
