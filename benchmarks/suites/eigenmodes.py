"""The lowest modes of films with dipolar fields, by iteration: seconds with compilation and without."""

from rich.table import Table

import harness

#: Cells along either side, and modes.
FILMS = ((50, 20), (100, 20))


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Each film in a process of its own."""
    about, rows = {}, []
    for cells, count in FILMS:
        worker = harness.Worker("magjax", options)
        about["magjax"] = worker.ask("about")
        answer = worker.ask("call", name="film_modes", cells=cells, count=count)
        if "error" in answer:
            notes.add(f"{cells} × {cells} cells: {answer['error']}")
        else:
            rows.append({"cells": cells, "modes": count, "bytes": worker.ask("memory")["host_bytes"], **answer})
        worker.close()
    return about, rows


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(title="Eigenmodes of a film with exchange, demag and a field, float64")
    for column in ("cells", "modes", "first s", "min s", "iterations", "GHz", "GB", ""):
        view.add_column(column, justify="right")
    for row in rows:
        view.add_row(
            f"{row['cells']} × {row['cells']}",
            str(row["modes"]),
            f"{row['first_s']:.1f}",
            f"{row['min_s']:.1f}",
            str(row["steps"]),
            f"{row['lowest_GHz']:.3f} … {row['highest_GHz']:.3f}",
            f"{row['bytes'] / 1e9:.2f}",
            row["result"].lower(),
        )
    return view
