"""What a gradient costs: time as a multiple of the forward run, and memory, against the number of steps."""

import tempfile
from pathlib import Path

from rich.table import Table

import harness
import problems

DURATIONS = (20e-12, 50e-12, 100e-12, 200e-12)


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Each length in a process of its own, so that one's peak memory does not hide the next one's."""
    about, rows = {}, []
    with tempfile.TemporaryDirectory() as folder:
        start = str(Path(folder) / "s-state.npy")
        judge = harness.Worker("magjax", options)
        judge.ask("call", name="relaxed_sp4", path=start)
        about["magjax"] = judge.ask("about")
        judge.close()
        for duration in DURATIONS:
            worker = harness.Worker("magjax", options)
            answer = worker.ask(
                "call", name="gradient", problem=problems.sp4().to_json(), start=start, duration=duration
            )
            if "error" in answer:
                notes.add(f"{duration:g} s: {answer['error']}")
            else:
                rows.append({"duration_s": duration, **answer, "ratio": answer["gradient_s"] / answer["forward_s"]})
            worker.close()
    return about, rows


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(title="Gradient of a run of standard problem 4 for all physical numbers, 10 000 cells, double")
    for column in ("ps", "steps", "forward s", "gradient s", "ratio", "extra MB"):
        view.add_column(column, justify="right")
    for row in rows:
        view.add_row(
            f"{1e12 * row['duration_s']:.0f}",
            str(row["steps"]),
            f"{row['forward_s']:.2f}",
            f"{row['gradient_s']:.2f}",
            f"{row['ratio']:.1f}",
            f"{row['extra_bytes'] / 1e6:.0f}",
        )
    return view
