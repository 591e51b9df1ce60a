"""`between = […]` of exchange and DMI: what the faces between two regions have."""

import abc
from typing import Annotated, Any

import pydantic
from pydantic import AfterValidator, BeforeValidator

from magjax.config.errors import Problem
from magjax.config.model import Model, as_list
from magjax.config.parameter import ExchangeStiffness, Factor, Site, SurfaceDensity, Value


class AbstractBetween(Model, abc.ABC):
    """What the faces between two `regions` have instead of the harmonic mean of both, or `scale`, a factor of it."""

    regions: tuple[str, str]
    scale: Factor | None = None

    @property
    @abc.abstractmethod
    def instead(self) -> tuple[str, Value | None]:
        """The key of the value instead, and what was given for it."""

    @pydantic.model_validator(mode="after")
    def _one_of_both(self) -> "AbstractBetween":
        key, value = self.instead
        if (value is None) == (self.scale is None):
            raise Problem("must be given, or `scale`, a factor of the harmonic mean: one of both.", key)
        return self


class Between(AbstractBetween):
    """`{ regions = ["left", "right"], A = "-2 pJ/m" }`, or `scale = 0.3`."""

    A: ExchangeStiffness | None = None

    @property
    def instead(self) -> tuple[str, Value | None]:
        """The stiffness, J/m."""
        return "A", self.A


class BetweenDMI(AbstractBetween):
    """`{ regions = ["left", "right"], D = "1 mJ/m2" }`, or `scale = 0.3`."""

    D: SurfaceDensity | None = None

    @property
    def instead(self) -> tuple[str, Value | None]:
        """The constant, J/m²."""
        return "D", self.D


def _each_once(between: tuple[AbstractBetween, ...]) -> tuple[AbstractBetween, ...]:
    pairs = [frozenset(each.regions) for each in between]
    for each, pair in zip(between, pairs, strict=True):
        if pairs.count(pair) > 1:
            raise Problem(f"must name each pair of regions once, but got {' and '.join(each.regions)} more often.")
    return between


Stiffnesses = Annotated[tuple[Between, ...], BeforeValidator(as_list), AfterValidator(_each_once)]
Constants = Annotated[tuple[BetweenDMI, ...], BeforeValidator(as_list), AfterValidator(_each_once)]


def by_pair(between: tuple[AbstractBetween, ...], site: Site) -> dict[str, Any]:
    """The arguments `between` and `scale` of a term."""
    values = {each.regions: value.build(site) for each in between if (value := each.instead[1]) is not None}
    factors = {each.regions: each.scale.build(site) for each in between if each.scale is not None}
    return {"between": values, "scale": factors}
