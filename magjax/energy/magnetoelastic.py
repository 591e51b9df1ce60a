"""Magnetoelastic energy of a given strain."""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy, AbstractField, quadratic_density
from magjax.energy.crystal import crystal_axes, two_axes
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.numerics.sphere import components, scalar_product


class Magnetoelastic(AbstractEnergy):
    """The magnetoelastic energy of a cubic crystal under a given strain ε.

    w = B1 Σ_i ε_ii m_i² + 2 B2 (ε_xy m_x m_y + ε_xz m_x m_z + ε_yz m_y m_z)

    B_eff,i = −(2/Ms) [B1 ε_ii m_i + B2 Σ_{j≠i} ε_ij m_j]

    for a crystal with its axes along x, y, z. Of one with the axes c_i it is w = m·T m, B_eff = −(2/Ms) T m, with
    T = B2 ε + (B1 − B2) Σ_i (c_i·ε c_i) c_i⊗c_i.

    The spins do not act back on the lattice. With magnetostrictions, B1 = −(3/2) λ100 (c11 − c12) and
    B2 = −3 λ111 c44; an isotropic body has B1 = B2.

    - `B1`, `B2`: coupling constants, J/m³; any parameters.
    - `strain`: ε_xx, ε_yy, ε_zz along the axes of the mesh; a vector parameter: three numbers, `(3, nz, ny, nx)`, per
      region, a function of position, or a drive times any of them.
    - `shear`: ε_xy, ε_xz, ε_yz of the tensor, half of the engineering shear γ_ij; as `strain`.
    - `axis1`, `axis2`: two crystal axes c1, c2; the second is made perpendicular to the first, c3 = c1×c2. Along x and
      y when both are left out.

    **Raises** `ValueError` when both strains are left out, or `B2` where there is shear or the crystal is turned; for
    strains above 0.1 (given in %?), constants above 1e10 J/m³, axes of length zero, and parallel ones.

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
    axis1: Parameter | None
    axis2: Parameter | None

    def __init__(
        self,
        B1: Parameter,
        B2: Parameter | None = None,
        *,
        strain: Parameter | None = None,
        shear: Parameter | None = None,
        axis1: Parameter | None = None,
        axis2: Parameter | None = None,
    ):
        turned = axis1 is not None or axis2 is not None
        if strain is None and shear is None:
            raise ValueError("Argument `strain` or `shear` of `Magnetoelastic` must be given: spins couple to it.")
        if B2 is None and (shear is not None or turned):
            given = "`shear`" if shear is not None else "`axis1` or `axis2`"
            raise ValueError(f"Argument `B2` must be given with {given}, J/m³: it is what couples the spins to shear.")
        self.B1, self.B2 = parameter(B1, "B1"), parameter(0.0 if B2 is None else B2, "B2")
        for name in ("B1", "B2"):
            size = largest(getattr(self, name))
            if size > 1e10:
                raise ValueError(f"Argument `{name}` must be in J/m³, but got {size:g} J/m³; metals have some 1e7.")
        self.strain = None if strain is None else _strain(strain, "strain")
        self.shear = None if shear is None else _strain(shear, "shear")
        self.axis1 = self.axis2 = None
        if turned:
            axes = ((1.0, 0.0, 0.0) if axis1 is None else axis1), ((0.0, 1.0, 0.0) if axis2 is None else axis2)
            self.axis1, self.axis2 = two_axes(*axes)

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """B1 Σ ε_ii m_i² + 2 B2 (ε_xy m_x m_y + …), J/m³; m·T m in a turned crystal."""
        return quadratic_density(self.prepare(sample)(m), m, sample)

    def prepare(self, sample: Sample) -> AbstractField:
        """−(2/Ms) T: B1 ε_ii and B2 ε_ij in an unturned crystal, T."""
        scales = (-2 * sample.inverse_Ms * sample.value(B) for B in (self.B1, self.B2))
        first, second = (scale[None] if scale.ndim else scale for scale in scales)
        strain, shear = (None if part is None else sample.vector(part) for part in (self.strain, self.shear))
        if self.axis1 is not None:
            return MagnetoelasticField(*_turned(first, second, strain, shear, self._crystal(sample)))
        return MagnetoelasticField(
            None if strain is None else first * strain, None if shear is None else second * shear
        )

    def _crystal(self, sample: Sample) -> tuple[Array, Array, Array]:
        return crystal_axes(self.axis1, self.axis2, sample)


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


def _turned(
    first: Array, second: Array, strain: Array | None, shear: Array | None, crystal: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    """Diagonal and shear of `second` ε + (`first` − `second`) Σ (c·εc) c⊗c over the crystal's axes c."""
    none = jnp.zeros((3, 1, 1, 1), crystal[0].dtype)
    stretched, sheared = (none if part is None else part for part in (strain, shear))
    diagonal, mixed = second * stretched, second * sheared
    for c in crystal:
        x, y, z = components(c)
        square, product = c * c, jnp.concatenate([x * y, x * z, y * z], axis=0)
        along = (first - second) * (scalar_product(stretched, square) + 2 * scalar_product(sheared, product))
        diagonal, mixed = diagonal + along * square, mixed + along * product
    return diagonal, mixed


def _strain(value: Parameter, name: str) -> Parameter:
    checked = parameter(value, name)
    if largest(checked) > 0.1:
        raise ValueError(
            f"Argument `{name}` must hold strains, lengths over lengths, but got {largest(checked):g}; "
            "did you give % or microstrain?"
        )
    return checked
