"""What `magjax run` says at its end."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from magjax.run.progress import clock, si

if TYPE_CHECKING:
    from magjax.config.report import StageReport
    from magjax.config.scan import Scanned

#: File endings, in the order in which a person looks at results.
_WORTH = (".csv", ".odt", ".png", ".gif", ".nc", ".zarr", ".pvd")


def print_summary(points: "Sequence[Scanned]", out: Path) -> None:
    """A table of the stages, what else is worth knowing, and where everything is."""
    console = Console(highlight=False, soft_wrap=True)
    # Numbers are not cut off for a narrow terminal, nor where the output is none.
    console.width = max(console.width, 110)
    for point in points:
        if point.label:
            console.print(f"\n[bold]{point.label}[/bold]")
        console.print(stage_table(point.reports))
        for report in point.reports:
            parts = ", ".join(f"{name} {si(e, 'J', 4)}" for name, e in report.energies.items() if name != "total")
            if parts:
                console.print(f"{report.name}: energies {parts}", markup=False)
            for note in report.notes:
                console.print(f"{report.name}: {note}", markup=False)
    for point in points[:1]:
        for line in point.findings:
            console.print(line, markup=False)
    if len(points) == 1:
        for report in points[0].reports:
            found = sorted(p.name for p in report.folder.iterdir() if p.suffix in _WORTH)
            fields = len(list(report.folder.glob("*.ovf"))) + len(list(report.folder.glob("*.vti")))
            console.print(
                f"{report.folder}: {', '.join([*found, f'{fields} field' + 's' * (fields != 1)])}", markup=False
            )
    else:
        console.print(f"{out}: scan.csv, and a folder for each of the {len(points)} points", markup=False)


def stage_table(reports: "Sequence[StageReport]") -> Table:
    """One row for each stage."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("stage", no_wrap=True)
    for name in ("⟨m_x⟩", "⟨m_y⟩", "⟨m_z⟩", "energy", "steps", "demag evals", "time"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    for report in reports:
        demag = "–" if report.demag_evaluations is None else f"{report.demag_evaluations:,}"
        numbers = [f"{c:+.6f}" for c in report.average]
        energy = si(report.energies.get("total", 0.0), "J", 5)
        table.add_row(
            report.name, *numbers, energy, f"{report.steps:,}", demag, clock(report.seconds), report.outcome.lower()
        )
    return table
