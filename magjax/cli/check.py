"""`magjax check`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from magjax.cli.run import PrecisionOption, Settings


def _own(name: str, energy: Any) -> str:
    """A sublattice with the terms of its own."""
    terms = ", ".join(term for term, _ in energy.terms())
    return f"{name} ({terms})" if terms else name


def check(
    config: Annotated[Path, typer.Argument(help="The TOML file.")],
    settings: Settings = None,
    precision: PrecisionOption = None,
) -> None:
    """Check a TOML file and say what it would simulate."""
    import numpy as np

    from magjax.cli.environment import prepare
    from magjax.config.load import changed, check_study, points, read
    from magjax.config.load import check as checked_tables
    from magjax.numerics.memory import memory_available
    from magjax.run.memory import check_memory
    from magjax.run.progress import si

    tables = changed(read(config), settings or [])
    if "fit" in tables:
        from magjax.config.fit import check_fit

        fitted = check_fit(tables, str(config))
        typer.echo(f"{'fit':8}{fitted.table.kind}: {', '.join(fitted.fit.free)}")
        typer.echo("The configuration is valid.")
        return
    if "study" in tables:
        study = check_study(tables, str(config))
        for _, each in points(tables):
            check_study(each, str(config))
        typer.echo(f"{'study':8}{study.model.kind}" + (f": {study.title}" if study.title else ""))
        typer.echo("The configuration is valid.")
        return
    checked = checked_tables(tables, str(config))
    for _, each in points(tables):
        checked_tables(each, str(config))
    chosen = prepare(precision=precision or checked.precision)
    dtype = np.dtype(np.float64 if chosen == "double" else np.float32)
    needed = checked.memory(dtype)
    check_memory(needed, memory_available())
    job = checked.without_demag().build(config.resolve().parent)
    mesh, system = job.site.mesh, job.system
    states = [job.initial(stage) for stage in checked.stage if stage.initial is not None]
    states += [] if checked.initial is None else [job.initial()]
    for stage in job.config.stage:
        job.system_of(stage)
    full = mesh.n_cells
    if system.occupied is not None:
        full = int(system.occupied.value.reshape(-1, *mesh.shape).any(axis=0).sum())
    lengths = " × ".join(si(length, "m", 6) for length in mesh.extent)
    edges = " × ".join(si(length, "m", 6) for length in mesh.cell_size)
    nx, ny, nz = mesh.cells
    lines = {
        "title": checked.title,
        "mesh": f"{nx} × {ny} × {nz} = {mesh.n_cells:,} cells of {edges}, {lengths}"
        + (f", periodic along {', '.join(mesh.periodic)}" if mesh.periodic else ""),
        "sample": f"{full:,} magnetic cells" + (f", regions {', '.join(checked.regions)}" if checked.regions else ""),
        "spins": ", ".join(_own(name, own.energy) for name, own in checked.sublattices.items()),
        "energy": ", ".join(name for name, _ in checked.energy.terms()) or ("" if checked.sublattices else "none"),
        "stages": ", ".join(f"{n} ({s.kind})" for n, s in zip(checked.names(), checked.stage, strict=True)),
        "scan": ", ".join(f"{key} ({len(values)} values)" for key, values in checked.scan.items()),
        "memory": f"about {needed / 2**20:,.0f} MiB in {chosen} precision",
    }
    for name, text in lines.items():
        if text:
            typer.echo(f"{name:8}{text}")
    for advice in job.advice():
        typer.echo(f"warning: {advice}", err=True)
    typer.echo("The configuration is valid.")
