"""From three components to a field of unit vectors, and the coordinates that textures are written in."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from magjax.mesh import AXES, Axis, Mesh


def unit_field(mesh: Mesh, components: Any, dtype: Any = None, *, empty: bool = False) -> Float[Array, "3 nz ny nx"]:
    """Components of any length as unit vectors on every cell, normalised in float64 and then rounded once.

    **Arguments**

    - `components`: three arrays that broadcast to `(nz, ny, nx)`.
    - `dtype`: of the result; JAX's default float when left out.
    - `empty`: whether zero vectors are allowed and stay zero, as in cells without material.

    **Raises** `ValueError` where a vector has no length or is not finite.
    """
    if len(components) != 3:
        raise ValueError(f"A texture must have three components, but got {len(components)}.")
    m = np.stack([np.broadcast_to(np.asarray(component, dtype=float), mesh.shape) for component in components])
    length = np.sqrt((m**2).sum(axis=0))
    bad = ~np.isfinite(length) if empty else ~(np.isfinite(length) & (length > 0))
    if bad.any():
        k, j, i = (int(n) for n in np.argwhere(bad)[0])
        vector = tuple(float(v) for v in m[:, k, j, i])
        raise ValueError(
            f"A texture must be a finite vector with a length in every cell, but got {vector} "
            f"at (z, y, x) = {(k, j, i)}, and {int(bad.sum())} such cells in all."
        )
    m = m / np.where(length > 0, length, 1)[None]
    return jnp.asarray(m, dtype=jnp.result_type(float) if dtype is None else dtype)


def vector(name: str, value: Any) -> np.ndarray:
    """`value` as a unit vector, shape `(3,)`: from "x", "y", "z", or three numbers of any length.

    **Raises** `ValueError` for anything else, and for the zero vector.
    """
    if isinstance(value, str):
        if value not in AXES:
            raise ValueError(f"Argument `{name}` must be 'x', 'y', 'z' or three numbers, but got {value!r}.")
        return np.array([float(axis == value) for axis in AXES])
    given = np.asarray(value, dtype=float)
    if given.shape != (3,) or not np.isfinite(given).all() or not given.any():
        raise ValueError(f"Argument `{name}` must hold three numbers, not all zero, but got {value!r}.")
    # Scaled by a power of two first: squares of very small and very large numbers are no numbers any more.
    given = np.ldexp(given, -int(np.frexp(np.max(np.abs(given)))[1]))
    return given / np.linalg.norm(given)


def length(name: str, value: Any) -> float:
    """`value` as a length in m.

    **Raises** `ValueError` unless it is positive.
    """
    if isinstance(value, str | bool | None) or not (np.isfinite(value) and value > 0):
        raise ValueError(f"Argument `{name}` must be a length > 0 in metres, but got {value!r}.")
    return float(value)


def sign(name: str, value: Any) -> int:
    """`value` as +1 or −1.

    **Raises** `ValueError` for anything else.
    """
    if value not in (1, -1):
        raise ValueError(f"Argument `{name}` must be 1 or -1, but got {value!r}.")
    return int(value)


def whole(name: str, value: Any) -> int:
    """`value` as a whole number other than 0.

    **Raises** `ValueError` for anything else.
    """
    if isinstance(value, bool) or value != int(value) or value == 0:
        raise ValueError(f"Argument `{name}` must be a whole number other than 0, but got {value!r}.")
    return int(value)


def polar(mesh: Mesh, center: Sequence[float] | None) -> tuple[np.ndarray, np.ndarray]:
    """Distance from `center` (x, y; m; the middle of the mesh when left out) and angle in the plane, radians.

    Across periodic axes the nearest copy of the centre counts.
    """
    given = mesh.center[:2] if center is None else tuple(center)[:2]
    if len(given) != 2 or not np.isfinite(given).all():
        raise ValueError(f"Argument `center` must hold x and y in metres, but got {center!r}.")
    x, y, _ = mesh.centers()
    u, v = offset(mesh, "x", x - given[0]), offset(mesh, "y", y - given[1])
    return np.hypot(u, v), np.arctan2(v, u)


def offset(mesh: Mesh, axis: Axis, distance: np.ndarray) -> np.ndarray:
    """A distance along `axis`, m, to the nearest copy where the mesh is periodic."""
    length = mesh.extent[AXES.index(axis)]
    return distance - length * np.round(distance / length) if mesh.is_periodic(axis) else distance
