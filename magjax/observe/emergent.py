"""The magnetic field that conduction electrons feel where a texture twists."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.mesh import AXES, Axis, Mesh
from magjax.numerics.sphere import cross, dot
from magjax.numerics.stencil import array_axis, next_neighbour
from magjax.system import System

#: Flux of the emergent field per solid angle, T·m²: h/e for each 4π.
_FLUX = constants.HBAR / (2 * constants.E_CHARGE)


def emergent_field(t: Any, m: Array, system: System) -> Array:
    """The emergent magnetic field B_i = (ħ/2e) ½ε_ijk m·(∂_j m × ∂_k m) of a texture, `(3, nz, ny, nx)`, T.

    An electron whose spin follows m gathers half the solid angle that m goes round: as if this field acted on its
    charge, with the opposite sign for the opposite spin. Each square between four cells contributes the solid angle
    between their spins, a quarter to each of the four; so the flux of a closed texture is h/e times its skyrmion
    number exactly, however coarse the mesh. A cell at a free edge has squares on one side only, and half the value.

    - `t`: time, s; of no influence. `m`: unit vectors `(3, nz, ny, nx)`. `system`: the system.

    Sources: G. Volovik, J. Phys. C 20, L83 (1987); B. Berg and M. Lüscher, Nucl. Phys. B 190, 412 (1981).

    >>> import magjax as mj
    >>> from magjax.observe import emergent_field
    >>> mesh = mj.Mesh((32, 32, 1), (1e-9, 2e-9, 1e-9), periodic="xy")
    >>> film = mj.System(mesh, Ms=8e5)
    >>> m = mj.textures.skyrmion(mesh, radius=8e-9, wall_width=2e-9)
    >>> flux = emergent_field(0.0, m, film)[2].sum() * 1e-9 * 2e-9
    >>> round(abs(float(flux)) / 4.135667696e-15, 6)  # in h/e
    1.0
    """
    mesh = system.mesh
    planes: tuple[tuple[Axis, Axis], ...] = (("y", "z"), ("z", "x"), ("x", "y"))
    lengths = dict(zip(AXES, mesh.cell_size, strict=True))
    fields = []
    for a, b in planes:
        shared = solid_angle(m, a, b, mesh)
        # At a free edge the last square is empty, so that rolling brings in a zero.
        for axis in (a, b):
            shared = (shared + jnp.roll(shared, 1, array_axis(axis))) / 2
        fields.append(shared * (_FLUX / (lengths[a] * lengths[b])))
    return jnp.stack(fields)


def solid_angle(m: Array, a: Axis, b: Axis, mesh: Mesh) -> Array:
    """Solid angle between the spins at the corners of the square from each cell on along `a` and `b`, two triangles.

    - `m`: unit vectors `(3, nz, ny, nx)`. `a`, `b`: two axes. `mesh`: the mesh.

    **Returns** `(nz, ny, nx)`, rad².

    >>> import magjax as mj
    >>> from magjax.observe.emergent import solid_angle
    >>> mesh = mj.Mesh((16, 16, 1), 1e-9)
    >>> angle = solid_angle(mj.textures.skyrmion(mesh, radius=4e-9, wall_width=1e-9), "x", "y", mesh).sum()
    >>> round(float(angle) / 12.566370614, 3)
    -1.0
    """
    along_a = next_neighbour(m, a, periodic=mesh.is_periodic(a))
    along_b = next_neighbour(m, b, periodic=mesh.is_periodic(b))
    opposite = next_neighbour(along_a, b, periodic=mesh.is_periodic(b))
    return _triangle(m, along_a, opposite) + _triangle(m, opposite, along_b)


def _triangle(u: Array, v: Array, w: Array) -> Array:
    """tan(Ω/2) = u·(v×w)/(1 + u·v + v·w + w·u) of unit vectors (A. van Oosterom and J. Strackee, 1983)."""
    sine = dot(u, cross(v, w))
    cosine = 1 + dot(u, v) + dot(v, w) + dot(w, u)
    # Opposite spins leave the angle open: 0/0.
    known = (sine != 0) | (cosine != 0)
    return 2 * jnp.where(known, jnp.arctan2(sine, jnp.where(known, cosine, 1)), 0)
