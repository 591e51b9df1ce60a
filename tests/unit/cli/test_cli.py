"""The command line: what it does, and that every error is one line with the right exit code and no traceback."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import magjax as mj
from magjax.cli import app, main
from magjax.io import formats, ovf, table
from magjax.io.errors import FileWriteError

#: Processes of their own find the sources, whether magjax is installed or not.
ROOT = Path(mj.__file__).resolve().parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))}
SMALL = """
title = "Two cells"
[mesh]
cells = [2, 1, 1]
cell_size = ["4 nm", "5 nm", "3 nm"]
[material]
Ms = "800 kA/m"
alpha = 0.1
[energy.exchange]
A = "13 pJ/m"
[energy.zeeman]
B = [0, 0, "1 T"]
[initial]
texture = "uniform"
direction = "x"
[[stage]]
name = "go"
kind = "evolve"
duration = "20 ps"
save_every = "5 ps"
fields_every = "10 ps"
[[stage]]
name = "rest"
kind = "minimize"
[output]
pictures = false
"""


@pytest.fixture
def small(tmp_path, monkeypatch) -> Path:
    """A configuration that takes no time, in a folder to work in."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    return path


def call(*arguments: object) -> Result:
    """A command within this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="magjax")


def refused(result: Result, code: int, *words: str) -> None:
    """An error is a single line of text, and nothing else."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("magjax: ")
    assert "Traceback" not in line
    for word in words:
        assert word in line


