"""How independent spins move between pulses, each in a constant field along z: exact propagators."""

import abc
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.drive.arguments import known


class AbstractMotion(eqx.Module):
    """A law of motion of spins `(3, n)` in fields along z that turn them at angular frequencies `(n,)`, rad/s."""

    @abc.abstractmethod
    def after(self, m: Array, omega: Array, duration: Any) -> Array:
        """The spins `(3, n)` a time `duration` (s) later."""


class Bloch(AbstractMotion):
    """Precession with the relaxation of Bloch: dm/dt = ω ẑ×m − (m_x, m_y, 0)/T₂ − (0, 0, m_z − m₀)/T₁.

    Without times, pure precession. The relaxation is that of each spin alone, by noise; dephasing comes on top.

    **Arguments**

    - `T1`: relaxation time of m_z, s. `T2`: relaxation time of m_x and m_y, s, at most 2 T₁. Infinite if missing.
    - `equilibrium`: m₀, what m_z relaxes to.

    **Raises** `ValueError` for times that are not positive, and T₂ > 2 T₁, which would make spins longer than they are.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import Bloch
    >>> m = Bloch(T2=1e-9).after(jnp.array([[1.0], [0.0], [0.0]]), jnp.array([0.0]), 1e-9)
    >>> round(float(m[0, 0]), 4)
    0.3679
    """

    T1: Array
    T2: Array
    equilibrium: Array

    def __init__(self, T1: Any = jnp.inf, T2: Any = jnp.inf, equilibrium: Any = 0.0):
        self.T1, self.T2, self.equilibrium = (jnp.asarray(x) for x in (T1, T2, equilibrium))
        for name, value in (("T1", self.T1), ("T2", self.T2)):
            if known(value) and not (np.asarray(value) > 0).all():
                raise ValueError(f"Argument `{name}` must be a time > 0 in s, but got {value}.")
        if known(self.T1, self.T2) and (np.asarray(self.T2) > 2 * np.asarray(self.T1) * (1 + 1e-6)).any():
            raise ValueError(
                f"Argument `T2` must be at most 2 T1, but got T1 = {self.T1} s and T2 = {self.T2} s; did you swap them?"
            )

    def after(self, m: Array, omega: Array, duration: Any) -> Array:
        duration = jnp.asarray(duration, m.dtype)
        T1, T2, end = (x.astype(m.dtype) for x in (self.T1, self.T2, self.equilibrium))
        x, y, z = m
        cos, sin = jnp.cos(omega * duration), jnp.sin(omega * duration)
        across, along = jnp.exp(-duration / T2), jnp.exp(-duration / T1)
        return jnp.stack([across * (cos * x - sin * y), across * (sin * x + cos * y), end + along * (z - end)])


class Damped(AbstractMotion):
    """The equation of Landau, Lifshitz and Gilbert for a spin in a constant field: dm/dt = −γ m×B + α m×dm/dt.

    Each spin keeps its length and turns at ω/(1+α²); m_z = tanh(artanh m_z0 + x) with x = αωt/(1+α²). The torque is
    linear in B, so a π pulse about an axis across B, which turns spins as reversing B would, runs precession *and*
    damping backwards: at 2τ this damping is undone. Only a field that keeps its direction, or noise, makes it stay.

    **Arguments**

    - `alpha`: Gilbert damping ≥ 0, one number or one for each spin.

    **Raises** `ValueError` for negative damping.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import Damped
    >>> m = Damped(alpha=0.1).after(jnp.array([[1.0], [0.0], [0.0]]), jnp.array([1e10]), 1e-9)
    >>> round(float(m[2, 0]), 4), round(float(jnp.linalg.norm(m)), 12)
    (0.7574, 1.0)
    """

    alpha: Array

    def __init__(self, alpha: Any):
        self.alpha = jnp.asarray(alpha)
        if known(self.alpha) and not (np.asarray(self.alpha) >= 0).all():
            raise ValueError(f"Argument `alpha` must be a damping ≥ 0, but got {alpha!r}.")

    def after(self, m: Array, omega: Array, duration: Any) -> Array:
        duration, alpha = jnp.asarray(duration, m.dtype), self.alpha.astype(m.dtype)
        phase = omega * duration / (1 + alpha**2)
        x, y, z = m
        # cosh and sinh of αφ over e^{|αφ|}: nothing overflows at late times.
        fade = jnp.exp(-jnp.abs(alpha * phase))
        cosh, sinh = (1 + fade**2) / 2, jnp.sign(phase) * (1 - fade**2) / 2
        cos, sin = jnp.cos(phase), jnp.sin(phase)
        length = cosh + z * sinh
        across = fade / length
        return jnp.stack([across * (cos * x - sin * y), across * (sin * x + cos * y), (z * cosh + sinh) / length])
