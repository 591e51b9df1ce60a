"""The torque of a current across a layer, polarised by another one."""

from collections.abc import Mapping
from typing import ClassVar, Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.material.direction import direction
from magjax.material.parameter import Parameter, parameter
from magjax.material.sample import Sample
from magjax.numerics.sphere import cross, normalize, scalar_product
from magjax.torque.base import (
    AbstractTorque,
    AbstractTorqueField,
    current_density,
    layer_thickness,
    polarisation,
    spin_current_field,
)


class Slonczewski(AbstractTorque):
    """Spin transfer from a current across the layers, polarised along p by a fixed layer.

    τ = γ B_j [ε m×(p×m) − ε′ m×p],   B_j = ħ j/(e Ms t),   ε = PΛ²/[(Λ²+1) + (Λ²−1) m·p]

    - `j`: current density along +z, A/m², as technical current, anywhere in space and time. Positive, it turns the
      spins towards the p of a fixed layer on top, for electrons then come from there.
    - `p`: direction of the fixed layer's magnetisation: a vector, "x", "y", "z", or one for each cell.
    - `P`: polarisation, 0 … 1. `Lambda`: Λ, asymmetry between parallel and antiparallel, ≥ 0; 1 means none.
    - `epsilon_prime`: ε′, the secondary, field-like part; it acts like the field B_j ε′ p.
    - `thickness`: t of the free layer, m.
    - `fixed`: on which side of it the fixed layer is, "top" or "bottom".

    **Raises** `ValueError` for P outside 0 … 1, negative Λ, thicknesses that are not positive, and an unknown side.

    Sources: J. C. Slonczewski, J. Magn. Magn. Mater. 159, L1 (1996); J. Xiao, A. Zangwill, M. D. Stiles, Phys. Rev. B
    70, 172405 (2004).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), (50e-9, 50e-9, 2e-9))
    >>> layer = mj.System(mesh, Ms=8e5, alpha=0.01, energy=mj.UniaxialAnisotropy(K=2e5, axis=(0, 0, 1)))
    >>> driven = layer + mj.Slonczewski(j=-5e11, p="z", P=0.6, thickness=2e-9)
    >>> end = mj.evolve(driven, mj.textures.uniform(mesh, (0.1, 0, 1)), 2e-9)
    >>> bool(end.average[-1, 2] < -0.9)  # reversed by the current
    True
    """

    units: ClassVar[Mapping[str, str]] = {"j": "A/m²", "thickness": "m"}

    j: Parameter
    p: Parameter
    P: Parameter
    thickness: Parameter
    Lambda: Parameter
    epsilon_prime: Parameter
    fixed: Literal["top", "bottom"] = eqx.field(static=True)

    def __init__(
        self,
        j: Parameter,
        p: Parameter,
        *,
        P: Parameter,
        thickness: Parameter,
        Lambda: Parameter = 1.0,
        epsilon_prime: Parameter = 0.0,
        fixed: Literal["top", "bottom"] = "top",
    ):
        if fixed not in ("top", "bottom"):
            raise ValueError(f"Argument `fixed` must be 'top' or 'bottom', but got {fixed!r}.")
        self.j = current_density(j)
        self.fixed = fixed
        self.p = direction(p, "p")
        self.P = polarisation(P)
        self.thickness = layer_thickness(thickness)
        self.Lambda = parameter(Lambda, "Lambda", minimum=0.0, hint="only Λ² counts")
        self.epsilon_prime = parameter(epsilon_prime, "epsilon_prime")

    def prepare(self, sample: Sample) -> AbstractTorqueField:
        """B_j and the coefficients of ε on the mesh."""

        def lifted(value: Array) -> Array:
            return value[None] if value.ndim else value

        twice = 2 if self.fixed == "top" else -2
        strength = twice * spin_current_field(sample, sample.value(self.j), sample.value(self.thickness))
        return SlonczewskiField(
            p=normalize(sample.vector(self.p)),
            strength=lifted(strength),
            P=lifted(sample.value(self.P)),
            square=lifted(sample.value(self.Lambda) ** 2),
            epsilon_prime=lifted(sample.value(self.epsilon_prime)),
        )


class SlonczewskiField(AbstractTorqueField):
    """b = B_j (ε m×p + ε′ p), in T."""

    p: Array
    strength: Array
    P: Array
    square: Array
    epsilon_prime: Array

    def __call__(self, m: Array) -> Array:
        p = self.p
        epsilon = self.P * self.square / (self.square + 1 + (self.square - 1) * scalar_product(m, p))
        return self.strength * (epsilon * cross(m, p) + self.epsilon_prime * p)

    def bound(self) -> Array:
        # ε is largest where m and p are opposite, and changes with m by at most as much.
        largest = (
            self.P * jnp.maximum(self.square, 1) * jnp.maximum(self.square, 1 / jnp.maximum(self.square, 1e-6)) / 2
        )
        return jnp.max(jnp.abs(self.strength) * (largest + jnp.abs(self.epsilon_prime)))
