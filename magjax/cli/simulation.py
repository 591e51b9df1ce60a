"""`magjax run` of a configuration with a mesh."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from magjax.cli.voice import Voice

if TYPE_CHECKING:
    from magjax.config import Config


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
    """Run the stages of a configuration, at every point of its scan.

    - `config`: its file, and `tables` what that says. `out`: folder for the results.
    - `resume`, `overwrite`: what to do with earlier results. `quiet`: say nothing but errors.
    """
    from magjax.cli.environment import prepare
    from magjax.config.load import check, points

    checked = check(tables, str(config))
    chosen = prepare(device=device, precision=precision or checked.precision)

    from magjax.cli.summary import print_summary
    from magjax.config.execute import Options
    from magjax.config.scan import scan

    nx, ny, nz = checked.mesh.counts
    head = f"{checked.title or config.stem}: {nx}×{ny}×{nz} cells, {chosen} precision, results in {out}"
    options = Options(resume=resume, overwrite=overwrite, progress=not quiet, say=Voice(head, silent=quiet))
    # All points are checked before the first is run.
    jobs = [(setting, _fitting(each, str(config), chosen), each) for setting, each in points(tables)]
    reports = scan(jobs, out, options, folder=config.resolve().parent, compare=checked.compare)
    if not quiet:
        print_summary(reports, out)


def _fitting(tables: dict[str, Any], path: str, precision: str) -> "Config":
    """One configuration, known to fit into memory."""
    import numpy as np

    from magjax.config.load import check
    from magjax.numerics.memory import memory_available
    from magjax.run.memory import check_memory

    checked = check({**tables, "precision": precision}, path)
    check_memory(checked.memory(np.dtype(np.float64 if precision == "double" else np.float32)), memory_available())
    return checked
