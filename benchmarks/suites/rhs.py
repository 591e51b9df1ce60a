"""Throughput: one evaluation of dm/dt with demag, exchange, uniaxial anisotropy and a field."""

from rich.table import Table

import harness
from problems import RHS_GRIDS, Problem


def run(options: harness.Options, notes: set[str]) -> tuple[dict, list[dict]]:
    """Every grid in every precision, all codes in turns."""
    about: dict = {}
    rows = []
    for grid in options.grids:
        cells, cell_size = RHS_GRIDS[grid]
        for dtype in options.dtypes:
            rows += _case(Problem(cells, cell_size, dtype), grid, options, notes, about)
    return about, rows


def _case(problem: Problem, grid: str, options: harness.Options, notes: set[str], about: dict) -> list[dict]:
    workers = harness.open_workers(options, notes)
    answers, ready = {}, []
    for worker in workers:
        answer = worker.ask("rhs", problem=problem.to_json())
        if "error" in answer:
            notes.add(f"{worker.code} {grid} {problem.dtype}: {answer['error']}")
            continue
        about[worker.code] = worker.ask("about")
        answers[worker.code] = answer
        ready.append(worker)
    times = harness.in_turns(ready, options.rounds, options.seconds)
    rows = []
    for worker in ready:
        answer = answers[worker.code]
        rows.append(
            {
                "grid": grid,
                "dtype": problem.dtype,
                "code": worker.code,
                **times[worker.code],
                "setup_s": answer["setup_s"],
                "compile_s": answer["compile_s"],
                "memory": worker.ask("memory"),
                # Every code is held against the first one of the list.
                "difference": harness.difference(answer["probe"], answers[ready[0].code]["probe"]),
            }
        )
    for worker in workers:
        worker.close()
    return rows


def table(rows: list[dict]) -> Table:
    """Rows as a table; times are those of the quietest round."""
    view = Table(title="One evaluation of dm/dt; difference of its values from those of the first code")
    for column in ("grid", "dtype", "code"):
        view.add_column(column, no_wrap=True)
    for column in ("min ms", "median ms", "Mcell/s", "setup s", "compile s", "GB", "difference"):
        view.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        cells = 1
        for n in row["grid"].split():
            cells *= int(n)
        memory = row["memory"]["device_bytes"] or row["memory"]["host_bytes"]
        view.add_row(
            row["grid"],
            row["dtype"],
            row["code"],
            f"{1e3 * row['min_s']:.2f}",
            f"{1e3 * row['median_s']:.2f}",
            f"{1e-6 * cells / row['min_s']:.0f}",
            f"{row['setup_s']:.2f}",
            f"{row['compile_s']:.2f}",
            f"{memory / 1e9:.2f}",
            f"{row['difference']:.1e}",
        )
    return view
