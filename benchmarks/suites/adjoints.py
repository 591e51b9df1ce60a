"""What derivatives of a run on a grid cost by every adjoint: time and memory against the number of steps."""

from rich.table import Table

import harness
import problems

WAYS = ("run", "forward", "forward, 4", "checkpointed", "bounded")
#: What a bounded loop keeps grows with its steps, to gigabytes.
BOUNDED = 500


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Every adjoint with every number of steps, in a process of its own: its peak memory is nobody else's."""
    about, rows = {}, []
    for steps in options.steps:
        for way in WAYS:
            if way == "bounded" and steps > BOUNDED:
                notes.add(f"bounded: left out above {BOUNDED} steps")
                continue
            worker = harness.Worker("magjax_adjoints", options)
            about = about or {"magjax": worker.ask("about")}
            answer = worker.ask("call", name="adjoint", problem=problems.sp4().to_json(), way=way, steps=steps)
            if "error" in answer:
                notes.add(f"{way}, {steps} steps: {answer['error']}")
            else:
                peak = worker.ask("memory")["host_bytes"]
                rows.append({"way": way, "steps": steps, "peak_bytes": peak, **answer})
            worker.close()
    return about, rows


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(title="Derivatives of 10 000 cells by every adjoint, fixed steps, double precision")
    columns = ("steps", "adjoint", "s", "× run", "ms per step", "program MB", "process MB", "compile s", "d<my>/dα")
    for column in columns:
        view.add_column(column, justify="left" if column == "adjoint" else "right")
    plain = {row["steps"]: row["seconds"] for row in rows if row["way"] == "run"}
    for row in rows:
        slope = row["d_dalpha"]
        view.add_row(
            f"{row['steps']:,}",
            {"run": "none", "forward": "forward, 1 number"}.get(row["way"], row["way"]),
            f"{row['seconds']:.2f}",
            f"{row['seconds'] / plain[row['steps']]:.1f}" if row["steps"] in plain else "",
            f"{1e3 * row['seconds'] / row['steps']:.2f}",
            f"{row['bytes'] / 1e6:.0f}",
            f"{row['peak_bytes'] / 1e6:.0f}",
            f"{row['compile_s']:.1f}",
            "" if slope is None else f"{slope:.9f}",
        )
    return view
