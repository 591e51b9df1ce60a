"""What a gradient costs: time as a multiple of the forward run, and memory, against the number of steps."""

import tempfile
from pathlib import Path

from rich.table import Table

import harness
import problems

DURATIONS = (20e-12, 50e-12, 100e-12, 200e-12)


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Runs of several lengths from the s-state."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        start = str(Path(folder) / "s-state.npy")
        worker = harness.Worker("magjax", options)
        about = {"magjax": worker.ask("about")}
        worker.ask("call", name="relaxed_sp4", path=start)
        for duration in DURATIONS:
            answer = worker.ask(
                "call", name="gradient", problem=problems.sp4().to_json(), start=start, duration=duration
            )
            if "error" in answer:
                notes.add(f"{duration:g} s: {answer['error']}")
            else:
                ratio = answer["gradient"]["min_s"] / answer["forward"]["min_s"]
                rows.append({"duration_s": duration, **answer, "ratio": ratio})
        worker.close()
    return about, rows


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(title="Gradient of a run of standard problem 4 for all physical numbers, 10 000 cells, double")
    columns = ("ps", "steps", "forward s", "gradient s", "ratio", "forward MB", "gradient MB", "compile s")
    for column in columns:
        view.add_column(column, justify="right")
    for row in rows:
        forward, gradient = row["forward"], row["gradient"]
        view.add_row(
            f"{1e12 * row['duration_s']:.0f}",
            str(row["steps"]),
            f"{forward['min_s']:.2f}",
            f"{gradient['min_s']:.2f}",
            f"{row['ratio']:.1f}",
            f"{forward['bytes'] / 1e6:.0f}",
            f"{gradient['bytes'] / 1e6:.0f}",
            f"{gradient['compile_s']:.1f}",
        )
    return view
