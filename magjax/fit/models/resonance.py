"""Magnetisation, anisotropy, g and damping from ferromagnetic resonance."""

from collections.abc import Mapping
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.fit.models.base import AbstractLaw, known
from magjax.fit.parameter import Parameter


class Resonance(AbstractLaw):
    """Kittel's resonance of an ellipsoid magnetised along z, its field and its linewidth at each frequency.

    (ω/γ)² = (B + a)(B + b), a = 2K/Ms + μ0(Nx − Nz)Ms, b = 2(K − K_perp)/Ms + μ0(Ny − Nz)Ms, γ = g μ_B/ħ, and the full
    width of the line ΔB = ΔB0 + 2αω/γ.

    A film is only known by μ0Ms − 2K_perp/Ms, unless Ms is known otherwise.

    - `Ms`: saturation magnetisation, A/m. `K`: anisotropy constant of an easy axis along z; `K_perp` of one along y,
      the normal of a film, J/m³. `g`: g factor. `alpha`: Gilbert damping. `width0`: linewidth at frequency 0, T.
    - `factors`: demagnetising factors Nx, Ny, Nz; a film whose normal is y unless given.

    Input `f` (Hz); outputs `B` (T) and `width` (T).

    Source: C. Kittel, Phys. Rev. 73, 155 (1948).

    >>> from magjax import fit
    >>> film = fit.Resonance(Ms=8e5, alpha=0.01)(f=9.32e9)
    >>> round(float(film["B"]), 3), round(float(film["width"]) * 1e3, 2)
    (0.1, 6.65)
    """

    Ms: Array
    K: Array
    K_perp: Array
    g: Array
    alpha: Array
    width0: Array
    factors: tuple[float, float, float]

    inputs: ClassVar[Mapping[str, str]] = {"f": "Hz"}
    outputs: ClassVar[Mapping[str, str]] = {"B": "T", "width": "T"}
    parameters: ClassVar[Mapping[str, Parameter]] = known(
        Parameter("Ms", bounds=(0, np.inf), unit="A/m"),
        Parameter("K", scale=1e4, unit="J/m3"),
        Parameter("K_perp", scale=1e5, unit="J/m3"),
        Parameter("g", bounds=(0, np.inf)),
        Parameter("alpha", bounds=(0, np.inf)),
        Parameter("width0", scale=1e-3, unit="T"),
    )

    def __init__(
        self,
        Ms: Any,
        K: Any = 0.0,
        K_perp: Any = 0.0,
        g: Any = 2.0023,
        alpha: Any = 0.01,
        width0: Any = 0.0,
        factors: tuple[float, float, float] = (0.0, 1.0, 0.0),
    ):
        given = (Ms, K, K_perp, g, alpha, width0)
        self.Ms, self.K, self.K_perp, self.g, self.alpha, self.width0 = (
            jnp.asarray(x, jnp.result_type(float, x)) for x in given
        )
        Nx, Ny, Nz = factors
        self.factors = (float(Nx), float(Ny), float(Nz))

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        gamma = self.g * (constants.MU_B / constants.HBAR)
        turning = 2 * np.pi * jnp.asarray(inputs["f"]) / gamma
        Nx, Ny, Nz = self.factors
        M, along = constants.MU0 * self.Ms, 2 * self.K / self.Ms
        a, b = along + (Nx - Nz) * M, along - 2 * self.K_perp / self.Ms + (Ny - Nz) * M
        B = jnp.sqrt(((a - b) / 2) ** 2 + turning**2) - (a + b) / 2
        return {"B": B, "width": self.width0 + 2 * self.alpha * turning}
