"""`magjax run` of a configuration with a study."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from magjax.cli.voice import Voice


def run(
    config: Path,
    tables: Mapping[str, Any],
    out: Path,
    *,
    resume: bool,
    overwrite: bool,
    precision: Any,
    device: Any,
    quiet: bool,
) -> None:
    """Run a study, at every point of its scan; each point gets a numbered folder.

    - `config`: its file, and `tables` what that says. `out`: folder for the results.
    - `resume`, `overwrite`: what to do with earlier results. `quiet`: say nothing but errors.
    """
    from magjax.cli.environment import prepare
    from magjax.config.load import check_study, points

    checked = check_study(tables, str(config))
    chosen = prepare(device=device, precision=precision or checked.precision)

    from magjax.config.execute import Options
    from magjax.config.study.execute import execute

    head = f"{checked.title or config.stem}: {chosen} precision, results in {out}"
    options = Options(resume=resume, overwrite=overwrite, progress=not quiet, say=Voice(head, silent=quiet))
    # All points are checked before the first is run.
    jobs = [(setting, check_study(each, str(config)), each) for setting, each in points(tables)]
    for i, (setting, each, content) in enumerate(jobs):
        label = ", ".join(f"{key} = {value}" for key, value in setting.items())
        folder = out / f"{i + 1:04d}" if checked.scan else out
        found = execute(each, folder, options, tables=content)
        if quiet:
            continue
        if label:
            typer.echo(f"\n{label}")
        for note in found.notes:
            typer.echo(note)
        files = sorted(path.name for path in folder.iterdir() if path.suffix in (".csv", ".nc", ".png"))
        typer.echo(f"{folder}: {', '.join(files)}")
