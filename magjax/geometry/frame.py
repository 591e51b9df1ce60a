"""Coordinates seen from one axis, so that a solid is written once for x, y and z."""

import numpy as np

from magjax.mesh import AXES, Axis


def around(axis: Axis, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coordinates `(u, v, w)` with w along `axis` and u, v, w right-handed: z gives (x, y, z), x gives (y, z, x)."""
    i = AXES.index(axis)
    ordered = (x, y, z)
    return ordered[(i + 1) % 3], ordered[(i + 2) % 3], ordered[i]
