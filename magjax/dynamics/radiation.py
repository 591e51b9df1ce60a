"""Spins in the radiation field of their own precession."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.numerics.sphere import cross


class Radiation(AbstractDynamics):
    """Precession in the field and in the radiation that it causes: dm/dt = −γ m×(B + B_r).

    B_r = λ0 (1+a) m×B − (λ0α0 + λ̄) B with λ0 = α0/(1+α0²), where α0 is the system's `alpha`. Without extras this is
    Gilbert's equation, to rounding.

    - `extra_field`: λ̄, dimensionless: the field −λ̄B on top. It changes the frequency to γB(1 − λ0α0 − λ̄).
    - `extra_torque`: a, dimensionless: the torque field λ0 a m×B on top. It changes the damping to (1+a) α0; below −1
      it pumps the spins against the field.

    **Raises** `ValueError` for numbers that are not finite.

    Source: derived from the operators in `mj.quantum.radiation_field`; closed forms in `mj.analytic.radiation`.

    >>> import jax.numpy as jnp, magjax as mj
    >>> m = jnp.array([0.6, 0, 0.8]).reshape(3, 1, 1, 1)
    >>> B = jnp.array([0, 0, 1.0]).reshape(3, 1, 1, 1)
    >>> gilbert = mj.LLG().torque(m, B, gamma=2.0, alpha=0.5)
    >>> bool(jnp.allclose(mj.dynamics.Radiation().torque(m, B, gamma=2.0, alpha=0.5), gilbert))
    True
    """

    extra_field: Array
    extra_torque: Array

    def __init__(self, extra_field: Any = 0.0, extra_torque: Any = 0.0):
        self.extra_field = _number("extra_field", extra_field)
        self.extra_torque = _number("extra_torque", extra_torque)

    def relative_rate(self, alpha: Array | float) -> Array:
        """√(c² + s²) of the coefficients of B and m×B, over Gilbert's 1/√(1+α²)."""
        along, across = self._coefficients(alpha)
        return jnp.sqrt((along**2 + across**2) * (1 + alpha**2))

    def torque(self, m: Array, B: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0) -> Array:
        """dm/dt in 1/s for the unit vectors `m` in the field `B` (T); linear in `B`, exactly 0 where m is 0."""
        along, across = (x.astype(m.dtype) for x in self._coefficients(alpha))
        turn = cross(m, B)
        return -gamma * (along * turn + across * cross(m, turn))

    def change(
        self, m: Array, field: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0
    ) -> Array:
        """The torque of `field` (T) alone: it is linear in the field."""
        return self.torque(m, field, gamma, alpha, t)

    def d_term(self, m: Array, B: Array, gamma: Array | float, alpha: Array | float) -> Array:
        """What radiation adds to the precession, D = −γ m×B_r, 1/s; arguments of `torque`."""
        return self.torque(m, B, gamma, alpha) + gamma * cross(m, B)

    def _coefficients(self, alpha: Array | float) -> tuple[Array, Array]:
        damping = jnp.asarray(alpha)
        strength = damping / (1 + damping**2)
        return 1 - strength * damping - self.extra_field, (1 + self.extra_torque) * strength


def _number(name: str, value: Any) -> Array:
    if not isinstance(value, Tracer) and not (np.ndim(value) == 0 and np.isfinite(value)):
        raise ValueError(f"Argument `{name}` must be one finite number, dimensionless, but got {value!r}.")
    return value if eqx.is_inexact_array(value) else jnp.asarray(value, jnp.result_type(float))
