"""A run that is killed and resumed is the run that was not.

Theory: an explicit step is a function of the motion alone: spins, time in two floats, the controller's last errors, the
field's past. So a checkpoint that holds all of them to the last bit, and files cut back to it, must lead to the same
files, byte by byte. The tolerance is therefore zero.

Layout: the run is made once without disturbance, and once in a process of its own that is ended by a signal in the
middle: SIGKILL leaves the process no chance to do anything; SIGINT and SIGTERM let it finish its chunk.
"""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import magjax as mj

PROGRAM = """
import os, sys, signal
import jax
jax.config.update("jax_compilation_cache_dir", {cache!r})
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.3)
import magjax as mj
from magjax.run.recorder import Recorder

original, number = Recorder.rows, signal.Signals({number})

def rows(self, columns):
    original(self, columns)
    if columns["t"][-1] >= 20e-12:
        os.kill(os.getpid(), number)

Recorder.rows = rows
from {module} import a_run
try:
    a_run({out!r}, {dtype!r}, checkpoint_every=0.0)
except KeyboardInterrupt as interruption:
    print(interruption)
"""


def a_run(out: str | Path, dtype: str, **options: object) -> mj.Run:
    """A film that precesses, with local and nonlocal fields and one that depends on time."""
    mesh = mj.Mesh((6, 4, 1), (5e-9, 4e-9, 3e-9))
    B = mj.drive.sin(frequency=20e9) * (0, 0.05, 0)
    energy = mj.Exchange(A=1.3e-11) + mj.Demag(mesh) + mj.Zeeman(B=(0, 0, 0.3)) + mj.Zeeman(B=B)
    film = mj.System(mesh, Ms=8e5, alpha=0.02, energy=energy)
    m0 = mj.textures.uniform(mesh, (1, 0.1, 0), dtype=dtype)
    return mj.simulate(
        film, m0, 41e-12, save_every=2e-12, fields_every=4e-12, out=out, progress=False, pictures=False, **options
    )


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, mj.Run]:
    """The runs that nothing happened to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return {dtype: a_run(folder / dtype, dtype) for dtype in ("float32", "float64")}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "dtype"),
    [(signal.SIGKILL, "float32"), (signal.SIGKILL, "float64"), (signal.SIGINT, "float64"), (signal.SIGTERM, "float32")],
    ids=lambda value: getattr(value, "name", value),
)
def test_a_killed_run_resumes_bit_for_bit(
    number: signal.Signals, dtype: str, undisturbed: dict[str, mj.Run], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Table, states, final state and checkpoint are equal, byte by byte."""
    text = PROGRAM.format(
        cache=str(request.config.rootpath / ".pytest_cache" / "xla"),
        number=int(number),
        module="tests.physics.test_resume",
        out=str(tmp_path / "cut"),
        dtype=dtype,
    )
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(request.config.rootpath)!r})\n{text}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if number is signal.SIGKILL:
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert mj.load_run(tmp_path / "cut").outcome is None
    else:
        assert done.returncode == 0, done.stderr
        assert "pass resume=True to go on" in done.stdout
        assert mj.load_run(tmp_path / "cut").outcome is mj.Outcome.INTERRUPTED
    assert 20e-12 <= mj.load_run(tmp_path / "cut").t[-1] < 41e-12
    resumed = a_run(tmp_path / "cut", dtype, resume=True)
    whole = undisturbed[dtype]
    assert resumed.outcome is whole.outcome is mj.Outcome.SUCCESS
    assert whole.folder is not None
    assert resumed.folder is not None
    for path in whole.folder.iterdir():
        if path.name not in ("run.json", "log.txt"):  # they tell when and how fast
            assert path.read_bytes() == (resumed.folder / path.name).read_bytes(), path.name
