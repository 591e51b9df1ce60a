"""Standard problem 4, field 1: 1 ns in double precision from one common state; cost against error."""

import tempfile
from pathlib import Path

import numpy as np
from rich.table import Table

import harness
import problems

DURATION = 1e-9
SAVE_EVERY = 5e-12


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Every code at its own defaults, against a tight solution of magjax's (Dopri8, tolerance 1e-9)."""
    about, rows = {}, []
    arguments = {"problem": problems.sp4().to_json(), "duration": DURATION, "save_every": SAVE_EVERY}
    with tempfile.TemporaryDirectory() as folder:
        arguments["start"] = str(Path(folder) / "s-state.npy")
        judge = harness.Worker("magjax", options)
        judge.ask("call", name="relaxed_sp4", path=arguments["start"])
        reference = np.array(judge.ask("call", name="sp4_reference", **arguments)["average"])
        judge.close()
        for worker in harness.open_workers(options, notes):
            answer = worker.ask("call", name="sp4", **arguments)
            if "error" in answer:
                notes.add(f"{worker.code}: {answer['error']}")
            else:
                about[worker.code] = worker.ask("about")
                error = np.abs(np.array(answer.pop("average")) - reference)
                rows.append({"code": worker.code, **answer, "error": error.max(), "error_at_end": error[-1].max()})
            worker.close()
    return about, rows


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(title="Standard problem 4, 1 ns, double; error of ⟨m⟩ against Dopri8 at 1e-9")
    view.add_column("code")
    for column in ("wall s", "compile s", "demag evaluations", "largest error", "error at 1 ns"):
        view.add_column(column, justify="right")
    for row in rows:
        view.add_row(
            row["code"],
            f"{row['wall_s']:.2f}",
            f"{row.get('compile_s', 0.0):.2f}",
            str(row["demag_evaluations"]),
            f"{row['error']:.1e}",
            f"{row['error_at_end']:.1e}",
        )
    return view
