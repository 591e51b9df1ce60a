"""What goes wrong with files."""

import os


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
