"""Distributions of energy barriers in a configuration."""

import abc
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pydantic
from pydantic import BeforeValidator

from magjax.config.model import Joules, Model, Number, Positive, choose, number

if TYPE_CHECKING:
    from magjax.kinetics.barriers import AbstractBarriers

Barrier = Annotated[float, BeforeValidator(number("J", above=0, maximum=1e-12, hint="did you mean eV, or K times k?"))]
Share = Annotated[float, BeforeValidator(number("", minimum=0))]


class _Distribution(Model, abc.ABC):
    """A table that says how barriers are distributed."""

    kind: str

    @abc.abstractmethod
    def build(self) -> "AbstractBarriers":
        """The distribution."""


class NormalTable(_Distribution):
    """A bell about `center` of standard deviation `width`, cut off at zero."""

    kind: Literal["normal"]
    center: Barrier
    width: Barrier

    def build(self) -> "AbstractBarriers":
        from magjax.kinetics.barriers import Normal

        return Normal(self.center, self.width)


class LogNormalTable(_Distribution):
    """Logarithms in a bell about that of `median` of standard deviation `sigma`."""

    kind: Literal["log_normal"]
    median: Barrier
    sigma: Positive

    def build(self) -> "AbstractBarriers":
        from magjax.kinetics.barriers import LogNormal

        return LogNormal(self.median, self.sigma)


class UniformTable(_Distribution):
    """All barriers between `lowest` and `highest` alike."""

    kind: Literal["uniform"]
    lowest: Joules = 0.0
    highest: Barrier

    def build(self) -> "AbstractBarriers":
        from magjax.kinetics.barriers import Uniform

        return Uniform(self.lowest, self.highest)


class GammaTable(_Distribution):
    """A power law of exponent `shape` − 1 with an exponential tail of `scale`."""

    kind: Literal["gamma"]
    shape: Positive
    scale: Barrier

    def build(self) -> "AbstractBarriers":
        from magjax.kinetics.barriers import Gamma

        return Gamma(self.shape, self.scale)


class LorentzianTable(_Distribution):
    """A Lorentzian about `center`, half its width at half its height `width`, from `lowest` to `highest`."""

    kind: Literal["lorentzian"]
    center: Barrier
    width: Barrier
    highest: Barrier
    lowest: Joules = 0.0

    def build(self) -> "AbstractBarriers":
        from magjax.kinetics.barriers import Lorentzian

        return Lorentzian(self.center, self.width, self.highest, self.lowest)


class TabulatedTable(_Distribution):
    """Densities `values`, in any unit, at rising energies `E`."""

    kind: Literal["tabulated"]
    E: tuple[Joules, ...]
    values: tuple[Number, ...]

    def build(self) -> "AbstractBarriers":
        from magjax.kinetics.barriers import Tabulated

        return Tabulated(self.E, self.values)


class MixtureTable(_Distribution):
    """Several distributions `parts`, each with its share among `weights`."""

    kind: Literal["mixture"]
    parts: "tuple[Barriers, ...]" = pydantic.Field(min_length=1)
    weights: tuple[Share, ...]

    def build(self) -> "AbstractBarriers":
        from magjax.kinetics.barriers import Mixture

        return Mixture([part.build() for part in self.parts], self.weights)


BARRIERS: dict[str, type[_Distribution]] = {
    "normal": NormalTable,
    "log_normal": LogNormalTable,
    "uniform": UniformTable,
    "gamma": GammaTable,
    "lorentzian": LorentzianTable,
    "tabulated": TabulatedTable,
    "mixture": MixtureTable,
}

#: A table whose key `kind` names a distribution.
Barriers = Annotated[Any, BeforeValidator(choose("kind", lambda: BARRIERS))]
MixtureTable.model_rebuild()
