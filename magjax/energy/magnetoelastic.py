"""Magnetoelastic energy of a given strain."""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy, AbstractField, quadratic_density
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.numerics.sphere import components


class Magnetoelastic(AbstractEnergy):
    """The magnetoelastic energy of a cubic crystal, its axes along x, y, z, under a given strain ε.

    w = B1 Σ_i ε_ii m_i² + 2 B2 (ε_xy m_x m_y + ε_xz m_x m_z + ε_yz m_y m_z)

    B_eff,i = −(2/Ms) [B1 ε_ii m_i + B2 Σ_{j≠i} ε_ij m_j]

    The spins do not act back on the lattice. With magnetostrictions, B1 = −(3/2) λ100 (c11 − c12) and
    B2 = −3 λ111 c44; an isotropic body has B1 = B2.

    - `B1`, `B2`: coupling constants, J/m³; any parameters.
    - `strain`: ε_xx, ε_yy, ε_zz; a vector parameter: three numbers, `(3, nz, ny, nx)`, per region, a function of
      position, or a drive times any of them.
    - `shear`: ε_xy, ε_xz, ε_yz of the tensor, half of the engineering shear γ_ij; as `strain`.

    **Raises** `ValueError` when both strains are left out, for strains above 0.1 (given in %?), and constants above
    1e10 J/m³.

    Source: C. Kittel, Rev. Mod. Phys. 21, 541 (1949), Eq. 2.2.10.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> stretched = mj.Magnetoelastic(B1=-8.8e6, B2=-8.8e6, strain=(1e-3, 0, 0))
    >>> film = mj.System(mesh, Ms=8e5, energy=stretched)
    >>> density = film.energy_density(mj.textures.uniform(mesh, (1, 0, 0)))["magnetoelastic"]
    >>> round(float(density[0, 0, 0]), 6)
    -8800.0
    """

    units: ClassVar[Mapping[str, str]] = {"B1": "J/m³", "B2": "J/m³"}

    B1: Parameter
    B2: Parameter
    strain: Parameter | None
    shear: Parameter | None

    def __init__(
        self, B1: Parameter, B2: Parameter = 0.0, *, strain: Parameter | None = None, shear: Parameter | None = None
    ):
        self.B1, self.B2 = parameter(B1, "B1"), parameter(B2, "B2")
        for name in ("B1", "B2"):
            size = largest(getattr(self, name))
            if size > 1e10:
                raise ValueError(f"Argument `{name}` must be in J/m³, but got {size:g} J/m³; metals have some 1e7.")
        if strain is None and shear is None:
            raise ValueError("Argument `strain` or `shear` of `Magnetoelastic` must be given: spins couple to it.")
        self.strain = None if strain is None else _strain(strain, "strain")
        self.shear = None if shear is None else _strain(shear, "shear")

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """B1 Σ ε_ii m_i² + 2 B2 (ε_xy m_x m_y + …), J/m³."""
        return quadratic_density(self.prepare(sample)(m), m, sample)

    def prepare(self, sample: Sample) -> AbstractField:
        """−(2/Ms) B1 ε_ii and −(2/Ms) B2 ε_ij, T."""

        def strength(B: Parameter, strain: Parameter | None) -> Array | None:
            if strain is None:
                return None
            scale = -2 * sample.inverse_Ms * sample.value(B)
            return (scale[None] if scale.ndim else scale) * sample.vector(strain)

        return MagnetoelasticField(strength(self.B1, self.strain), strength(self.B2, self.shear))


class MagnetoelasticField(AbstractField):
    """B_i = d_i m_i + Σ_{j≠i} s_ij m_j, in T."""

    diagonal: Array | None
    shear: Array | None

    def __call__(self, m: Array) -> Array:
        total = jnp.zeros_like(m) if self.diagonal is None else self.diagonal * m
        if self.shear is None:
            return total
        x, y, z = components(m)
        xy, xz, yz = components(self.shear)
        return total + jnp.concatenate([xy * y + xz * z, xy * x + yz * z, xz * x + yz * y], axis=0)

    def bound(self) -> Array:
        # The Frobenius norm is never below the largest eigenvalue.
        squares = jnp.zeros((1, 1, 1))
        if self.diagonal is not None:
            squares = squares + jnp.sum(self.diagonal**2, axis=0)
        if self.shear is not None:
            squares = squares + 2 * jnp.sum(self.shear**2, axis=0)
        return jnp.sqrt(jnp.max(squares))


def _strain(value: Parameter, name: str) -> Parameter:
    checked = parameter(value, name)
    if largest(checked) > 0.1:
        raise ValueError(
            f"Argument `{name}` must hold strains, lengths over lengths, but got {largest(checked):g}; "
            "did you give % or microstrain?"
        )
    return checked
