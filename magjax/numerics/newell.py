"""The demagnetisation tensor between two equal cuboids, in float64 at every distance.

Two methods share the work, and each is used only where it is accurate:

- *near*: the closed form of Newell, Williams and Dunlop (J. Geophys. Res. 98, 9551 (1993)), a second
  difference in all three axes. It loses digits like (R/cell)⁶.
- *elsewhere*: the same second difference written as an integral. Differencing a function twice is integrating
  its second derivative under a triangle, so the tensor is the dipole field averaged over both cuboids, and Gauss
  rules do that to all digits.
"""

import numpy as np

from magjax.numerics.cell_average import (
    BLOCK,
    Edges,
    arcsinh_over,
    arctan_over,
    by_distance,
    product_rule,
    second_differences,
)

#: Order of the six independent entries of a tensor, everywhere.
COMPONENTS = ("xx", "yy", "zz", "xy", "xz", "yz")


def demag_tensor(x: np.ndarray, y: np.ndarray, z: np.ndarray, cell: Edges) -> np.ndarray:
    """Demagnetisation tensor N between two equal cuboids a distance (x, y, z) apart.

    A cuboid with uniform magnetisation M causes in another the mean field H = −N M. N is dimensionless,
    symmetric, has trace 1 at zero distance and 0 beyond the cuboid, and depends on ratios of lengths only.

    **Arguments**

    - `x`, `y`, `z`: distances between centres, of one shape, m (or any one unit). Whole multiples of the
      cell are expected; cuboids that overlap in part are handled too, at the accuracy of the closed form.
    - `cell`: edge lengths of the cuboids in the same unit.

    **Returns** float64, shape `(6, *x.shape)`, entries in the order of `COMPONENTS`.

    Source: A. J. Newell, W. Williams, D. J. Dunlop, J. Geophys. Res. 98, 9551 (1993).

    >>> import numpy as np
    >>> from magjax.numerics.newell import demag_tensor
    >>> N = demag_tensor(np.zeros(1), np.zeros(1), np.zeros(1), (1.0, 1.0, 1.0))
    >>> N[:3, 0].round(12)
    array([0.33333333, 0.33333333, 0.33333333])
    """
    scale = max(cell)
    edges = tuple(d / scale for d in cell)
    points = np.stack([np.ravel(np.asarray(a, dtype=np.float64)) / scale for a in (x, y, z)])
    result = by_distance(points, edges, 6, newell_tensor, averaged_dipole)
    return result.reshape(6, *np.shape(x))


def newell_tensor(points: np.ndarray, edges: Edges) -> np.ndarray:
    """The tensor by Newell's closed form: second differences of f and g in all three axes.

    `points`: `(3, n)`; returns `(6, n)`. Relative rounding errors grow like 1e-16 R⁶ / (dx dy dz)².

    Source: Newell, Williams and Dunlop (1993), Eq. 19 to 32.

    >>> import numpy as np
    >>> from magjax.numerics.newell import newell_tensor
    >>> newell_tensor(np.zeros((3, 1)), (1.0, 1.0, 1.0))[0].round(12)
    array([0.33333333])
    """

    def functions(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, ...]:
        return _f(x, y, z), _f(y, x, z), _f(z, y, x), _g(x, y, z), _g(x, z, y), _g(y, z, x)

    return second_differences(functions, points, edges) / (4 * np.pi * np.prod(edges))


def averaged_dipole(points: np.ndarray, edges: Edges, nodes: tuple[int, ...]) -> np.ndarray:
    """The tensor as the dipole tensor averaged over both cuboids by a product of Gauss rules.

        N = V/4π Σ_q w_q (1/r³ − 3 r r/r⁵),  r = R + u_q

    `points`: `(3, n)`; `nodes`: rule size along each axis; returns `(6, n)`. For cuboids that do not touch.

    >>> import numpy as np
    >>> from magjax.numerics.newell import averaged_dipole
    >>> N = averaged_dipole(np.array([[10.0], [0.0], [0.0]]), (1.0, 1.0, 1.0), (4, 4, 4))
    >>> float((N[0, 0] * 4 * np.pi * 10**3).round(3))
    -2.0
    """
    (sx, sy, sz), weights = product_rule(edges, nodes)
    sx, sy, sz = sx[None, :], sy[None, :], sz[None, :]
    result = np.empty((6, points.shape[1]))
    step = max(1, BLOCK // weights.size)
    for start in range(0, points.shape[1], step):
        block = slice(start, start + step)
        x, y, z = points[0, block, None] + sx, points[1, block, None] + sy, points[2, block, None] + sz
        xx, yy = x * x, y * y
        r2 = xx + yy
        r2 += z * z
        s = 1 / (r2 * r2 * np.sqrt(r2))
        r2 *= s
        s *= 3
        entries = (r2 - xx * s, r2 - yy * s, None, -(x * y * s), -(x * z * s), -(y * z * s))
        for c, entry in enumerate(entries):
            if entry is not None:
                result[c, block] = entry @ weights
    # The dipole tensor has no trace.
    result[2] = -(result[0] + result[1])
    return result * (np.prod(edges) / (4 * np.pi))


def _f(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Newell's f, even in every argument; its second differences give N_xx."""
    x, y, z = np.abs(x), np.abs(y), np.abs(z)
    xx, yy, zz = x * x, y * y, z * z
    r = np.sqrt(xx + yy + zz)
    return (
        y / 2 * (zz - xx) * arcsinh_over(y, xx + zz)
        + z / 2 * (yy - xx) * arcsinh_over(z, xx + yy)
        - x * y * z * arctan_over(y * z, x * r)
        + (2 * xx - yy - zz) * r / 6
    )


def _g(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Newell's g, odd in x and y, even in z; its second differences give N_xy."""
    z = np.abs(z)
    xx, yy, zz = x * x, y * y, z * z
    r = np.sqrt(xx + yy + zz)
    return (
        x * y * z * arcsinh_over(z, xx + yy)
        + y / 6 * (3 * zz - yy) * arcsinh_over(x, yy + zz)
        + x / 6 * (3 * zz - xx) * arcsinh_over(y, xx + zz)
        - zz * z / 6 * arctan_over(x * y, z * r)
        - z * yy / 2 * arctan_over(x * z, y * r)
        - z * xx / 2 * arctan_over(y * z, x * r)
        - x * y * r / 3
    )
