"""Real spherical harmonics and their gradients at the nodes of a quadrature that is exact for their products."""

import functools
from typing import NamedTuple

import numpy as np


class Harmonics(NamedTuple):
    """Tables over nodes q and functions k = (l, m), all times √weight of the node.

    - `values`, `polar`, `azimuthal`: Y_k, ∂Y_k/∂θ and (∂Y_k/∂φ)/sin θ, `(q, (degree + 1)²)`.
    - `m`, `e_polar`, `e_azimuthal`: the unit vectors at the nodes, `(q, 3)`. `weights`: solid angles, `(q,)`.
    """

    values: np.ndarray
    polar: np.ndarray
    azimuthal: np.ndarray
    m: np.ndarray
    e_polar: np.ndarray
    e_azimuthal: np.ndarray
    weights: np.ndarray


@functools.lru_cache(maxsize=4)
def harmonics(degree: int) -> Harmonics:
    """Orthonormal real harmonics up to `degree`, on Gauss–Legendre latitudes and even longitudes.

    Products of two of them with an energy up to degree `degree` + 16 are integrated exactly.

    >>> import numpy as np
    >>> from magjax.kinetics.harmonics import harmonics
    >>> table = harmonics(3)
    >>> bool(np.allclose(table.values.T @ table.values, np.eye(16), atol=1e-13))
    True
    """
    x, w = np.polynomial.legendre.leggauss(3 * degree // 2 + 8)
    count = 3 * degree + 17
    phi = 2 * np.pi * np.arange(count) / count
    sine = np.sqrt((1 - x) * (1 + x))
    columns: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    diagonal = np.full_like(x, np.sqrt(1 / (4 * np.pi)))
    for order in range(degree + 1):
        if order:
            diagonal = diagonal * sine * np.sqrt((2 * order + 1) / (2 * order))
        below, legendre = np.zeros_like(x), diagonal
        for l in range(order, degree + 1):  # noqa: E741
            if l > order:
                a, b = (np.sqrt((4 * n**2 - 1) / (n**2 - order**2)) if n > order else np.inf for n in (l, l - 1))
                below, legendre = legendre, a * (x * legendre - below / b)
            slope = (l * x * legendre - np.sqrt((2 * l + 1) * (l**2 - order**2) / max(2 * l - 1, 1)) * below) / sine
            for wave, turned in _waves(order, phi):
                columns.append(
                    (np.outer(legendre, wave), np.outer(slope, wave), np.outer(legendre / sine, order * turned))
                )
    weights = np.outer(w, np.full(count, 2 * np.pi / count)).ravel()
    values, polar, azimuthal = (
        np.stack([column[i].ravel() for column in columns], axis=1) * np.sqrt(weights)[:, None] for i in range(3)
    )
    c, s = np.repeat(x, count), np.repeat(sine, count)
    cos, sin = np.tile(np.cos(phi), x.size), np.tile(np.sin(phi), x.size)
    m = np.stack([s * cos, s * sin, c], axis=1)
    e_polar = np.stack([c * cos, c * sin, -s], axis=1)
    e_azimuthal = np.stack([-sin, cos, np.zeros_like(s)], axis=1)
    return Harmonics(values, polar, azimuthal, m, e_polar, e_azimuthal, weights)


def _waves(order: int, phi: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Functions of φ of one order, and their derivatives divided by the order."""
    if order == 0:
        return [(np.ones_like(phi), np.zeros_like(phi))]
    cos, sin = np.sqrt(2) * np.cos(order * phi), np.sqrt(2) * np.sin(order * phi)
    return [(cos, -sin), (sin, cos)]
