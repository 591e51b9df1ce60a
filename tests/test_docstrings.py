"""Every example in a docstring, and every Python block of the README, runs and prints what it says."""

import doctest
from collections.abc import Iterator
from pathlib import Path

import pytest
from sybil import Document
from sybil.document import PythonDocStringDocument
from sybil.example import SybilFailure
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.markdown import PythonCodeBlockParser

ROOT = Path(__file__).resolve().parents[1]
PARSER = DocTestParser(doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)


def _docstrings_with_examples(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of each docstring of a file that holds an example; the file is read, not imported."""
    source = path.read_text(encoding="utf-8")
    for start, _, text in PythonDocStringDocument.extract_docstrings(source):
        if ">>>" in text:
            yield source.count("\n", 0, start) + 1, text


def _evaluate(path: Path, line: int, text: str) -> int:
    """Run the examples of one docstring in a namespace of its own; returns how many there were."""
    # Blank lines in front, so that a failure names its line in the file.
    document = Document("\n" * (line - 1) + text, str(path))
    for region in PARSER(document):
        document.add(region)
    examples = list(document.examples())
    for example in examples:
        example.evaluate()
    return len(examples)


#: Rooms whose examples mostly wait for the compiler: `make test-fast` leaves them to the others.
COMPILED = {"batch", "fit", "kinetics", "quantum", "solve", "torque"}


def _marks(path: Path) -> tuple[pytest.MarkDecorator, ...]:
    return (pytest.mark.slow,) if path.relative_to(ROOT / "magjax").parts[0] in COMPILED else ()


DOCSTRINGS = [
    pytest.param(path, line, text, id=f"{path.relative_to(ROOT)}:{line}", marks=_marks(path))
    for path in sorted((ROOT / "magjax").rglob("*.py"))
    for line, text in _docstrings_with_examples(path)
]


@pytest.mark.parametrize(("path", "line", "text"), DOCSTRINGS)
def test_docstring_example(path: Path, line: int, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each docstring stands alone: its example imports what it uses, and writes only where it was started."""
    monkeypatch.chdir(tmp_path)
    assert _evaluate(path, line, text) > 0


@pytest.mark.slow
def test_readme_examples(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's Python blocks run from top to bottom, as one reader would type them."""
    document = Document((ROOT / "README.md").read_text(encoding="utf-8"), str(ROOT / "README.md"))
    for region in PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)(document):
        document.add(region)
    monkeypatch.chdir(tmp_path)
    examples = list(document.examples())
    assert examples, "The README shows no Python."
    for example in examples:
        example.evaluate()


def test_wrong_example_is_caught(tmp_path: Path) -> None:
    """The check can fail: an example that prints something else than it says is an error."""
    path = tmp_path / "wrong.py"
    path.write_text('def double(x):\n    """Twice.\n\n    >>> 2 * 2\n    5\n    """\n    return 2 * x\n')
    ((line, text),) = _docstrings_with_examples(path)
    assert line == 2
    with pytest.raises(SybilFailure, match="Expected:\n    5\nGot:\n    4"):
        _evaluate(path, line, text)
