"""The README names what exists: files, commands, public names; and its configuration is valid.

Its Python blocks are run by `test_docstrings.py`.
"""

import re
import tomllib
from pathlib import Path

import pytest

import magjax as mj
from magjax.cli import app
from magjax.config.load import check
from magjax.energy.base import AbstractEnergy

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_links_lead_somewhere() -> None:
    """Every link into the repository, and every file that a command names, is there."""
    links = re.findall(r"\]\((?!https?:)([^)]+)\)", README)
    assert links
    files = re.findall(r"\b(configs/\w+\.toml)\b", README)
    assert files
    missing = [name for name in (*links, *files) if not (ROOT / name).exists()]
    assert not missing


def test_commands_exist() -> None:
    """The table of commands is all of them."""
    known = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    assert set(re.findall(r"^\| `magjax (\w+)", README, re.MULTILINE)) == known
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z0-9-]+)(?=`|  )", README)) <= targets


def test_names_exist() -> None:
    """Every `mj.NAME` and every energy of the library is in both places."""
    names = set(re.findall(r"\bmj\.(\w+)", README))
    assert {name for name in names if not hasattr(mj, name)} == set()
    public = (getattr(mj, name) for name in mj.__all__)
    energies = {thing.__name__ for thing in public if isinstance(thing, type) and issubclass(thing, AbstractEnergy)}
    assert energies <= names


@pytest.mark.parametrize("room", ["shapes", "textures", "drive", "stop", "observe"])
def test_rows_name_what_is_in_the_room(room: str) -> None:
    """A row such as "shapes, `mj.shapes`" lists functions of that module and its shapes' methods, and nothing else."""
    (row,) = re.findall(rf"^\| [^|]*`mj\.{room}` \| (.*) \|$", README, re.MULTILINE)
    listed = re.findall(r"`(\w+)`", row)
    assert len(listed) > 2
    assert [name for name in listed if not hasattr(getattr(mj, room), name)] == []


def test_configuration_is_valid() -> None:
    """The example of a configuration passes the check that `magjax run` makes."""
    (text,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    assert [stage.kind for stage in check(tomllib.loads(text), "README.md").stage] == ["minimize", "evolve"]
