"""What a distribution of frequencies has to give."""

import abc
from typing import Any

import equinox as eqx
import numpy as np
from jaxtyping import Array, PRNGKeyArray


class AbstractFrequencies(eqx.Module):
    """How the angular frequencies ω of independent spins are distributed; every number in it is a leaf.

    All of it adds up to 1. Frequencies are in rad/s: 2π times those in Hz.
    """

    @abc.abstractmethod
    def characteristic(self, t: Any) -> Array:
        """χ(t) = ⟨e^{iωt}⟩ at times `t` (s), complex: of spins that start along x, ⟨m_x⟩ + i⟨m_y⟩."""

    @abc.abstractmethod
    def nodes(self, number: int) -> tuple[Array, Array]:
        """About `number` frequencies (rad/s) and their weights, adding up to 1, that stand for all of them."""

    @abc.abstractmethod
    def sample(self, key: PRNGKeyArray, number: int) -> Array:
        """`number` frequencies drawn at random, rad/s, with a derivative by the parameters where there is one."""

    @abc.abstractmethod
    def mean(self) -> Array:
        """Where its middle is, rad/s: the mean, or what it is symmetric about if it has none."""


class AbstractDensity(AbstractFrequencies):
    """A distribution without lines."""

    @abc.abstractmethod
    def density(self, omega: Any) -> Array:
        """p(ω) in s/rad at the frequencies `omega`, rad/s."""


def check_number(number: int) -> None:
    """**Raises** `ValueError` for a number of spins that is not a positive integer."""
    if isinstance(number, bool) or not isinstance(number, (int, np.integer)) or number < 1:
        raise ValueError(f"Argument `number` must be a number of spins ≥ 1, but got {number!r}.")
