"""Columns of numbers along time, as CSV that grows while a run goes on.

The first line is a comment with the metadata as JSON, the second names the columns with their units,
`t (s),m_x,m_y,m_z,E_total (J)`; dimensionless columns have none. Numbers carry all their digits.
A run that dies while it writes leaves at most one unfinished line at the end, which every reader here ignores.
"""

import dataclasses
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.io import metadata as _metadata
from magjax.io.atomic import replacing, writing
from magjax.io.errors import FileFormatError

if TYPE_CHECKING:
    import pandas as pd

_HEADING = re.compile(r"([^()]+?)(?: \(([^()]*)\))?")
_UNSAFE = re.compile(r'[,"()#\r\n]')


@dataclasses.dataclass(frozen=True, eq=False)
class Table:
    """Columns of numbers with their units.

    - `data`: a pandas `DataFrame` whose columns have bare names, such as `t`, `m_x`, `E_total`.
    - `units`: unit by column name; `""` where dimensionless.
    - `metadata`: what made the table (`magjax.io.metadata`).
    """

    data: "pd.DataFrame"
    units: dict[str, str]
    metadata: dict[str, Any] = dataclasses.field(default_factory=dict)


def heading(name: str, unit: str) -> str:
    """A column's heading, the same in files and on plots.

    >>> from magjax.io import table
    >>> table.heading("E_total", "J"), table.heading("m_x", "")
    ('E_total (J)', 'm_x')
    """
    return f"{name} ({unit})" if unit else name


@dataclasses.dataclass(frozen=True)
class TableWriter:
    """Appends rows to a table on disk; made by `create` or `resume`.

    - `path`: the file.
    - `units`: unit by column name, in the order of the columns.
    """

    path: Path
    units: dict[str, str]

    def append(self, columns: Mapping[str, Any]) -> None:
        """Add one row, or several at once.

        **Arguments**

        - `columns`: a number per column name, or an array `(n,)` per column name for n rows.

        **Raises** `ValueError` where a column is missing, unknown, or of another length.
        """
        if set(columns) != set(self.units):
            wrong = sorted(set(columns) ^ set(self.units))
            raise ValueError(
                f"Argument `columns` must name {', '.join(self.units)}, but got {', '.join(columns)}; "
                f"check {', '.join(wrong)}."
            )
        text = _rows({name: columns[name] for name in self.units})
        # Without a buffer, which would go on writing when the file is closed after an error.
        with writing(self.path), self.path.open("ab", buffering=0) as file:
            before = file.seek(0, os.SEEK_END)
            rest = memoryview(text)
            try:
                while rest:
                    rest = rest[file.write(rest) :]
            except OSError:
                file.truncate(before)
                raise

    def truncate_after(self, t: float) -> None:
        """Drop what was written after a checkpoint, so that a resumed run writes it once.

        **Arguments**

        - `t`: the last value of the first column to keep, in its unit (s for a time). Rows are dropped from the
          first that exceeds it, and so is a line that was never finished.
        """
        with self.path.open("r+b") as file:
            end = 0
            for i, line in enumerate(file):
                if not line.endswith(b"\n"):
                    break
                if i >= 2 and _number(self.path, line.split(b",")[0]) > t:
                    break
                end += len(line)
            file.truncate(end)


def create(
    path: str | os.PathLike[str],
    units: Mapping[str, str],
    *,
    metadata: Mapping[str, Any] | None = None,
) -> TableWriter:
    """Start an empty table, replacing what was at `path`.

    **Arguments**

    - `path`: the file, by custom `.csv`.
    - `units`: unit by column name, in order; `""` for dimensionless columns. The first is the time.
    - `metadata`: dict of JSON-like values, kept in the first line.

    **Raises** `ValueError` for names or units with commas, quotes, brackets or `#`.

    >>> import numpy as np
    >>> from magjax.io import table
    >>> rows = table.create("table.csv", {"t": "s", "m_x": "", "E_total": "J"})
    >>> rows.append({"t": 0.0, "m_x": 1.0, "E_total": -2.5e-18})
    >>> rows.append({"t": np.array([1e-12, 2e-12]), "m_x": np.ones(2), "E_total": np.zeros(2)})
    >>> table.read("table.csv").data["t"].tolist()
    [0.0, 1e-12, 2e-12]
    """
    if not units:
        raise ValueError("Argument `units` must name at least one column, but got none.")
    for name, unit in units.items():
        if not name or _UNSAFE.search(name + unit):
            raise ValueError(
                f"Argument `units` must hold names and units without commas, quotes, brackets and #, "
                f"but got {name!r} in {unit!r}."
            )
    with replacing(path) as file:
        file.write(f"# {_metadata.dumps(metadata or {})}\n".encode())
        file.write((",".join(heading(*item) for item in units.items()) + "\n").encode())
    return TableWriter(Path(path), dict(units))


