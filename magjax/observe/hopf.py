"""How often the lines of constant direction of a texture in three dimensions link."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.mesh import AXES, Axis
from magjax.numerics.stencil import array_axis
from magjax.observe.emergent import solid_angle
from magjax.system import AbstractSystem


def hopf_index(t: Any, m: Array, system: AbstractSystem) -> Array:
    """The Hopf index H = −∫ A·B dV/(h/e)² of a texture, with B its emergent field and ∇×A = B.

    The flux through each square between four cells is a solid angle over 4π; A follows from the fluxes by a Fourier
    transform on the mesh, in Coulomb's gauge. Neither knows of lengths: cells may have any edges. The result is right
    to second order in the cells over the width of the texture.

    H is a whole number for textures that are uniform at the edges of the mesh, or that repeat along periodic axes
    without any net flux; for others it means nothing. The sign is that of micromagnetic literature: minus the number
    of times that lines of two directions, oriented along B, go round each other.

    - `t`: time, s; of no influence. `m`: unit vectors `(3, nz, ny, nx)`. `system`: the system.

    Sources: J. H. C. Whitehead, Proc. Natl. Acad. Sci. 33, 117 (1947); P. Sutcliffe, J. Phys. A 51, 375401 (2018).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((24, 24, 24), 2e-9)
    >>> m = mj.textures.hopfion(mesh, radius=10e-9, wall_width=5e-9)
    >>> round(float(mj.observe.hopf_index(0.0, m, mj.System(mesh, Ms=8e5))), 1)
    1.0
    """
    planes: tuple[tuple[Axis, Axis], ...] = (("y", "z"), ("z", "x"), ("x", "y"))
    waves, halves = [], []
    for axis, n in zip(AXES, system.mesh.cells, strict=True):
        shape = [1, 1, 1]
        shape[array_axis(axis)] = n
        k = (2 * np.pi * np.fft.fftfreq(n)).reshape(shape)
        waves.append(jnp.asarray(2 * np.sin(k / 2), m.dtype))
        halves.append(jnp.asarray(np.exp(-0.5j * k), jnp.result_type(m.dtype, jnp.complex64)))
    flux = []
    for a, b in planes:
        angles = jnp.fft.fftn(solid_angle(m, a, b, system.mesh) / (4 * jnp.pi))
        # The middle of a square lies half a cell off that of its first cell, along both its axes.
        flux.append(angles * halves[AXES.index(a)] * halves[AXES.index(b)])
    k2 = waves[0] ** 2 + waves[1] ** 2 + waves[2] ** 2
    inverse = jnp.where(k2 > 0, 1 / jnp.where(k2 > 0, k2, 1), 0)
    total = jnp.zeros((), m.dtype)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        potential = 1j * inverse * (waves[j] * flux[k] - waves[k] * flux[j])
        total = total + jnp.sum(jnp.real(potential * jnp.conj(flux[i])))
    return -total / system.mesh.n_cells
