"""The Fokker–Planck equation of one classical spin in any energy E(m), with its precession."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.drive.base import AbstractDrive, Driven
from magjax.kinetics.arguments import floats
from magjax.kinetics.fokker_planck import at, coefficients, function_of
from magjax.kinetics.rates import diffusion_time


class SphereFokkerPlanck(eqx.Module):
    """Brown's equation for the density P(m, t) on the unit sphere, ∫ P dΩ = 1.

    ∂P/∂t = [∇·(∇P + P ∇v) − (1/α) (m×∇v)·∇P] / (2τ_N),   v = E/kT,   E = energy(m) − μ B·m.

    The last term is the precession of dm/dt = −γ/(1+α²)[m×B + α m×(m×B)], B = −∂E/∂m/μ: it carries probability along
    lines of equal energy, so Boltzmann's density stays at rest, but how fast it is reached depends on α beyond τ_N.

    - `energy`: any differentiable function of one unit vector `(3,)`, in J.
    - `moment`: μ = Ms V, A·m². `T`: temperature, K, or a drive. `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).
    - `B`: field `(3,)`, T, or a drive times a vector.

    **Raises** `ValueError` for temperatures, moments and dampings that are not positive, and a field of another shape;
    `TypeError` for an energy that cannot be called.

    Source: W. F. Brown, Phys. Rev. 130, 1677 (1963), Eq. 4.3.

    >>> from magjax.kinetics import SphereFokkerPlanck
    >>> tilted = SphereFokkerPlanck(lambda m: -4e-20 * m[2] ** 2, moment=1e-18, T=300.0, alpha=0.1, B=(5e-3, 0, 5e-3))
    >>> round(float(tilted.free_time()) * 1e9, 3)  # τ_N, ns
    6.924
    """

    energy: Callable[[Array], Array]
    moment: Array
    T: Array | AbstractDrive
    alpha: Array
    gamma: Array
    B: Array | Driven

    def __init__(
        self,
        energy: Callable[[Array], Array],
        moment: Any,
        T: Any,
        alpha: Any,
        *,
        B: Any = (0.0, 0.0, 0.0),
        gamma: Any = constants.GAMMA,
    ):
        self.energy = function_of("energy", energy, "a unit vector m")
        self.moment, self.T, self.alpha, self.gamma = coefficients(moment, T, alpha, gamma)
        if not isinstance(B, Driven):
            B = floats("B", B)
            if B.shape != (3,):
                raise ValueError(f"Argument `B` must be a field (3,) in T, but got the shape {B.shape}.")
        self.B = B

    def potential(self, m: Array, t: Any = 0.0) -> Array:
        """E/kT of one unit vector `(3,)` at time `t`, s."""
        B = self.B.at(t, jnp.asarray) if isinstance(self.B, Driven) else self.B
        return (self.energy(m) - self.moment * jnp.sum(B * m)) / (constants.KB * at(self.T, t))

    def slope(self, m: Array, t: Any = 0.0) -> Array:
        """∂(E/kT)/∂m of one unit vector `(3,)`; its part along m means nothing."""
        return jax.grad(self.potential)(m, t)

    def free_time(self, t: Any = 0.0) -> Array:
        """τ_N at time `t`, s: ⟨m⟩ of a free moment falls as exp(−t/τ_N)."""
        return diffusion_time(at(self.T, t), self.moment, self.alpha, self.gamma)

    def pace(self, t: Any = 0.0) -> Array:
        """1/(2τ_N) at time `t`, 1/s."""
        return 0.5 / self.free_time(t)