def resume(path: str | os.PathLike[str], *, after: float | None = None) -> TableWriter:
    """Go on with a table, first dropping an unfinished line and every row later than `after`.

    **Arguments**

    - `path`: a file that `create` began.
    - `after`: time of the checkpoint from which the run goes on, s; `None` keeps all whole rows.

    **Raises** `FileFormatError` if the file is no such table.
    """
    writer = TableWriter(Path(path), _read_head(path)[0])
    writer.truncate_after(np.inf if after is None else after)
    return writer


def write(
    path: str | os.PathLike[str],
    columns: Mapping[str, Any],
    units: Mapping[str, str],
    *,
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Write a whole table at once.

    **Arguments**

    - `path`: the file, by custom `.csv`.
    - `columns`: array `(n,)` by column name, in the unit that `units` gives.
    - `units`: unit by column name; missing ones mean dimensionless.
    - `metadata`: dict of JSON-like values.
    """
    create(path, {name: units.get(name, "") for name in columns}, metadata=metadata).append(columns)


def read(path: str | os.PathLike[str]) -> Table:
    """Read a table, even while it is being written.

    **Raises** `FileFormatError` if the file is no such table, or a row is damaged.
    """
    import pandas as pd

    units, metadata = _read_head(path)
    lines = Path(path).read_bytes().splitlines(keepends=True)[2:]
    if lines and not lines[-1].endswith(b"\n"):
        lines.pop()
    if not lines:
        return Table(pd.DataFrame(np.zeros((0, len(units))), columns=list(units)), units, metadata)
    try:
        # numpy reads back every digit, which pandas did not always do.
        numbers = np.loadtxt(lines, delimiter=",", ndmin=2, dtype=np.float64)
        return Table(pd.DataFrame(numbers, columns=list(units)), units, metadata)
    except ValueError as error:
        reason = str(error).split(";")[0].rstrip(".")
        raise FileFormatError(path, f"a row is damaged ({reason})", "remove that row, or resume the run") from None


def _read_head(path: str | os.PathLike[str]) -> tuple[dict[str, str], dict[str, Any]]:
    with Path(path).open("rb") as file:
        first, second = file.readline(), file.readline()
    names = [_HEADING.fullmatch(part) for part in second.decode("utf-8", errors="replace").rstrip("\n").split(",")]
    if not first.startswith(b"# {") or not second.endswith(b"\n") or not all(names):
        raise FileFormatError(path, "its first two lines are not metadata and columns", "give a table of magjax (.csv)")
    return {m[1]: m[2] or "" for m in names if m}, _metadata.loads(first[2:].decode("utf-8", errors="replace"))


def _rows(columns: Mapping[str, Any]) -> bytes:
    arrays = {name: np.atleast_1d(np.asarray(values)) for name, values in columns.items()}
    shapes = {name: a.shape for name, a in arrays.items()}
    if len(set(shapes.values())) != 1 or any(a.ndim != 1 for a in arrays.values()):
        raise ValueError(f"Argument `columns` must hold numbers or arrays (n,) of one length, but got shapes {shapes}.")
    lists = [a.tolist() if a.dtype.kind in "iu" else a.astype(np.float64).tolist() for a in arrays.values()]
    return "".join(",".join(map(repr, row)) + "\n" for row in zip(*lists, strict=True)).encode()


def _number(path: Path, text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        raise FileFormatError(path, f"a row starts with {text[:40]!r}, not a number", "remove that row") from None
