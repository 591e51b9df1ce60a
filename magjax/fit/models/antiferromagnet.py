"""Exchange and anisotropy fields of an antiferromagnet from its resonances."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.fit.models.base import AbstractLaw, known
from magjax.fit.parameter import Parameter


class AntiferromagneticResonance(AbstractLaw):
    """Both resonances of a uniaxial antiferromagnet in a field along its axis, f± = (γ/2π) [√(B_A(2B_E + B_A)) ± B].

    They tell the product B_A(2B_E + B_A), below the spin flop at B_sf = √(B_A(2B_E − B_A)), and that field is the other
    combination: `flop` is it, for whoever has measured it.

    - `B_E`: exchange field, T. `B_A`: anisotropy field, T. `g`: g factor.

    Input `B` (T); outputs `f_low`, `f_high` (Hz) and `flop` (T).

    Source: F. Keffer, C. Kittel, Phys. Rev. 85, 329 (1952).

    >>> from magjax import fit
    >>> law = fit.AntiferromagneticResonance(B_E=50.0, B_A=0.8)
    >>> round(float(law(B=0.0)["f_high"]) * 1e-9, 1), round(float(law(B=0.0)["flop"]), 3)
    (251.4, 8.908)
    """

    B_E: Array
    B_A: Array
    g: Array

    inputs: ClassVar[Mapping[str, str]] = {"B": "T"}
    outputs: ClassVar[Mapping[str, str]] = {"f_low": "Hz", "f_high": "Hz", "flop": "T"}
    parameters: ClassVar[Mapping[str, Parameter]] = known(
        Parameter("B_E", log=True, unit="T"),
        Parameter("B_A", log=True, unit="T"),
        Parameter("g", bounds=(0, np.inf)),
    )

    def __init__(self, B_E: Any, B_A: Any, g: Any = 2.0):
        self.B_E, self.B_A, self.g = (jnp.asarray(x, jnp.result_type(float, x)) for x in (B_E, B_A, g))

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        B = jnp.asarray(inputs["B"])
        unit = self.g * (constants.MU_B / constants.HBAR / (2 * np.pi))
        gap = jnp.sqrt(self.B_A * (2 * self.B_E + self.B_A))
        flop = jnp.sqrt(self.B_A * (2 * self.B_E - self.B_A))
        return {"f_low": unit * (gap - B), "f_high": unit * (gap + B), "flop": jnp.broadcast_to(flop, B.shape)}