def test_help_is_light() -> None:
    """`--help` answers without the libraries that take a second to import."""
    code = (
        "import sys; from magjax.cli import main; main(['--help']); main(['run', '--help']);"
        "heavy = {'jax', 'numpy', 'diffrax', 'matplotlib', 'xarray', 'rich'} & set(sys.modules);"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert done.returncode == 0, done.stderr
    assert "Run the simulation that a TOML file describes." in done.stdout


def test_version_and_main(capsys) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"magjax {mj.__version__}\n"
    assert main(["nonsense"]) == 2


@pytest.mark.slow
def test_run_writes_what_it_says(small: Path) -> None:
    result = call("run", small, "--out", "out/a")
    assert result.exit_code == 0, result.output
    assert "Two cells: 2×1×1 cells, double precision, results in out/a" in result.stderr
    assert "go" in result.stdout
    assert "first passes zero" in result.stdout
    out = Path("out/a")
    np.testing.assert_allclose(formats.read_table(out / "go" / "table.csv").data["t"], np.arange(5) * 5e-12, rtol=1e-6)
    assert ovf.read(out / "rest" / "m.ovf").values[2].min() > 0.999
    record = json.loads((out / "job.json").read_text())
    assert list(record["stages"]) == ["go", "rest"]
    assert set(record["stages"]["rest"]["energies"]) == {"exchange", "zeeman", "total"}
    assert json.loads(record["config"])["title"] == "Two cells"
    assert not list(out.rglob("*.png"))


@pytest.mark.slow
def test_quiet_says_nothing(small: Path) -> None:
    result = call("run", small, "--quiet")
    assert (result.exit_code, result.output) == (0, "")
    assert Path("out/small/go/table.csv").is_file()


def test_settings_precision_and_pictures(small: Path) -> None:
    result = call("run", small, "--set", "stage.go.duration=10 ps", "--set", "output.pictures=true", "--out", "b")
    assert result.exit_code == 0, result.output
    assert len(formats.read_table("b/go/table.csv").data) == 3
    assert Path("b/rest/final.png").is_file()
    assert Path("b/go/table.png").is_file()


def test_results_are_never_overwritten_by_chance(small: Path) -> None:
    assert call("run", small, "-q", "--out", "a").exit_code == 0
    before = {path: path.stat().st_mtime_ns for path in Path("a").rglob("*") if path.is_file()}
    refused(call("run", small, "--out", "a"), 2, "'a' holds results already", "--resume", "--overwrite")
    assert {path: path.stat().st_mtime_ns for path in Path("a").rglob("*") if path.is_file()} == before
    assert call("run", small, "-q", "--out", "a", "--overwrite").exit_code == 0
    Path("mine").mkdir()
    Path("mine/thesis.txt").write_text("years of work")
    for option in ((), ("--overwrite",), ("--resume",)):
        refused(call("run", small, "--out", "mine", *option), 2, "'mine' holds files that are no results")
    refused(call("run", small, "--out", "small.toml"), 2, "'small.toml' is a file")
    refused(call("run", small, "--resume", "--overwrite"), 2, "give one")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_cannot_be_written(small: Path) -> None:
    Path("closed").mkdir(mode=0o500)
    refused(call("run", small, "--out", "closed/a"), 2, "cannot be written to")


def test_folder_below_a_file(small: Path) -> None:
    refused(call("run", small, "--out", "small.toml/a"), 2, "cannot be written to")


@pytest.mark.slow
def test_full_disk_is_one_line_and_another_code(small: Path, monkeypatch) -> None:
    """It names the file and how to go on; the stage before is kept, and the command with --resume ends the job."""
    write = ovf.write

    def full(path: Path, *args, **options) -> None:
        if "m_000002" in str(path):
            raise FileWriteError(path, "No space left on device")
        write(path, *args, **options)

    monkeypatch.setattr(ovf, "write", full)
    refused(call("run", small, "-q"), 1, "out/small/go/m_000002.ovf", "no space left", "use --resume to go on")
    monkeypatch.undo()
    assert call("run", small, "-q", "--resume", "--out", small.parent / "out/small").exit_code == 0
    assert ovf.read(small.parent / "out/small/rest/m.ovf").values.shape == (3, 1, 1, 2)


def test_resume_ends_where_it_would_have(small: Path) -> None:
    """A second stage that was lost is done again from the state on disk, to the same bits; another file is refused."""
    assert call("run", small, "-q", "--out", "a").exit_code == 0
    assert call("run", small, "-q", "--out", "b").exit_code == 0
    record = json.loads(Path("b/job.json").read_text())
    del record["stages"]["rest"]
    Path("b/job.json").write_text(json.dumps(record))
    assert call("run", small, "-q", "--out", "b", "--resume").exit_code == 0
    assert np.array_equal(ovf.read("a/rest/m.ovf").values, ovf.read("b/rest/m.ovf").values)
    assert call("run", small, "-q", "--out", "b", "--resume").exit_code == 0
    result = call("run", small, "-q", "--out", "b", "--resume", "--set", "material.alpha=0.2")
    refused(result, 2, "results of another configuration (material.alpha); give it as it was")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["mesh.cels=3"], ["small.toml: [mesh] cels: is no key here; did you mean `cells`?"]),
        (["energy.exchange.A=13 mT"], ["[energy.exchange] A: must be in J/m, but got '13 mT'"]),
        (["mesh.cell_size=-5 nm"], ["[mesh] cell_size: must be > 0 m"]),
        (["material.Ms=-1"], ["[material] Ms: must be ≥ 0 A/m"]),
        (["material.alpha=-1"], ["[material] alpha: must be ≥ 0"]),
        (["energy.uniaxial_anisotropy={K=1, axis=[0,0,0]}"], ["a vector of length zero"]),
        (["energy.demag.images=[-1,0,0]"], ["[energy.demag] images.1: must be ≥ 0"]),
        (["material.Ms=0.0"], ["must leave at least one magnetic cell"]),
        (["geometry={shape='sphere', radius='1 nm', center=['1 um',0,0]}"], ["[geometry] shape: must hold the centre"]),
        (["initial={texture='file', file='none.ovf'}"], ["none.ovf"]),
        (["initial={texture='file', file='short.ovf'}"], ["short.ovf"]),
        (["initial={texture='file', file='nan.ovf'}"], ["nan.ovf"]),
        (["mesh.cells=[10000,10000,10000]"], ["needs about", "GiB of memory"]),
        (["nonsense"], ["--set 'nonsense': must be of the form key=value"]),
    ],
)
def test_bad_configurations(small: Path, settings: list[str], words: list[str]) -> None:
    """The same line from `run` and `check`, and nothing written."""
    field = np.ones((3, 1, 1, 2))
    ovf.write("whole.ovf", mj.Mesh((2, 1, 1), (4e-9, 5e-9, 3e-9)), field, encoding="text")
    head, begin, numbers = Path("whole.ovf").read_text().partition("# Begin: Data Text\n")
    Path("short.ovf").write_text(head + begin)
    Path("nan.ovf").write_text(head + begin + numbers.replace("1", "nan", 1))
    options = [part for setting in settings for part in ("--set", setting)]
    refused(call("check", small, *options), 2, *words)
    refused(call("run", small, "--out", "made", *options), 2, *words)
    assert not list(Path("made").rglob("*.csv"))


