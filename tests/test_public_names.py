"""Nothing public is left half done.

Every name has its docstring, example and test; every energy also its gradient check and its entry in the configuration.
"""

import ast
import enum
import inspect
import pkgutil
import re
import types
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

import magjax as mj
from magjax.energy.base import AbstractEnergy, Sum

ROOT = Path(__file__).resolve().parents[1]
TESTS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "tests").rglob("test_*.py"))
    if path.parent != ROOT / "tests"  # the tests of the tests name everything
)
CONFIG = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "magjax" / "config").glob("*.py")))


def public_names(modules: Iterable[types.ModuleType]) -> dict[str, object]:
    """Classes and functions that modules export, each once, under the shortest of its names.

    What a module exports is its `__all__`, else every name without a leading underscore; what it only imports from
    another project is not its own.
    """
    found: dict[int, tuple[str, object]] = {}
    for module in modules:
        project = module.__name__.split(".")[0]
        for short in getattr(module, "__all__", None) or [name for name in vars(module) if name[0] != "_"]:
            value, name = getattr(module, short), f"{module.__name__}.{short}"
            if not callable(value) or (getattr(value, "__module__", None) or "").split(".")[0] != project:
                continue
            if id(value) not in found or len(name) < len(found[id(value)][0]):
                found[id(value)] = (name, value)
    return dict(sorted(found.values(), key=lambda pair: pair[0]))


def _needs_example(value: object) -> bool:
    """Abstract classes are for subclassing, errors and outcomes for reading: an example would show nothing."""
    if not inspect.isclass(value):
        return True
    return not (inspect.isabstract(value) or issubclass(value, (Exception, Warning, enum.Enum)))


def _undocumented_methods(value: object) -> list[str]:
    """Public methods and properties of a class that have no docstring, nor inherit one."""
    if not inspect.isclass(value) or issubclass(value, enum.Enum):
        return []
    own = {
        name: member
        for name, member in vars(value).items()
        if not name.startswith("_") and (inspect.isroutine(member) or isinstance(member, property))
    }
    return [name for name in own if not inspect.getdoc(getattr(value, name))]


def faults_of_name(name: str, value: object, tests: str) -> list[str]:
    """What a public name lacks."""
    own_doc = value.__doc__ if not inspect.isclass(value) else vars(value).get("__doc__")
    short = name.rsplit(".", 1)[-1]
    faults = []
    if not own_doc:
        faults.append("a docstring")
    elif _needs_example(value) and ">>>" not in own_doc:
        faults.append("an example (>>>) in its docstring")
    if _needs_example(value) and not re.search(rf"\b{re.escape(short)}\b", tests):
        faults.append("a test that mentions it")
    faults += [f"a docstring of `{method}`" for method in _undocumented_methods(value)]
    return faults


def faults_of_energy(name: str, tests: dict[str, str], config: str) -> list[str]:
    """What an energy lacks beyond that: a gradient check, and a way to be written in a configuration."""
    mentions = re.compile(rf"\b{re.escape(name)}\b")
    check = re.compile(r"def test_\w*(gradient|autodiff|derivative)\w*\(")
    faults = []
    if not any(mentions.search(text) and check.search(text) for text in tests.values()):
        faults.append("a check of its field against autodiff (a test named …gradient…, in a file that mentions it)")
    if not mentions.search(config):
        faults.append("an entry in magjax/config")
    return faults


def concrete_energies(base: type = AbstractEnergy) -> Iterator[type]:
    """The built-in energy terms; a sum is not one."""
    for subclass in base.__subclasses__():
        if subclass.__module__.startswith("magjax.") and not inspect.isabstract(subclass) and subclass is not Sum:
            yield subclass
        yield from concrete_energies(subclass)


def _modules() -> list[types.ModuleType]:
    """magjax, its rooms, and every module that lists what it exports."""
    found = [mj]
    for info in pkgutil.walk_packages(mj.__path__, "magjax."):
        module = import_module(info.name)
        if info.ispkg or hasattr(module, "__all__"):
            found.append(module)
    return found


PUBLIC = [pytest.param(name, value, id=name) for name, value in public_names(_modules()).items()]


@pytest.mark.parametrize(("name", "value"), PUBLIC)
def test_public_name_is_complete(name: str, value: object) -> None:
    """Docstring, example, test."""
    faults = faults_of_name(name, value, TESTS)
    assert not faults, f"{name} lacks {'; '.join(faults)}"


@pytest.mark.parametrize("term", sorted(set(concrete_energies()), key=lambda t: t.__name__), ids=lambda t: t.__name__)
def test_energy_is_complete(term: type) -> None:
    """Gradient check and configuration."""
    tests = {str(path): path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
    tests.pop(str(Path(__file__).resolve()))
    faults = faults_of_energy(term.__name__, tests, CONFIG)
    assert not faults, f"{term.__name__} lacks {'; '.join(faults)}"


def test_every_export_exists() -> None:
    """`__all__` promises nothing that is not there, and `from magjax import *` gives what it says."""
    assert len(set(mj.__all__)) == len(mj.__all__)
    missing = [name for name in mj.__all__ if not hasattr(mj, name)]
    assert not missing, f"magjax.__all__ names {missing}, which do not exist"


def test_type_checkers_see_what_is_imported() -> None:
    """Names imported on first use are listed twice, for Python and for type checkers: the lists say the same."""
    tree = ast.parse((ROOT / "magjax" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    typed = {alias.asname for line in block.body if isinstance(line, ast.ImportFrom) for alias in line.names}
    assert typed == set(mj.__all__) - {"__version__"}


# ------------------------------------------------------------------------------------------------ can these tests fail?
def _synthetic(**members: Callable) -> types.ModuleType:
    module = types.ModuleType("synthetic")
    for name, member in members.items():
        member.__module__ = "synthetic"
        setattr(module, name, member)
    return module


def test_incomplete_names_are_caught() -> None:
    """A function without docstring, example or test, and a class with a bare method, are each reported for that."""

    def bare(x):
        return x

    def unexampled(x):
        """Documented, with nothing to run."""
        return x

    class Complete:
        """Documented.

        >>> 1
        1
        """

        def method(self):
            return 1

    names = public_names([_synthetic(bare=bare, unexampled=unexampled, Complete=Complete, _private=bare)])
    assert list(names) == ["synthetic.Complete", "synthetic.bare", "synthetic.unexampled"]
    faults = {name: faults_of_name(name, value, tests="unexampled, Complete") for name, value in names.items()}
    assert faults == {
        "synthetic.Complete": ["a docstring of `method`"],
        "synthetic.bare": ["a docstring", "a test that mentions it"],
        "synthetic.unexampled": ["an example (>>>) in its docstring"],
    }


def test_incomplete_energies_are_caught() -> None:
    """Mention alone is not a check; a gradient check of another term is not one either."""
    tests = {"a": "Exchanged\ndef test_gradient():", "b": "Exchange\ndef test_energy():"}
    assert len(faults_of_energy("Exchange", tests, config="ExchangeBias")) == 2
    complete = {"a": "Exchange\ndef test_field_is_the_gradient_of_the_energy(term):"}
    assert not faults_of_energy("Exchange", complete, config="class ExchangeConfig: build = Exchange")
