"""Uniaxial anisotropy."""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy, AbstractField
from magjax.material.direction import direction
from magjax.material.parameter import Parameter, parameter
from magjax.material.sample import Sample
from magjax.numerics.sphere import dot, normalize


class UniaxialAnisotropy(AbstractEnergy):
    """Uniaxial anisotropy of second and fourth order about any axis field.

    w = K (1 − (m·u)²) + K2 (1 − (m·u)²)²,
    B_eff = (2/Ms) [K + 2 K2 (1 − (m·u)²)] (m·u) u.

    K > 0 makes the axis easy. The constant in w is OOMMF's choice, so that the energy is 0 along the axis.

    - `K`: first constant K1 (often Ku1), J/m³.
    - `K2`: second constant, J/m³.
    - `axis`: direction u of the axis: "x", "y", "z", or any vector parameter, which need not be normalised.

    **Raises** `ValueError` for an axis of length zero.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> film = mj.System(mesh, Ms=1e6, energy=mj.UniaxialAnisotropy(K=5e5, axis=(0, 0, 2)))
    >>> float(film.field(mj.textures.uniform(mesh, (0, 0, 1)))[2, 0, 0, 0])
    1.0
    """

    units: ClassVar[Mapping[str, str]] = {"K": "J/m³", "K2": "J/m³"}

    K: Parameter
    axis: Parameter
    K2: Parameter | None

    def __init__(self, K: Parameter, axis: Parameter, *, K2: Parameter = None):
        self.K = parameter(K, "K")
        self.axis = direction(axis, "axis")
        self.K2 = None if K2 is None else parameter(K2, "K2")

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """K s + K2 s² with s = 1 − (m·u)², J/m³."""
        s = 1 - dot(m, normalize(sample.vector(self.axis))) ** 2
        density = sample.value(self.K) * s
        return density if self.K2 is None else density + sample.value(self.K2) * s**2

    def prepare(self, sample: Sample) -> AbstractField:
        """Axis and anisotropy fields."""
        scale = 2 * sample.inverse_Ms
        second = None if self.K2 is None else _lift(2 * scale * sample.value(self.K2))
        return UniaxialField(_lift(scale * sample.value(self.K)), second, normalize(sample.vector(self.axis)))


class UniaxialField(AbstractField):
    """[B1 + B2 (1 − (m·u)²)] (m·u) u."""

    first: Array
    second: Array | None
    axis: Array

    def __call__(self, m: Array) -> Array:
        c = dot(m, self.axis)[None]
        strength = self.first if self.second is None else self.first + self.second * (1 - c * c)
        return (strength * c) * self.axis

    def bound(self) -> Array:
        second = 0.0 if self.second is None else 2 * jnp.max(jnp.abs(self.second))
        return jnp.max(jnp.abs(self.first)) + second


def _lift(value: Array) -> Array:
    """Give a scalar field the leading component axis; a single number stays one."""
    return value[None] if value.ndim else value
