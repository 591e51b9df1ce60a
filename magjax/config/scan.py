"""`[scan]`: the same stages at many points, a table of what came out, and where two states have the same energy."""

import dataclasses
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from magjax.config.config import Config
from magjax.config.execute import Options, execute
from magjax.config.report import StageReport
from magjax.io import table
from magjax.solve.hysteresis import coercive_fields
from magjax.units import measure


@dataclasses.dataclass(frozen=True)
class Scanned:
    """What came out at one point.

    - `label`: the point, for people; "" where nothing is scanned. `setting`: its values by key.
    - `reports`: of its stages. `findings`: about the scan as a whole, lines of text.
    """

    label: str
    setting: Mapping[str, Any]
    reports: list[StageReport]
    findings: tuple[str, ...] = ()


def scan(
    points: Sequence[tuple[dict[str, Any], Config, dict[str, Any]]],
    out: str | os.PathLike[str],
    options: Options,
    *,
    folder: Path = Path(),
    compare: tuple[str, str] | None = None,
) -> list[Scanned]:
    """Run every point of a scan; a single point without values has no folder of its own.

    - `points`: values by key, configuration and tables of each point. `out`: the folder. `options`: as for `execute`.
    - `folder`: what file names in the configurations are relative to.
    - `compare`: two stages whose energies are compared along the last key.

    **Raises** what `execute` raises; `FileExistsError` for a folder that holds something else.
    """
    out = Path(out)
    if len(points) == 1 and not points[0][0]:
        setting, config, tables = points[0]
        return [Scanned("", setting, execute(config.build(folder), out, options, tables=tables))]
    if out.is_dir() and any(not re.fullmatch(r"\d{4,}|scan\.csv", path.name) for path in out.iterdir()):
        raise FileExistsError(
            f"The output folder {str(out)!r} holds files that are no scan; give another name by --out."
        )
    found = []
    for i, (setting, config, tables) in enumerate(points):
        label = ", ".join(f"{key} = {value}" for key, value in setting.items())
        options.say(f"point {i + 1} of {len(points)}: {label}")
        reports = execute(config.build(folder), out / f"{i + 1:04d}", options, tables=tables)
        found.append(Scanned(label, setting, reports))
    _write(found, out)
    findings = crossings(found, compare) if compare else ()
    return [dataclasses.replace(point, findings=findings) for point in found]


def crossings(points: Sequence[Scanned], compare: tuple[str, str]) -> tuple[str, ...]:
    """Where the energies of two stages cross along the key that varies fastest, for each value of the others.

    - `compare`: names of the two stages.
    """
    last = list(points[0].setting)[-1]
    lines: dict[str, list[tuple[float, float]]] = {}
    for point in points:
        energy = {report.name: report.energies["total"] for report in point.reports}
        others = ", ".join(f"{key} = {value}" for key, value in point.setting.items() if key != last)
        x = next(iter(_columns(last, point.setting[last])[0].values()))
        lines.setdefault(others, []).append((x, energy[compare[0]] - energy[compare[1]]))
    found, sizes = [], []
    for others, pairs in lines.items():
        x, difference = np.array(pairs).T
        at = others and f" at {others}"
        both = f"{compare[0]} and {compare[1]} have the same energy"
        equal = coercive_fields(x, difference)
        found += [f"{both} for {last} = {crossing:.6g} (SI){at}" for crossing in equal]
        sizes += [(others, crossing) for crossing in equal]
        if not len(equal):
            lower = compare[int(difference[0] > 0)]
            found.append(f"{lower} has the lower energy at every {last}{at}")
    cells = {f"mesh.cells = {p.setting['mesh.cells']}": p.setting["mesh.cells"] for p in points if _is_refined(p)}
    if len(sizes) == len(cells) > 1:
        # Finite differences and finite cells are wrong by the square of the cell's size.
        square = [1 / np.prod(cells[others]) ** (2 / 3) for others, _ in sizes]
        limit = np.polyfit(square, [size for _, size in sizes], 1)[1]
        found.append(f"{compare[0]} and {compare[1]} extrapolated to small cells: {last} = {limit:.6g} (SI)")
    return tuple(found)


def _is_refined(point: Scanned) -> bool:
    """Whether the scan is over two keys, of which the first is the number of cells along three axes."""
    keys = list(point.setting)
    return len(keys) == 2 and keys[0] == "mesh.cells" and isinstance(point.setting[keys[0]], list)


def _write(points: Sequence[Scanned], out: Path) -> None:
    rows: dict[str, list[float]] = {"point": [float(i + 1) for i in range(len(points))]}
    units = {"point": ""}
    for point in points:
        for key, value in point.setting.items():
            columns, unit = _columns(key, value)
            for name, number in columns.items():
                rows.setdefault(name, []).append(number)
                units[name] = unit
        for report in point.reports:
            stem = report.name.replace("-", "_")
            rows.setdefault(f"E_{stem}", []).append(report.energies["total"])
            units[f"E_{stem}"] = "J"
            for axis, component in zip("xyz", report.average, strict=True):
                rows.setdefault(f"m_{stem}_{axis}", []).append(component)
            for heading, number in report.columns.items():
                name, _, unit = heading.removesuffix(")").partition(" (")
                rows.setdefault(f"{name}_{stem}", []).append(number)
                units[f"{name}_{stem}"] = unit
    table.write(out / "scan.csv", {k: np.array(v) for k, v in rows.items() if len(v) == len(points)}, units)


def _columns(key: str, value: Any) -> tuple[dict[str, float], str]:
    """A scanned value as numbers in SI units by column, and their unit."""
    if isinstance(value, list) and value:
        parts = [_columns(key, each) for each in value]
        names = [f"{key}_{axis}" for axis in ("x", "y", "z")[: len(parts)]]
        return {name: next(iter(part[0].values())) for name, part in zip(names, parts, strict=False)}, parts[0][1]
    if isinstance(value, str):
        try:
            number, unit = measure(value)
        except ValueError:
            return {key: float("nan")}, ""
        return {key: number}, unit
    return {key: float(value) if isinstance(value, (int, float)) else float("nan")}, ""
