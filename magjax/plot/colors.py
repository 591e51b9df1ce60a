"""Directions as colours: hue is the angle in the plane, white is up, black is down."""

from typing import Any

import numpy as np


def spin_colors(m: Any) -> np.ndarray:
    """Colour of each vector, by hue, saturation and lightness.

    Hue = atan2(m_y, m_x)/2π (red along +x), lightness = (1 + m_z)/2, saturation = |m|, as most codes of the field do.

    **Arguments**

    - `m`: vectors `(3, …)` with |m| ≤ 1; longer ones count as unit vectors.

    **Returns** red, green, blue and opacity, `(…, 4)` within 0 … 1; empty cells (m = 0) are transparent.

    >>> import numpy as np
    >>> from magjax.plot.colors import spin_colors
    >>> spin_colors(np.array([[1.0, 0, 0], [0, 0, 1], [0, 0, -1], [0, 0, 0]]).T)
    array([[1. , 0. , 0. , 1. ],
           [1. , 1. , 1. , 1. ],
           [0. , 0. , 0. , 1. ],
           [0.5, 0.5, 0.5, 0. ]])
    """
    m = np.asarray(m, dtype=np.float64)
    if m.ndim < 1 or m.shape[0] != 3:
        raise ValueError(f"Argument `m` must have shape (3, …), but got {m.shape}; the component comes first.")
    norm = np.sqrt((m**2).sum(axis=0))
    x, y, z = m / np.maximum(norm, 1.0)[None]
    saturation = np.minimum(norm, 1.0)
    hue = 6 * (np.arctan2(y, x) / (2 * np.pi) % 1.0)
    lightness = (1 + np.clip(z, -1, 1)) / 2
    chroma = saturation * (1 - np.abs(2 * lightness - 1))
    pure = np.stack([np.abs(hue - 3) - 1, 2 - np.abs(hue - 2), 2 - np.abs(hue - 4)], axis=-1)
    rgb = lightness[..., None] + chroma[..., None] * (np.clip(pure, 0, 1) - 0.5)
    return np.concatenate([np.clip(rgb, 0, 1), (norm > 0).astype(np.float64)[..., None]], axis=-1)


def color_wheel(n: int = 256) -> np.ndarray:
    """The key to `spin_colors`: the sphere of directions seen from above, unrolled onto a disc.

    The angle on the disc is the angle in the plane; the distance from the centre is the angle from +z: white in the
    centre (up), full colours half way (in the plane), black at the rim (down).

    **Returns** an image `(n, n, 4)`, its first row at the bottom, transparent outside the disc.

    >>> from magjax.plot.colors import color_wheel
    >>> color_wheel(65)[32, 32]  # the centre
    array([1., 1., 1., 1.])
    """
    line = np.linspace(-1, 1, n)
    y, x = np.meshgrid(line, line, indexing="ij")
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    theta = np.pi * np.minimum(radius, 1)
    m = np.stack([np.sin(theta) * np.cos(angle), np.sin(theta) * np.sin(angle), np.cos(theta)])
    image = spin_colors(m)
    # One pixel of soft edge, so that the rim is round at any size.
    image[..., 3] = np.clip((1 - radius) * n / 2 + 0.5, 0, 1)
    return image


def luminance(rgb: np.ndarray) -> np.ndarray:
    """How bright a colour looks, 0 … 1, from `(…, 3 or 4)` (Rec. 709 weights)."""
    return np.asarray(rgb)[..., :3] @ np.array([0.2126, 0.7152, 0.0722])