def test_what_is_found_out_late_names_the_file_and_leaves_no_folder(small: Path) -> None:
    shape = 'geometry={shape="sphere", radius="0.1 nm", center=["1 um", 0, 0]}'
    refused(call("run", small, "--set", shape), 2, "small.toml: [geometry] shape: must hold", "at least one cell")
    assert not Path("out").exists()


def test_no_command_is_a_call_for_help() -> None:
    """As lines, not folded into one."""
    result = call()
    assert result.exit_code == 2
    assert "Commands:" in result.stderr.splitlines()


def test_settings_of_a_list_name_its_items(small: Path) -> None:
    refused(
        call("run", small, "--set", "stage.duration=1"), 2, "must name one of go, rest in between", "stage.go.duration"
    )


def test_several_faults_are_several_lines(small: Path) -> None:
    result = call("run", small, "--set", "mesh.cels=3", "--set", "material.alpha=-1")
    assert result.exit_code == 2
    assert [line.split(": ")[2] for line in result.stderr.splitlines()] == ["[mesh] cels", "[material] alpha"]


@pytest.mark.parametrize("content", ["[mesh", "a = " + "[" * 5000, "\x00", "a = 1e400\n"])
def test_hostile_toml(small: Path, content: str) -> None:
    small.write_text(content)
    result = call("run", small)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert all(line.startswith("magjax: ") and len(line) < 400 for line in result.stderr.splitlines())


@pytest.mark.slow
def test_failed_solve_is_another_code(small: Path) -> None:
    """A minimisation that may take one step only does not converge: that is told, and is no success."""
    result = call("run", small, "-q", "--set", "stage.rest.max_steps=1", "--set", "stage.rest.torque=1e-15")
    refused(result, 1, "`minimize` failed in the stage 'rest'", "torque")


def test_no_device(small: Path) -> None:
    """In a process of its own, for jax looks for devices once."""
    command = [sys.executable, "-m", "magjax", "run", str(small), "--device", "gpu"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**ENVIRONMENT, "CUDA_VISIBLE_DEVICES": ""}
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(
        "magjax: Option `--device` must name a device that is there, but got 'gpu'; for an NVIDIA GPU"
    )


def test_debug_shows_where(small: Path) -> None:
    result = call("--debug", "run", small, "--set", "mesh.cels=3")
    assert type(result.exception).__name__ == "ConfigError"
    result = call("run", small, "--set", "mesh.cels=3", "--debug")
    assert type(result.exception).__name__ == "ConfigError"


def test_check_tells_what_it_found(small: Path) -> None:
    result = call("check", small, "--set", "mesh.cells=[4,2,1]", "--set", "mesh.cell_size=20 nm")
    assert result.exit_code == 0, result.output
    assert "4 × 2 × 1 = 8 cells of 20 nm × 20 nm × 20 nm, 80 nm × 40 nm × 20 nm" in result.stdout
    assert "go (evolve), rest (minimize)" in result.stdout
    assert "warning: [mesh] cells of 20 nm are larger than the exchange length" in result.stderr


def test_info() -> None:
    result = call("info")
    assert result.exit_code == 0, result.output
    for word in ("magjax", "python", "jaxlib", "device", "cache"):
        assert word in result.stdout


