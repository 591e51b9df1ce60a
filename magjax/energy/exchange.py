"""Exchange."""

from collections.abc import Mapping
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.energy.base import AbstractEnergy, AbstractField
from magjax.energy.faces import ByPair, by_pair, face_value
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.mesh import AXES, Axis
from magjax.numerics.laplacian import second_difference
from magjax.numerics.stencil import next_neighbour, padded, previous_neighbour, shifted


class Exchange(AbstractEnergy):
    """Heisenberg exchange in the continuum, with the six-neighbour stencil.

    w = A (∇m)²,  B_eff = (2/Ms) ∇·(A ∇m).

    Between cells of different A the stiffness of their common face is the harmonic mean 2A₁A₂/(A₁+A₂). Free surfaces
    and the borders of empty cells obey ∂m/∂n = 0; periodic axes wrap.

    - `A`: exchange stiffness, J/m; any parameter.
    - `between`: stiffness of the faces between two regions instead of the harmonic mean, J/m, as
      `{("left", "right"): -2e-12}`; may be negative (antiferromagnetic coupling).
    - `scale`: factor of the harmonic mean there, as `{("left", "right"): 0.3}`; may be negative, too.

    **Raises** `ValueError` for stiffnesses that are not finite or above 1e-6 J/m (given in pJ/m?), unknown regions, a
    pair of them that is given twice, and factors like stiffnesses.

    Source: M. J. Donahue and D. G. Porter, Physica B 343, 177 (2004).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((8, 1, 1), 2e-9)
    >>> wire = mj.System(mesh, Ms=8e5, energy=mj.Exchange(A=1.3e-11))
    >>> float(wire.total_energy(mj.textures.uniform(mesh, (1, 0, 0))))
    0.0
    """

    units: ClassVar[Mapping[str, str]] = {"A": "J/m", "between": "J/m", "scale": ""}

    A: Parameter
    between: ByPair
    scale: ByPair

    def __init__(self, A: Parameter, *, between: ByPair | None = None, scale: ByPair | None = None):
        self.A = parameter(A, "A")
        if largest(self.A) > 1e-6:
            raise ValueError(f"Argument `A` must be in J/m, but got {largest(self.A):g} J/m; did you give pJ/m?")
        self.between, self.scale = by_pair(between, scale)

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """−½ Ms m·B_eff + a part that sums to zero: half of each face's A|Δm|²/d², J/m³."""
        density = jnp.zeros(sample.mesh.shape, m.dtype)
        for axis, forward, backward in _faces(self, sample):
            periodic = sample.mesh.is_periodic(axis)
            for coefficient, neighbour in ((forward, next_neighbour), (backward, previous_neighbour)):
                difference = neighbour(m, axis, periodic=periodic) - m
                density = density + coefficient * (difference[0] ** 2 + difference[1] ** 2 + difference[2] ** 2) / 2
        return density

    def prepare(self, sample: Sample) -> AbstractField:
        """Stencil coefficients 2A/(Ms d²) of the faces, T."""
        inverse = 2 * sample.inverse_Ms
        faces = _faces(self, sample)
        return ExchangeField(
            axes=tuple(axis for axis, _, _ in faces),
            periodic=sample.mesh.periodic,
            forward=tuple(f * inverse for _, f, _ in faces),
            backward=tuple(b * inverse for _, _, b in faces),
        )


class ExchangeField(AbstractField):
    """Σ_axes c⁺ (m⁺ − m) + c⁻ (m⁻ − m), in T."""

    axes: tuple[Axis, ...] = eqx.field(static=True)
    periodic: str = eqx.field(static=True)
    forward: tuple[Array, ...]
    backward: tuple[Array, ...]

    def __call__(self, m: Array) -> Array:
        total = jnp.zeros_like(m)
        if not self.axes:
            return total
        if self.forward[0].ndim == 0:
            parts = [
                c * second_difference(m, axis, axes=self.axes, periodic=self.periodic)
                for axis, c in zip(self.axes, self.forward, strict=True)
            ]
            return sum(parts[1:], start=parts[0])
        rimmed = padded(m, self.axes, self.periodic)
        here = shifted(rimmed, self.axes, self.axes[0], 0)
        for axis, forward, backward in zip(self.axes, self.forward, self.backward, strict=True):
            up, down = shifted(rimmed, self.axes, axis, 1), shifted(rimmed, self.axes, axis, -1)
            total = total + (forward[None] * (up - here) + backward[None] * (down - here))
        return total

    def bound(self) -> Array:
        # Gershgorin: twice the sum of a row's couplings; exact for the checkerboard mode.
        sums = [jnp.abs(f) + jnp.abs(b) for f, b in zip(self.forward, self.backward, strict=True)]
        return 2 * jnp.max(sum(sums)) if sums else jnp.zeros(())


def _faces(term: Exchange, sample: Sample) -> list[tuple[Axis, Array, Array]]:
    """For each axis the A/d² of the faces to the next and the previous cell, J/m³; 0 where there is no neighbour."""
    mesh = sample.mesh
    A = sample.value(term.A)
    faces = []
    for axis, n, d in zip(AXES, mesh.cells, mesh.cell_size, strict=True):
        if n == 1:
            continue
        # 1/d² in two steps: d² of a nanometre underflows nothing in float32, but A/d² keeps more digits this way round.
        # One number serves the stencil that knows free ends by itself; with Ms in cells the field has none of that.
        uniform = A.ndim == 0 and sample.Ms.ndim == 0 and sample.occupied is None
        if uniform and not (term.between or term.scale):
            stiffness = A / d / d
            faces.append((axis, stiffness, stiffness))
            continue
        forward, backward = (
            face_value(A, sample, axis, neighbour, between=term.between, scale=term.scale) / d / d
            for neighbour in (next_neighbour, previous_neighbour)
        )
        faces.append((axis, forward, backward))
    return faces
