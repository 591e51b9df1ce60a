"""The command line: `magjax run | fit | sweep | check | plot | convert | info`.

A command's own imports happen when it runs, so that `--help` answers at once.
"""

import sys
from collections.abc import Sequence

import typer

from magjax.cli.check import check
from magjax.cli.convert import convert
from magjax.cli.fit import fit
from magjax.cli.group import Group
from magjax.cli.info import info
from magjax.cli.plot import plot
from magjax.cli.run import run
from magjax.cli.sweep import sweep

__all__ = ["app", "main"]

app = typer.Typer(
    name="magjax",
    cls=Group,
    help="Spin dynamics and micromagnetics: simulate what a TOML file says.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (run, fit, sweep, check, plot, convert, info):
    app.command()(command)


def _version(wanted: bool) -> None:
    if wanted:
        from magjax import __version__

        typer.echo(f"magjax {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
    debug: bool = typer.Option(False, "--debug", help="Show where in the code an error comes from."),
) -> None:
    # `Group` has read --debug already, wherever it stands.
    del version, debug


def main(arguments: Sequence[str] | None = None) -> int:
    """The program `magjax`.

    - `arguments`: of the command line; the process's own unless given.

    **Returns** the exit code: 0; 1 for a solve that failed; 2 for bad input; 130 after Ctrl-C. Every error is one line
    on standard error.

    >>> from magjax.cli import main
    >>> main(["--version"])
    magjax ...
    0
    """
    try:
        app(list(sys.argv[1:] if arguments is None else arguments), prog_name="magjax")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
