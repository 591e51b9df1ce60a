"""`magjax fit`: from a TOML file and a CSV file to values with errors, and one line for what goes wrong."""

import importlib
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
        (["fit", "damping.toml", "a.csv", "b.csv", "--simulate"], "--simulate makes one data set"),
        (["fit", "damping.toml", "a/x.csv", "b/x.csv"], "must have names of their own"),
        (["fit", "damping.toml", "x.csv", "--resume", "--overwrite"], "give one"),
    ],
)
def test_errors_are_one_line(files, capsys, arguments, message) -> None:
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert message in told
    assert told.count("\n") == 1


@pytest.mark.slow
def test_ctrl_c_keeps_what_there_is_and_resume_goes_on(files, monkeypatch, capsys) -> None:
    """Stopped after the first piece: exit code 130, results that say so; --resume ends the fit from there."""
    assert main(["fit", "damping.toml", "data.csv", "--simulate"]) == 0
    with monkeypatch.context() as patch:
        ended_by(KeyboardInterrupt, patch)
        assert main(["fit", "damping.toml", "data.csv"]) == 130
    said = capsys.readouterr()
    assert "--resume goes on" in said.err
    assert "step 1: χ² = " in said.out
    assert "it was stopped" in said.out
    kept = json.loads((files / "out" / "damping" / "fit.json").read_text())
    assert kept["outcome"] == "INTERRUPTED"
    assert main(["fit", "damping.toml", "data.csv"]) == 2
    assert "--resume to go on with it" in capsys.readouterr().err
    assert main(["fit", "damping.toml", "data.csv", "--resume"]) == 0
    assert ": χ² = " in capsys.readouterr().err
    again = json.loads((files / "out" / "damping" / "fit.json").read_text())
    assert again["outcome"] == "SUCCESS"
    assert again["chi_square"] <= kept["chi_square"]


class Killed(BaseException):
    """What nobody expects."""


def ended_by(how: type[BaseException], patch) -> None:
    """End fits after their first piece, which is told before."""
    pieces, fit = (importlib.import_module(f"magjax.fit.{name}") for name in ("pieces", "fit"))
    told = pieces.line

    def line(*arguments):
        print(told(*arguments))  # noqa: T201
        raise how

    patch.setattr(pieces, "_STEPS", {"levenberg-marquardt": 1})
    patch.setattr(fit, "line", line)


@pytest.mark.slow
def test_a_killed_fit_goes_on_from_its_checkpoint(files, monkeypatch, capsys) -> None:
    assert main(["fit", "damping.toml", "data.csv", "--simulate"]) == 0
    with monkeypatch.context() as patch:
        ended_by(Killed, patch)
        assert main(["fit", "damping.toml", "data.csv"]) == 1
    out = files / "out" / "damping"
    assert [path.name for path in out.iterdir()] == ["checkpoint.json"]
    before = json.loads((out / "checkpoint.json").read_text())
    capsys.readouterr()
    assert main(["fit", "damping.toml", "data.csv"]) == 2
    assert "holds a fit that was killed: add --resume" in capsys.readouterr().err
    assert main(["fit", "damping.toml", "data.csv", "--resume"]) == 0
    # It begins where the other was, not where the file says.
    first = capsys.readouterr().err.splitlines()[0]
    assert float(first.split("χ² = ")[1].split(",")[0]) <= before["chi_square"]
    assert json.loads((out / "fit.json").read_text())["outcome"] == "SUCCESS"
    assert not (out / "checkpoint.json").exists()


@pytest.mark.slow
def test_several_sets_share_what_is_fitted_and_hold_what_is_theirs(files) -> None:
    """Relaxations in two fields, which each file's own table holds: one damping."""
    for name, field in (("a.csv", "100 mT"), ("b.csv", "300 mT")):
        assert main(["fit", "damping.toml", name, "--simulate", "-q", "--set", f"fit.model.B={field}"]) == 0
    both = CONFIG.replace(
        "errors =",
        'data = [{ file = "a.csv", held = { B = "100 mT" } }, { file = "b.csv", held = { B = "300 mT" } }]\nerrors =',
    )
    (files / "both.toml").write_text(both.replace("pictures = false", "pictures = true"))
    assert main(["fit", "both.toml", "-q"]) == 0
    kept = json.loads((files / "out" / "both" / "fit.json").read_text())
    assert kept["points"] == 40
    assert kept["values"]["alpha"] == pytest.approx(0.1, abs=4 * kept["errors"]["alpha"])
    assert kept["p_value"] > 1e-4
    assert (files / "out" / "both" / "residuals_b.csv").exists()
    assert main(["fit", "both.toml", "a.csv", "-q", "--overwrite"]) == 2


def test_check_knows_fits(files, capsys) -> None:
    assert main(["check", "damping.toml"]) == 0
    assert "relaxation: alpha" in capsys.readouterr().out
