"""The folder of a run: what lies where, who may write to it, and what happens to what is there already."""

import contextlib
import json
import logging
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from magjax.io import metadata as _metadata
from magjax.io.atomic import is_draft, replacing
from magjax.io.errors import FileFormatError

#: Patterns of everything a run writes, and so of everything it may ever delete.
_OWN = ("table.csv", "table.odt", "m.ovf", "m_*.ovf", "m_*.vti", "m.pvd", "fields.zarr", "fields.nc", "run.json",
        "log.txt", "checkpoint.ckpt", "table.png", "final.png", "movie.gif", ".*.part")  # fmt: skip


class Folder:
    """Paths in a run's folder.

    - `path`: the folder.

    >>> from magjax.run.folder import Folder
    >>> Folder("out/sp4").frame(12, ".ovf").as_posix()
    'out/sp4/m_000012.ovf'
    """

    def __init__(self, path: str | os.PathLike[str]):
        self.path = Path(path)
        self.table = self.path / "table.csv"
        self.odt = self.path / "table.odt"
        self.series = self.path / "m.pvd"
        self.zarr = self.path / "fields.zarr"
        self.netcdf = self.path / "fields.nc"
        self.record = self.path / "run.json"
        self.log = self.path / "log.txt"
        self.checkpoint = self.path / "checkpoint.ckpt"
        self.table_picture = self.path / "table.png"
        self.final_picture = self.path / "final.png"
        self.movie = self.path / "movie.gif"

    def last(self, name: str) -> Path:
        """The file of a field, `m` or a sublattice's such as `m_a`, of the final state."""
        return self.path / f"{name}.ovf"

    def frame(self, index: int, suffix: str, name: str = "m") -> Path:
        """The file of a field saved at a row of the table."""
        return self.path / f"{name}_{index:06d}{suffix}"

    def frames(self, suffix: str, name: str = "m") -> list[tuple[int, Path]]:
        """Row and path of each saved field of a name, in order."""
        found = [(path.stem.removeprefix(f"{name}_"), path) for path in self.path.glob(f"{name}_*{suffix}")]
        return sorted((int(number), path) for number, path in found if number.isdigit())

    def read_record(self) -> dict[str, Any]:
        """What `run.json` says.

        **Raises** `FileFormatError` if it is damaged; `FileNotFoundError` if this is no folder of a run.
        """
        try:
            found = json.loads(self.record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise FileNotFoundError(
                f"There is no run in {os.fspath(self.path)!r}: it has no run.json; give the folder that "
                "`mj.simulate(…, out=…)` wrote."
            ) from None
        except ValueError:
            raise FileFormatError(self.record, "it is no whole JSON", "resume the run, which writes it anew") from None
        return found

    def write_record(self, record: dict[str, Any]) -> None:
        """Write `run.json`, as a whole."""
        with replacing(self.record) as file:
            file.write((json.dumps(json.loads(_metadata.dumps(record)), indent=2, ensure_ascii=False) + "\n").encode())

    def open(self, *, resume: bool, overwrite: bool) -> bool:
        """Make the folder ready to be written to; whether there is a checkpoint to go on from.

        **Raises** `FileExistsError` if it holds something already and neither `resume` nor `overwrite` says what to do
        with that, or if it holds something that is no run; `PermissionError` if nothing can be written there.
        """
        shown = os.fspath(self.path)
        # A log alone is left by a run that was refused before it began.
        inside = list(self.path.iterdir()) if self.path.is_dir() else []
        drafts = [p for p in inside if is_draft(p)]
        there = [p for p in inside if p.name not in (".lock", "log.txt") and p not in drafts]
        if there and not self.record.is_file():
            raise FileExistsError(
                f"Argument `out` must be an empty or new folder, but {shown!r} holds files that are no run; "
                "give another name."
            )
        if there and not (resume or overwrite):
            raise FileExistsError(
                f"The folder {shown!r} holds a run already; pass resume=True to go on with it, overwrite=True to "
                "replace it, or give `out` another name."
            )
        self._check_writable()
        if there and resume and self.checkpoint.is_file():
            # The folder is ours alone by now, and so are they: left by a run that was killed while it wrote.
            for path in drafts:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            return True
        self._clear()
        return False

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of the folder; the lock of a run that died is none.

        **Raises** `FileExistsError` if another run writes there.
        """
        self._check_writable()
        path = self.path / ".lock"
        while True:
            file = path.open("a+b")
            if not _lock(file):
                file.seek(0)
                owner = file.read(20).decode(errors="replace").strip() or "unknown"
                file.close()
                raise FileExistsError(
                    f"Another run (process {owner}) is writing to {os.fspath(self.path)!r}; wait for it, or give `out` "
                    "another name."
                )
            # A lock on a file that its last owner has deleted in the meantime keeps nobody out.
            if path.exists() and os.path.samestat(os.fstat(file.fileno()), path.stat()):
                break
            file.close()
        try:
            # Past the buffer, whose rest could not be written on a full disk when the file is closed.
            with contextlib.suppress(OSError):
                os.ftruncate(file.fileno(), 0)
                os.write(file.fileno(), str(os.getpid()).encode())
            yield
        finally:
            path.unlink(missing_ok=True)
            file.close()

    @contextlib.contextmanager
    def logging(self, logger: logging.Logger) -> Iterator[None]:
        """Let a logger write to `log.txt`, too."""
        handler = _Log(self.log, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
        before = logger.level, logger.propagate
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        # What a person should see while it runs is the progress line; the rest is for the file.
        logger.propagate = False
        try:
            yield
        finally:
            logger.level, logger.propagate = before
            logger.removeHandler(handler)
            handler.close()

    def _check_writable(self) -> None:
        if self.path.exists() and not self.path.is_dir():
            raise FileExistsError(
                f"Argument `out` must be a folder, but {str(self.path)!r} is a file; give another name."
            )
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with replacing(self.path / ".probe"):
                pass
            (self.path / ".probe").unlink()
        except OSError as error:
            raise PermissionError(
                f"Argument `out` must be a folder that can be written to, but {os.fspath(self.path)!r} cannot "
                f"({error.strerror or error}); give another place."
            ) from None

    def _clear(self) -> None:
        """Remove an earlier run, and nothing that a run does not write."""
        for pattern in _OWN:
            for path in self.path.glob(pattern):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


class _Log(logging.FileHandler):
    """A log for which no run ends, and nobody's screen is filled, when the disk is full."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Leave the line out."""

    def close(self) -> None:
        """Close the file, without the lines that did not fit."""
        with contextlib.suppress(OSError):
            super().close()


def _lock(file: BinaryIO) -> bool:
    """Take the operating system's lock on a file, which goes with the process that holds it."""
    try:
        import fcntl
    except ImportError:
        import msvcrt

        try:
            # Far behind the text, which Windows would make unreadable otherwise.
            file.seek(1 << 20)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # pyright: ignore[reportAttributeAccessIssue]
        except OSError:
            return False
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
