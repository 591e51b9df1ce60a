"""`magjax run`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from magjax.cli import simulation, study
from magjax.cli.order import Order

Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a value, such as material.alpha=0.1; may be repeated."),
]
PrecisionOption = Annotated[
    Literal["single", "double"] | None,
    typer.Option(help="Precision of all numbers.  [default: double on a CPU, single on a GPU]"),
]
DeviceOption = Annotated[Literal["cpu", "gpu"] | None, typer.Option(help="Where to compute.")]


def run(
    config: Annotated[Path, typer.Argument(help="The TOML file.")],
    settings: Settings = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results.  [default: out/ and the name of the file]")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where an earlier run stopped.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace earlier results.")] = False,
    precision: PrecisionOption = None,
    device: DeviceOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Run the simulation that a TOML file describes."""
    if resume and overwrite:
        raise typer.BadParameter("--resume goes on with earlier results and --overwrite replaces them: give one.")
    from magjax.config.errors import ConfigError
    from magjax.config.load import changed, read
    from magjax.io.errors import resumable

    tables = changed(read(config), settings or [])
    if "fit" in tables:
        raise typer.BadParameter(f"{config} fits a model to data: use `magjax fit`.")
    order = Order(config, tables, out or Path("out") / config.stem, resume, overwrite, precision, device, quiet)
    try:
        with resumable():
            (study.run if "study" in tables else simulation.run)(order)
    except ConfigError as error:
        # What is found out only when objects are made does not know its file.
        raise ConfigError(error.problems, error.path or str(config)) from error
