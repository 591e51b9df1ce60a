"""Cubic anisotropy."""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy, AbstractField
from magjax.energy.crystal import crystal_axes, two_axes
from magjax.material.parameter import Parameter, parameter
from magjax.material.sample import Sample
from magjax.numerics.sphere import dot


class CubicAnisotropy(AbstractEnergy):
    """Cubic anisotropy to eighth order about any crystal axes.

    With aᵢ = m·cᵢ and p = a1²a2² + a2²a3² + a3²a1²:

    w = Kc1 p + Kc2 a1²a2²a3² + Kc3 (a1⁴a2⁴ + a2⁴a3⁴ + a3⁴a1⁴),  B_eff = −(1/Ms) ∂w/∂m.

    Kc1 > 0 makes the crystal axes easy (iron), Kc1 < 0 the body diagonals (nickel).

    - `Kc1`, `Kc2`, `Kc3`: anisotropy constants, J/m³.
    - `axis1`, `axis2`: two crystal axes c1, c2; the second is made perpendicular to the first, c3 = c1×c2.

    **Raises** `ValueError` for axes of length zero, and parallel ones.

    Source: A. Vansteenkiste et al., AIP Advances 4, 107133 (2014), Eq. 14.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> iron = mj.System(mesh, Ms=1.7e6, energy=mj.CubicAnisotropy(Kc1=4.8e4))
    >>> diagonal = mj.textures.uniform(mesh, (1, 1, 1))
    >>> round(float(iron.total_energy(diagonal) / (mesh.n_cells * mesh.cell_volume) / 4.8e4), 6)
    0.333333
    """

    units: ClassVar[Mapping[str, str]] = {"Kc1": "J/m³", "Kc2": "J/m³", "Kc3": "J/m³"}

    Kc1: Parameter
    Kc2: Parameter | None
    Kc3: Parameter | None
    axis1: Parameter
    axis2: Parameter

    def __init__(
        self,
        Kc1: Parameter,
        Kc2: Parameter = None,
        Kc3: Parameter = None,
        *,
        axis1: Parameter = (1.0, 0.0, 0.0),
        axis2: Parameter = (0.0, 1.0, 0.0),
    ):
        self.Kc1 = parameter(Kc1, "Kc1")
        self.Kc2 = None if Kc2 is None else parameter(Kc2, "Kc2")
        self.Kc3 = None if Kc3 is None else parameter(Kc3, "Kc3")
        self.axis1, self.axis2 = two_axes(axis1, axis2)

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """Kc1 p + Kc2 a1²a2²a3² + Kc3 (a1⁴a2⁴ + …), J/m³."""
        s1, s2, s3 = (dot(m, c) ** 2 for c in crystal_axes(self.axis1, self.axis2, sample))
        density = sample.value(self.Kc1) * (s1 * s2 + s2 * s3 + s3 * s1)
        if self.Kc2 is not None:
            density = density + sample.value(self.Kc2) * s1 * s2 * s3
        if self.Kc3 is not None:
            density = density + sample.value(self.Kc3) * (s1**2 * s2**2 + s2**2 * s3**2 + s3**2 * s1**2)
        return density

    def prepare(self, sample: Sample) -> AbstractField:
        """Crystal axes and anisotropy fields."""

        def strength(K: Parameter | None) -> Array | None:
            return None if K is None else -2 * sample.inverse_Ms * sample.value(K)

        axes = crystal_axes(self.axis1, self.axis2, sample)
        return CubicField(strength(self.Kc1), strength(self.Kc2), strength(self.Kc3), axes)


class CubicField(AbstractField):
    """−(1/Ms) ∂w/∂m along the crystal axes."""

    first: Array | None
    second: Array | None
    third: Array | None
    crystal: tuple[Array, Array, Array]

    def __call__(self, m: Array) -> Array:
        a = [dot(m, c) for c in self.crystal]
        s = [x * x for x in a]
        total = jnp.zeros_like(m)
        for i, c in enumerate(self.crystal):
            j, k = (i + 1) % 3, (i + 2) % 3
            slope = jnp.zeros_like(a[0])
            if self.first is not None:
                slope = slope + self.first * (s[j] + s[k])
            if self.second is not None:
                slope = slope + self.second * (s[j] * s[k])
            if self.third is not None:
                slope = slope + self.third * (2 * s[i] * (s[j] ** 2 + s[k] ** 2))
            total = total + (slope * a[i])[None] * c
        return total

    def bound(self) -> Array:
        parts = [x for x in (self.first, self.second, self.third) if x is not None]
        return 4 * sum((jnp.max(jnp.abs(x)) for x in parts), start=jnp.zeros(()))
