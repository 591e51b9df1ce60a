"""`magjax fit`."""

from pathlib import Path
from typing import Annotated

import typer

from magjax.cli.run import DeviceOption, PrecisionOption, Settings


def fit(
    config: Annotated[Path, typer.Argument(help="The TOML file, with a table [fit].")],
    data: Annotated[
        list[Path] | None,
        typer.Argument(help="The CSV file, or several that share the parameters.  [default: what the TOML names]"),
    ] = None,
    settings: Settings = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results.  [default: out/ and the name of the file]")
    ] = None,
    simulate: Annotated[bool, typer.Option("--simulate", help="Write synthetic data to the CSV file instead.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Begin with the values of an earlier fit.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace earlier results, or data.")] = False,
    precision: PrecisionOption = None,
    device: DeviceOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Fit parameters of a model to measurements, with errors and what the data do not determine.

    Ctrl-C ends the fit with what it has, which is written; --resume goes on from there.
    """
    if resume and overwrite:
        raise typer.BadParameter("--resume goes on with earlier results and --overwrite replaces them: give one.")
    from magjax.cli.environment import prepare
    from magjax.config.errors import ConfigError
    from magjax.config.fit import check_fit
    from magjax.config.load import changed, read

    tables = changed(read(config), settings or [])
    if "fit" not in tables:
        raise ConfigError(["must have a table [fit]; `magjax run` is for what has none."], str(config))
    checked = check_fit(tables, str(config))
    prepare(device=device, precision=precision or checked.precision)
    paths = list(data or [config.parent / each.file for each in checked.fit.data])
    if not paths:
        raise ConfigError(["[fit] data: must be given, or a CSV file after the configuration."], str(config))

    from magjax.config.fit_execute import report, run_fit, write_synthetic
    from magjax.results import Outcome, check

    if simulate:
        if len(paths) > 1:
            raise typer.BadParameter("--simulate makes one data set: name its file after the configuration.")
        number = write_synthetic(checked, paths[0], overwrite=overwrite)
        if not quiet:
            typer.echo(f"{paths[0]}: {number} synthetic points")
        return
    folder = out or Path("out") / config.stem
    say = None if quiet else lambda text: typer.echo(text, err=True)
    found = run_fit(checked, paths, folder, overwrite=overwrite, resume=resume, progress=say)
    if not quiet:
        typer.echo(report(found))
        files = sorted(each.name for each in folder.iterdir() if each.suffix in (".csv", ".json", ".png", ".txt"))
        typer.echo(f"{folder}: {', '.join(files)}")
    # What there is has been written by now.
    if found.result is Outcome.INTERRUPTED:
        typer.echo(f"magjax: stopped; --resume goes on with what is in {folder}.", err=True)
        raise typer.Exit(130)
    check(found.result, "fit")
