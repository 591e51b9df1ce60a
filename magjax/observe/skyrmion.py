"""Where a skyrmion is, how large, and of which kind; where the core of a vortex is."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.mesh import AXES, Axis
from magjax.numerics.stencil import array_axis, next_neighbour, previous_neighbour
from magjax.observe.topology import derivative
from magjax.system import AbstractSystem


def skyrmion_position(t: Any, m: Array, system: AbstractSystem) -> Array:
    """Centre (x, y) of a skyrmion, or of any patch reversed against its surroundings, `(2,)`, m.

    The centroid of the reversed share (1 − s m_z)/2 squared, s the sign of ⟨m_z⟩; along a periodic axis the phase of
    its first harmonic, within the mesh. NaN where nothing is reversed.

    - `t`: time, s; of no influence. `m`: unit vectors `(3, nz, ny, nx)`. `system`: the system.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((64, 64, 1), 1e-9, periodic="x")
    >>> m = mj.textures.skyrmion(mesh, radius=8e-9, wall_width=3e-9, center=(20.3e-9, 31.8e-9))
    >>> [round(1e9 * float(x), 2) for x in mj.observe.skyrmion_position(0.0, m, mj.System(mesh, Ms=8e5))]  # nm
    [20.3, 31.8]
    """
    reversed_ = (1 - _background(m) * m[2]) / 2
    if system.occupied is not None:
        reversed_ = jnp.where(system.occupied.value, reversed_, 0)
    weight = reversed_**2
    some = jnp.max(reversed_) > 0.5
    return jnp.where(some, jnp.stack([_centroid(weight, axis, system) for axis in AXES[:2]]), jnp.nan)


def _background(m: Array) -> Array:
    return jnp.where(jnp.mean(m[2]) < 0, -1, 1).astype(m.dtype)


def _centroid(weight: Array, axis: Axis, system: AbstractSystem) -> Array:
    mesh, i = system.mesh, AXES.index(axis)
    others = tuple(k for k in range(3) if k != 3 + array_axis(axis))
    line = jnp.sum(weight, axis=others)
    x = jnp.asarray(mesh.coordinates(axis) - mesh.origin[i], line.dtype)
    if not mesh.is_periodic(axis):
        return mesh.origin[i] + jnp.sum(line * x) / jnp.sum(line)
    turn = 2 * jnp.pi * x / mesh.extent[i]
    phase = jnp.arctan2(jnp.sum(line * jnp.sin(turn)), jnp.sum(line * jnp.cos(turn)))
    return mesh.origin[i] + jnp.mod(phase / (2 * jnp.pi), 1) * mesh.extent[i]


def skyrmion_radius(t: Any, m: Array, system: AbstractSystem) -> Array:
    """Radius of the disc with the area in which m_z is reversed, m: for a round skyrmion that of m_z = 0.

    In cells that the line m_z = 0 crosses, the reversed share follows from the slope of m_z. The mean over the layers.

    - `t`: time, s; of no influence. `m`: unit vectors `(3, nz, ny, nx)`. `system`: the system.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((64, 64, 1), 1e-9)
    >>> m = mj.textures.skyrmion(mesh, radius=12.3e-9, wall_width=3e-9)
    >>> round(float(mj.observe.skyrmion_radius(0.0, m, mj.System(mesh, Ms=8e5))), 11)
    1.23e-08
    """
    mesh, m_z = system.mesh, m[2]
    steep = jnp.zeros_like(m_z)
    for axis in AXES[:2]:
        up, down = (f(m_z, axis, periodic=mesh.is_periodic(axis)) for f in (next_neighbour, previous_neighbour))
        steep = steep + jnp.abs(up - down) / 2
    share = jnp.clip(0.5 - _background(m) * m_z / jnp.where(steep > 0, steep, 1), 0, 1)
    share = jnp.where(steep > 0, share, (_background(m) * m_z < 0).astype(m.dtype))
    if system.occupied is not None:
        share = jnp.where(system.occupied.value, share, 0)
    area = jnp.sum(share) / m.shape[1] * (mesh.cell_size[0] * mesh.cell_size[1])
    return jnp.where(area > 0, jnp.sqrt(jnp.where(area > 0, area, 1) / jnp.pi), 0)


def helicity(t: Any, m: Array, system: AbstractSystem) -> Array:
    """Angle from the direction in which m_z rises to that of the spins in the plane, averaged over walls, rad.

    0: Néel, spins towards the up domain; π: Néel, away from it; ±π/2: Bloch. Of walls and skyrmions alike, wherever
    they are; what has both kinds has something between. The average of exp(i·angle) is weighted by |∇m_z| |m_∥|.

    - `t`: time, s; of no influence. `m`: unit vectors `(3, nz, ny, nx)`. `system`: the system.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((64, 64, 1), 1e-9)
    >>> m = mj.textures.skyrmion(mesh, radius=12e-9, wall_width=3e-9, kind="bloch", polarity=-1)
    >>> round(float(mj.observe.helicity(0.0, m, mj.System(mesh, Ms=8e5))), 6)
    1.570796
    """
    gx, gy = derivative(m, "x", system)[2], derivative(m, "y", system)[2]
    return jnp.arctan2(jnp.sum(gx * m[1] - gy * m[0]), jnp.sum(gx * m[0] + gy * m[1]))


def core_position(t: Any, m: Array, system: AbstractSystem) -> Array:
    """Place (x, y) of the core of a vortex, `(2,)`, m: where |m_z|, averaged over the layers, is largest.

    Between cells from the parabola through the largest value and its neighbours, along each axis.

    - `t`: time, s; of no influence. `m`: unit vectors `(3, nz, ny, nx)`. `system`: the system.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((40, 40, 1), 2.5e-9)
    >>> m = mj.textures.vortex(mesh, core_radius=8e-9, center=(53e-9, 41e-9))
    >>> [round(1e9 * float(x), 1) for x in mj.observe.core_position(0.0, m, mj.System(mesh, Ms=8e5))]  # nm
    [53.0, 41.0]
    """
    height = jnp.abs(jnp.mean(m[2], axis=0))
    ny, nx = height.shape
    top = jnp.argmax(height)
    row, column = top // nx, top % nx

    def between(line: Array, i: Array, n: int) -> Array:
        if n < 3:
            return i.astype(m.dtype)
        k = jnp.clip(i, 1, n - 2)
        below, here, above = line[k - 1], line[k], line[k + 1]
        bend = below - 2 * here + above
        return k + jnp.clip(jnp.where(bend == 0, 0, (below - above) / (2 * jnp.where(bend == 0, 1, bend))), -1.5, 1.5)

    x, y = between(height[row], column, nx), between(height[:, column], row, ny)
    mesh = system.mesh
    return jnp.stack([mesh.origin[i] + (c + 0.5) * mesh.cell_size[i] for i, c in enumerate((x, y))])
