"""The ground of every study: a table that computes named data and draws them."""

import abc
import dataclasses
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from magjax.config.model import Model

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

#: Modules of this room that are no kind of study.
_OTHERS = ("base", "config", "execute")


@dataclasses.dataclass(frozen=True)
class Findings:
    """What a study found.

    - `data`: every variable and coordinate with the attributes `units` (SI; "" if it has none) and `long_name`.
    - `notes`: what a person wants to know first, a line each, with units.

    >>> import xarray as xr
    >>> from magjax.config.study import Findings
    >>> time = ("t", [0.0, 1e-9], {"units": "s", "long_name": "time"})
    >>> found = Findings(xr.Dataset(coords={"t": time}), ("it took 1 ns",))
    >>> found.data.t.units
    's'
    """

    data: "xr.Dataset"
    notes: tuple[str, ...] = ()


def about(name: str, units: str = "") -> dict[str, str]:
    """The attributes of a variable or coordinate: what it is, and its unit (SI; "" if it has none).

    >>> from magjax.config.study.base import about
    >>> about("time", "s")
    {'units': 's', 'long_name': 'time'}
    """
    return {"units": units, "long_name": name}


class AbstractStudy(Model, abc.ABC):
    """A table `[study]` with the key `kind`, which is the name of its module."""

    kind: str

    @abc.abstractmethod
    def run(self, say: Callable[[str], None]) -> Findings:
        """Compute.

        - `say`: takes a line of text for the person who waits.
        """

    @abc.abstractmethod
    def draw(self, data: "xr.Dataset") -> "Figure":
        """A picture of what `run` found."""


class _Kinds(Mapping[str, type[AbstractStudy]]):
    """Kinds of studies by name, each imported when it is first asked for."""

    def __iter__(self):
        from magjax.config import study

        return (info.name for info in pkgutil.iter_modules(study.__path__) if info.name not in _OTHERS)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __getitem__(self, name: str) -> type[AbstractStudy]:
        if name not in self:
            raise KeyError(name)
        module = importlib.import_module(f"magjax.config.study.{name}")
        (found,) = (
            value
            for value in vars(module).values()
            if inspect.isclass(value) and issubclass(value, AbstractStudy) and value.__module__ == module.__name__
        )
        return found


def kinds() -> Mapping[str, type[AbstractStudy]]:
    """The kinds of studies there are."""
    return _Kinds()
