"""Measurements from CSV files, and synthetic ones."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.config.errors import ConfigError, nearest
from magjax.config.fit import FitConfig, InputTable, Quantity, read, with_values
from magjax.units import UnitError, quantity

if TYPE_CHECKING:
    from magjax.fit import AbstractLaw, Data

Columns = dict[str, tuple[np.ndarray, str]]


def read_columns(path: str | os.PathLike[str]) -> Columns:
    """Columns of a CSV file by name, with the unit that each heading has in brackets, `t (ns)` or `t [ns]`.

    Lines that begin with # are skipped; empty cells, NaN and - are missing points.

    **Raises** `ConfigError` for files without headings, rows of another length and cells that are no numbers.

    >>> from pathlib import Path
    >>> from magjax.config.fit_data import read_columns
    >>> _ = Path("a.csv").write_text("t (ns),m_z\\n0,-0.9\\n1,\\n")
    >>> read_columns("a.csv")["t"]
    (array([0., 1.]), 'ns')
    """
    name = os.fspath(path)
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError([f"cannot be read: {error.strerror}."], name) from None
    except UnicodeDecodeError:
        raise ConfigError(["must be a text in UTF-8."], name) from None
    lines = [
        (i + 1, row) for i, row in enumerate(text.splitlines()) if row.strip() and not row.lstrip().startswith("#")
    ]
    if len(lines) < 2:
        raise ConfigError(["must have a line of headings such as `t (ns),m_z` and rows of numbers below it."], name)
    mark = next((each for each in (",", ";", "\t") if each in lines[0][1]), ",")
    heads = [_heading(cell.strip().strip('"'), name) for cell in lines[0][1].split(mark)]
    twice = {head for i, (head, _) in enumerate(heads) if head in {other for other, _ in heads[:i]}}
    if twice:
        raise ConfigError([f"must have columns of different names, but has {', '.join(sorted(twice))} twice."], name)
    rows = []
    for number, row in lines[1:]:
        cells = [cell.strip() for cell in row.split(mark)]
        if len(cells) != len(heads):
            raise ConfigError([f"line {number} has {len(cells)} cells, but there are {len(heads)} headings."], name)
        rows.append([_cell(cell, number, name) for cell in cells])
    table = np.array(rows)
    return {head: (table[:, i], unit) for i, (head, unit) in enumerate(heads)}


def load_sets(config: FitConfig, law: "AbstractLaw", paths: Sequence[str | os.PathLike[str]]) -> "list[Data]":
    """All data sets of a fit, with what the configuration holds in each, if it is from its own files or as many.

    **Raises** `ConfigError` as `load_data` does, for several of one name, and where it is not clear what is held where.
    """
    held = [each.held for each in config.fit.data]
    if any(held) and len(held) != len(paths):
        raise ConfigError([f"[fit] data holds values for {len(held)} data sets, but there are {len(paths)} files."])
    names = [Path(path).stem for path in paths]
    if len(set(names)) < len(names):
        raise ConfigError([f"Data sets must have names of their own, but are called {', '.join(names)}."])
    several = held if any(held) else [{} for _ in paths]
    return [load_data(config, law, path, values) for path, values in zip(paths, several, strict=True)]


def load_data(
    config: FitConfig, law: "AbstractLaw", path: str | os.PathLike[str], held: Mapping[str, Quantity] | None = None
) -> "Data":
    """The data set of a fit from a CSV file: inputs, outputs and errors in SI units; with values held in it alone.

    **Raises** `ConfigError` for columns that are missing or in units of another kind, and errors that are not positive.
    """
    from magjax.fit import Data

    name, columns = os.fspath(path), read_columns(path)
    x = {key: _in_si(columns, key, unit, name) for key, unit in law.inputs.items() if key in columns}
    if not any(set(need) <= set(x) for need in config.table.needs):
        wanted = " or ".join("`" + "` and `".join(need) + "`" for need in config.table.needs)
        lacking = config.table.needs[0][0]
        raise ConfigError([f"must have the column {wanted}; {nearest(lacking, columns)}"], name)
    wanted = config.fit.measured or tuple(key for key in law.outputs if key in columns)
    if not wanted:
        outputs = "`, `".join(law.outputs)
        raise ConfigError(
            [f"must have a column of what was measured, one of `{outputs}`, but has {', '.join(columns)}."], name
        )
    y = {key: _in_si(columns, key, law.outputs[key], name) for key in wanted}
    errors = {}
    for key in wanted:
        if key in config.fit.errors:
            errors[key] = read(config.fit.errors[key], law.outputs[key], ("fit", "errors", key))
        elif f"{key}_error" in columns:
            errors[key] = _in_si(columns, f"{key}_error", law.outputs[key], name)
    if errors and set(errors) != set(y):
        lacking = ", ".join(sorted(set(y) - set(errors)))
        raise ConfigError([f"must have errors of {lacking}, too: a column {lacking}_error, or [fit.errors]."], name)
    try:
        return Data(x, y, errors or None, name=Path(path).stem, observe=_held(held) if held else None)
    except (ValueError, TypeError) as error:
        raise ConfigError([str(error)], name) from None


def _held(values: Mapping[str, Quantity]) -> Any:
    def observe(law: "AbstractLaw", x: Mapping[str, Any]) -> dict[str, Any]:
        return with_values(law, values, ("fit", "data", "held"))(**x)

    return observe


def simulate(config: FitConfig, law: "AbstractLaw") -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Synthetic measurements: columns in SI units, and their units.

    **Raises** `ConfigError` where the configuration does not say how, or with which errors.
    """
    table = config.fit.simulate
    if table is None:
        raise ConfigError(["[fit.simulate] must be given to simulate data, with `inputs` such as t = {since, until}."])
    wanted = config.fit.measured or tuple(config.fit.errors)
    if not wanted or set(wanted) - set(config.fit.errors):
        raise ConfigError(["[fit.errors] must give the noise of every output that is to be simulated."])
    for key in table.inputs:
        if key not in law.inputs:
            raise ConfigError([f"[fit.simulate.inputs] {key}: is no input; {nearest(key, law.inputs)}"])
    axes = [_axis(axis, law.inputs[key], key) for key, axis in table.inputs.items()]
    grid = [axis.ravel() for axis in np.meshgrid(*axes, indexing="ij")]
    x = dict(zip(table.inputs, grid, strict=True))
    if not any(set(need) <= set(x) for need in config.table.needs):
        raise ConfigError([f"[fit.simulate.inputs] must hold {', '.join(config.table.needs[0])}."])
    exact, rng = config.truth(law)(**x), np.random.default_rng(table.seed)
    columns, units = dict(x), {key: law.inputs[key] for key in x}
    for key in wanted:
        error = read(config.fit.errors[key], law.outputs[key], ("fit", "errors", key))
        columns[key] = np.asarray(exact[key]) + error * rng.normal(size=grid[0].size)
        units[key] = law.outputs[key]
    return columns, units


