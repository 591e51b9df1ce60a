"""The group of commands, which turns every error into one line and an exit code."""

import sys
import warnings
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

#: What the parser raises for arguments that it does not take; newer versions of typer bring a click of their own.
_UsageError: Any = typer.BadParameter.__base__
FAILED, BAD_INPUT, INTERRUPTED = 1, 2, 130


class Interrupted(Exception):
    """Ctrl-C, with what the command had to say to it."""


class Group(TyperGroup):
    """Commands whose errors are for people: one line each on standard error, a traceback only with `--debug`."""

    def invoke(self, ctx: Any) -> Any:
        """Run the chosen command; what it says at Ctrl-C is kept, which the parser would drop."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as error:
            raise Interrupted(str(error)) from error

    def main(
        self, args: Sequence[str] | None = None, *positional: Any, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        """Run a command and leave the process with its exit code."""
        given = list(sys.argv[1:] if args is None else args)
        debug = "--debug" in given
        given = [argument for argument in given if argument != "--debug"]
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _say
                code = super().main(given, *positional, standalone_mode=False, **extra)
        except BaseException as error:
            if debug or isinstance(error, SystemExit):
                raise
            # A command line without a command asks for help, which is no single line.
            asks = type(error).__name__ == "NoArgsIsHelpError"
            code = BAD_INPUT if asks else report(error)
            if asks:
                sys.stderr.write(f"{error}\n")
        sys.exit(code if isinstance(code, int) else 0)


def report(error: BaseException) -> int:
    """Say what went wrong in a line of its own for each problem; the exit code.

    >>> from magjax.cli.group import report
    >>> report(ValueError("Argument `A` must be a number, but got 'x'."))
    2
    """
    code, lines = _explained(error)
    for line in lines:
        sys.stderr.write(f"magjax: {' '.join(line.split())}\n")
    return code


def _say(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
    """A warning as a line for people: where in the code it arose is nothing to them."""
    sys.stderr.write(f"magjax: warning: {' '.join(str(message).split())}\n")


def _explained(error: BaseException) -> tuple[int, list[str]]:
    if isinstance(error, (KeyboardInterrupt, Interrupted, typer.Abort)):
        return INTERRUPTED, [_for_the_shell(str(error)) or "interrupted."]
    if isinstance(error, _UsageError):
        described: Any = error
        return BAD_INPUT, [f"{described.format_message()} See magjax --help."]
    # Imported by now, if they were raised; never just to ask.
    for module, name, code in (
        ("magjax.config.errors", "ConfigError", BAD_INPUT),
        ("magjax.results", "SolveError", FAILED),
        ("magjax.io.errors", "FileWriteError", FAILED),
    ):
        kind = getattr(sys.modules.get(module), name, None)
        if kind is not None and isinstance(error, kind):
            return code, _for_the_shell(str(error)).split("\n")
    if isinstance(error, OSError) and error.filename is not None:
        return BAD_INPUT, [f"{error.filename}: {error.strerror}."]
    if isinstance(error, (ValueError, TypeError, OSError, MemoryError)):
        return BAD_INPUT, [str(error) or type(error).__name__]
    return FAILED, [
        f"unexpected {type(error).__name__}: {error}; repeat the command with --debug, and report what it says."
    ]


def _for_the_shell(text: str) -> str:
    """Advice for a script as advice for the command line."""
    return text.replace("pass resume=True", "use --resume")
