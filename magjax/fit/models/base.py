"""What a ready model has to give."""

import abc
from collections.abc import Mapping
from typing import Any

import equinox as eqx

from magjax.fit.parameter import Parameter


class AbstractLaw(eqx.Module):
    """A law with named inputs, outputs and parameters; every number in it is a leaf to be fitted.

    - `inputs`, `outputs`: SI unit by name. `parameters`: what may be fitted by name alone, with its bounds and unit.
    """

    inputs: eqx.AbstractClassVar[Mapping[str, str]]
    outputs: eqx.AbstractClassVar[Mapping[str, str]]
    parameters: eqx.AbstractClassVar[Mapping[str, Parameter]]

    @abc.abstractmethod
    def __call__(self, **inputs: Any) -> dict[str, Any]:
        """Every output by name, from arrays of one shape for the inputs."""


def known(*parameters: Parameter) -> dict[str, Parameter]:
    """Parameters by name.

    >>> from magjax import fit
    >>> from magjax.fit.models.base import known
    >>> list(known(fit.Parameter("a"), fit.Parameter("b")))
    ['a', 'b']
    """
    return {p.name: p for p in parameters}
