"""How often a texture wraps the sphere."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.mesh import Axis
from magjax.numerics.sphere import cross, dot
from magjax.numerics.stencil import next_neighbour, previous_neighbour
from magjax.observe.emergent import solid_angle
from magjax.system import AbstractSystem


def skyrmion_number(t: Any, m: Array, system: AbstractSystem) -> Array:
    """The skyrmion number Q = (1/4π)∫ m·(∂x m × ∂y m) dx dy, averaged over the layers of the mesh.

    From the solid angles between the spins of neighbouring cells: a whole number for any texture on a torus, and for
    one that is uniform at its edge, however coarse the mesh.

    - `t`: time, s; of no influence. `m`: unit vectors `(3, nz, ny, nx)`. `system`: the system.

    Source: B. Berg and M. Lüscher, Nucl. Phys. B 190, 412 (1981).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((32, 32, 1), 2e-9)
    >>> m = mj.textures.skyrmion(mesh, radius=12e-9, wall_width=3e-9, polarity=-1)
    >>> round(float(mj.observe.skyrmion_number(0.0, m, mj.System(mesh, Ms=8e5))), 3)
    -1.0
    """
    return jnp.sum(solid_angle(m, "x", "y", system.mesh)) / (4 * jnp.pi * m.shape[1])


def skyrmion_density(t: Any, m: Array, system: AbstractSystem) -> Array:
    """The density (1/4π) m·(∂x m × ∂y m) in each cell by central differences, 1/m², `(nz, ny, nx)`.

    Its integral is the skyrmion number as other micromagnetic codes print it: right to second order in the cells.

    - `t`: time, s; of no influence. `m`: unit vectors `(3, nz, ny, nx)`. `system`: the system.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((64, 64, 1), 1e-9)
    >>> m = mj.textures.skyrmion(mesh, radius=12e-9, wall_width=4e-9, polarity=-1)
    >>> density = mj.observe.skyrmion_density(0.0, m, mj.System(mesh, Ms=8e5))
    >>> round(float(density.sum()) * 1e-18, 2)
    -0.99
    """
    return dot(m, cross(derivative(m, "x", system), derivative(m, "y", system))) / (4 * jnp.pi)


def derivative(m: Array, axis: Axis, system: AbstractSystem) -> Array:
    """∂m/∂x by central differences, 1/m; ∂m/∂n = 0 at free surfaces and beside empty cells.

    - `m`: unit vectors `(3, nz, ny, nx)`. `axis`: x, y or z. `system`: the system.

    >>> import magjax as mj
    >>> from magjax.observe.topology import derivative
    >>> mesh = mj.Mesh((8, 1, 1), 1e-9, periodic="x")
    >>> m = mj.textures.helix(mesh, 8e-9)
    >>> slope = derivative(m, "x", mj.System(mesh, Ms=8e5))
    >>> round(float(abs(slope[1]).max()) * 1e-9 / 0.78540, 2)  # of 2π/8 per cell
    0.83
    """
    periodic = system.mesh.is_periodic(axis)
    up, down = (f(m, axis, periodic=periodic) for f in (next_neighbour, previous_neighbour))
    if system.occupied is not None:
        there = system.occupied.value
        above, below = (f(there, axis, periodic=periodic) for f in (next_neighbour, previous_neighbour))
        up, down = jnp.where(above[None], up, m), jnp.where(below[None], down, m)
    lengths = dict(zip("xyz", system.mesh.cell_size, strict=True))
    return (up - down) / (2 * lengths[axis])
