"""Barriers that a field lowers: of a power law, and of a particle that turns coherently.

A particle has two states, − and +, named by the sign of their moment along the field's direction. A field H > 0 opposes
the state −. The state + in the field H is the mirror image of − in −H.
"""

import abc
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.kinetics import stoner_wohlfarth
from magjax.kinetics.arguments import floats, positive


class AbstractFieldBarrier(eqx.Module):
    """Two states with a barrier between them. Numbers are leaves: `jax.vmap` over a barrier makes an ensemble."""

    @abc.abstractmethod
    def barrier(self, H: Any) -> Array:
        """Height of the barrier out of the state −, J: 0 from the switching field on.

        - `H`: field, A/m; any shape. The barrier out of + is `barrier(-H)`.
        """

    @abc.abstractmethod
    def branch(self, H: Any) -> Array:
        """Moment of the state − along the field's direction, −1 … 1; that of + is `-branch(-H)`."""

    @abc.abstractmethod
    def switching_field(self) -> Array:
        """The field at which the barrier vanishes, A/m: the coercivity without thermal activation of −."""


class PowerBarrier(AbstractFieldBarrier):
    """E = E0 (1 − H/H0)^m out of a state that H opposes: paper A, Eq. 27.

    - `H0`: field at which the barrier vanishes, A/m. `E0`: barrier without field, J; ξ kT. `m`: exponent, 1 … 4; 2 with
      the field exactly along the axis, 3/2 for any other easy direction.

    **Raises** `ValueError` for fields and energies that are not positive, and exponents out of range.

    Source: L. Néel, Ann. Géophys. 5, 99 (1949); R. H. Victora, Phys. Rev. Lett. 63, 457 (1989).

    >>> from magjax.kinetics import PowerBarrier
    >>> float(PowerBarrier(H0=4e5, E0=2e-19, m=2).barrier(2e5))
    5e-20
    """

    H0: Array
    E0: Array
    m: Array

    def __init__(self, H0: Any, E0: Any, m: Any = 1.5):
        self.H0 = positive("H0", H0, "a field in A/m")
        self.E0 = positive("E0", E0, "an energy in J")
        self.m = positive("m", m, "an exponent such as 3/2 or 2")
        _check("m", self.m, 1, 4, "an exponent such as 3/2 or 2")
        _check("E0", self.E0, 0, 1e-12, "an energy in J", "Did you give the stability ξ = E0/kT?")

    def barrier(self, H: Any) -> Array:
        rest = 1 - jnp.asarray(H) / self.H0
        return self.E0 * jnp.where(rest > 0, jnp.where(rest > 0, rest, 1) ** self.m, 0)

    def branch(self, H: Any) -> Array:
        return jnp.full(jnp.shape(H), -1, jnp.result_type(H, self.H0))

    def switching_field(self) -> Array:
        return self.H0


class StonerWohlfarthGrain(AbstractFieldBarrier):
    """A uniaxial particle whose spins turn together, in a field at any angle to its axis.

    - `K`: anisotropy constant K1, J/m³. `V`: volume, m³. `Ms`: saturation magnetisation, A/m.
    - `psi`: angle between the field's line and the easy axis, 0 … π/2, rad. `k2`: K2/K1 ≥ −1/6: below that the particle
      may have states across its axis, and two are not enough.

    **Raises** `ValueError` for numbers that are not positive, lengths for a volume, angles and ratios out of range.

    Source: E. C. Stoner, E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948).

    >>> from magjax.kinetics import StonerWohlfarthGrain
    >>> grain = StonerWohlfarthGrain(K=3e5, V=1e-24, Ms=1e6, psi=0.7853981634)
    >>> round(float(grain.switching_field() / grain.anisotropy_field()), 6), round(float(grain.barrier(0.0)) * 1e19, 6)
    (0.5, 3.0)
    """

    K: Array
    V: Array
    Ms: Array
    psi: Array
    k2: Array

    def __init__(self, K: Any, V: Any, Ms: Any, psi: Any = 0.0, k2: Any = 0.0):
        self.K = positive("K", K, "an anisotropy in J/m³")
        self.V = positive("V", V, "a volume in m³")
        self.Ms = positive("Ms", Ms, "a magnetisation in A/m")
        self.psi, self.k2 = floats("psi", psi), floats("k2", k2)
        _check("V", self.V, 0, 1e-15, "a volume in m³", "Did you give a length?")
        stoner_wohlfarth.check(self.psi, self.k2, -1 / 6)

    def anisotropy_field(self) -> Array:
        """H_K = 2K/(μ0 Ms), A/m."""
        return 2 * self.K / (constants.MU0 * self.Ms)

    def barrier(self, H: Any) -> Array:
        return self.K * self.V * stoner_wohlfarth.energy_barrier(H / self.anisotropy_field(), self.psi, self.k2)

    def branch(self, H: Any) -> Array:
        return stoner_wohlfarth.branch(H / self.anisotropy_field(), self.psi, self.k2)

    def switching_field(self) -> Array:
        return self.anisotropy_field() * stoner_wohlfarth.switching_field(self.psi, self.k2)


def _check(name: str, value: Array, lowest: float, highest: float, what: str, slip: str = "") -> None:
    if not isinstance(value, Tracer) and not ((np.asarray(value) >= lowest) & (np.asarray(value) <= highest)).all():
        raise ValueError(
            f"Argument `{name}` must be {what}, {lowest:g} … {highest:g}, but got {value}. {slip}".rstrip()
        )
