"""Files that appear whole or not at all."""

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from magjax.io.errors import FileWriteError

#: What operating systems say of a place that takes no more: full, over its quota, file too large, failing.
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


@contextlib.contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file for writing that takes the place of `path` only once it is complete.

    An error or a power cut on the way leaves the earlier file as it was. Missing folders are made.

    >>> from pathlib import Path
    >>> from magjax.io.atomic import replacing
    >>> with replacing("runs/a.txt") as file:
    ...     _ = file.write(b"whole")
    >>> Path("runs/a.txt").read_text()
    'whole'
    """
    with draft_of(path) as draft, draft.open("xb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def is_draft(path: str | os.PathLike[str]) -> bool:
    """Whether a file or folder has the name of a draft; one that nobody writes was left by a process that died.

    >>> from magjax.io.atomic import is_draft
    >>> is_draft("out/.m.ovf.12ab34cd.part"), is_draft("out/.m.part")
    (True, False)
    """
    return re.fullmatch(r"\..+\.[0-9a-f]{8}\.part", Path(path).name) is not None


@contextlib.contextmanager
def draft_of(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A free name beside `path`, for writers that want a name; at the end it takes the place of `path`.

    What is made under that name may be a folder.
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    # In the same folder, because a rename is atomic only within one file system.
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}.part")
    try:
        with writing(target, draft):
            yield draft
            if draft.is_dir() and target.is_dir():
                # A full folder cannot be renamed over: for a moment there are two and none is lost.
                shutil.rmtree(target)
            os.replace(draft, target)
    finally:
        if draft.is_dir():
            shutil.rmtree(draft)
        else:
            draft.unlink(missing_ok=True)


@contextlib.contextmanager
def writing(path: str | os.PathLike[str], draft: Path | None = None) -> Iterator[None]:
    """Let errors within name the file that a person knows, and tell a full disk from a bug.

    - `path`: the file. `draft`: the name under which it is being written.

    **Raises** `FileWriteError` where the place takes no more.

    >>> import errno
    >>> from magjax.io.atomic import writing
    >>> with writing("m.ovf"):
    ...     raise OSError(errno.ENOSPC, "No space left on device")
    Traceback (most recent call last):
    magjax.io.errors.FileWriteError: Cannot write 'm.ovf': no space left on device; all that was there before is kept...
    """
    try:
        yield
    except FileWriteError:
        raise
    except (OSError, RuntimeError) as error:
        # HDF5 knows the reason only as text, and raises what is no `OSError` where it closes a file.
        full = os.strerror(errno.ENOSPC)
        if isinstance(error, OSError) and error.errno in _FULL:
            raise FileWriteError(path, os.strerror(error.errno)) from error
        if full in str(error):
            raise FileWriteError(path, full) from error
        if isinstance(error, OSError) and error.filename is not None and draft and Path(error.filename) == draft:
            raise OSError(error.errno, error.strerror, os.fspath(path)) from error
        raise


def reserve(path: Path, size: int) -> None:
    """Ask the disk for `size` bytes at `path` and give them back, for writers that take a full disk badly.

    **Raises** `OSError` where there are not so many.

    >>> from pathlib import Path
    >>> from magjax.io.atomic import reserve
    >>> reserve(Path("run.part"), 1000)
    >>> Path("run.part").exists()
    False
    """
    if not hasattr(os, "posix_fallocate"):
        if shutil.disk_usage(path.parent).free < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(path))
        return
    try:
        with path.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, size)
    finally:
        path.unlink(missing_ok=True)
