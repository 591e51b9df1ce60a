"""The folder of a job, and the record in it that says whose results it holds."""

import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from magjax.io.atomic import is_draft, replacing

# Keys that a message names.
_TOLD = 3


def differing(one: Any, other: Any, place: str = "") -> Iterator[str]:
    """The keys, with dots, under which two configurations differ.

    >>> from magjax.config.record import differing
    >>> list(differing({"material": {"alpha": 0.1}, "stage": [{}]}, {"material": {"alpha": 0.2}, "stage": []}))
    ['material.alpha', 'stage']
    """
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            yield from differing(one.get(key), other.get(key), f"{place}.{key}" if place else key)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differing(a, b, f"{place}[{i}]")
    elif one != other:
        yield place


@dataclasses.dataclass(frozen=True)
class Record:
    """`job.json` in an output folder.

    - `out`: the folder.
    - `digest`: of the configuration; results of another one are not gone on with. `tables`: the configuration itself.

    >>> from pathlib import Path
    >>> from magjax.config.record import Record
    >>> record = Record(Path("out"), "abc")
    >>> record.make()
    >>> record.write({"stages": {}})
    >>> record.look(resume=False, overwrite=False)  # nothing has come of it
    {}
    >>> record.look(resume=True, overwrite=False)["digest"]
    'abc'
    """

    out: Path
    digest: str
    tables: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file."""
        return self.out / "job.json"

    def look(self, *, resume: bool, overwrite: bool) -> dict[str, Any]:
        """What the record says, empty for a new folder; changes nothing.

        **Raises** `FileExistsError` for a folder with something else in it, or with results that neither `resume` nor
        `overwrite` says what to do with.
        """
        shown = os.fspath(self.out)
        if self.out.exists() and not self.out.is_dir():
            raise FileExistsError(f"The output folder {shown!r} is a file; give another name by --out.")
        there = [p for p in self.out.iterdir() if p.name != ".lock" and not is_draft(p)] if self.out.is_dir() else []
        if there and not self.path.is_file():
            raise FileExistsError(
                f"The output folder {shown!r} holds files that are no results of magjax; give another name by --out."
            )
        record = self._read() if there else {}
        # A record alone is left by a job that was refused before it began.
        if not resume and all(p == self.path for p in there):
            return {}
        if there and not (resume or overwrite):
            raise FileExistsError(
                f"The output folder {shown!r} holds results already; --resume goes on with them, --overwrite replaces "
                "them, --out gives another folder."
            )
        if there and resume and record.get("digest") != self.digest:
            other = f"another configuration{self._difference(record)}"
            raise FileExistsError(
                f"The output folder {shown!r} holds results of {other}; give it as it was, or replace the results by "
                "--overwrite."
            )
        return record

    def make(self) -> None:
        """Make the folder.

        **Raises** `PermissionError` if nothing can be written there.
        """
        shown = os.fspath(self.out)
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            with replacing(self.out / ".probe") as file:
                file.write(b"")
            (self.out / ".probe").unlink()
        except OSError as error:
            raise PermissionError(
                f"The output folder {shown!r} cannot be written to ({error.strerror or error}); give another by --out."
            ) from None

    def write(self, content: dict[str, Any]) -> None:
        """Write the record, as a whole, with the digest in it."""
        text = json.dumps({"digest": self.digest, **content}, indent=2, ensure_ascii=False, default=str)
        with replacing(self.path) as file:
            file.write((text + "\n").encode())

    def _difference(self, record: Mapping[str, Any]) -> str:
        """In which keys, where that can be told."""
        try:
            keys = list(differing(json.loads(record["config"]), json.loads(json.dumps(self.tables, default=str))))
        except (KeyError, TypeError, ValueError):
            return ""
        told = [key for key in keys if key.partition(".")[0] not in ("output", "title")]
        return f" ({', '.join(told[:_TOLD])}{', …' if len(told) > _TOLD else ''})" if told else ""

    def _read(self) -> dict[str, Any]:
        try:
            record = json.loads(self.path.read_text(encoding="utf-8"))
            if all(isinstance(stage, dict) for stage in record.get("stages", {}).values()):
                return record
        except (ValueError, AttributeError):
            pass
        raise FileExistsError(f"The record {os.fspath(self.path)!r} is damaged; give another folder by --out.")
