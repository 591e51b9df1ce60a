"""The path of a skyrmion's collapse in a film: from the minimum to the saddle, with and without compilation."""

from rich.table import Table

import harness

#: Cells along an edge, and images.
CASES = ((32, 11), (64, 11))


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Ours only: no peer runs on the same machine without a build of its own."""
    worker = harness.Worker("magjax", options)
    rows = []
    for cells, images in CASES:
        answer = worker.ask("call", name="collapse", cells=cells, images=images)
        if "error" in answer:
            notes.add(f"{cells}×{cells}: {answer['error']}")
        else:
            rows.append({"code": "magjax", "cells": cells, "images": images, **answer})
    about = {"magjax": worker.ask("about")}
    worker.close()
    return about, rows


def table(rows: list[dict]) -> Table:
    """Rows as a table."""
    view = Table(title="The collapse of a skyrmion")
    for column in ("film", "images", "first s", "min s", "cpu s", "steps", "barrier zJ", "order", ""):
        view.add_column(column, justify="right")
    for row in rows:
        view.add_row(
            f"{row['cells']}×{row['cells']}",
            str(row["images"]),
            f"{row['first_s']:.1f}",
            f"{row['min_s']:.1f}",
            f"{row['cpu_s']:.1f}",
            str(row["steps"]),
            f"{1e21 * row['barrier']:.4f}",
            str(row["order"]),
            row["result"],
        )
    return view