@pytest.mark.slow
def test_plot_and_convert(small: Path) -> None:
    assert call("run", small, "-q", "--out", "a").exit_code == 0
    assert call("plot", "a/go/table.csv", "--out", "energy.pdf", "--columns", "E_total,E_zeeman").exit_code == 0
    assert call("plot", "a/rest/m.ovf", "--component", "z", "--axis", "y").exit_code == 0
    assert call("plot", "a").exit_code == 0
    assert all(Path(p).stat().st_size > 1000 for p in ("energy.pdf", "a/rest/m.png", "a/go/table.png", "a/go/m.png"))
    for target in ("m.vti", "m.nc", "m.zarr", "again.ovf"):
        assert call("convert", "a/rest/m.ovf", target).exit_code == 0
        assert np.array_equal(formats.read_field(target).values, ovf.read("a/rest/m.ovf").values)
    assert call("convert", "a/go/table.csv", "table.odt").exit_code == 0
    assert formats.read_table("table.odt").data["m_x"].tolist() == table.read("a/go/table.csv").data["m_x"].tolist()


def test_encodings_are_called_as_the_help_calls_them(small: Path) -> None:
    """And each is what the file then says; other formats have none."""
    mesh = mj.Mesh((3, 2, 1), 5e-9)
    ovf.write("m.ovf", mesh, np.full((3, 1, 2, 3), 1 / 3))
    for name, title in {"text": "Text", "binary4": "Binary 4", "binary8": "Binary 8"}.items():
        assert call("convert", "m.ovf", f"{name}.ovf", "--encoding", name).exit_code == 0
        assert f"# Begin: Data {title}\n".encode() in Path(f"{name}.ovf").read_bytes()
    refused(call("convert", "m.ovf", "m.vti", "--encoding", "text"), 2, "--encoding", "m.vti")
    refused(call("convert", "m.ovf", "n.ovf", "--encoding", "zip"), 2, "--encoding", "binary8")


def test_files_that_cannot_be_drawn_or_converted(small: Path) -> None:
    Path("bad.ovf").write_text("# OOMMF OVF 2.0\n# Segment count: 1\n")
    Path("bad.csv").write_text("not a table\n")
    Path("empty").mkdir()
    table.write("t.csv", {"t": np.arange(3.0), "m_x": np.ones(3)}, {"t": "s"})
    refused(call("plot", "none.csv"), 2, "none.csv: no such file")
    refused(call("plot", "bad.ovf"), 2, "bad.ovf")
    refused(call("plot", "bad.csv"), 2, "bad.csv")
    refused(call("plot", "small.toml"), 2, "its ending must be one of")
    refused(call("plot", "empty"), 2, "holds no results")
    refused(call("plot", "t.csv", "--columns", "m_q"), 2, "--columns", "'m_q'")
    refused(call("plot", "t.csv", "--out", "t.docx"), 2, "must end in .png, .pdf or .svg")
    refused(call("convert", "none.ovf", "m.vti"), 2, "none.ovf: no such file")
    refused(call("convert", "bad.ovf", "m.vti"), 2, "bad.ovf")
    refused(call("convert", "t.csv", "m.vti"), 2, "A table can be written as")
    refused(call("convert", "t.csv", "bad.csv"), 2, "'bad.csv' exists; --overwrite replaces it")
    assert not Path("m.vti").exists()


