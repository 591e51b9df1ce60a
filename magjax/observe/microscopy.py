"""The field of a sample above it, and what a magnetic force microscope sees there."""

import math
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array

from magjax.mesh import Mesh
from magjax.numerics.demag_kernel import check_images
from magjax.numerics.plane_kernel import above
from magjax.system import AbstractSystem


def stray_field(
    t: Any, m: Array, system: AbstractSystem, *, height: float, images: Sequence[float] | None = None
) -> Array:
    """The magnetic field B of a sample in a plane above it, at the points above the cells' centres, `(3, ny, nx)`, T.

    B(r) = −μ0 Σ_cells N(r − r_cell) Ms m, exact for uniformly magnetised cells: N is the tensor of a cuboid at a point.

    - `t`: time, s. `m`: unit vectors of a ferromagnet, or of sublattices, whose magnetisations add.
    - `system`: the system.
    - `height`: of the plane above the top of the mesh, m.
    - `images`: copies of the sample on either side along x, y, z; 10 along periodic axes unless given.

    **Raises** `ValueError` for a height that is not positive (or above 1 m: given in nm?), a mesh that is periodic
    along z, and images that are infinitely many or along axes that do not repeat; `TypeError` for a height that is
    traced.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((4, 2, 5), (5e-9, 10e-9, 4e-9))
    >>> cube = mj.System(mesh, Ms=8e5)
    >>> B = mj.observe.stray_field(0.0, mj.textures.uniform(mesh, "z"), cube, height=190e-9)
    >>> round(float(B[2].mean()) * 1e3, 3)  # μ0 m/(2π r³) of a dipole 200 nm away, mT
    0.159
    """
    return above(net_magnetisation(t, m, system), *_plane(system.mesh, height, images), "field")


def mfm(t: Any, m: Array, system: AbstractSystem, *, height: float, images: Sequence[float] | None = None) -> Array:
    """What a magnetic force microscope sees: ∂²B_z/∂z² in a plane above the sample, `(ny, nx)`, T/m².

    On a tip that is a dipole μ (A·m²) along z the force is F_z = μ ∂B_z/∂z. The gradient of the force shifts its
    oscillation, ∂F_z/∂z = μ ∂²B_z/∂z² in N/m: in phase by −(Q/k) ∂F_z/∂z, in frequency by −(f/2k) ∂F_z/∂z, where k is
    the stiffness of the lever and Q its quality. The tip does not disturb the sample.

    - `t`: time, s. `m`: unit vectors of a ferromagnet, or of sublattices, whose magnetisations add.
    - `system`: the system.
    - `height`: of the tip's dipole above the top of the mesh, m.
    - `images`: copies of the sample on either side along x, y, z; 10 along periodic axes unless given.

    **Raises** as `stray_field` does.

    Source: U. Hartmann, Annu. Rev. Mater. Sci. 29, 53 (1999).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((32, 32, 1), 4e-9)
    >>> film = mj.System(mesh, Ms=8e5)
    >>> m = mj.textures.skyrmion(mesh, radius=20e-9, wall_width=4e-9)
    >>> image = mj.observe.mfm(0.0, m, film, height=20e-9)
    >>> f"{float(abs(image[14:18, 14:18]).max()):.1e}"  # above the core
    '5.3e+14'
    """
    return above(net_magnetisation(t, m, system), *_plane(system.mesh, height, images), "curvature")


def net_magnetisation(t: Any, m: Array, system: AbstractSystem) -> Array:
    """Ms m of all sublattices together, A/m."""
    M = system.magnetisation(t, m.dtype) * m
    return M if M.ndim == 4 else jnp.sum(M, axis=0)


def _plane(mesh: Mesh, height: Any, images: Any) -> tuple[Mesh, float, tuple[float, float, float]]:
    """The arguments of `above` for the plane."""
    if isinstance(height, Tracer):
        raise TypeError("Argument `height` must be a number, but got a traced one: kernels are computed on the host.")
    if not 0 < float(height) < 1:
        raise ValueError(f"Argument `height` must be > 0, in m, but got {height!r}; did you give nm?")
    if mesh.is_periodic("z"):
        raise ValueError(
            f"Argument `system` must have a surface, but its mesh is periodic along z (periodic={mesh.periodic!r}): "
            "there is no plane above it."
        )
    return mesh, float(height), finite_images(mesh, images)


def finite_images(mesh: Mesh, images: Any) -> tuple[int, int, int]:
    """Copies of the mesh on either side along x, y, z, as for `mj.Demag`, but finitely many.

    **Raises** `ValueError` for endlessly many, and what `mj.Demag` refuses.
    """
    copies = check_images(mesh, images)
    if math.inf in copies:
        raise ValueError(f"Argument `images` must be finite here, but got {images!r}.")
    x, y, z = (int(number) for number in copies)
    return x, y, z
