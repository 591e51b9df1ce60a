"""How long a person waits: for the help, and for a first result with empty and with warm caches."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.table import Table

import harness

CONFIGS = harness.HERE.parent / "configs"
# One whose computing takes no time, so that only the wait is left; one that a person would run.
NAMES = ("macrospin_precession", "standard_problem_4")
MAGJAX = Path(sys.executable).parent / "magjax"


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Commands from the shell, each some times."""
    if not MAGJAX.exists():
        notes.add("magjax is not installed beside this Python: run `make bench`")
        return {}, []
    rows = [
        _row("import magjax", _repeated([sys.executable, "-c", "import magjax"], options)),
        _row("magjax --help", _repeated([str(MAGJAX), "--help"], options)),
    ]
    for name in NAMES:
        command = [str(MAGJAX), "run", str(CONFIGS / f"{name}.toml"), "--quiet", "--overwrite", "--out"]
        cold, warm = [], []
        for _ in range(options.rounds):
            with tempfile.TemporaryDirectory() as folder:
                caches = _empty_caches(Path(folder))
                cold.append(_seconds([*command, f"{folder}/out"], caches))
                warm.append(_seconds([*command, f"{folder}/out"], caches))
        rows += [_row(f"magjax run {name}, empty caches", cold), _row(f"magjax run {name}, warm caches", warm)]
    return {}, rows


def _empty_caches(folder: Path) -> dict[str, str]:
    """Kernels and compiled programs under a folder that is empty."""
    return {"MAGJAX_CACHE_DIR": str(folder / "caches"), "JAX_COMPILATION_CACHE_DIR": str(folder / "caches" / "xla")}


def _repeated(command: list[str], options: harness.Options) -> list[float]:
    return [_seconds(command, {}) for _ in range(options.rounds)]


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ | environment)
    return time.perf_counter() - begin


def _row(name: str, seconds: list[float]) -> dict:
    return {"command": name, "min_s": min(seconds), "median_s": statistics.median(seconds)}


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(title="From the shell")
    for column in ("command", "min s", "median s"):
        view.add_column(column, justify="left" if column == "command" else "right")
    for row in rows:
        view.add_row(row["command"], f"{row['min_s']:.2f}", f"{row['median_s']:.2f}")
    return view
