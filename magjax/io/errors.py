"""What goes wrong with files."""

import contextlib
import errno
import os
from collections.abc import Iterator


class FileFormatError(ValueError):
    """A file that is not what its name or header says it is.

    **Arguments**

    - `path`: the file.
    - `problem`: what is wrong with it, as a sentence without a full stop.
    - `remedy`: what to do about it, likewise.

    >>> from magjax.io.errors import FileFormatError
    >>> print(FileFormatError("sp4.ovf", "the data end early", "copy the file again"))
    Cannot read 'sp4.ovf': the data end early; copy the file again.
    """

    def __init__(self, path: str | os.PathLike[str], problem: str, remedy: str):
        # All three go into `args`, so that the error survives pickling between processes.
        super().__init__(os.fspath(path), problem, remedy)

    def __str__(self) -> str:
        path, problem, remedy = self.args
        return f"Cannot read {path!r}: {problem}; {remedy}."


class FileWriteError(OSError):
    """A file that could not be written to its end; what stood under its name before still does.

    **Arguments**

    - `path`: the file.
    - `reason`: what is wrong with the place, in the words of the operating system.
    - `remedy`: what to do about it, as a sentence without a full stop.

    >>> from magjax.io.errors import FileWriteError
    >>> print(FileWriteError("out/m.ovf", "No space left on device"))
    Cannot write 'out/m.ovf': no space left on device; all that was there before is kept; make room and repeat it.
    """

    def __init__(self, path: str | os.PathLike[str], reason: str, remedy: str = ""):
        super().__init__(errno.ENOSPC, reason, os.fspath(path))
        self.reason, self.remedy = reason, remedy

    def __str__(self) -> str:
        reason = self.reason[:1].lower() + self.reason[1:]
        remedy = self.remedy or "all that was there before is kept; make room and repeat it"
        return f"Cannot write {self.filename!r}: {reason}; {remedy}."

    def __reduce__(self) -> tuple[type, tuple[str, str, str]]:
        # What an `OSError` keeps in `args` is not what makes this one again.
        return type(self), (self.filename, self.reason, self.remedy)

    def advising(self, remedy: str) -> "FileWriteError":
        """The same with a remedy, unless somebody nearer to the file gave one."""
        return FileWriteError(self.filename, self.reason, self.remedy or remedy)


@contextlib.contextmanager
def resumable() -> Iterator[None]:
    """Let files within that could not be written advise to go on later, as jobs can that keep what is done.

    **Raises** `FileWriteError`, where one was raised.

    >>> from magjax.io.errors import FileWriteError, resumable
    >>> with resumable():
    ...     raise FileWriteError("out/m.ovf", "No space left on device")
    Traceback (most recent call last):
    magjax.io.errors.FileWriteError: Cannot write 'out/m.ovf': no space left on device; what is done is kept; make...
    """
    try:
        yield
    except FileWriteError as error:
        raise error.advising("what is done is kept; make room and pass resume=True to go on") from error
