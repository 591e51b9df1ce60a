"""`magjax run` of a configuration with a study."""

import typer

from magjax.cli.order import Order


def run(order: Order) -> None:
    """Run a study, at every point of its scan; each point gets a numbered folder.

    - `order`: what the person asked for.
    """
    from magjax.config.load import check_study, points

    checked = check_study(order.tables, str(order.config))
    chosen = order.prepared(checked.precision)

    from magjax.config.study.execute import execute

    options = order.options(f"{chosen} precision")
    # All points are checked before the first is run.
    jobs = [(setting, check_study(each, str(order.config)), each) for setting, each in points(order.tables)]
    for i, (setting, each, content) in enumerate(jobs):
        label = ", ".join(f"{key} = {value}" for key, value in setting.items())
        folder = order.out / f"{i + 1:04d}" if checked.scan else order.out
        found = execute(each, folder, options, tables=content)
        if order.quiet:
            continue
        if label:
            typer.echo(f"\n{label}")
        for note in found.notes:
            typer.echo(note)
        files = sorted(path.name for path in folder.iterdir() if path.suffix in (".csv", ".nc", ".png"))
        typer.echo(f"{folder}: {', '.join(files)}")
