"""Hopfions."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from magjax.mesh import AXES, Mesh
from magjax.textures.field import length, offset, sign, unit_field
from magjax.textures.skyrmion import wall_angle


def hopfion(
    mesh: Mesh,
    radius: float,
    wall_width: float,
    index: int = 1,
    background: int = 1,
    center: Sequence[float] | None = None,
    dtype: Any = None,
) -> Float[Array, "3 nz ny nx"]:
    """A hopfion in a uniform background along z: a ring of reversed spins whose directions link.

    With u = cos f + i sin f cos θ and v = sin f sin θ e^{±iφ} in spherical coordinates about the centre,
    m = (2 Re u*v, 2 Im u*v, ±|u|² ∓ |v|²), tan(f/2) = sinh(R/w)/sinh(r/w): Hopf's map of a sphere in four
    dimensions that space is wrapped round once.

    **Arguments**

    - `radius`: R, of the ring where m_z is opposite to the background, m.
    - `wall_width`: w, over which the texture fades into the background, m.
    - `index`: Hopf index, ±1.
    - `background`: m_z far away, ±1.
    - `center`: x, y and z, m; the middle of the mesh when left out.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for lengths that are not positive, and signs other than ±1.

    Source: P. Sutcliffe, J. Phys. A 51, 375401 (2018).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((21, 21, 21), 2e-9)
    >>> m = mj.textures.hopfion(mesh, radius=10e-9, wall_width=4e-9)
    >>> [round(float(m[2, 10, 10, i]), 2) for i in (0, 5, 10)]  # outside, on the ring, in the middle
    [0.95, -1.0, 1.0]
    """
    a, b = length("radius", radius), length("wall_width", wall_width)
    middle = mesh.center if center is None else tuple(center)
    if len(middle) != 3 or not np.isfinite(middle).all():
        raise ValueError(f"Argument `center` must hold x, y and z in metres, but got {center!r}.")
    x, y, z = (offset(mesh, axis, c - middle[i]) for i, (axis, c) in enumerate(zip(AXES, mesh.centers(), strict=True)))
    r = np.sqrt(x * x + y * y + z * z)
    f = wall_angle(a / b, r / b)
    # sin f · (x, y, z)/r, which is 0 in the middle.
    along = np.sin(f) / np.where(r > 0, r, 1)
    u = np.cos(f) + 1j * along * z
    # Mirroring space turns links of the one kind into those of the other; mirroring the spins would not.
    v = along * (x + sign("index", index) * 1j * y)
    product, up = 2 * np.conj(u) * v, sign("background", background)
    return unit_field(mesh, (product.real, product.imag, up * (np.abs(u) ** 2 - np.abs(v) ** 2)), dtype)
