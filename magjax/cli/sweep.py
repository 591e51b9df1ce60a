"""`magjax sweep`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from magjax.cli.run import DeviceOption, PrecisionOption, Settings


def sweep(
    config: Annotated[Path, typer.Argument(help="The TOML file, with a table [sweep].")],
    settings: Settings = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results.  [default: out/ and the name of the file]")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Compute only the chunks that are not done yet.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace earlier results.")] = False,
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Compute every N-th chunk from the I-th on, as one of N processes.")
    ] = "1/1",
    precision: PrecisionOption = None,
    device: DeviceOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
) -> None:
    """Run a TOML file at every point of its table [sweep], chunk by chunk."""
    if overwrite and (resume or shard != "1/1"):
        raise typer.BadParameter("--overwrite replaces what --resume and other shards go on with: give one.")
    from magjax.cli.environment import prepare
    from magjax.cli.voice import Voice
    from magjax.config.load import changed, read
    from magjax.config.sweep import Shard, Sweep
    from magjax.io.errors import resumable

    part = Shard.parse(shard)
    folder = out or Path("out") / config.stem
    tables = changed(read(config), settings or [])
    Sweep(tables, config, folder)  # what is wrong with it is said before a device is sought
    given: Any = tables.get("precision")
    chosen = prepare(device=device, precision=precision or given)
    points = Sweep({**tables, "precision": chosen}, config, folder)

    from magjax.config.execute import Options

    points.attempt(chosen)
    head = f"{points.title}: {len(points.settings)} points in {points.chunks} chunks, {chosen} precision, in {folder}"
    options = Options(resume=resume, overwrite=overwrite, progress=not quiet, say=Voice(head, silent=quiet))
    with resumable():
        data = points.run(options, part)
    if quiet:
        return
    if data is None:
        typer.echo(f"{folder}: the chunks of shard {shard} are done")
        return
    failed = int((data.outcome.values != 0).sum())
    typer.echo(f"{folder}: data.nc with {len(points.settings)} points" + (f", {failed} failed" if failed else ""))
