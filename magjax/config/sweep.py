"""A sweep: many points of one configuration, in chunks that are done once, by as many processes as one likes."""

import copy
import dataclasses
import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from magjax.config.attempt import attempt
from magjax.config.errors import ConfigError
from magjax.config.execute import Options
from magjax.config.load import check, check_study, put
from magjax.config.record import Record
from magjax.config.sweep_design import SweepTable
from magjax.config.sweep_points import Failed, joined, of_reports, setting_variables
from magjax.io import metadata, netcdf
from magjax.io.errors import FileFormatError
from magjax.results import SolveError
from magjax.run.progress import clock

if TYPE_CHECKING:
    import xarray as xr


@dataclasses.dataclass(frozen=True)
class Shard:
    """The part of the chunks that a process computes: every `of`-th one, from number `index` on (1 … `of`).

    >>> from magjax.config.sweep import Shard
    >>> [chunk for chunk in range(7) if Shard.parse("2/3").has(chunk)]
    [1, 4]
    """

    index: int = 1
    of: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """From a text such as `2/8`.

        **Raises** `ValueError` for anything else.
        """
        index, slash, of = text.partition("/")
        if not (slash and index.isdigit() and of.isdigit() and 1 <= int(index) <= int(of)):
            raise ValueError(f"Argument `shard` must be of the form i/n with 1 ≤ i ≤ n, such as 2/8, but got {text!r}.")
        return cls(int(index), int(of))

    def has(self, chunk: int) -> bool:
        """Whether a chunk is its own."""
        return chunk % self.of == self.index - 1


