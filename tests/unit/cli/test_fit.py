"""`magjax fit`: from a TOML file and a CSV file to values with errors, and one line for what goes wrong."""

import json

import pytest
from typer.testing import CliRunner

from magjax.cli import app, main

CONFIG = """
title = "Damping"
[fit]
model = { kind = "relaxation", alpha = 0.05, B = "200 mT", start = -0.9 }
errors = { m_z = 0.02 }
[fit.free]
alpha = { bounds = [1e-3, 1] }
[fit.simulate]
truth = { alpha = 0.1 }
inputs = { t = { since = "0 s", until = "0.6 ns", points = 20 } }
[output]
pictures = false
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "damping.toml").write_text(CONFIG)
    return tmp_path


@pytest.mark.slow
def test_fit_simulates_and_fits(files) -> None:
    assert main(["fit", "damping.toml", "data.csv", "--simulate"]) == 0
    said = CliRunner().invoke(app, ["fit", "damping.toml", "data.csv"])
    assert said.exit_code == 0
    assert "alpha  =  0." in said.output
    kept = json.loads((files / "out" / "damping" / "fit.json").read_text())
    assert kept["values"]["alpha"] == pytest.approx(0.1, abs=4 * kept["errors"]["alpha"])
    assert not (files / "out" / "damping" / "fit.png").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "damping.toml"], "[fit] data: must be given"),
        (["fit", "damping.toml", "none.csv"], "none.csv: cannot be read"),
        (["fit", "damping.toml", "x.csv", "--set", "fit.model.B=3 nm"], "[fit.model] B: must be in T"),
        (["run", "damping.toml"], "use `magjax fit`"),
    ],
)
def test_errors_are_one_line(files, capsys, arguments, message) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


def test_check_knows_fits(files, capsys) -> None:
    assert main(["check", "damping.toml"]) == 0
    assert "relaxation: alpha" in capsys.readouterr().out
