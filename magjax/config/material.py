"""`[material]`: what one magnetisation is made of."""

from typing import Annotated

import pydantic
from pydantic import BeforeValidator

from magjax import constants
from magjax.config.errors import Problem
from magjax.config.model import Model, number
from magjax.config.parameter import Damping, Ms, Value

_GAMMA = BeforeValidator(number("rad/(s T)", above=0, hint="magjax takes |γ|"))
_GAMMA0 = BeforeValidator(number("m/(A s)", above=0, hint="magjax takes μ0|γ|"))


class Material(Model):
    """`[material]`, or `material` of a sublattice.

    - `Ms`: saturation magnetisation, A/m. `alpha`: Gilbert damping.
    - `gamma`: |γ|, rad/(s·T), or `gamma0` = μ0|γ|, m/(A·s); the electron's unless given.
    """

    Ms: Ms
    alpha: Damping = Value(0.0, False)
    gamma: Annotated[float, _GAMMA] | None = None
    gamma0: Annotated[float, _GAMMA0] | None = None

    @pydantic.model_validator(mode="after")
    def _one_gamma(self) -> "Material":
        if self.gamma is not None and self.gamma0 is not None:
            raise Problem("must have at most one of `gamma` and `gamma0`: γ0 = μ0 γ.")
        if isinstance(self.Ms.content, float) and 0 < self.Ms.content < 100:
            got = f"but got {self.Ms.content:g} A/m; did you give it in T or MA/m?"
            raise Problem(f"must be in A/m, {got}", "Ms")
        return self

    @property
    def ratio(self) -> float:
        """|γ|, rad/(s·T)."""
        if self.gamma0 is not None:
            return self.gamma0 / constants.MU0
        return constants.GAMMA if self.gamma is None else self.gamma
