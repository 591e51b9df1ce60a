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

CONFIG = harness.HERE.parent / "configs" / "standard_problem_4.toml"
MAGJAX = Path(sys.executable).parent / "magjax"


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Commands from the shell, each some times."""
    rows = [
        _timed("import magjax", [sys.executable, "-c", "import magjax"], options),
        _timed("magjax --help", [str(MAGJAX), "--help"], options),
    ]
    with tempfile.TemporaryDirectory() as folder:
        command = [str(MAGJAX), "run", str(CONFIG), "--out"]
        cold, warm = [], []
        for turn in range(options.rounds):
            caches = _caches(Path(folder) / f"caches-{turn}")
            cold.append(_seconds([*command, f"{folder}/cold-{turn}"], caches))
            warm.append(_seconds([*command, f"{folder}/warm-{turn}"], caches))
        rows += [_row("magjax run, empty caches", cold), _row("magjax run, warm caches", warm)]
    return {"magjax": {"config": CONFIG.name}}, rows


def _caches(folder: Path) -> dict[str, str]:
    """Kernels and compiled programs under a folder that is empty."""
    return {"MAGJAX_CACHE_DIR": str(folder), "JAX_COMPILATION_CACHE_DIR": str(folder / "xla")}


def _timed(name: str, command: list[str], options: harness.Options) -> dict:
    return _row(name, [_seconds(command, {}) for _ in range(options.rounds)])


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
