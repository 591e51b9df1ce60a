"""What a fit costs once it is compiled, and a thousand of them, beside scipy with finite differences."""

from rich.table import Table

import harness

CASES = ("tanh relaxation, 200 points", "Sharrock, swept, 24 points", "Sharrock, swept, by the integral")
BOOTSTRAP = 1000


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Each ready model once, then bootstraps of the first two."""
    worker, rows = harness.Worker("magjax_fits", options), []
    about = {"magjax": worker.ask("about")}
    for case in CASES:
        answer = worker.ask("call", name="fits", case=case, rounds=options.rounds)
        rows.append({"case": case, "fits": 1, **answer})
    for case in CASES[:2]:
        answer = worker.ask("call", name="bootstraps", case=case, number=BOOTSTRAP)
        rows.append({"case": case, "fits": BOOTSTRAP, **answer})
    worker.close()
    notes |= {f"{row['case']}: {row['error']}" for row in rows if "error" in row}
    notes.add("scipy: least_squares by finite differences of the same compiled residuals; of 1000 fits 20 are timed")
    return about, [row for row in rows if "error" not in row]


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(title="Fits with their errors, double precision, after compilation")
    for column in ("model", "fits", "first s", "magjax s", "scipy s", "ratio", "steps", "scipy evaluations", "apart"):
        view.add_column(column, justify="left" if column == "model" else "right")
    for row in rows:
        one = row["fits"] == 1
        view.add_row(
            row["case"],
            str(row["fits"]),
            f"{row['first_s']:.2f}",
            f"{row['ours_s']:.4f}",
            f"{row['scipy_s']:.4f}",
            f"{row['scipy_s'] / row['ours_s']:.1f}",
            str(row["ours_steps"]) if one else "",
            str(row["scipy_evaluations"]) if one else "",
            f"{row['difference_in_errors']:.0e} σ" if one else f"{100 * row['spread']:.0f} % of σ",
        )
    return view
