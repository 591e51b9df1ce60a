"""Damping from the relaxation of a magnetisation to a field."""

from collections.abc import Mapping
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.analytic import macrospin
from magjax.fit.models.base import AbstractLaw, known
from magjax.fit.parameter import Parameter


class Relaxation(AbstractLaw):
    """A damped macrospin in a constant field along z: m_z = tanh(artanh m_z(0) + αγBt/(1+α²)), turning about z.

    From m_z alone α and 1/α cannot be told apart, nor α and B; from all components they can.

    - `alpha`: Gilbert damping. `B`: field, T. `start`: m_z at t = 0, −1 … 1. `azimuth`: of m at t = 0, rad.
    - `gamma`: |γ|, rad/(s·T).

    Input `t` (s); outputs `m_x`, `m_y`, `m_z`.

    Source: R. Kikuchi, J. Appl. Phys. 27, 1352 (1956).

    >>> from magjax import fit
    >>> law = fit.Relaxation(alpha=0.1, B=0.5, start=-0.9)
    >>> [round(float(m), 3) for m in law(t=(0.0, 1e-9))["m_z"]]
    [-0.9, 1.0]
    """

    alpha: Array
    B: Array
    start: Array
    azimuth: Array
    gamma: Array

    inputs: ClassVar[Mapping[str, str]] = {"t": "s"}
    outputs: ClassVar[Mapping[str, str]] = {"m_x": "", "m_y": "", "m_z": ""}
    parameters: ClassVar[Mapping[str, Parameter]] = known(
        Parameter("alpha", bounds=(1e-6, 1e3), log=True),
        Parameter("B", unit="T"),
        Parameter("start", bounds=(-1, 1), scale=1.0),
        Parameter("azimuth", scale=1.0, unit="rad"),
        Parameter("gamma", bounds=(0, np.inf), unit="rad/(s T)"),
    )

    def __init__(self, alpha: Any, B: Any, start: Any, azimuth: Any = 0.0, gamma: Any = constants.GAMMA):
        given = (alpha, B, start, azimuth, gamma)
        self.alpha, self.B, self.start, self.azimuth, self.gamma = (
            jnp.asarray(x, jnp.result_type(float, x)) for x in given
        )

    def __call__(self, **inputs: Any) -> dict[str, Any]:
        across = jnp.sqrt((1 - self.start) * (1 + self.start))
        m0 = jnp.stack([across * jnp.cos(self.azimuth), across * jnp.sin(self.azimuth), self.start])
        B = jnp.stack([jnp.zeros_like(self.B), jnp.zeros_like(self.B), self.B])
        m = macrospin.relaxation(jnp.asarray(inputs["t"]), m0, B, self.alpha, self.gamma)
        return {"m_x": m[..., 0], "m_y": m[..., 1], "m_z": m[..., 2]}

    def twins(self) -> tuple[tuple[str, "Relaxation"], ...]:
        """Other values with the same m_z, in words and as a law."""
        other = eqx.tree_at(lambda law: law.alpha, self, 1 / self.alpha)
        return ((f"alpha = {float(self.alpha):.4g} and 1/alpha = {float(1 / self.alpha):.4g} give the same", other),)
