"""Kernels of samples that repeat: sums over copies, finitely many or endlessly many.

A row of copies has no end where it is closed by an integral: beyond some copies, the sum over the others is the
integral over a continuous row, up to the Euler–Maclaurin correction at its end. That correction consists of odd
derivatives, which are odd differences of the last copies: they count a little less, or more, than once.
"""

import collections
import dataclasses
import functools
import math
from collections.abc import Callable

import numpy as np

from magjax.mesh import AXES, Axis, Mesh

#: `(x, y, z, tails)` → components `(c, …)` at distances in m, integrated from there to infinity along the axes `tails`.
Evaluate = Callable[[np.ndarray, np.ndarray, np.ndarray, str], np.ndarray]

# Offsets evaluated together; bounds the memory of the assembly to about 100 MB.
_SLAB = 1 << 17
# Whole copies on either side before the integral begins, at least, and copies that the correction at its end takes.
# Relative to the nearest copy what is left is 1e-12, measured for 1/R³.
_WHOLE, _CORRECTED = 12, 7
# The integral must begin farther away than this many of the longest edges: then few Gauss nodes average over cells.
_CLEAR = 2


@dataclasses.dataclass(frozen=True)
class Row:
    """Distances along one axis, and which cells each contributes to.

    - `distances`: m. `fold`: for each of them `(cell, factor of even components, factor of odd ones)`.
    - `tail`: whether what counts is the integral from each distance to infinity.
    """

    distances: np.ndarray
    fold: list[list[tuple[int, float, float]]]
    tail: bool


def image_sum(mesh: Mesh, images: tuple[float, ...], odd: tuple[str, ...], evaluate: Evaluate) -> np.ndarray:
    """A kernel for distances 0, 1, … cells along each axis, copies folded in: `(c, hz, hy, hx)`.

    The rest follows by symmetry. h is n, and n//2 + 1 along periodic axes.

    - `images`: copies on either side along x, y, z; `math.inf` for rows without end, along two axes at most.
    - `odd`: for each component the axes along which it is odd.
    - `evaluate`: the kernel of one pair of cells.
    """
    size = tuple(n // 2 + 1 if mesh.is_periodic(axis) else n for axis, n in zip(AXES, mesh.cells, strict=True))
    half = np.zeros((len(odd), *size[::-1]))
    x_rows, y_rows, z_rows = (rows(mesh, axis, images[i]) for i, axis in enumerate(AXES))
    for along_z in z_rows:
        for along_y in y_rows:
            for along_x in x_rows:
                _add(half, (along_x, along_y, along_z), odd, evaluate)
    return half


def rows(mesh: Mesh, axis: Axis, images: float) -> list[Row]:
    """The distances along one axis: those of cells and of copies, and where the rest of an endless row begins."""
    i = AXES.index(axis)
    n, d = mesh.cells[i], mesh.cell_size[i]
    if not mesh.is_periodic(axis):
        return [Row(np.arange(n) * d, [[(k, 1.0, 1.0)] for k in range(n)], tail=False)]
    if images != math.inf:
        return [_copies(n, d, np.ones(2 * int(images) + 1))]
    whole = max(_WHOLE, math.ceil(_CLEAR * max(mesh.cell_size) / (n * d)))
    ends = end_weights()
    middle = np.ones(2 * (whole - len(ends) // 2) + 1)
    return [_copies(n, d, np.concatenate([ends[::-1], middle, ends])), _tail(n, d, whole)]


@functools.cache
def end_weights(count: int = _CORRECTED) -> np.ndarray:
    """Weights of the last copies, `count` inside and `count` outside of where the integral begins.

    Σ_{s>0} g(s) = ∫_{1/2}^∞ g ds + Σ_p β_p g^(2p−1)(1/2), β_p = −B_2p(1/2)/(2p)!, derivatives by odd differences.

    Source: NIST Digital Library of Mathematical Functions, §2.10(i), for the midpoint rule.

    >>> from magjax.numerics.image_sum import end_weights
    >>> end_weights(1).tolist()  # g'/24
    [0.9583333333333334, 0.041666666666666664]
    """
    k = np.arange(1, count + 1) - 0.5
    # The midpoint rule's numbers: the coefficients of (t/2)/sinh(t/2), by its recurrence.
    series = [1.0]
    for p in range(1, count + 1):
        series.append(-sum(series[p - q] / (4.0**q * math.factorial(2 * q + 1)) for q in range(1, p + 1)))
    orders = 2 * np.arange(1, count + 1) - 1
    differences = 2 * k[None, :] ** orders[:, None] / np.array([float(math.factorial(o)) for o in orders])[:, None]
    outside = np.linalg.solve(differences, -np.array(series[1:]))
    return np.concatenate([1 - outside[::-1], outside])


def _copies(n: int, d: float, weights: np.ndarray) -> Row:
    """Cells 0 … n//2 with their copies, which count by `weights` from the lowest to the highest.

    The cell half a period away has an image on either side; for odd components the two cancel: factor 0.
    """
    reach = len(weights) // 2
    fold: dict[int, list[tuple[int, float, float]]] = collections.defaultdict(list)
    for i in range(n // 2 + 1):
        for s, weight in zip(range(-reach, reach + 1), weights, strict=True):
            k = i + s * n
            sign = 0 if 2 * i == n else 1 if k >= 0 else -1
            fold[abs(k)].append((i, float(weight), float(weight) * sign))
    highest = max(fold)
    return Row(np.arange(highest + 1) * d, [fold[k] for k in range(highest + 1)], tail=False)


def _tail(n: int, d: float, whole: int) -> Row:
    """Where the continuous rows on either side of cells 0 … n//2 begin, one copy to each length of the mesh."""
    length = n * d
    distances, fold = [], []
    for i in range(n // 2 + 1):
        for side in (1, -1):
            distances.append((whole + 0.5) * length + side * i * d)
            fold.append([(i, 1 / length, 0.0 if 2 * i == n else side / length)])
    return Row(np.array(distances), fold, tail=True)


def _add(half: np.ndarray, along: tuple[Row, Row, Row], odd: tuple[str, ...], evaluate: Evaluate) -> None:
    """Add what one combination of rows contributes."""
    x_row, y_row, z_row = along
    tails = "".join(axis for axis, row in zip(AXES, along, strict=True) if row.tail)
    _, _, hy, hx = half.shape
    is_odd = [np.array([axis in name for name in odd]) for axis in AXES]
    step = max(1, _SLAB // len(x_row.distances))
    for k, z in enumerate(z_row.distances):
        if not z_row.fold[k]:
            continue
        plane = np.zeros((len(odd), hy, hx))
        for start in range(0, len(y_row.distances), step):
            some = y_row.distances[start : start + step]
            y, x = np.meshgrid(some, x_row.distances, indexing="ij")
            slab = np.zeros((len(odd), len(some), hx))
            values = evaluate(x, y, np.full_like(x, z), tails)
            for column, targets in enumerate(x_row.fold):
                for target, even_factor, odd_factor in targets:
                    factor = np.where(is_odd[0], odd_factor, even_factor)
                    slab[..., target] += values[..., column] * factor[:, None]
            for row, targets in enumerate(y_row.fold[start : start + step]):
                for target, even_factor, odd_factor in targets:
                    plane[:, target] += slab[:, row] * np.where(is_odd[1], odd_factor, even_factor)[:, None]
        for target, even_factor, odd_factor in z_row.fold[k]:
            half[:, target] += plane * np.where(is_odd[2], odd_factor, even_factor)[:, None, None]
