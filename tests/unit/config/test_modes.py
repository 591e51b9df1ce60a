"""Stages of eigenmodes and what rings: what they write, what they tell, what they refuse."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import magjax as mj
from magjax.config import Config
from magjax.config.errors import ConfigError
from magjax.config.execute import Options, execute
from magjax.config.load import check
from magjax.config.report import StageReport
from magjax.config.ringing import RingingConfig
from magjax.config.stage import Eigenmodes
from magjax.io import netcdf, ovf, table

#: A chain of spins along their field, in which half the cells see an exciting field.
CHAIN: dict[str, Any] = {
    "mesh": {"cells": [6, 1, 1], "cell_size": ["4 nm", "5 nm", "3 nm"]},
    "material": {"Ms": "800 kA/m", "alpha": 0.01},
    "regions": {"left": {"shape": "cuboid", "size": ["12 nm", "1 um", "1 um"], "center": ["6 nm", "2.5 nm", "1.5 nm"]}},
    "energy": {"exchange": {"A": "13 pJ/m"}, "zeeman": {"B": [0, 0, "0.5 T"]}},
    "initial": {"texture": "uniform", "direction": "z"},
}
GAMMA = mj.constants.GAMMA


def run(out: Path, *stages: dict[str, Any], **changes: Any) -> dict[str, StageReport]:
    """The reports of some stages by name."""
    tables = {**CHAIN, **changes, "stage": list(stages)}
    reports = execute(Config.model_validate(tables).build(), out, Options(progress=False), tables=tables)
    return {report.name: report for report in reports}


@pytest.mark.slow
def test_stage_writes_modes_and_the_spectrum(tmp_path) -> None:
    """Waves ω = γ(B + 2A k̃²/Ms) of a free chain, k = nπ/L, in table and file; a field on one half drives odd ones, too.

    The line of the first has the width 2αγB/2π, and is where most is absorbed: in steps of 5 MHz. Frequencies are good
    to 1e-8, as residuals are to 1e-5.
    """
    B = {"left": ["1 mT", 0, 0], "rest": [0, 0, 0]}
    stage = {"name": "modes", "kind": "eigenmodes", "count": 3, "excitation": B, "f_min": "10 GHz", "f_max": "30 GHz"}
    report = run(tmp_path, stage)["modes"]
    data = table.read(tmp_path / "modes" / "modes.csv").data
    square = (2 * np.sin(np.arange(3) * np.pi / 12) / 4e-9) ** 2
    exact = GAMMA * (0.5 + 2 * 1.3e-11 * square / 8e5) / (2 * np.pi)
    assert np.allclose(data["frequency"], exact, rtol=1e-7, atol=0)
    assert np.allclose(data["linewidth"], 2 * 0.01 * exact, rtol=1e-7, atol=0)
    # Circular modes of amplitude cos kx, driven by a linear field on one half.
    x = np.arange(6) + 0.5
    waves = np.cos(np.arange(3)[:, None] * np.pi * x / 6)
    drive = GAMMA / 2 * 1e-3 * np.abs(waves[:, :3].sum(axis=1)) / np.sum(waves**2, axis=1) * np.abs(waves).max(axis=1)
    assert np.allclose(data["drive"], drive, rtol=1e-4, atol=1e-4 * drive.max())
    power = table.read(tmp_path / "modes" / "absorption.csv").data
    assert power["f"].to_numpy()[[0, -1]].tolist() == [10e9, 30e9]
    assert power["f"][power["absorption"].idxmax()] == pytest.approx(exact[0], rel=0, abs=6e6)
    kept = netcdf.read(tmp_path / "modes" / "modes.nc")
    assert kept.profile_real.dims == ("mode", "vdims", "z", "y", "x")
    assert kept.frequency.attrs["units"] == "Hz"
    assert {"modes.png", "absorption.png", "m.ovf"} <= {path.name for path in (tmp_path / "modes").iterdir()}
    assert report.notes[0].startswith("lowest frequencies 14.01 GHz, ")
    assert report.notes[1] == "the field drives mode 1 most, at 29.27 GHz"
    assert report.energies["total"] == pytest.approx(-0.5 * 8e5 * 6 * 60e-27, rel=1e-9, abs=0)


@pytest.mark.slow
def test_state_that_is_no_equilibrium_is_refused_with_its_torque(tmp_path) -> None:
    """As a line for the file's author, without a traceback."""
    tilted = {"initial": {"texture": "uniform", "direction": "x"}}
    with pytest.raises(ConfigError, match=r"must be an equilibrium, but a torque of 0\.5 T is left in it"):
        run(tmp_path, {"kind": "eigenmodes"}, **tilted)


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        ({"count": 0}, r"count: must be ≥ 1"),
        ({"f_max": "20 GHz"}, r"f_max: has no meaning without `excitation`"),
        ({"excitation": [0, 0, "1 mT"], "f_min": "3 GHz", "f_max": "2 GHz"}, r"f_max: must be above `f_min` = 3e\+09"),
        ({"excitation": {"lft": [0, 0, 0], "rest": [0, 0, 0]}}, r"must name a region, but got 'lft'; did you mean"),
        ({"pictures": -1}, r"pictures: "),
    ],
)
def test_what_makes_no_sense_is_told(stage, told) -> None:
    with pytest.raises(ConfigError, match=told):
        check({**CHAIN, "stage": [{"kind": "eigenmodes", **stage}]}).build()


@pytest.mark.slow
def test_ringing_tells_what_the_average_is_blind_to(tmp_path) -> None:
    """Two uncoupled halves start on opposite sides: ⟨m_y⟩ shows nothing, the cells ring at γB/2π = 14.01 GHz.

    The parabola through a windowed peak is off by some hundredths of a step of 1/(200 ps) = 5 GHz.
    """
    apart = {**CHAIN["energy"], "exchange": {"A": "0 pJ/m"}}
    stage = {"kind": "evolve", "duration": "200 ps", "save_every": "2 ps", "fields_every": "4 ps", "alpha": 0.0}
    ringing = {"component": "y", "peaks": 1, "f_max": "50 GHz"}
    stage |= {"name": "free", "ringing": ringing}
    report = run(tmp_path / "out", stage, energy=apart, initial=_halves(tmp_path))["free"]
    average, cells = (line for line in report.notes if "rings at" in line)
    assert cells.startswith("m_y of the cells rings at ")
    assert float(cells.split()[-2]) == pytest.approx(14.01, rel=0, abs=0.15)
    tables = [table.read(report.folder / f"ringing_{name}.csv").data for name in ("average", "cells")]
    power = [data["power"].to_numpy() for data in tables]
    assert np.max(power[0]) < 1e-12 * np.max(power[1])
    assert np.max(tables[1]["f"].to_numpy()) <= 50e9
    assert (report.folder / "ringing.png").exists()
    assert average.startswith("⟨m_y⟩ rings at ")


def _halves(folder: Path) -> dict[str, Any]:
    """Spins tilted to x in one half and to −x in the other, in a file."""
    side = np.where(np.arange(6) < 3, 0.1, -0.1)
    m = np.stack([side, 0 * side, 1 + 0 * side])[:, None, None]
    mesh = mj.Mesh((6, 1, 1), (4e-9, 5e-9, 3e-9))
    ovf.write(folder / "halves.ovf", mesh, m, labels=("m_x", "m_y", "m_z"))
    return {"texture": "file", "file": str(folder / "halves.ovf")}


def test_tables_have_defaults() -> None:
    assert Eigenmodes(kind="eigenmodes").count == 20
    assert RingingConfig().component == "y"
