"""The phase that magnetisation gives to an electron wave: closed forms of Aharonov and Bohm's effect.

Electrons go along +z and gain φ = −(e/ħ) ∫A_z dz. Of a magnetisation it is a sum over the plane of its moment in unit
area, the integral of M along z in A, with the stray field above and below the sample in it:

φ(r) = −(eμ0/2πħ) ∫ [∫M dz (r′) × (r − r′)]_z / |r − r′|² d²r′

Source: M. Mansuripur, J. Appl. Phys. 69, 2455 (1991); M. Beleggia, Y. Zhu, Appl. Phys. Lett. 82, 1263 (2003).
"""

from collections.abc import Sequence

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike

from magjax import constants

#: eμ0/2πħ, rad/(A·m).
STRENGTH = constants.E_CHARGE * constants.MU0 / (2 * constants.PI * constants.HBAR)


def wavelength(voltage: ArrayLike) -> Array:
    """Wavelength of electrons that a voltage has accelerated, m: λ = (h/mc)/√(x(2 + x)), x = eU/mc².

    - `voltage`: U, V.

    >>> from magjax.analytic import electron_phase
    >>> round(float(electron_phase.wavelength(300e3)) * 1e12, 4)  # pm
    1.9687
    """
    rest = constants.M_ELECTRON * constants.SPEED_OF_LIGHT
    x = jnp.asarray(voltage) * (constants.E_CHARGE / (rest * constants.SPEED_OF_LIGHT))
    return (constants.PLANCK / rest) / jnp.sqrt(x * (2 + x))


def rectangle_kernel(x: ArrayLike, y: ArrayLike, lengths: Sequence[float]) -> np.ndarray:
    """∫∫ (r − r′)/|r − r′|² d²r′ over a rectangle about the origin, m; `(2, …)`, in double precision.

    - `x`, `y`: m; arrays of one shape. `lengths`: of the rectangle along x and y, m.

    >>> from magjax.analytic import electron_phase
    >>> electron_phase.rectangle_kernel(1e-6, 0.0, (2e-9, 3e-9)).round(16).tolist()  # area over distance
    [6e-12, 0.0]
    """
    x, y = np.broadcast_arrays(np.asarray(x, float), np.asarray(y, float))
    total = np.zeros((2, *x.shape))
    for s in (-1, 1):
        for p in (-1, 1):
            u, v = x + s * lengths[0] / 2, y + p * lengths[1] / 2
            total[0] += s * p * _slope(u, v, lengths)
            total[1] += s * p * _slope(v, u, lengths)
    return total


def _slope(u: np.ndarray, v: np.ndarray, lengths: Sequence[float]) -> np.ndarray:
    """∫∫ u/(u² + v²) du dv = ½ v ln(u² + v²) + u arctan(v/u), but for terms that corners cancel."""
    square = (u * u + v * v) / (lengths[0] * lengths[1])
    # Angles between −π/2 and π/2, and 0 times anything where u is 0.
    angle = np.arctan(v / np.where(u == 0, 1, u)) * (u != 0)
    return v * np.log(np.where(square == 0, 1, square)) / 2 + u * angle


def rectangle(x: ArrayLike, y: ArrayLike, lengths: Sequence[float], moment: Sequence[float]) -> np.ndarray:
    """The phase behind a uniformly magnetised rectangle about the origin, rad.

    - `x`, `y`: m. `lengths`: of the rectangle along x and y, m. `moment`: x and y components of Ms m times its
      thickness, A.

    >>> from magjax.analytic import electron_phase
    >>> strip = electron_phase.rectangle(1e-9, 0.0, (100e-9, 1e-3), (0.0, 8e5 * 10e-9))
    >>> round(float(strip) / (1.602177e-19 / 1.054572e-34 * 1.256637e-6 * 8e-3 * 1e-9), 3)  # (e/ħ) μ0 M_y t x
    1.0
    """
    G = rectangle_kernel(x, y, lengths)
    return STRENGTH * (moment[1] * G[0] - moment[0] * G[1])


def disk(x: ArrayLike, y: ArrayLike, radius: ArrayLike, moment: Sequence[float]) -> Array:
    """The phase behind a uniformly magnetised disk about the origin, rad: that of a charged rod's field.

    φ = −(eμ0/2ħ) [M t × r]_z min(1, R²/r²)

    - `x`, `y`: m. `radius`: R, m. `moment`: x and y components of Ms m times its thickness, A.

    >>> from magjax.analytic import electron_phase
    >>> inside, outside = (electron_phase.disk(0.0, y, 50e-9, (8e-3, 0.0)) for y in (25e-9, 100e-9))
    >>> round(float(inside / outside), 6)
    1.0
    """
    x, y = jnp.asarray(x), jnp.asarray(y)
    square = x * x + y * y
    part = jnp.where(square > radius**2, radius**2 / jnp.where(square > 0, square, 1), 1)
    return STRENGTH * constants.PI * (moment[1] * x - moment[0] * y) * part
