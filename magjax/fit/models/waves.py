"""Exchange stiffness and magnetisation from spectra of spin waves."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.analytic import film_waves
from magjax.fit.models.base import AbstractLaw, known
from magjax.fit.parameter import Parameter


class SpinWaves(AbstractLaw):
    """The lowest spin wave of a film magnetised in its plane: f = ω/2π of `magjax.analytic.film_waves.frequency`.

    Exchange alone knows only A/Ms: it is the dipolar field, at long waves, that tells Ms.

    - `A`: exchange stiffness, J/m. `Ms`: saturation magnetisation, A/m. `thickness`: m. `B`: field in the plane, T.
    - `K`: anisotropy constant of an easy axis along it, J/m³. `gamma`: |γ|, rad/(s·T).

    Inputs `k` (1/m) and, if there are several, `angle` (rad) between wave and magnetisation, else 0; output `f` (Hz).

    >>> from magjax import fit
    >>> law = fit.SpinWaves(A=1.3e-11, Ms=8e5, thickness=20e-9, B=0.1)
    >>> round(float(law(k=0.0)["f"]) * 1e-9, 2)
    9.32
    """

    A: Array
    Ms: Array
    thickness: Array
    B: Array
    K: Array
    gamma: Array

    inputs: ClassVar[Mapping[str, str]] = {"k": "1/m", "angle": "rad"}
    outputs: ClassVar[Mapping[str, str]] = {"f": "Hz"}
    parameters: ClassVar[Mapping[str, Parameter]] = known(
        Parameter("A", bounds=(0, np.inf), unit="J/m"),
        Parameter("Ms", bounds=(0, np.inf), unit="A/m"),
        Parameter("K", scale=1e4, unit="J/m3"),
        Parameter("thickness", log=True, unit="m"),
        Parameter("gamma", bounds=(0, np.inf), unit="rad/(s T)"),
    )

    def __init__(self, A: Any, Ms: Any, thickness: Any, B: Any = 0.0, K: Any = 0.0, gamma: Any = constants.GAMMA):
        given = (A, Ms, thickness, B, K, gamma)
        self.A, self.Ms, self.thickness, self.B, self.K, self.gamma = (
            jnp.asarray(x, jnp.result_type(float, x)) for x in given
        )

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        omega = film_waves.frequency(
            inputs["k"],
            A=self.A,
            Ms=self.Ms,
            thickness=self.thickness,
            B=self.B,
            K=self.K,
            angle=inputs.get("angle", 0.0),
            gamma=self.gamma,
        )
        return {"f": omega / (2 * np.pi)}
