"""The Oersted field of a current that flows through the sample, or beside it."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import jax.numpy as jnp
from jaxtyping import Array

from magjax.drive import Driven
from magjax.energy.base import AbstractEnergy, AbstractField, AbstractInduced
from magjax.energy.zeeman import Zeeman
from magjax.material.derived import Derived
from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.mesh import Mesh
from magjax.numerics.biot_savart import BiotSavartKernel, biot_savart_kernel, current_field


class Oersted(AbstractInduced):
    """The field of a current density on the mesh, by Biot and Savart's law, exact for cells of uniform current.

    w = −Ms m·B,  B = (μ0/4π) ∫ j × r/r³ dV, averaged over each cell.

    Currents flow in empty cells, too: conductors need not be magnetic. What flows outside of the mesh has no part in
    B, so that leads must be in it, or repeat along periodic axes. Where the current changes in time, its field follows
    at once, and costs nothing anew.

    - `mesh`: the mesh of the system it is used in. The kernel is computed here, once, and kept on disk.
    - `j`: current density, A/m²: a vector, `(3, nz, ny, nx)`, per region, a function of position, or a drive times any
      of them.
    - `images`: copies of the mesh on either side along x, y, z; endlessly many along periodic axes unless given.

    **Raises** `ValueError` above 1e16 A/m², for images as in `mj.Demag`, and a system on another mesh.

    Source: J. D. Jackson, Classical Electrodynamics, Eq. 5.14.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 60), (5e-9, 5e-9, 1e-9), periodic="xy")
    >>> sheet = mj.shapes.layer(20e-9, 40e-9, axis="z")
    >>> field = mj.Oersted(mesh, lambda x, y, z: (1e12 * sheet.mask(mesh), 0 * y, 0 * z))
    >>> B = mj.System(mesh, Ms=8e5, energy=field).field(mj.textures.uniform(mesh, (0, 0, 1)))
    >>> [round(float(B[1, k, 0, 0]) * 1e3, 4) for k in (5, 55)]  # below and above a sheet: ±μ0 j t/2, mT
    [12.5664, -12.5664]
    """

    of_magnetisation: ClassVar[bool] = True
    units: ClassVar[Mapping[str, str]] = {"j": "A/m²"}

    j: Parameter
    kernel: Derived
    mesh: Mesh

    def __init__(self, mesh: Mesh, j: Parameter, *, images: Sequence[float] | None = None):
        self.j = parameter(j, "j")
        if largest(self.j) > 1e16:
            raise ValueError(f"Argument `j` must be a current density in A/m², but got {largest(self.j):g} A/m².")
        self.mesh = mesh
        self.kernel = Derived(biot_savart_kernel(mesh, images))

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """−Ms m·B, J/m³."""
        return self.induced(sample).energy_density(m, sample)

    def prepare(self, sample: Sample) -> AbstractField:
        """The field at the sample's time."""
        return self.induced(sample).prepare(sample)

    def induced(self, sample: Sample) -> AbstractEnergy:
        """The same field as an external one: each profile of the current convolved once, its drive kept."""
        if not self.mesh.has_cells_of(sample.mesh):
            raise ValueError(
                f"Argument `mesh` of `Oersted` must be the mesh of the system, {sample.mesh}, but got {self.mesh}; use "
                "`Oersted(mesh, …)` with the mesh given to `System`."
            )
        if isinstance(self.j, Driven):
            return Zeeman(Driven(tuple((self._field(profile, sample), drive) for profile, drive in self.j.terms)))
        return Zeeman(self._field(self.j, sample))

    def _field(self, j: Any, sample: Sample) -> Array:
        kernel: BiotSavartKernel = self.kernel.value
        return current_field(jnp.broadcast_to(sample.vector(j), (3, *sample.mesh.shape)), kernel)
