"""Running a fit: its table, matrix, pictures and JSON."""

import contextlib
import dataclasses
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from magjax.config.errors import ConfigError
from magjax.config.fit import FitConfig
from magjax.config.fit_data import load_sets, simulate
from magjax.io import table as tables
from magjax.io.atomic import replacing
from magjax.results import Outcome

if TYPE_CHECKING:
    from magjax.fit import Fit, Parameter, Samples


def write_synthetic(config: FitConfig, path: str | os.PathLike[str], *, overwrite: bool = False) -> int:
    """Make synthetic data and write them as CSV; the number of points.

    **Raises** `FileExistsError` for a file that is there already, and `ConfigError` as `simulate` does.
    """
    if Path(path).exists() and not overwrite:
        raise FileExistsError(f"{os.fspath(path)} is there already; add --overwrite to replace it.")
    columns, units = simulate(config, config.table.build())
    tables.write(path, columns, units)
    return len(next(iter(columns.values())))


def run_fit(
    config: FitConfig,
    data: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    out: Path,
    *,
    overwrite: bool = False,
    resume: bool = False,
    progress: Callable[[str], None] | None = None,
) -> "Fit":
    """Fit what a configuration says to one CSV file or several, and write what was found, also when it was stopped.

    `fit.json`, `fit.txt`, `residuals.csv` (of several sets one each), and unless pictures are off `fit.png` and
    `corner.png`; of a bootstrap and a posterior the same. `resume` begins with the values of an earlier `fit.json`, or
    of `checkpoint.json`, which a fit keeps while it is under way.

    **Raises** `ConfigError` for data that do not fit the configuration, `FileExistsError` for earlier results.
    """
    from magjax import fit

    if (out / "fit.json").exists() and not (overwrite or resume):
        raise FileExistsError(f"{out} holds a fit already: add --overwrite to replace it, --resume to go on with it.")
    several = [data] if isinstance(data, (str, os.PathLike)) else data
    law, paths = config.table.build(), [os.fspath(path) for path in several]
    known, options = load_sets(config, law, paths), config.fit
    parameters = config.parameters(law)
    under_way = out / "checkpoint.json"
    if resume:
        # Where a fit was killed while it went on from an earlier one, the checkpoint is the later of the two.
        parameters = earlier(parameters, under_way if under_way.exists() else out / "fit.json")
    elif under_way.exists() and not overwrite:
        raise FileExistsError(f"{out} holds a fit that was killed: add --resume to go on with it, or --overwrite.")
    out.mkdir(parents=True, exist_ok=True)
    try:
        found = fit.fit(
            law,
            known,
            parameters,
            method=options.method,
            starts=options.starts,
            seed=options.seed,
            max_steps=options.max_steps,
            progress=progress,
            checkpoint=under_way,
        )
    except ValueError as error:
        with contextlib.suppress(OSError):
            # Empty, unless it was there before.
            out.rmdir()
        raise ConfigError([str(error)], ", ".join(paths)) from None
    found.save(out / "fit.json")
    under_way.unlink(missing_ok=True)
    write_text(out / "fit.txt", report(found))
    _write_residuals(found, out)
    if config.output.pictures:
        found.plot().savefig(out / "fit.png")
        found.corner().savefig(out / "corner.png")
        if any(len(shape) == 3 for shape in found.problem.shapes):
            fit.plot_maps(found).savefig(out / "maps.png")
    if found.result.succeeded and options.bootstrap:
        _write_samples(fit.bootstrap(found, options.bootstrap, seed=options.seed), out, "bootstrap", config)
    if found.result.succeeded and options.posterior:
        drawn = fit.sample_posterior(found, options.posterior, seed=options.seed)
        _write_samples(drawn.samples, out, "posterior", config)
    return found


def earlier(parameters: "list[Parameter]", path: Path) -> "list[Parameter]":
    """Parameters that start where an earlier fit ended, a little inside their bounds.

    **Raises** `ConfigError` where there is no such fit, or one of other parameters.
    """
    try:
        values = json.loads(path.read_text("utf-8"))["values"]
    except OSError:
        raise ConfigError(["There is no earlier fit to go on with."], os.fspath(path)) from None
    except (ValueError, KeyError, TypeError):
        raise ConfigError(["must be what a fit has written."], os.fspath(path)) from None
    if set(values) != {p.name for p in parameters}:
        raise ConfigError([f"holds a fit of {', '.join(values)}, not of the same parameters."], os.fspath(path))
    found = []
    for p in parameters:
        low, high = p.bounds
        room = 1e-9 * (high - low) if np.isfinite(high - low) else 1e-9 * float(np.max(np.abs(values[p.name]))) or 1e-30
        found.append(dataclasses.replace(p, start=np.clip(values[p.name], low + room, high - room)))
    return found


def report(found: "Fit") -> str:
    """The table of a fit, and the matrix of correlations where there are several parameters.

    - `found`: a fit.
    """
    from magjax.fit.text import columns

    names, matrix = found.problem.names, found.correlation
    if len(names) == 1 or len(names) > 12:
        return str(found)
    rows = [("correlation", *names)]
    rows += [(name, *(f"{value:+.3f}" for value in row)) for name, row in zip(names, matrix, strict=True)]
    return "\n".join([str(found), "", *columns(rows)])


def write_text(path: Path, text: str) -> None:
    """Write a text, all of it or nothing."""
    with replacing(path) as file:
        file.write(f"{text}\n".encode())


def _write_samples(samples: "Samples", out: Path, name: str, config: FitConfig) -> None:
    from magjax.fit.text import columns, with_error

    problem, rows = samples.problem, [("", "mean ± standard deviation", "68 % from", "to", "unit")]
    for p in problem.parameters:
        values = samples.values[p.name].reshape(len(samples.z), -1)
        low, high = (np.ravel(end) for end in samples.interval(p.name))
        names = [each for each in problem.names if each == p.name or each.startswith(f"{p.name}[")]
        rows += [
            (each, with_error(float(v.mean()), float(v.std(ddof=1))), f"{a:.5g}", f"{b:.5g}", p.unit)
            for each, v, a, b in zip(names, values.T, low, high, strict=True)
        ]
    failed = int(np.sum(samples.outcomes != Outcome.SUCCESS))
    lines = [f"{name}: {len(samples.z)} samples" + (f", {failed} of them not converged" if failed else "")]
    write_text(out / f"{name}.txt", "\n".join([*lines, *columns(rows)]))
    if config.output.pictures:
        samples.corner().savefig(out / f"{name}.png")


def _write_residuals(found: "Fit", out: Path) -> None:
    law, sets = found.problem.model, found.problem.data
    for data, predicted, left in zip(sets, found.predicted, found.residuals, strict=True):
        shown = {key: np.asarray(value) for key, value in data.x.items()}
        units = {key: law.inputs[key] for key in shown}
        for key in data.y:
            known = np.asarray(data.mask[key])
            values = (np.where(known, data.y[key], np.nan), predicted[key], left[key])
            for name, value in zip((key, f"{key}_model", f"{key}_residual"), values, strict=True):
                shown[name] = np.asarray(value)
                units[name] = "" if name.endswith("_residual") else law.outputs[key]
        tables.write(out / ("residuals.csv" if len(sets) == 1 else f"residuals_{data.name}.csv"), shown, units)
