"""Running a fit: its table, matrix, pictures and JSON."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from magjax.config.errors import ConfigError
from magjax.config.fit import FitConfig
from magjax.config.fit_data import load_data, simulate
from magjax.io import table as tables
from magjax.io.atomic import replacing

if TYPE_CHECKING:
    from magjax.fit import Fit


def write_synthetic(config: FitConfig, path: str | os.PathLike[str], *, overwrite: bool = False) -> int:
    """Make synthetic data and write them as CSV; the number of points.

    **Raises** `FileExistsError` for a file that is there already, and `ConfigError` as `simulate` does.
    """
    if Path(path).exists() and not overwrite:
        raise FileExistsError(f"{os.fspath(path)} is there already; add --overwrite to replace it.")
    columns, units = simulate(config, config.table.build())
    tables.write(path, columns, units)
    return len(next(iter(columns.values())))


def run_fit(config: FitConfig, data: str | os.PathLike[str], out: Path, *, overwrite: bool = False) -> "Fit":
    """Fit what a configuration says to a CSV file, and write what was found.

    `fit.json`, `fit.txt`, `residuals.csv`, and unless pictures are off `fit.png`, `corner.png` and `bootstrap.png`.

    **Raises** `ConfigError` for data that do not fit the configuration, `FileExistsError` for earlier results.
    """
    from magjax import fit

    if (out / "fit.json").exists() and not overwrite:
        raise FileExistsError(f"{out} holds a fit already; add --overwrite to replace it.")
    law = config.table.build()
    known = load_data(config, law, data)
    options = config.fit
    try:
        found = fit.fit(
            law,
            known,
            config.parameters(law),
            method=options.method,
            starts=options.starts,
            seed=options.seed,
            max_steps=options.max_steps,
        )
    except ValueError as error:
        raise ConfigError([str(error)], os.fspath(data)) from None
    out.mkdir(parents=True, exist_ok=True)
    found.save(out / "fit.json")
    with replacing(out / "fit.txt") as file:
        file.write(f"{report(found)}\n".encode())
    _write_residuals(found, out / "residuals.csv")
    if config.output.pictures:
        found.plot().savefig(out / "fit.png")
        found.corner().savefig(out / "corner.png")
    if options.bootstrap:
        drawn = fit.bootstrap(found, options.bootstrap, seed=options.seed)
        spread = "".join(f"{name} {np.asarray(v).ravel()[0]:.4g}\n" for name, v in drawn.errors.items())
        with replacing(out / "bootstrap.txt") as file:
            file.write(spread.encode())
        if config.output.pictures:
            drawn.corner().savefig(out / "bootstrap.png")
    return found


def report(found: "Fit") -> str:
    """The table of a fit, and the matrix of correlations where there are several parameters.

    - `found`: a fit.
    """
    from magjax.fit.text import columns

    names, matrix = found.problem.names, found.correlation
    if len(names) == 1:
        return str(found)
    rows = [("correlation", *names)]
    rows += [(name, *(f"{value:+.3f}" for value in row)) for name, row in zip(names, matrix, strict=True)]
    return "\n".join([str(found), "", *columns(rows)])


def _write_residuals(found: "Fit", path: Path) -> None:
    (data,), (predicted,), (left,) = found.problem.data, found.predicted, found.residuals
    law = found.problem.model
    shown = {key: np.asarray(value) for key, value in data.x.items()}
    units = {key: law.inputs[key] for key in shown}
    for key in data.y:
        known = np.asarray(data.mask[key])
        values = (np.where(known, data.y[key], np.nan), predicted[key], left[key])
        for name, value in zip((key, f"{key}_model", f"{key}_residual"), values, strict=True):
            shown[name] = np.asarray(value)
            units[name] = "" if name.endswith("_residual") else law.outputs[key]
    tables.write(path, shown, units)