class Sweep:
    """All points of a sweep, checked before the first is computed.

    - `tables`: the configuration as it was read, with `[sweep]`. `path`: its file, for messages and file names in it.
    - `out`: the folder.

    **Raises** `ConfigError` for a table `[sweep]` or a point that is wrong.
    """

    def __init__(self, tables: Mapping[str, Any], path: Path, out: Path):
        if "sweep" not in tables:
            raise ConfigError(
                ['has no table [sweep]; write one, such as over = { "material.alpha" = [0.01, 0.1] }.'], str(path)
            )
        if "scan" in tables:
            raise ConfigError(["has both [scan] and [sweep]: give one of them."], str(path))
        self.is_study = "study" in tables
        whole: Any = (check_study if self.is_study else check)(tables, str(path))
        self.table: SweepTable = whole.sweep
        self.title = whole.title or path.stem
        self.precision = whole.precision
        self.path, self.out = path, out
        base = {key: value for key, value in tables.items() if key != "sweep"}
        self.settings = self.table.points()
        self.tables = [_with(base, setting) for setting in self.settings]
        self.configs: list[Any] = [(check_study if self.is_study else check)(each, str(path)) for each in self.tables]
        content = {key: value for key, value in tables.items() if key not in ("title", "output")}
        self.digest = hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:16]

    @property
    def chunks(self) -> int:
        """Number of chunk files."""
        return -(-len(self.settings) // self.table.chunk)

    def attempt(self, precision: str) -> None:
        """Make what the points are given, and see that each fits into memory, before the first is computed.

        - `precision`: "single" or "double", what will be computed in.

        **Raises** `ConfigError` and `MemoryError` that name the point.
        """
        if not self.is_study:
            attempt(self.settings, self.configs, self.path.resolve().parent, precision)

    def run(self, options: Options, shard: Shard = Shard()) -> "xr.Dataset | None":
        """Compute the chunks of a shard that are not done yet; join all chunks once the last one is.

        **Returns** the joined dataset, or `None` while chunks of other shards are missing.

        **Raises** `FileExistsError` for a folder in use; `ConfigError` for points whose results have other shapes.
        """
        record = Record(self.out, self.digest)
        record.look(resume=options.resume or shard.of > 1, overwrite=options.overwrite)
        record.make()
        if options.overwrite:
            for old in (*self.out.glob("chunk_*.nc"), self.out / "data.nc"):
                old.unlink(missing_ok=True)
        record.write({"points": len(self.settings), "chunk": self.table.chunk})
        began = time.monotonic()
        mine = [chunk for chunk in range(self.chunks) if shard.has(chunk)]
        for done, chunk in enumerate(mine, 1):
            if self._read(chunk) is None:
                self._write(chunk, options)
            if options.progress:
                wall = time.monotonic() - began
                left = clock(wall / done * (len(mine) - done))
                options.say(f"chunk {chunk + 1} of {self.chunks}: done, {left} left")
        return self._join(options)

    def _file(self, chunk: int) -> Path:
        return self.out / f"chunk_{chunk:05d}.nc"

    def _points(self, chunk: int) -> range:
        first = chunk * self.table.chunk
        return range(first, min(first + self.table.chunk, len(self.settings)))

    def _read(self, chunk: int) -> "xr.Dataset | None":
        """A whole chunk of this sweep, else `None`: it is then computed again."""
        try:
            found = netcdf.read(self._file(chunk))
        except (FileNotFoundError, FileFormatError):
            return None
        return found if found.attrs.get("sweep") == self.digest else None

    def _write(self, chunk: int, options: Options) -> None:
        found: list[Any] = [self._computed(i, options) for i in self._points(chunk)]
        data = joined(found, np.array(self._points(chunk)))
        netcdf.write(self._file(chunk), data.assign_attrs(sweep=self.digest))

    def _computed(self, i: int, options: Options) -> "xr.Dataset | Failed":
        """What is found at a point, or how it failed."""
        label = ", ".join(f"{key} = {value}" for key, value in self.settings[i].items())
        if options.progress:
            options.say(f"point {i + 1} of {len(self.settings)}: {label}")
        try:
            if self.is_study:
                return self.configs[i].model.run(lambda _: None).data
            from magjax.config.execute import execute

            job = self.configs[i].build(self.path.resolve().parent)
            quiet = Options(overwrite=True, progress=False)
            return of_reports(execute(job, self.out / f"point_{i:05d}", quiet, tables=self.tables[i]))
        except SolveError as error:
            options.say(f"point {i + 1} failed: {error}")
            return Failed(int(error.outcome))

    def _join(self, options: Options) -> "xr.Dataset | None":
        import xarray as xr

        parts = [self._read(chunk) for chunk in range(self.chunks)]
        missing = sum(part is None for part in parts)
        if missing:
            options.say(f"{missing} of {self.chunks} chunks are still to come from other shards")
            return None
        whole = [part for part in parts if part is not None]
        data = xr.concat(whole, "point", data_vars="all", join="outer", combine_attrs="drop_conflicts")
        data = _with_common_axes(data).assign_coords(setting_variables(self.settings))
        about = metadata.gather(points=len(self.settings), design=self.table.design, seed=self.table.seed)
        data = data.assign_attrs(title=self.title, sweep=self.digest, metadata=metadata.dumps(about))
        netcdf.write(self.out / "data.nc", data)
        return data


def _with(base: Mapping[str, Any], setting: Mapping[str, Any]) -> dict[str, Any]:
    tables = copy.deepcopy(dict(base))
    for key, value in setting.items():
        put(tables, key, value)
    return tables


def _with_common_axes(data: "xr.Dataset") -> "xr.Dataset":
    """Axes that are the same at every point as coordinates again; the others stay data by point."""
    for name in _axes(data):
        values = data[f"axis_{name}"]
        rows = values.values[data["outcome"].values == 0]
        if len(rows) and all(np.array_equal(row, rows[0]) for row in rows):
            data = data.drop_vars(f"axis_{name}").assign_coords({name: (name, rows[0], values.attrs)})
    return data


def _axes(data: "xr.Dataset") -> Iterator[str]:
    for name in list(data.data_vars):
        if str(name).startswith("axis_"):
            yield str(name).removeprefix("axis_")
