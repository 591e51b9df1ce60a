"""Vortices and antivortices."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Array, Float

from magjax.mesh import Mesh
from magjax.textures.field import length, polar, sign, unit_field


def vortex(
    mesh: Mesh,
    circulation: int = 1,
    polarity: int = 1,
    core_radius: float = 10e-9,
    center: Sequence[float] | None = None,
    dtype: Any = None,
) -> Float[Array, "3 nz ny nx"]:
    """A vortex in the plane, its core out of it.

    m_φ = circulation · 2ρ/(1 + ρ²), m_z = polarity · (1 − ρ²)/(1 + ρ²) with ρ = r/core_radius inside the core;
    m_φ = circulation outside.

    **Arguments**

    - `circulation`: +1 counter-clockwise seen from +z, −1 clockwise.
    - `polarity`: m_z of the core, +1 or −1.
    - `core_radius`: where m_z has fallen to zero, m.
    - `center`: x and y of the core, m; the middle of the mesh when left out.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for signs other than ±1 and a radius that is not positive.

    Source: N. A. Usov and S. E. Peschany, J. Magn. Magn. Mater. 118, L290 (1993).

    >>> import magjax as mj
    >>> m = mj.textures.vortex(mj.Mesh((41, 41, 1), 5e-9), polarity=-1)
    >>> float(m[2, 0, 20, 20])
    -1.0
    """
    circulation = sign("circulation", circulation)
    return _around(mesh, 1, circulation * np.pi / 2, polarity, core_radius, center, dtype)


def antivortex(
    mesh: Mesh,
    polarity: int = 1,
    core_radius: float = 10e-9,
    center: Sequence[float] | None = None,
    angle: float = 0.0,
    dtype: Any = None,
) -> Float[Array, "3 nz ny nx"]:
    """An antivortex: the in-plane direction turns against the angle φ of the position, as `angle` − φ.

    **Arguments**

    - `polarity`: m_z of the core, +1 or −1.
    - `core_radius`: where m_z has fallen to zero, m; the core is a vortex's.
    - `center`: x and y of the core, m; the middle of the mesh when left out.
    - `angle`: direction of the spins on the +x side, radians from +x.
    - `dtype`: of the result; JAX's default float when left out.

    **Raises** `ValueError` for a polarity other than ±1 and a radius that is not positive.

    >>> import magjax as mj
    >>> m = mj.textures.antivortex(mj.Mesh((41, 41, 1), 5e-9))
    >>> m[:2, 0, 20, 40].tolist()
    [1.0, 0.0]
    """
    return _around(mesh, -1, angle, polarity, core_radius, center, dtype)


def _around(
    mesh: Mesh,
    winding: int,
    angle: float,
    polarity: int,
    core_radius: float,
    center: Sequence[float] | None,
    dtype: Any,
) -> Array:
    core_radius = length("core_radius", core_radius)
    r, phi = polar(mesh, center)
    rho = np.minimum(r / core_radius, 1)
    in_plane, out = 2 * rho / (1 + rho**2), (1 - rho**2) / (1 + rho**2)
    direction = winding * phi + angle
    components = (in_plane * np.cos(direction), in_plane * np.sin(direction), sign("polarity", polarity) * out)
    return unit_field(mesh, components, dtype)
