"""Benchmarks of magjax and its peers: `python benchmarks/run.py --help`."""

import argparse
import importlib
import os
import sys
from pathlib import Path

from rich.console import Console

import harness
from problems import RHS_GRIDS

SUITES = ("rhs", "sp4", "gradient", "adjoints", "fits", "ensemble", "paths", "eigenmodes", "startup")
CODES = ("magjax", "magnumnp", "neuralmag", "neuralmag_cells")


def options() -> tuple[tuple[str, ...], harness.Options]:
    """Suites and options from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("suites", nargs="*", default=list(SUITES), metavar="SUITE", help=", ".join(SUITES))
    parser.add_argument("--codes", default=",".join(CODES), help="codes to time, separated by commas")
    parser.add_argument("--cores", default="", help="cores to use, such as 0,1 (default: all that are allowed)")
    parser.add_argument("--dtypes", default="float32,float64")
    parser.add_argument("--grids", default=",".join(RHS_GRIDS), help="grids of the suite rhs, separated by commas")
    parser.add_argument("--steps", default="50,500,5000", help="steps of the suite adjoints, separated by commas")
    parser.add_argument("--rounds", type=int, default=5, help="turns that every code gets")
    parser.add_argument("--seconds", type=float, default=1.0, help="length of a turn")
    parser.add_argument("--peers-python", type=Path, default=harness.PEERS, help="interpreter that has the peers")
    given = parser.parse_args()
    for suite in given.suites:
        if suite not in SUITES:
            parser.error(f"Argument `SUITE` must be one of {', '.join(SUITES)}, but got {suite!r}.")
    for grid in given.grids.split(","):
        if grid not in RHS_GRIDS:
            parser.error(f"Argument `--grids` must name some of {', '.join(RHS_GRIDS)}, but got {grid!r}.")
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    return tuple(given.suites), harness.Options(
        codes=tuple(given.codes.split(",")),
        cores=tuple(int(core) for core in given.cores.split(",")) if given.cores else tuple(allowed),
        dtypes=tuple(given.dtypes.split(",")),
        grids=tuple(given.grids.split(",")),
        steps=tuple(int(number) for number in given.steps.split(",")),
        rounds=given.rounds,
        seconds=given.seconds,
        peers_python=given.peers_python,
    )


def main() -> None:
    """Run the suites one after the other; each is printed and saved as soon as it is done."""
    # A pipe has no width; a table that wraps its numbers cannot be read.
    console = Console(width=None if sys.stdout.isatty() else 130)
    suites, chosen = options()
    for name in suites:
        suite = importlib.import_module(f"suites.{name}")
        notes: set[str] = set()
        with console.status(f"{name} …"):
            about, rows = suite.run(chosen, notes)
        console.print(suite.table(rows))
        for note in sorted(notes):
            console.print(f"[yellow]{note}")
        console.print(f"[dim]saved to {harness.save(name, chosen, about, rows, notes).relative_to(Path.cwd())}\n")


if __name__ == "__main__":
    main()
