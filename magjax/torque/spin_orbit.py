"""The torque of a current beside a layer, whose spins the spin Hall effect sorts."""

from collections.abc import Mapping
from typing import ClassVar

import jax.numpy as jnp
from jaxtyping import Array

from magjax.material.direction import direction
from magjax.material.parameter import Parameter, parameter
from magjax.material.sample import Sample
from magjax.numerics.sphere import cross, normalize
from magjax.torque.base import (
    AbstractTorque,
    AbstractTorqueField,
    current_density,
    layer_thickness,
    spin_current_field,
)


class SpinOrbit(AbstractTorque):
    """Torque of spins, polarised along p, that a current in a heavy metal sends into the layer.

    τ = γ B_j [θ_SH m×(p×m) − θ_FL m×p],   B_j = ħ j/(2 e Ms t)

    - `j`: current density in the metal, A/m², anywhere in space and time.
    - `p`: direction of the spins that enter: a vector, "x", "y", …; for a metal below and j along +x it is "-y" where
      θ_SH > 0 (p = j × z), for one above "y".
    - `theta_SH`: spin Hall angle, times the transparency of the interface: the damping-like part.
    - `theta_FL`: the field-like part, in the same unit; it acts like the field B_j θ_FL p.
    - `thickness`: t of the magnetic layer, m.

    **Raises** `ValueError` for thicknesses that are not positive, and a p without direction.

    Source: A. Manchon et al., Rev. Mod. Phys. 91, 035004 (2019).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), (50e-9, 50e-9, 1e-9))
    >>> layer = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 0.01)))
    >>> driven = layer + mj.SpinOrbit(j=1e12, p="y", theta_SH=0.2, thickness=1e-9)
    >>> end = mj.evolve(driven, mj.textures.uniform(mesh, (0, 0, 1)), 5e-9)
    >>> bool(end.average[-1, 1] > 0.9)  # pulled to the spins that enter
    True
    """

    units: ClassVar[Mapping[str, str]] = {"j": "A/m²", "thickness": "m"}

    j: Parameter
    p: Parameter
    theta_SH: Parameter
    theta_FL: Parameter
    thickness: Parameter

    def __init__(
        self,
        j: Parameter,
        p: Parameter,
        *,
        theta_SH: Parameter,
        thickness: Parameter,
        theta_FL: Parameter = 0.0,
    ):
        self.j = current_density(j)
        self.p = direction(p, "p")
        self.theta_SH = parameter(theta_SH, "theta_SH")
        self.theta_FL = parameter(theta_FL, "theta_FL")
        self.thickness = layer_thickness(thickness)

    def prepare(self, sample: Sample) -> AbstractTorqueField:
        """Both parts' fields on the mesh, T."""
        per_angle = spin_current_field(sample, sample.value(self.j), sample.value(self.thickness))
        parts = [per_angle * sample.value(angle) for angle in (self.theta_SH, self.theta_FL)]
        damping, field = (part[None] if part.ndim else part for part in parts)
        return SpinOrbitField(p=normalize(sample.vector(self.p)), damping_like=damping, field_like=field)


class SpinOrbitField(AbstractTorqueField):
    """b = B_DL m×p + B_FL p, in T."""

    p: Array
    damping_like: Array
    field_like: Array

    def __call__(self, m: Array) -> Array:
        return self.damping_like * cross(m, self.p) + self.field_like * self.p

    def bound(self) -> Array:
        return jnp.max(jnp.abs(self.damping_like) + jnp.abs(self.field_like))
