"""Demagnetising factors of bodies with uniform magnetisation, in closed form."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.special import elliprd

from magjax.constants import MU0, PI

Factors = tuple[float, float, float]


def prism_factors(lengths: Sequence[float]) -> Factors:
    """Magnetometric demagnetising factors (Nx, Ny, Nz) of a rectangular prism; their sum is 1.

    The factor along an axis is the volume average of −H/M for a magnetisation along it. Logarithms of quotients are
    written as arctanh, which keeps their digits for needles and plates.

    **Arguments**

    - `lengths`: edge lengths along x, y, z, m; only their ratios matter.

    **Raises** `ValueError` for lengths that are not positive.

    Source: A. Aharoni, J. Appl. Phys. 83, 3432 (1998), Eq. 1.

    >>> from magjax.analytic.demag import prism_factors
    >>> [round(n, 6) for n in prism_factors((1.0, 1.0, 1.0))]
    [0.333333, 0.333333, 0.333333]
    """
    x, y, z = _positive(lengths, "lengths")
    return _prism_factor(y, z, x), _prism_factor(z, x, y), _prism_factor(x, y, z)


def ellipsoid_factors(axes: Sequence[float]) -> Factors:
    """Demagnetising factors (Nx, Ny, Nz) of an ellipsoid, the only body whose own field is uniform.

        N_x = (abc/2) ∫₀^∞ ds / [(s + a²) √((s + a²)(s + b²)(s + c²))] = (abc/3) R_D(b², c², a²)

    with Carlson's elliptic integral R_D; a sphere has ⅓ each.

    **Arguments**

    - `axes`: semi-axes (or axes) along x, y, z, m; only their ratios matter.

    **Raises** `ValueError` for axes that are not positive.

    Source: J. A. Osborn, Phys. Rev. 67, 351 (1945), Eq. 2.1; NIST DLMF 19.33.7.

    >>> from magjax.analytic.demag import ellipsoid_factors
    >>> [round(n, 4) for n in ellipsoid_factors((1.0, 1.0, 2.0))]
    [0.4132, 0.4132, 0.1736]
    """
    a, b, c = _positive(axes, "axes")
    # Scaled to the middle one, so that no square leaves the range of numbers.
    s = (a * b * c) ** (1 / 3)
    a, b, c = a / s, b / s, c / s
    nx, ny, nz = (
        float(elliprd(*squares)) / 3
        for squares in ((b * b, c * c, a * a), (c * c, a * a, b * b), (a * a, b * b, c * c))
    )
    return nx, ny, nz


def cylinder_factors(axes: Sequence[float]) -> Factors:
    """Demagnetising factors of an endless cylinder along z with elliptical cross-section: N_x = b/(a + b), N_z = 0.

    **Arguments**

    - `axes`: semi-axes along x and y, m.

    **Raises** `ValueError` for axes that are not positive.

    Source: J. A. Osborn, Phys. Rev. 67, 351 (1945), Eq. 2.24.

    >>> from magjax.analytic.demag import cylinder_factors
    >>> cylinder_factors((3.0, 1.0))
    (0.25, 0.75, 0.0)
    """
    a, b = _positive(axes, "axes", 2)
    return b / (a + b), a / (a + b), 0.0


def uniform_energy(factors: Sequence[float], direction: Sequence[float], Ms: float, volume: float) -> float:
    """Demagnetisation energy of a uniformly magnetised body in J, for factors along its principal axes.

        E = ½ μ0 Ms² V (Nx ux² + Ny uy² + Nz uz²)

    **Arguments**

    - `factors`: Nx, Ny, Nz.
    - `direction`: of the magnetisation; need not be normalised.
    - `Ms`: saturation magnetisation, A/m.
    - `volume`: of the body, m³.

    **Raises** `ValueError` for a direction of length zero.

    >>> from magjax.analytic.demag import uniform_energy
    >>> f"{uniform_energy((1/3, 1/3, 1/3), (0, 0, 1), 8e5, 1e-24):.4e}"
    '1.3404e-19'
    """
    u = np.asarray(direction, dtype=np.float64)
    length = float(np.linalg.norm(u))
    if length == 0:
        raise ValueError(f"Argument `direction` must not be of length zero, but got {tuple(direction)!r}.")
    return float(MU0 / 2 * Ms**2 * volume * np.dot(np.asarray(factors), (u / length) ** 2))


def prism_tensor(x: Any, y: Any, z: Any, lengths: Sequence[float]) -> np.ndarray:
    """Demagnetisation tensor N of a rectangular prism at points, inside and outside: H = −N M there.

    With the corners' distances u, v, w from the point and R² = u² + v² + w², and signs from the eight corners,

        N_xx = (1/4π) Σ ± arctan(v w/(u R)),  N_xy = −(1/4π) Σ ± arcsinh(w/√(u² + v²)).

    **Arguments**

    - `x`, `y`, `z`: coordinates of the points from the prism's centre, of one shape, m. Not on its edges.
    - `lengths`: edge lengths along x, y, z, m; only ratios to the coordinates matter.

    **Returns** `(6, …)`: xx, yy, zz, xy, xz, yz; their trace is 1 inside and 0 outside.

    **Raises** `ValueError` for lengths that are not positive.

    Source: P. Rhodes, G. Rowlands, Proc. Leeds Phil. Lit. Soc. 6, 191 (1954).

    >>> from magjax.analytic.demag import prism_tensor
    >>> prism_tensor(0.0, 0.0, 0.0, (1.0, 1.0, 1.0))[:3].round(6)
    array([0.333333, 0.333333, 0.333333])
    """
    edges = _positive(lengths, "lengths")
    total = np.zeros((6, *np.shape(x)))
    for signs in itertools.product((1, -1), repeat=3):
        u, v, w = (np.asarray(p, float) + s * d / 2 for p, s, d in zip((x, y, z), signs, edges, strict=True))
        r = np.sqrt(u * u + v * v + w * w)
        along = (_arctan(v * w, u * r), _arctan(w * u, v * r), _arctan(u * v, w * r))
        across = (np.arcsinh(a / np.hypot(b, c)) for a, b, c in ((w, u, v), (v, u, w), (u, v, w)))
        corner = (*along, *(-each for each in across))
        total += math.prod(signs) * np.stack(corner)
    return total / (4 * PI)


def _arctan(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """arctan(a/b); 0 where b = 0, on a face, which is the mean of both of its sides."""
    return np.arctan2(a * np.sign(b), np.abs(b))


def _prism_factor(a: Any, b: Any, c: Any) -> float:
    """Aharoni's D_z of a prism with half edges a, b, c (any multiple of them)."""
    # For a needle terms as large as (c/a)² cancel: extended precision, where the machine has it, wins three digits.
    a, b, c = (np.longdouble(edge) for edge in (a, b, c))
    ab, bc, ca = np.hypot(a, b), np.hypot(b, c), np.hypot(c, a)
    r = np.hypot(ab, c)
    logarithms = (
        (c * c - b * b) / (b * c) * np.arctanh(a / r)
        + (c * c - a * a) / (a * c) * np.arctanh(b / r)
        + b / c * np.arctanh(a / ab)
        + a / c * np.arctanh(b / ab)
        - c / a * np.arctanh(b / bc)
        - c / b * np.arctanh(a / ca)
    )
    volume = 3 * a * b * c
    powers = (
        (a**3 + b**3 - 2 * c**3) / volume
        + (a * a + b * b - 2 * c * c) / volume * r
        + c / (a * b) * (ca + bc)
        - (ab**3 + bc**3 + ca**3) / volume
    )
    return float(logarithms + 2 * np.arctan(a * b / (c * r)) + powers) / PI


def _positive(values: Sequence[float], name: str, count: int = 3) -> tuple[float, ...]:
    given = tuple(float(v) for v in values)
    if len(given) != count or not all(np.isfinite(given)) or min(given) <= 0:
        raise ValueError(f"Argument `{name}` must hold {count} lengths > 0, but got {tuple(values)!r}.")
    return given
