"""The Oersted field of the current through a pillar."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.energy.base import AbstractEnergy, AbstractField
from magjax.energy.zeeman import ExternalField
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.mesh import AXES, Axis
from magjax.numerics.sphere import dot
from magjax.textures.field import offset


class OerstedPillar(AbstractEnergy):
    """The field of a current that flows evenly through a long round pillar, such as a magnetic tunnel junction.

    w = −Ms m·B,  B = (μ0 I/2π) n × ρ / max(ρ², R²), at the centres of cells; ρ is the distance from the middle.

    Across periodic axes it is the field of the nearest copy of the pillar alone: parallel currents without end have no
    field that repeats, for Ampère's law.

    - `I`: current along `axis`, A; a number, or a drive.
    - `radius`: R, m.
    - `axis`: along which the current flows, "x", "y" or "z". `center`: a point on the middle of the pillar, m; the
      middle of the mesh when left out.

    For any other path of the current there is `mj.Oersted`.

    **Raises** `ValueError` for a radius that is not positive, currents above 1 kA, another axis.

    Source: J. D. Jackson, Classical Electrodynamics, Sec. 5.3.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((21, 1, 1), 4e-9)
    >>> free_layer = mj.System(mesh, Ms=8e5, energy=mj.OerstedPillar(I=1e-3, radius=40e-9))
    >>> B = free_layer.field(mj.textures.uniform(mesh, (0, 0, 1)))
    >>> round(float(B[1, 0, 0, 20]) * 1e3, 6)  # at its rim: 2e-7 I/R, mT
    5.0
    """

    of_magnetisation: ClassVar[bool] = True
    units: ClassVar[Mapping[str, str]] = {"I": "A", "radius": "m"}

    I: Parameter  # noqa: E741 a current has no other name
    radius: Parameter
    center: tuple[float, float, float] | None = eqx.field(static=True)
    axis: Axis = eqx.field(static=True)

    def __init__(
        self,
        I: Parameter,  # noqa: E741
        radius: Parameter,
        *,
        center: Sequence[float] | None = None,
        axis: Axis = "z",
    ):
        self.I = parameter(I, "I")
        if largest(self.I) > 1e3:
            raise ValueError(f"Argument `I` must be in A, but got {largest(self.I):g} A; did you give mA, or A/m²?")
        self.radius = parameter(radius, "radius", minimum=0.0)
        if largest(self.radius) > 1e-2 or (eqx.is_array(self.radius) and largest(self.radius) == 0):
            raise ValueError(
                f"Argument `radius` must be a length > 0 in metres, but got {largest(self.radius):g} m; "
                "did you give nm?"
            )
        if axis not in AXES:
            raise ValueError(f"Argument `axis` must be 'x', 'y' or 'z', but got {axis!r}.")
        self.axis = axis
        self.center = None if center is None else _point(center)

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """−Ms m·B, J/m³."""
        return -sample.Ms * dot(m, self._field(sample))

    def prepare(self, sample: Sample) -> AbstractField:
        """The field on the mesh."""
        return ExternalField(self._field(sample))

    def _field(self, sample: Sample) -> Array:
        i = AXES.index(self.axis)
        middle = sample.mesh.center if self.center is None else self.center
        mesh = sample.mesh
        rho = np.stack([offset(mesh, a, c - o) for a, c, o in zip(AXES, mesh.centers(), middle, strict=True)])
        rho[i] = 0
        around = jnp.asarray(np.cross(np.eye(3)[i], rho, axisb=0, axisc=0), sample.dtype)
        radius = sample.value(self.radius)
        # In this order no factor leaves the range of single precision.
        inverse = around / jnp.maximum(jnp.asarray((rho**2).sum(0), sample.dtype), radius * radius)[None]
        return (constants.MU0 / (2 * np.pi)) * sample.value(self.I) * inverse


def _point(center: Any) -> tuple[float, float, float]:
    given = np.asarray(center, float)
    if given.shape != (3,) or not np.isfinite(given).all():
        raise ValueError(f"Argument `center` must hold three lengths in metres, but got {center!r}.")
    x, y, z = (float(c) for c in given)
    return x, y, z
