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
    """Every code at its own defaults, against its own solution at a tolerance of 1e-9."""
    about, rows, first = {}, [], None
    arguments = {"problem": problems.sp4().to_json(), "duration": DURATION, "save_every": SAVE_EVERY}
    with tempfile.TemporaryDirectory() as folder:
        arguments["start"] = str(Path(folder) / "s-state.npy")
        judge = harness.Worker("magjax", options)
        judge.ask("call", name="relaxed_sp4", path=arguments["start"])
        judge.close()
        for worker in harness.open_workers(options, notes):
            answer = worker.ask("call", name="sp4", **arguments)
            exact = worker.ask("call", name="sp4_reference", **arguments)
            if "error" in answer or "error" in exact:
                notes.add(f"{worker.code}: {answer.get('error', exact.get('error'))}")
            else:
                about[worker.code] = worker.ask("about")
                average, tight = np.array(answer.pop("average")), np.array(exact["average"])
                first = tight if first is None else first
                rows.append(
                    {
                        "code": worker.code,
                        **answer,
                        "error": np.abs(average - tight).max(),
                        "difference": np.abs(tight - first).max(),
                    }
                )
            worker.close()
    return about, rows


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(title="Standard problem 4, 1 ns, double")
    view.add_column("code")
    columns = ("wall s", "compile s", "demag evaluations", "error of ⟨m⟩ in time", "difference from the first code")
    for column in columns:
        view.add_column(column, justify="right")
    for row in rows:
        view.add_row(
            row["code"],
            f"{row['wall_s']:.2f}",
            f"{row.get('compile_s', 0.0):.2f}",
            str(row["demag_evaluations"]),
            f"{row['error']:.1e}",
            f"{row['difference']:.1e}",
        )
    return view
