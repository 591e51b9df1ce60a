"""Averages over pairs of equal cuboids, of whatever falls off with the distance between two points in them.

Averaging over both ends of a distance is averaging its change u = r − R, along each axis a with the weight
Λ(u_a/d_a), Λ(s) = 1 − |s|. Away from the cuboids the integrand is analytic, and Gauss rules made for that weight
converge geometrically. n nodes per axis reproduce the multipole expansion up to order 2n − 1, without its
polynomials, and flat or long cells merely ask for more nodes along their long edges.
"""

import functools
from collections.abc import Callable

import numpy as np

Edges = tuple[float, ...]
#: `(points, edges)` → averages, `(components, n)`.
ClosedForm = Callable[[np.ndarray, Edges], np.ndarray]
#: `(points, edges, nodes)` → the same by Gauss rules.
Averaged = Callable[[np.ndarray, Edges, tuple[int, ...]], np.ndarray]

# Node counts on offer; a point that would need more than the last uses the closed form.
_NODE_COUNTS = np.array([1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32, 48, 64])
# log of (constant of the Gauss error bound / tolerance), measured against 50-digit arithmetic.
_LOG_ACCURACY = np.log(1e13)
#: Nodes times points evaluated together: small enough for the temporaries to stay in the cache.
BLOCK = 1 << 14


def by_distance(points: np.ndarray, edges: Edges, count: int, closed: ClosedForm, averaged: Averaged) -> np.ndarray:
    """Averages at every distance: by their closed form where cuboids are close, by Gauss rules elsewhere.

    - `points`: distances between the centres, `(3, n)`. `edges`: of the cuboids, in the same unit.
    - `count`: number of components. `closed`, `averaged`: the two ways.

    **Returns** `(count, n)`.
    """
    counts = nodes_needed(points, edges)
    result = np.empty((count, points.shape[1]))
    codes = counts[0] * 10_000 + counts[1] * 100 + counts[2]
    for code in np.unique(codes):
        where = np.nonzero(codes == code)[0]
        nodes = (int(code) // 10_000, int(code) // 100 % 100, int(code) % 100)
        some = points[:, where]
        result[:, where] = closed(some, edges) if 0 in nodes else averaged(some, edges, nodes)
    return result


def gauss_average(function: Callable[..., tuple[np.ndarray, ...]]) -> Averaged:
    """The average of a function of x, y, z by a product of Gauss rules, for cuboids that do not touch.

    - `function`: `f(x, y, z)`, a tuple of components, each of the shape of x.

    >>> import numpy as np
    >>> from magjax.numerics.cell_average import gauss_average
    >>> squares = gauss_average(lambda x, y, z: (x**2,))
    >>> float(squares(np.array([[3.0], [0.0], [0.0]]), (1.0, 1.0, 1.0), (2, 1, 1))[0, 0].round(9))  # 9 + 1/6
    9.166666667
    """

    def averaged(points: np.ndarray, edges: Edges, nodes: tuple[int, ...]) -> np.ndarray:
        shifts, weights = product_rule(edges, nodes)
        step = max(1, BLOCK // weights.size)
        parts = []
        for start in range(0, points.shape[1], step):
            some = points[:, start : start + step, None] + shifts[:, None, :]
            parts.append(np.stack([component @ weights for component in function(*some)]))
        return np.concatenate(parts, axis=1)

    return averaged


def product_rule(edges: Edges, nodes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Nodes `(3, q)` in the unit of `edges` and weights `(q,)` of the product of three Gauss rules."""
    rules = [triangle_rule(n) for n in nodes]
    shifts = np.meshgrid(*(d * u for d, (u, _) in zip(edges, rules, strict=True)), indexing="ij")
    wx, wy, wz = (w for _, w in rules)
    weights = wx[:, None, None] * wy[None, :, None] * wz[None, None, :]
    return np.stack([s.ravel() for s in shifts]), weights.ravel()


@functools.lru_cache(maxsize=64)
def triangle_rule(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Gauss rule of n nodes for the weight Λ(s) = 1 − |s| on [−1, 1].

    The recurrence of its orthogonal polynomials comes from a discretised Stieltjes procedure, which is stable where
    moments are not; nodes and weights follow from Golub and Welsch, Math. Comp. 23, 221 (1969).

    **Returns** nodes and weights, each `(n,)`; the weights sum to 1.

    >>> from magjax.numerics.cell_average import triangle_rule
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


def nodes_needed(points: np.ndarray, edges: Edges) -> np.ndarray:
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


def second_differences(
    functions: Callable[..., tuple[np.ndarray, ...]], points: np.ndarray, edges: Edges
) -> np.ndarray:
    """(−δ²) in all three axes of functions of x, y, z, in steps of `edges`: `(3, n)` to `(components, n)`."""
    steps = np.array([-1, 0, 1])
    shifts = np.stack([a.ravel() for a in np.meshgrid(steps, steps, steps, indexing="ij")])
    weights = np.prod(np.where(shifts == 0, 2, -1), axis=0)
    # Extended precision, where the machine has it, keeps three more digits for needles and plates.
    corners = shifts * np.array(edges, dtype=np.longdouble)[:, None]
    x, y, z = points[:, :, None] + corners[:, None, :]
    return np.stack([value @ weights for value in functions(x, y, z)]).astype(np.float64)


def arcsinh_over(a: np.ndarray, b2: np.ndarray) -> np.ndarray:
    """arcsinh(a/√b2), or 0 where b2 = 0: in the closed forms its prefactor vanishes there."""
    safe = np.where(b2 > 0, b2, 1.0)
    return np.where(b2 > 0, np.arcsinh(a / np.sqrt(safe)), 0.0)


def arctan_over(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """arctan(a/b), or 0 where b = 0: in the closed forms its prefactor vanishes there."""
    safe = np.where(b != 0, b, 1.0)
    return np.where(b != 0, np.arctan(a / safe), 0.0)
