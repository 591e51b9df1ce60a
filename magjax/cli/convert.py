"""`magjax convert`."""

from pathlib import Path
from typing import Annotated, Literal

import typer


def convert(
    source: Annotated[Path, typer.Argument(help="A field (.ovf, .vti, .nc, .zarr) or a table (.csv, .odt).")],
    target: Annotated[Path, typer.Argument(help="The file to write; its ending says the format.")],
    encoding: Annotated[
        Literal["text", "binary4", "binary8"] | None,
        typer.Option(help="Of an OVF file.  [default: as precise as the source]"),
    ] = None,
    frame: Annotated[int, typer.Option(help="Which of several states, from 0 on; -1 is the last.")] = -1,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the target if it is there.")] = False,
) -> None:
    """Convert a field or a table from one format to another."""
    from magjax.io import formats

    if not source.exists():
        raise FileNotFoundError(2, "no such file", str(source))
    if target.exists() and not overwrite:
        raise FileExistsError(f"The target {str(target)!r} exists; --overwrite replaces it.")
    kinds = {True: formats.TABLE_SUFFIXES, False: formats.FIELD_SUFFIXES}
    is_table = source.suffix.lower() in formats.TABLE_SUFFIXES
    if target.suffix.lower() not in kinds[is_table]:
        kind = "table" if is_table else "field"
        raise ValueError(f"A {kind} can be written as {', '.join(kinds[is_table])}, but got {str(target)!r}.")
    if is_table:
        formats.write_table(target, formats.read_table(source))
    else:
        if encoding is not None and target.suffix.lower() not in formats.OVF_SUFFIXES:
            raise ValueError(f"Option `--encoding` is of OVF files, but the target is {str(target)!r}.")
        # The library names them as the files do.
        options = {} if encoding is None else {"encoding": encoding.replace("binary", "binary ")}
        formats.write_field(target, formats.read_field(source, frame=frame), **options)
    typer.echo(str(target))
