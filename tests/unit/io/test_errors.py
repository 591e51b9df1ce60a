import pickle
from pathlib import Path

from magjax.io.errors import FileFormatError


def test_one_line_with_path_problem_and_remedy():
    error = FileFormatError(Path("a") / "b.ovf", "it is cut short", "copy it again")
    assert str(error) == f"Cannot read {str(Path('a') / 'b.ovf')!r}: it is cut short; copy it again."
    assert isinstance(error, ValueError)


def test_survives_the_way_between_processes():
    error = FileFormatError("a", "b", "c")
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
