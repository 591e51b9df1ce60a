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
    from magjax.config.errors import ConfigError
    from magjax.config.load import changed, read

    tables = changed(read(config), settings or [])
    try:
        _checked(config, tables, precision)
    except ConfigError as error:
        # What is found out only when objects are made does not know its file.
        raise ConfigError(error.problems, error.path or str(config)) from error


def _checked(config: Path, tables: dict[str, Any], precision: str | None) -> None:
    """Check tables of any kind, and say what they are."""
    from magjax.config.load import check_study, points

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
        if "sweep" in tables:
            from magjax.config.sweep import Sweep

            Sweep(tables, config, Path())
        typer.echo(f"{'study':8}{study.model.kind}" + (f": {study.title}" if study.title else ""))
        typer.echo("The configuration is valid.")
        return
    _simulation(config, tables, precision)


def _simulation(config: Path, tables: dict[str, Any], precision: Any) -> None:
    """Check a mesh of spins, at every point of its scan or sweep, and say what would be simulated."""
    from magjax.cli.environment import prepare
    from magjax.config.attempt import attempt
    from magjax.config.load import check as checked_tables
    from magjax.config.load import points
    from magjax.run.progress import si

    checked = checked_tables(tables, str(config))
    folder = config.resolve().parent
    chosen = prepare(precision=precision or checked.precision)
    known = {**tables, "precision": chosen}
    if "sweep" in tables:
        from magjax.config.sweep import Sweep

        swept = Sweep(known, config, Path())
        settings, configs = swept.settings, swept.configs
    else:
        settings, each = zip(*points(known), strict=True)
        configs = [checked_tables(point, str(config)) for point in each]
    needed = attempt(settings, configs, folder, chosen)
    job = configs[0].without_demag().build(folder)
    mesh, system = job.site.mesh, job.system
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
        "sweep": "" if checked.sweep is None else f"{len(settings)} points in all",
        "memory": f"about {needed / 2**20:,.0f} MiB in {chosen} precision",
    }
    for name, text in lines.items():
        if text:
            typer.echo(f"{name:8}{text}")
    for advice in job.advice():
        typer.echo(f"warning: {advice}", err=True)
    typer.echo("The configuration is valid.")
