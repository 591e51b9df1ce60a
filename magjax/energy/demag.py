"""Demagnetisation."""

from collections.abc import Sequence
from typing import ClassVar

import equinox as eqx
import jax.numpy as jnp
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Array

from magjax.constants import MU0
from magjax.energy.base import AbstractEnergy, AbstractField, quadratic_density
from magjax.material.derived import Derived
from magjax.material.sample import Sample
from magjax.mesh import Mesh
from magjax.numerics.convolution import ENGINES, WORTH_KEEPING, Convolution, Engine
from magjax.numerics.demag_kernel import DemagKernel, check_images, demag_kernel


class Demag(AbstractEnergy):
    """Demagnetisation: the energy of the sample in its own stray field, exact for uniformly magnetised cells.

    w = −½ Ms m·B,  B = −μ0 N ∗ (Ms m).

    N is the cell-averaged demagnetisation tensor. Along periodic axes the fields of repeated copies of the sample add.

    - `mesh`: the mesh of the system it is used in. The kernel is computed here, once, and kept on disk for the next
      time.
    - `images`: copies of the sample on either side along x, y, z; 10 along periodic axes unless given. `math.inf`,
      along one axis or two, means the exact sum over an endless row or plane of copies.
    - `engine`: `"xla"`, the compiler's FFT; `"host"`, on a CPU a faster one outside the compiler; `"auto"` chooses by
      the number of cells.

    **Raises** `ValueError` for images that are negative, along axes that do not repeat, or infinitely many along all
    three axes, an unknown engine, and a system on another mesh.

    Source: A. J. Newell, W. Williams, D. J. Dunlop, J. Geophys. Res. 98, 9551 (1993).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((4, 4, 4), 5e-9)
    >>> cube = mj.System(mesh, Ms=8e5, energy=mj.Demag(mesh))
    >>> energy = cube.total_energy(mj.textures.uniform(mesh, (0, 0, 1)))
    >>> round(float(energy / (mj.constants.MU0 / 2 * 8e5**2 * (20e-9) ** 3)), 5)  # a cube has N = 1/3
    0.33333
    """

    is_nonlocal: ClassVar[bool] = True
    of_magnetisation: ClassVar[bool] = True

    kernel: Derived
    mesh: Mesh
    images: tuple[float, float, float] = eqx.field(static=True)
    engine: Engine = eqx.field(static=True)

    def __init__(self, mesh: Mesh, *, images: Sequence[float] | None = None, engine: Engine = "auto"):
        if engine not in ENGINES:
            raise ValueError(f"Argument `engine` must be one of {', '.join(map(repr, ENGINES))}, but got {engine!r}.")
        self.mesh = mesh
        self.images = check_images(mesh, images)
        self.engine = engine
        self.kernel = Derived(demag_kernel(mesh, self.images))

    def energy_density(self, m: Array, sample: Sample) -> Array:
        """−½ Ms m·B, J/m³."""
        return quadratic_density(self.prepare(sample)(m), m, sample)

    def prepare(self, sample: Sample) -> AbstractField:
        """The kernel in the sample's precision, laid out for the engine."""
        if not self.mesh.has_cells_of(sample.mesh):
            raise ValueError(
                f"Argument `mesh` of `Demag` must be the mesh of the system, {sample.mesh}, but got {self.mesh}; use "
                "`Demag(mesh)` with the mesh given to `System`."
            )
        kernel: DemagKernel = self.kernel.value
        return DemagField(Convolution(kernel, self.engine, sample.dtype), sample.Ms)


class DemagField(AbstractField):
    """B = −μ0 N ∗ (Ms m), in T."""

    convolution: Convolution
    Ms: Array

    def __call__(self, m: Array) -> Array:
        if self.Ms.ndim == 0:
            # Linear: the factor joins whatever the field enters, instead of a pass of its own beforehand.
            return self.Ms * self._convolved(m)
        return self._convolved(self.Ms[None] * m)

    def _convolved(self, field: Array) -> Array:
        return checkpoint_name(self.convolution(field), WORTH_KEEPING)

    def bound(self) -> Array:
        # The eigenvalues of the demagnetisation tensor lie between 0 and 1.
        return MU0 * jnp.max(self.Ms)
