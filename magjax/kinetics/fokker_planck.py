"""The Fokker–Planck equation of one classical spin whose energy depends on s = cos θ alone."""

import abc
from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.drive.base import AbstractDrive
from magjax.kinetics.arguments import floats, positive, temperature
from magjax.kinetics.rates import diffusion_time


class AbstractFokkerPlanck(eqx.Module):
    """∂P/∂t = pace · ∂s [D (P ∂s(E/kT) + ∂sP)] on an interval whose ends let nothing through.

    P(s) ds is a probability. Every such equation has the Boltzmann density exp(−E/kT) as its stationary state.
    """

    @property
    @abc.abstractmethod
    def span(self) -> tuple[float, float]:
        """The ends of the interval."""

    @abc.abstractmethod
    def diffusivity(self, s: Array) -> Array:
        """D(s), dimensionless."""

    @abc.abstractmethod
    def potential(self, s: Array, t: Any = 0.0) -> Array:
        """E/kT at time `t`, s."""

    @abc.abstractmethod
    def pace(self, t: Any = 0.0) -> Array:
        """The rate that multiplies D at time `t`, 1/s."""

    @abc.abstractmethod
    def edges(self, cells: int) -> np.ndarray:
        """Edges of cells that resolve the wells of this equation evenly, `(cells + 1,)`."""


class UniaxialEnergy(eqx.Module):
    """The anisotropy energy of a particle: E(s) = KV (1 − s²) + K2V (1 − s²)², s = cos θ.

    - `KV`, `K2V`: anisotropy constants times volume, J. KV > 0 makes the axis easy.

    >>> from magjax.kinetics import UniaxialEnergy
    >>> float(UniaxialEnergy(2e-20)(0.0))
    2e-20
    """

    KV: Array
    K2V: Array

    def __init__(self, KV: Any, K2V: Any = 0.0):
        self.KV, self.K2V = floats("KV", KV), floats("K2V", K2V)

    def __call__(self, s: Any) -> Array:
        """E(s), J."""
        hard = 1 - jnp.asarray(s) ** 2
        return (self.KV + self.K2V * hard) * hard


class FokkerPlanck(AbstractFokkerPlanck):
    """Brown's equation for the density P(s, t) of s = cos θ, ∫₋₁¹ P ds = 1.

    ∂P/∂t = ∂s[(1 − s²)(P ∂sE/kT + ∂sP)] / (2τ_N),   τ_N = μ(1 + α²)/(2αγkT),   E = energy(s) − μ B s.

    - `energy`: any function of s that works on arrays, in J, such as `UniaxialEnergy(KV)`.
    - `moment`: μ = Ms V, A·m². `T`: temperature, K, or a drive. `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).
    - `B`: field along the axis, T, or a drive.

    **Raises** `ValueError` for temperatures, moments and dampings that are not positive; `TypeError` for an energy that
    cannot be called.

    Source: W. F. Brown, Phys. Rev. 130, 1677 (1963).

    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy
    >>> particle = FokkerPlanck(UniaxialEnergy(4e-20), moment=1e-18, T=300.0, alpha=0.1)
    >>> round(float(particle.free_time()) * 1e9, 3)  # τ_N, ns
    6.924
    """

    energy: Callable[[Array], Array]
    moment: Array
    T: Array | AbstractDrive
    alpha: Array
    gamma: Array
    B: Array | AbstractDrive

    def __init__(
        self,
        energy: Callable[[Array], Array],
        moment: Any,
        T: Any,
        alpha: Any,
        *,
        B: Any = 0.0,
        gamma: Any = constants.GAMMA,
    ):
        self.energy = function_of("energy", energy, "s = cos θ")
        self.moment, self.T, self.alpha, self.gamma = coefficients(moment, T, alpha, gamma)
        self.B = B if isinstance(B, AbstractDrive) else floats("B", B)

    @property
    def span(self) -> tuple[float, float]:
        """From the south pole to the north pole."""
        return -1.0, 1.0

    def diffusivity(self, s: Array) -> Array:
        """1 − s²: circles of latitude shrink towards the poles."""
        return (1 - s) * (1 + s)

    def potential(self, s: Array, t: Any = 0.0) -> Array:
        """E/kT at time `t`, s."""
        s = jnp.asarray(s)
        thermal = constants.KB * at(self.T, t)
        return jnp.asarray(self.energy(s) / thermal - (self.moment * at(self.B, t) / thermal) * s)

    def free_time(self, t: Any = 0.0) -> Array:
        """τ_N at time `t`, s: ⟨cos θ⟩ of a free moment falls as exp(−t/τ_N)."""
        return diffusion_time(at(self.T, t), self.moment, self.alpha, self.gamma)

    def pace(self, t: Any = 0.0) -> Array:
        """1/(2τ_N) at time `t`, 1/s."""
        return 0.5 / self.free_time(t)

    def edges(self, cells: int) -> np.ndarray:
        """Edges evenly spaced in θ: the wells at the poles are narrow in s and ordinary in θ."""
        return -np.cos(np.linspace(0, np.pi, cells + 1))


def coefficients(moment: Any, T: Any, alpha: Any, gamma: Any) -> tuple[Array, Any, Array, Array]:
    """Moment, temperature, damping and γ, checked: the numbers that every spin in a heat bath has."""
    return (
        positive("moment", moment, "a moment μ = Ms V in A·m²"),
        T if isinstance(T, AbstractDrive) else temperature(T),
        positive("alpha", alpha, "a Gilbert damping", "Without damping nothing couples the spin to the heat bath."),
        positive("gamma", gamma, "|γ| in rad/(s·T)", "The sign of an electron's precession is built in."),
    )


def at(value: Any, t: Any) -> Array:
    """A number as it is, a drive at time `t` (s)."""
    return value(t) if isinstance(value, AbstractDrive) else value


def function_of(name: str, value: Any, variable: str) -> Any:
    """`value` itself.

    **Raises** `TypeError` unless it can be called.
    """
    if not callable(value):
        raise TypeError(f"Argument `{name}` must be a function of {variable} that gives J, but got {value!r}.")
    return value
