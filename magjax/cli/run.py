"""`magjax run`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from magjax.config import Config

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
    from magjax.cli.environment import prepare
    from magjax.config.load import changed, check, points, read

    tables = changed(read(config), settings or [])
    checked = check(tables, str(config))
    chosen = prepare(device=device, precision=precision or checked.precision)
    out = out or Path("out") / config.stem

    from magjax.cli.summary import print_summary
    from magjax.config.execute import Options
    from magjax.config.scan import scan

    nx, ny, nz = checked.mesh.counts
    head = f"{checked.title or config.stem}: {nx}×{ny}×{nz} cells, {chosen} precision, results in {out}"
    options = Options(resume=resume, overwrite=overwrite, progress=not quiet, say=_Voice(head, silent=quiet))
    # All points are checked before the first is run.
    jobs = [(setting, _fitting(each, str(config), chosen), each) for setting, each in points(tables)]
    reports = scan(jobs, out, options, folder=config.resolve().parent, compare=checked.compare)
    if not quiet:
        print_summary(reports, out)


def _fitting(tables: dict[str, Any], path: str, precision: str) -> "Config":
    """One configuration, known to fit into memory."""
    import numpy as np

    from magjax.config.load import check
    from magjax.run.memory import check_memory, memory_available

    checked = check({**tables, "precision": precision}, path)
    check_memory(checked.memory(np.dtype(np.float64 if precision == "double" else np.float32)), memory_available())
    return checked


class _Voice:
    """Says lines to a person, after a first one that waits until there is something to say: errors stay alone."""

    def __init__(self, head: str, *, silent: bool):
        self.head, self.silent = head, silent

    def __call__(self, text: str) -> None:
        if self.silent:
            return
        if self.head:
            typer.echo(self.head, err=True)
            self.head = ""
        typer.echo(text, err=True)
