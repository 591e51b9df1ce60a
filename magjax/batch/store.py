"""Chunks of an ensemble on disk: written whole, told apart by what made them, done once."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from magjax.io import checkpoint
from magjax.io.atomic import replacing
from magjax.io.errors import FileFormatError
from magjax.run.identity import differences


class Store:
    """The folder of an ensemble.

    - `path`: the folder. `parts`: the ensemble's identity, as digests by name.

    >>> import numpy as np
    >>> from magjax.batch.store import Store
    >>> store = Store("out/replicas", {"alpha": "ab12"})
    >>> store.open(size=8, resume=False, overwrite=False)
    8
    >>> store.write(0, {"m": np.zeros(3)})
    >>> store.read(0, {"m": np.zeros(3)})["m"].shape, store.read(1, {"m": np.zeros(3)})
    ((3,), None)
    """

    def __init__(self, path: str | os.PathLike[str], parts: Mapping[str, str]):
        self.path = Path(path)
        self.parts = dict(parts)

    @property
    def record(self) -> Path:
        """The file that says whose chunks these are."""
        return self.path / "ensemble.json"

    @property
    def data(self) -> Path:
        """The joined dataset."""
        return self.path / "data.nc"

    def chunk(self, number: int) -> Path:
        """The file of a chunk."""
        return self.path / f"chunk_{number:05d}.ckpt"

    def open(self, *, size: int, resume: bool, overwrite: bool) -> int:
        """Make the folder ready; the size of chunks to go on with.

        **Raises** `FileExistsError` for a folder in use that neither `resume` nor `overwrite` says what to do with, or
        that holds something else; `ValueError` for one of another ensemble, naming what differs.
        """
        shown = os.fspath(self.path)
        if self.path.exists() and not self.path.is_dir():
            raise FileExistsError(f"Argument `out` must be a folder, but {shown!r} is a file; give another name.")
        there = list(self.path.iterdir()) if self.path.is_dir() else []
        if there and not self.record.is_file():
            raise FileExistsError(
                f"Argument `out` must be an empty or new folder, but {shown!r} holds files that are no ensemble."
            )
        if there and not (resume or overwrite):
            raise FileExistsError(
                f"Argument `out` must be an empty or new folder, but {shown!r} holds an ensemble; pass resume=True to "
                "go on with it, or overwrite=True to replace it."
            )
        if there and resume:
            old = json.loads(self.record.read_text(encoding="utf-8"))
            differing = differences(old["parts"], self.parts)
            if differing:
                raise ValueError(
                    f"The ensemble in {shown!r} cannot go on as this one: they differ in {', '.join(differing)}; "
                    "restore that, or give another folder."
                )
            return int(old["size"])
        for path in (*self.path.glob("chunk_*.ckpt"), self.data):
            path.unlink(missing_ok=True)
        with replacing(self.record) as file:
            file.write((json.dumps({"parts": self.parts, "size": size}, indent=2) + "\n").encode())
        return size

    def read(self, number: int, template: Any) -> Any:
        """A chunk, or `None` where there is none, or only a damaged one, which is then computed again."""
        try:
            return checkpoint.load(self.chunk(number), template)[0]
        except (FileNotFoundError, FileFormatError):
            return None

    def write(self, number: int, found: Any) -> None:
        """Write a chunk, as a whole."""
        checkpoint.save(self.chunk(number), found)
