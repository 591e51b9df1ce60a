"""The demagnetisation tensor between two equal cuboids, in float64 at every distance.

Two methods share the work, and each is used only where it is accurate:

- *near*: the closed form of Newell, Williams and Dunlop (J. Geophys. Res. 98, 9551 (1993)), a second
  difference in all three axes. It loses digits like (R/cell)⁶.
- *elsewhere*: the same second difference written as an integral. Differencing a function twice is integrating
  its second derivative under a triangle, so the tensor is the dipole field averaged with the weight
  Λ(u/dx) Λ(v/dy) Λ(w/dz), Λ(s) = 1 − |s|. The integrand is analytic there and Gauss rules made for that weight
  converge geometrically. n nodes per axis reproduce the multipole expansion up to order 2n − 1, without its
  polynomials, and flat or long cells merely ask for more nodes along their long edges.
"""

import functools

import numpy as np

Edges = tuple[float, ...]

#: Order of the six independent entries of a tensor, everywhere.
COMPONENTS = ("xx", "yy", "zz", "xy", "xz", "yz")

# Node counts on offer; a point that would need more than the last uses the closed form.
_NODE_COUNTS = np.array([1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64])
# log of (constant of the Gauss error bound / tolerance), measured against 50-digit arithmetic.
_LOG_ACCURACY = np.log(1e13)
# Nodes times points evaluated together: small enough for the temporaries to stay in the cache.
_BLOCK = 1 << 14


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
    counts = _nodes_needed(points, edges)
    result = np.empty((6, points.shape[1]))
    codes = counts[0] * 10_000 + counts[1] * 100 + counts[2]
    for code in np.unique(codes):
        where = np.nonzero(codes == code)[0]
        nodes = (int(code) // 10_000, int(code) // 100 % 100, int(code) % 100)
        near = points[:, where]
        result[:, where] = newell_tensor(near, edges) if 0 in nodes else averaged_dipole(near, edges, nodes)
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
    steps = np.array([-1, 0, 1])
    shifts = np.stack([a.ravel() for a in np.meshgrid(steps, steps, steps, indexing="ij")])
    weights = np.prod(np.where(shifts == 0, 2, -1), axis=0)
    # Extended precision, where the machine has it, keeps three more digits for needles and plates.
    corners = shifts * np.array(edges, dtype=np.longdouble)[:, None]
    x, y, z = points[:, :, None] + corners[:, None, :]
    functions = (_f(x, y, z), _f(y, x, z), _f(z, y, x), _g(x, y, z), _g(x, z, y), _g(y, z, x))
    return np.stack([value @ weights for value in functions]).astype(np.float64) / (4 * np.pi * np.prod(edges))


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
    rules = [triangle_rule(n) for n in nodes]
    shifts = np.meshgrid(*(d * u for d, (u, _) in zip(edges, rules, strict=True)), indexing="ij")
    wx, wy, wz = (w for _, w in rules)
    weights = (wx[:, None, None] * wy[None, :, None] * wz[None, None, :]).ravel()
    sx, sy, sz = (s.ravel()[None, :] for s in shifts)
    result = np.empty((6, points.shape[1]))
    step = max(1, _BLOCK // weights.size)
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


@functools.lru_cache(maxsize=64)
def triangle_rule(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss rule of n nodes for the weight Λ(s) = 1 − |s| on [−1, 1].

    The recurrence of its orthogonal polynomials comes from a discretised Stieltjes procedure, which is stable where
    moments are not; nodes and weights follow from Golub and Welsch, Math. Comp. 23, 221 (1969).

    **Returns** nodes and weights, each `(n,)`; the weights sum to 1.

    >>> from magjax.numerics.newell import triangle_rule
    >>> nodes, weights = triangle_rule(2)
    >>> [round(float(u) ** 2, 12) for u in nodes]
    [0.166666666667, 0.166666666667]
    """
    u, w = np.polynomial.legendre.leggauss(n + 2)
    half = (u + 1) / 2
    x = np.concatenate([-half, half])
    w = np.concatenate([w, w]) / 2 * (1 - np.abs(x))
    previous, current, norms = np.zeros_like(x), np.ones_like(x), [1.0]
    off_diagonal = []
    for _ in range(n):
        # The weight is even, so the recurrence has no middle term: p_next = x p − β p_previous.
        norm = float(np.sum(w * current**2))
        beta = norm / norms[-1] if len(norms) > 1 else 0.0
        norms.append(norm)
        if beta:
            off_diagonal.append(np.sqrt(beta))
        previous, current = current, x * current - beta * previous
    jacobi = np.diag(off_diagonal, 1) + np.diag(off_diagonal, -1) if n > 1 else np.zeros((1, 1))
    nodes, vectors = np.linalg.eigh(jacobi)
    return nodes, vectors[0] ** 2


def _nodes_needed(points: np.ndarray, edges: Edges) -> np.ndarray:
    """Nodes each axis needs at each point, `(3, n)`; 0 where some axis would need more than are on offer.

    Along axis a the integrand is singular at the complex distance −X ± iT, with T the gap between the cuboids in
    the other axes. A Gauss rule on [−d, d] then errs like ρ^(−2n), where ρ is the half sum of the axes of the ellipse
    with foci ±d through that singularity (Trefethen, Approximation Theory and Practice, ch. 19).
    """
    distance = np.abs(points)
    gap2 = np.square(np.maximum(distance - np.array(edges)[:, None], 0))
    needed = np.empty(points.shape, dtype=np.int64)
    for a, d in enumerate(edges):
        t2 = (gap2.sum(axis=0) - gap2[a]) / d**2
        X = distance[a] / d
        major = (np.sqrt((X + 1) ** 2 + t2) + np.sqrt((X - 1) ** 2 + t2)) / 2
        rho = major + np.sqrt(np.maximum(major**2 - 1, 0))
        # Rounding may put a touching cuboid a hair outside; ask at least for a real ellipse.
        n = _LOG_ACCURACY / (2 * np.log(np.maximum(rho, 1 + 1e-9)))
        index = np.searchsorted(_NODE_COUNTS, n)
        needed[a] = np.append(_NODE_COUNTS, 0)[index]
    needed[:, (needed == 0).any(axis=0)] = 0
    return needed


def _f(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Newell's f, even in every argument; its second differences give N_xx."""
    x, y, z = np.abs(x), np.abs(y), np.abs(z)
    xx, yy, zz = x * x, y * y, z * z
    r = np.sqrt(xx + yy + zz)
    return (
        y / 2 * (zz - xx) * _arcsinh(y, xx + zz)
        + z / 2 * (yy - xx) * _arcsinh(z, xx + yy)
        - x * y * z * _arctan(y * z, x * r)
        + (2 * xx - yy - zz) * r / 6
    )


def _g(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """Newell's g, odd in x and y, even in z; its second differences give N_xy."""
    z = np.abs(z)
    xx, yy, zz = x * x, y * y, z * z
    r = np.sqrt(xx + yy + zz)
    return (
        x * y * z * _arcsinh(z, xx + yy)
        + y / 6 * (3 * zz - yy) * _arcsinh(x, yy + zz)
        + x / 6 * (3 * zz - xx) * _arcsinh(y, xx + zz)
        - zz * z / 6 * _arctan(x * y, z * r)
        - z * yy / 2 * _arctan(x * z, y * r)
        - z * xx / 2 * _arctan(y * z, x * r)
        - x * y * r / 3
    )


def _arcsinh(a: np.ndarray, b2: np.ndarray) -> np.ndarray:
    """arcsinh(a/√b2), or 0 where b2 = 0: the prefactor vanishes there."""
    safe = np.where(b2 > 0, b2, 1.0)
    return np.where(b2 > 0, np.arcsinh(a / np.sqrt(safe)), 0.0)


def _arctan(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """arctan(a/b), or 0 where b = 0: the prefactor vanishes there."""
    safe = np.where(b != 0, b, 1.0)
    return np.where(b != 0, np.arctan(a / safe), 0.0)