def _axis(table: InputTable, unit: str, key: str) -> np.ndarray:
    place = ("fit", "simulate", "inputs", key)
    if table.values:
        return np.array([read(value, unit, place) for value in table.values])
    if table.course:
        corners = [read(value, unit, place) for value in table.course]
        way = np.r_[0, np.cumsum(np.abs(np.diff(corners)))]
        return np.interp(np.linspace(0, way[-1], table.points), way, corners)
    since, until = (read(end, unit, place) for end in (table.since or 0.0, table.until or 0.0))
    if table.log and not (since > 0 and until > 0):
        raise ConfigError([f"[{'.'.join(place)}] since: must be > 0 with `log`."])
    return (np.geomspace if table.log else np.linspace)(since, until, table.points)


def _in_si(columns: Columns, key: str, unit: str, path: str) -> np.ndarray:
    if key not in columns:
        raise ConfigError([f"must have the column `{key}`; {nearest(key, columns)}"], path)
    values, given = columns[key]
    if not given:
        return values
    try:
        return values * quantity(f"1 {given}", unit)
    except UnitError as error:
        raise ConfigError([f"column `{key}` {error.problem}"], path) from None


def _heading(text: str, path: str) -> tuple[str, str]:
    for left, right in ("()", "[]"):
        if text.endswith(right) and left in text:
            head, unit = text[:-1].split(left, 1)
            return head.strip(), unit.strip()
    try:
        float(text)
    except ValueError:
        return text, ""
    raise ConfigError([f"must have headings such as `t (ns)` in its first line, but got the number {text}."], path)


def _cell(text: str, number: int, path: str) -> float:
    if text.lower() in ("", "nan", "-", "na"):
        return np.nan
    try:
        return float(text)
    except ValueError:
        raise ConfigError([f"line {number} holds {text[:40]!r}, which is no number."], path) from None