@pytest.mark.slow
def test_interrupt_leaves_a_run_to_go_on_with(small: Path) -> None:
    """Ctrl-C after the first progress: exit code 130, one line on how to go on; resuming gives the same bits."""
    long = [
        "--set",
        "stage.go.duration=40 ns",
        "--set",
        "stage.go.save_every=20 ps",
        "--set",
        "stage.go.fields_every=40 ns",
    ]
    command = [sys.executable, "-m", "magjax", "run", str(small), *long]
    with subprocess.Popen([*command, "--out", "cut"], stderr=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("go ") and "%" in line:
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read().splitlines()
    assert process.returncode == 130, rest
    assert rest[-1].startswith("magjax: The run was interrupted at t = ")
    assert rest[-1].endswith("in 'cut/go': use --resume to go on.")
    assert "Traceback" not in "".join(rest)
    for options in (["--out", "cut", "--resume"], ["--out", "whole"]):
        assert subprocess.run([*command, "-q", *options], check=False, env=ENVIRONMENT).returncode == 0
    tables = [formats.read_table(f"{name}/go/table.csv").data for name in ("cut", "whole")]
    assert tables[0].equals(tables[1])
    assert np.array_equal(ovf.read("cut/rest/m.ovf").values, ovf.read("whole/rest/m.ovf").values)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_step_too_long_for_noise_is_a_line_of_warning(small: Path) -> None:
    hot = ["--set", "stage.go.temperature=300 K", "--set", "solver.dt=5 ps"]
    result = call("run", small, *hot, "-q", "--out", "out/hot")
    assert result.exit_code == 0, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("magjax: warning: Argument `dt` = 5e-12 s turns spins by more than 0.5 rad in a step")
    assert "Use dt ≤ " in line


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('[scan]\n"mesh.cells" = [[2, 1, 1], [100000, 100000, 1]]', ["point 2 (mesh.cells = [100000, 100", "GiB"]),
        ('[sweep]\nover = { "mesh.cells" = [[2, 1, 1], [100000, 100000, 1]] }', ["point 2 (mesh.cells", "GiB"]),
        ('[scan]\n"material.alpha" = [0.1, -1]', ["small.toml: ", "alpha: must be ≥ 0"]),
        ('[scan]\n"geometry.radius" = ["4 nm", "1 pm"]\n[geometry]\nshape = "sphere"\nradius = "4 nm"',
         ["small.toml: point 2 (geometry.radius = 1 pm): [geometry] shape: must hold the centre of at least one cell"]),
    ],
    ids=["memory of a scan", "memory of a sweep", "value", "geometry"],
)  # fmt: skip
def test_every_point_is_tried_before_the_first_is_run(small: Path, table: str, words: list[str]) -> None:
    """A night's scan must not end at its last point for what could have been said at the start."""
    small.write_text(SMALL + table)
    refused(call("check", small), 2, *words)
    refused(call("sweep" if "sweep" in table else "run", small), 2, *words)
    assert not Path("out").exists()


def test_seeds_that_noise_would_confuse_are_told_before_a_folder_is_made(small: Path) -> None:
    settings = ("--set", "stage.go.seed=4294967296", "--set", "stage.go.temperature=300 K")
    for command in ("check", "run"):
        refused(call(command, small, *settings), 2, "small.toml: [stage.1] seed: must be from 0 to 2³² − 1")
    assert not Path("out").exists()


def test_files_to_start_from_that_cannot_be(small: Path) -> None:
    """Each in a line with the key, the file, and what to do, before anything is made."""
    mesh = mj.Mesh((2, 1, 1), (4e-9, 5e-9, 3e-9))
    m = np.zeros((3, 1, 1, 2))
    m[0, 0, 0, 0] = 1
    ovf.write("half.ovf", mesh, m)
    ovf.write("scalar.ovf", mesh, m[:1])
    Path("text.ovf").write_text("hello")
    settings = ("--set", "initial={texture='file', file='%s'}")
    for name, word in {
        "half.ovf": "must give every magnetic cell a direction, but 1 of 2 cells hold zero vectors",
        "scalar.ovf": "[initial] file: must be a file of vectors on (2, 1, 1) cells",
        "none.ovf": "[initial] file: must name a file that can be read, but 'none.ovf' cannot (No such file",
        "": "[initial] file: must name a file that can be read, but '' cannot (Is a directory)",
        "text.ovf": "its first line is not",
    }.items():
        for command in ("check", "run"):
            refused(call(command, small, settings[0], settings[1] % name), 2, "small.toml: [initial] ", word)
    assert not Path("out").exists()
