"""`magjax fit`."""

from pathlib import Path
from typing import Annotated

import typer

from magjax.cli.run import DeviceOption, PrecisionOption, Settings


def fit(
    config: Annotated[Path, typer.Argument(help="The TOML file, with a table [fit].")],
    data: Annotated[Path | None, typer.Argument(help="The CSV file.  [default: the one that the TOML names]")] = None,
    settings: Settings = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results.  [default: out/ and the name of the file]")
    ] = None,
    simulate: Annotated[bool, typer.Option("--simulate", help="Write synthetic data to the CSV file instead.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace earlier results, or data.")] = False,
    precision: PrecisionOption = None,
    device: DeviceOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Fit parameters of a model to measurements, with errors and what the data do not determine."""
    from magjax.cli.environment import prepare
    from magjax.config.errors import ConfigError
    from magjax.config.fit import check_fit
    from magjax.config.load import changed, read

    tables = changed(read(config), settings or [])
    if "fit" not in tables:
        raise ConfigError(["must have a table [fit]; `magjax run` is for what has none."], str(config))
    checked = check_fit(tables, str(config))
    prepare(device=device, precision=precision or checked.precision)
    if data is None and not checked.fit.data:
        raise ConfigError(["[fit] data: must be given, or a CSV file after the configuration."], str(config))
    path = config.parent / checked.fit.data if data is None else data

    from magjax.config.fit_execute import report, run_fit, write_synthetic
    from magjax.results import check

    if simulate:
        number = write_synthetic(checked, path, overwrite=overwrite)
        if not quiet:
            typer.echo(f"{path}: {number} synthetic points")
        return
    folder = out or Path("out") / config.stem
    found = run_fit(checked, path, folder, overwrite=overwrite)
    if not quiet:
        typer.echo(report(found))
        files = sorted(each.name for each in folder.iterdir() if each.suffix in (".csv", ".json", ".png", ".txt"))
        typer.echo(f"{folder}: {', '.join(files)}")
    # What there is has been written by now.
    check(found.result, "fit")
