"""Distributions of precession frequencies in a configuration, in Hz: turns per second, not radians."""

import abc
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Count, Frequency, Model, choose, number

if TYPE_CHECKING:
    from magjax.kinetics.frequencies import AbstractFrequencies

Width = Annotated[float, BeforeValidator(number("Hz", above=0))]
Weight = Annotated[float, BeforeValidator(number("", minimum=0))]
_TURN = 2 * math.pi


class _Distribution(Model, abc.ABC):
    """A table that says how frequencies are distributed."""

    kind: str

    @abc.abstractmethod
    def build(self) -> "AbstractFrequencies":
        """The distribution, in rad/s."""


class RectangularTable(_Distribution):
    """All frequencies within `half_width` of `centre` alike."""

    kind: Literal["rectangular"]
    centre: Frequency
    half_width: Width

    def build(self) -> "AbstractFrequencies":
        from magjax.kinetics.frequencies import Rectangular

        return Rectangular(_TURN * self.centre, _TURN * self.half_width)


class GaussianTable(_Distribution):
    """A normal distribution about `centre` with the standard deviation `sigma`."""

    kind: Literal["gaussian"]
    centre: Frequency
    sigma: Width

    def build(self) -> "AbstractFrequencies":
        from magjax.kinetics.frequencies import Gaussian

        return Gaussian(_TURN * self.centre, _TURN * self.sigma)


class LorentzianTable(_Distribution):
    """A Lorentzian about `centre` with half of its width at half of its height `half_width`."""

    kind: Literal["lorentzian"]
    centre: Frequency
    half_width: Width

    def build(self) -> "AbstractFrequencies":
        from magjax.kinetics.frequencies import Lorentzian

        return Lorentzian(_TURN * self.centre, _TURN * self.half_width)


class TabulatedTable(_Distribution):
    """Densities `values`, in any unit, at rising `frequencies`."""

    kind: Literal["tabulated"]
    frequencies: tuple[Frequency, ...]
    values: tuple[float, ...]

    def build(self) -> "AbstractFrequencies":
        from magjax.kinetics.frequencies import Tabulated

        return Tabulated([_TURN * f for f in self.frequencies], self.values)


class LinesTable(_Distribution):
    """Sharp lines at `frequencies`, with `weights` unless alike."""

    kind: Literal["lines"]
    frequencies: tuple[Frequency, ...]
    weights: tuple[Weight, ...] | None = None

    def build(self) -> "AbstractFrequencies":
        from magjax.kinetics.frequencies import Discrete

        return Discrete([_TURN * f for f in self.frequencies], self.weights)


class EquidistantTable(_Distribution):
    """`number` sharp lines about `centre`, `spacing` apart."""

    kind: Literal["equidistant"]
    centre: Frequency
    spacing: Width
    number: Count

    def build(self) -> "AbstractFrequencies":
        from magjax.kinetics.frequencies import equidistant

        return equidistant(_TURN * self.centre, _TURN * self.spacing, self.number)


def _kinds() -> Mapping[str, type[_Distribution]]:
    return {
        "rectangular": RectangularTable,
        "gaussian": GaussianTable,
        "lorentzian": LorentzianTable,
        "tabulated": TabulatedTable,
        "lines": LinesTable,
        "equidistant": EquidistantTable,
        "mixture": MixtureTable,
    }


def _lines() -> Mapping[str, type[_Distribution]]:
    return {"lines": LinesTable, "equidistant": EquidistantTable}


#: Any distribution; or only those of sharp lines.
Frequencies = Annotated[Any, BeforeValidator(choose("kind", _kinds))]
Lines = Annotated[Any, BeforeValidator(choose("kind", _lines))]


class MixtureTable(_Distribution):
    """Several `components`, with `weights` unless alike."""

    kind: Literal["mixture"]
    components: tuple[Frequencies, ...]
    weights: tuple[Weight, ...] | None = None

    @pydantic.model_validator(mode="after")
    def _one_weight_each(self) -> "MixtureTable":
        if not self.components:
            raise Problem("must hold at least one distribution, but got none.", "components")
        return self

    def build(self) -> "AbstractFrequencies":
        from magjax.kinetics.frequencies import Mixture

        return Mixture([each.build() for each in self.components], self.weights)
