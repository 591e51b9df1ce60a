"""The seed paper's Fokker–Planck equation: one coordinate with the same diffusion everywhere, between two walls."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.drive.base import AbstractDrive
from magjax.kinetics.arguments import floats, positive, temperature
from magjax.kinetics.fokker_planck import AbstractFokkerPlanck, at, function_of


class FlatFokkerPlanck_seed(AbstractFokkerPlanck):
    """The equation that the seed paper prints as Eq. 17, with reflecting walls at s = ±1, for comparison only.

    ∂P/∂t = ∂s[(Γ0/kT) P ∂sE] + Γ0 ∂²P/∂s²,   E = energy(s) − μ B s.

    Its stationary state is that of Brown's equation, exp(−E(s)/kT) ds: both are at rest where the flux vanishes. Its
    rates are not: on the sphere D falls as 1 − s² towards the poles. With Γ0 = 1/(2τ_N), which makes D equal at the
    equator, free diffusion is too fast by π²/8 = 1.234 (and decays in cosines in place of Legendre polynomials), and at
    high barriers λ₁ is too fast by about 1 + 1/(2σ), σ = KV/kT.

    - `energy`: function of s, J. `T`: temperature, K, or a drive. `prefactor`: Γ0, 1/s.
    - `B`: field, T, or a drive. `moment`: μ, A·m².

    **Raises** `ValueError` for a temperature or Γ0 that is not positive; `TypeError` for an energy that is no function.

    >>> from magjax.kinetics import FlatFokkerPlanck_seed, UniaxialEnergy, relaxation_rate
    >>> free = FlatFokkerPlanck_seed(UniaxialEnergy(0.0), T=300.0, prefactor=1e9)
    >>> round(float(relaxation_rate(free)) / 1e9, 6)  # π²/4
    2.467401
    """

    energy: Callable[[Array], Array]
    T: Array | AbstractDrive
    prefactor: Array
    B: Array | AbstractDrive
    moment: Array

    def __init__(self, energy: Callable[[Array], Array], T: Any, prefactor: Any, *, B: Any = 0.0, moment: Any = 0.0):
        self.energy = function_of("energy", energy, "s")
        self.T = T if isinstance(T, AbstractDrive) else temperature(T)
        self.prefactor = positive("prefactor", prefactor, "a rate Γ0 in 1/s", "Did you give the time 1/Γ0?")
        self.B = B if isinstance(B, AbstractDrive) else floats("B", B)
        self.moment = floats("moment", moment)

    @property
    def span(self) -> tuple[float, float]:
        """From wall to wall."""
        return -1.0, 1.0

    def diffusivity(self, s: Array) -> Array:
        """The same everywhere."""
        return jnp.ones_like(s)

    def potential(self, s: Array, t: Any = 0.0) -> Array:
        """E/kT at time `t`, s."""
        s = jnp.asarray(s)
        thermal = constants.KB * at(self.T, t)
        return jnp.asarray(self.energy(s) / thermal - (self.moment * at(self.B, t) / thermal) * s)

    def pace(self, t: Any = 0.0) -> Array:
        """Γ0, 1/s."""
        return self.prefactor

    def edges(self, cells: int) -> np.ndarray:
        """Edges evenly spaced in s."""
        return np.linspace(-1, 1, cells + 1)
