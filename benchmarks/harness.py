"""Starts codes in processes of their own, times them in turns, and writes down on what machine."""

import dataclasses
import datetime
import json
import os
import platform
import re
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results"
PEERS = HERE.parent / ".venv-bench" / "bin" / "python"


@dataclasses.dataclass(frozen=True)
class Options:
    """What the command line chose."""

    codes: tuple[str, ...]
    cores: tuple[int, ...]
    dtypes: tuple[str, ...]
    grids: tuple[str, ...]
    steps: tuple[int, ...]
    rounds: int
    seconds: float
    peers_python: Path


class Missing(Exception):
    """A code that is not installed; the run goes on without it."""


class Worker:
    """A code in a process of its own (see worker.py)."""

    def __init__(self, code: str, options: Options, environment: dict[str, str] | None = None) -> None:
        python = Path(sys.executable) if code.split("_")[0] == "magjax" else options.peers_python
        if not python.exists():
            raise Missing(f"{code} is not installed: run `make bench-peers` first")
        self.code = code
        self._log: list[str] = []
        self._process = subprocess.Popen(
            [str(python), str(HERE / "worker.py"), code, ",".join(map(str, options.cores))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if "MAGJAX_BENCH_VERBOSE" in os.environ else subprocess.DEVNULL,
            text=True,
            env=os.environ | _threads(len(options.cores)) | (environment or {}),
            cwd=HERE,
        )
        hello = self._read()
        if "missing" in hello:
            raise Missing(f"{code}: {hello['missing']}")

    def ask(self, do: str, **arguments: Any) -> dict:
        """One command, one answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        return json.loads(line) if line else {"error": "the process ended (out of memory?)"}

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def open_workers(options: Options, notes: set[str]) -> list[Worker]:
    """The chosen codes that are installed; why the others are left out goes to `notes`."""
    workers = []
    for code in options.codes:
        try:
            workers.append(Worker(code, options))
        except Missing as reason:
            notes.add(str(reason))
    return workers


def in_turns(workers: list[Worker], rounds: int, seconds: float) -> dict[str, dict]:
    """Time every worker once per round, so that whatever else the machine does falls on all of them alike.

    The smallest time is what the code needs; the spread tells how quiet the machine was.
    """
    times: dict[str, list[float]] = {worker.code: [] for worker in workers}
    for _ in range(rounds):
        for worker in workers:
            reply = worker.ask("time", seconds=seconds)
            if "per_evaluation_s" in reply:
                times[worker.code].append(reply["per_evaluation_s"])
    return {
        code: {"min_s": min(values), "median_s": statistics.median(values), "max_s": max(values)}
        for code, values in times.items()
        if values
    }


def difference(values: list[float], reference: list[float]) -> float:
    """Largest difference relative to the largest value."""
    scale = max(map(abs, reference))
    return max(abs(a - b) for a, b in zip(values, reference, strict=True)) / scale


def hardware(options: Options) -> dict:
    """The machine, without its name."""
    return {
        "cpu": _cpu(),
        "cores_used": len(options.cores),
        "cores": os.cpu_count(),
        "memory_GB": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "gpu": _gpu(),
        # Above the number of idle cores, other programs took part of the machine: the numbers are noisy.
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def save(suite: str, options: Options, about: dict, rows: list[dict], notes: set[str]) -> Path:
    """Write the results, under the day and the suite; one more run on a day gets a number."""
    now = datetime.datetime.now(datetime.UTC)
    document = {
        "suite": suite,
        "time": now.isoformat(timespec="seconds"),
        "commit": _commit(),
        "hardware": hardware(options),
        "codes": about,
        "rounds": options.rounds,
        "notes": sorted(notes),
        "rows": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    path, number = RESULTS / f"{now:%Y-%m-%d}-{suite}.json", 1
    while path.exists():
        number += 1
        path = RESULTS / f"{now:%Y-%m-%d}-{suite}-{number}.json"
    path.write_text(json.dumps(document, indent=1) + "\n")
    return path


def _threads(count: int) -> dict[str, str]:
    return {f"{name}_NUM_THREADS": str(count) for name in ("OMP", "MKL", "OPENBLAS", "DUCC0")}


def _cpu() -> str:
    try:
        found = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return found.group(1).strip() if found else platform.processor()


def _gpu() -> str | None:
    try:
        query = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
        return subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip() or None
    except (OSError, subprocess.CalledProcessError):
        return None


def _commit() -> str | None:
    try:
        query = ["git", "describe", "--always", "--dirty"]
        return subprocess.run(query, cwd=HERE, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None
