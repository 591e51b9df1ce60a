"""The ellipses that spins of a mode move on."""

import numpy as np

from magjax.numerics.sphere import component_axis


def in_phase(u: np.ndarray, ndim: int) -> tuple[np.ndarray, np.ndarray]:
    """Modes whose largest spin is at the end of its major axis, of length 1; and their factors' sizes."""
    axis = 1 + component_axis(ndim)
    square, bilinear = (np.sum(x, axis=axis).reshape(len(u), -1) for x in (np.abs(u) ** 2, u * u))
    where = np.argmax(square + np.abs(bilinear), axis=1)
    pick = np.arange(len(u)), where
    size = np.sqrt((square[pick] + np.abs(bilinear[pick])) / 2)
    spins = np.moveaxis(u, axis, -1).reshape(len(u), -1, 3)[pick]
    strongest = np.take_along_axis(spins, np.argmax(np.abs(spins), axis=1)[:, None], axis=1)[:, 0]
    circular = np.abs(bilinear[pick]) < 1e-6 * square[pick]
    phase = np.where(circular, np.angle(strongest), np.angle(bilinear[pick]) / 2)
    factor = np.exp(-1j * phase) / size
    return u * factor.reshape(-1, *(1,) * (u.ndim - 1)), 1 / size


def ellipticity(u: np.ndarray, weight: np.ndarray, ndim: int) -> np.ndarray:
    """Minor over major axis, from sums over all spins: |u|² is major² + minor², |u·u| their difference."""
    axis = 1 + component_axis(ndim)
    square, bilinear = (np.sum(x, axis=axis, keepdims=True) for x in (np.abs(u) ** 2, u * u))
    total = np.sum((weight * square).reshape(len(u), -1), axis=1)
    difference = np.sum((weight * np.abs(bilinear)).reshape(len(u), -1), axis=1)
    return np.sqrt(np.maximum(total - difference, 0) / (total + difference))
