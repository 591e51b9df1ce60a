"""Files that appear whole or not at all."""

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


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
