"""ODT, the data tables of OOMMF, which Ubermag reads too.

Source: OOMMF User's Guide, "Data table format (ODT)".
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from magjax.io import metadata as _metadata
from magjax.io import tcl
from magjax.io.atomic import replacing
from magjax.io.errors import FileFormatError
from magjax.io.table import Table

# OOMMF's names of the quantities that both programs know; Ubermag shortens them to t, mx, my, mz, E.
_OOMMF = {
    "t": "TimeDriver::Simulation time",
    "m_x": "TimeDriver::mx",
    "m_y": "TimeDriver::my",
    "m_z": "TimeDriver::mz",
    "E_total": "RungeKuttaEvolve:evolver:Total energy",
}
_OURS = {"Simulation time": "t", "mx": "m_x", "my": "m_y", "mz": "m_z", "Total energy": "E_total"}


def write(
    path: str | os.PathLike[str],
    columns: Mapping[str, Any],
    units: Mapping[str, str],
    *,
    title: str = "magjax",
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write a table as ODT, replacing `path` only once the file is whole.

    **Arguments**

    - `path`: the file, by custom `.odt`.
    - `columns`: array `(n,)` by column name; `t`, `m_x`, `m_y`, `m_z` and `E_total` get OOMMF's names.
    - `units`: unit by column name; missing ones mean dimensionless.
    - `title`: one line of text.
    - `metadata`: dict of JSON-like values, kept in a comment.

    **Raises** `ValueError` for columns of different lengths.

    >>> import numpy as np
    >>> from magjax.io import odt
    >>> odt.write("run.odt", {"t": np.array([0, 1e-12]), "m_x": np.ones(2)}, {"t": "s"})
    >>> odt.read("run.odt").units
    {'t': 's', 'm_x': ''}
    """
    arrays = {name: np.atleast_1d(np.asarray(values, dtype=np.float64)) for name, values in columns.items()}
    shapes = {name: a.shape for name, a in arrays.items()}
    if len(set(shapes.values())) != 1 or any(a.ndim != 1 for a in arrays.values()):
        raise ValueError(f"Argument `columns` must hold arrays (n,) of one length, but got shapes {shapes}.")
    lines = [
        "# ODT 1.0",
        f"## magjax {_metadata.dumps(metadata or {})}",
        "# Table Start",
        f"# Title: {' '.join(title.split())}",
        # Ubermag splits this line at OOMMF's prefix, so every column has it.
        f"# Columns: {tcl.join('Oxs_' + _OOMMF.get(name, name) for name in arrays)}",
        f"# Units: {tcl.join(units.get(name, '') for name in arrays)}",
    ]
    lines += [" ".join(map(repr, row)) for row in zip(*(a.tolist() for a in arrays.values()), strict=True)]
    with replacing(path) as file:
        file.write("\n".join([*lines, "# Table End", ""]).encode())


def read(path: str | os.PathLike[str]) -> Table:
    """Read an ODT table of OOMMF or magjax.

    OOMMF's prefix `Oxs_` is dropped, and the quantities both programs know get magjax's names where that is
    unambiguous. Tables with the same columns, as OOMMF writes after a restart, are joined.

    **Raises** `FileFormatError` if the file is no ODT, has tables of different columns, or damaged rows.
    """
    import pandas as pd

    text = Path(path).read_text(encoding="utf-8", errors="replace").replace("\\\n#", " ")
    if not text.startswith("# ODT"):
        raise FileFormatError(path, "its first line is not '# ODT 1.0'", "give a data table of OOMMF (.odt)")
    columns: list[str] = []
    units: list[str] = []
    rows: list[list[float]] = []
    metadata: dict[str, Any] = {}
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if line.startswith("## magjax"):
            metadata = _metadata.loads(line.removeprefix("## magjax").strip())
        elif key == "# Columns":
            if columns and tcl.split(value) != columns:
                raise FileFormatError(path, "it holds tables with different columns", "split it into one file each")
            columns = tcl.split(value)
        elif key == "# Units":
            units = tcl.split(value)
        elif line.strip() and not line.startswith("#"):
            rows.append(_row(path, line, len(columns)))
    if not columns:
        raise FileFormatError(path, "it has no line '# Columns:'", "write the file again")
    names = _our_names(columns)
    units = units if len(units) == len(names) else [""] * len(names)
    data = pd.DataFrame(np.array(rows, dtype=np.float64).reshape(-1, len(names)), columns=names)
    return Table(data, dict(zip(names, units, strict=True)), metadata)


def _row(path: str | os.PathLike[str], line: str, count: int) -> list[float]:
    words = tcl.split(line)
    try:
        numbers = [float(word) if word else np.nan for word in words]  # OOMMF writes {} where there is no value
    except ValueError:
        numbers = []
    if not numbers or len(numbers) != count:
        raise FileFormatError(path, f"the row {line.strip()[:40]!r} does not hold {count} numbers", "remove that row")
    return numbers


def _our_names(columns: list[str]) -> list[str]:
    bare = [column.removeprefix("Oxs_") for column in columns]
    ours = [_OURS.get(name.rsplit(":", 1)[-1], name) if ":" in name else name for name in bare]
    return [o if ours.count(o) == 1 else b for o, b in zip(ours, bare, strict=True)]
