"""Shapes and region maps drawn in an image file."""

import dataclasses
import os
from collections.abc import Sequence
from typing import Any, Literal, final

import numpy as np
from jaxtyping import Bool, Float

from magjax.geometry import arguments
from magjax.geometry.frame import around
from magjax.geometry.shape import AbstractShape
from magjax.geometry.solid import AbstractSolid
from magjax.mesh import Axis


@final
@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class ImageMask(AbstractSolid):
    """A picture stretched over a rectangle across `axis`, its upper edge towards the second coordinate."""

    pixels: Bool[np.ndarray, "rows columns"]
    size: tuple[float, float]
    axis: Axis

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """What the pixel under the point says; false beyond the edges of the picture."""
        u, v, _ = around(self.axis, x, y, z)
        return look_up(self.pixels, u / self.size[0] + 0.5, v / self.size[1] + 0.5, outside=False)


def image_mask(
    image: str | os.PathLike[str] | np.ndarray,
    size: Sequence[float],
    *,
    inside: Literal["dark", "bright"] = "dark",
    threshold: float = 0.5,
    axis: Axis = "z",
    center: Sequence[float] | None = None,
) -> AbstractShape:
    """A shape drawn in an image: by default what is dark, as on paper.

    **Arguments**

    - `image`: a file, or an array of shape `(rows, columns)` whose first row is the top of the picture: either
      booleans (true inside) or grey levels 0 (black) … 1 (white). Transparent pixels of a file count as white.
    - `size`: width and height of the whole picture, m.
    - `inside`: whether the "dark" or the "bright" pixels are the shape.
    - `threshold`: the grey level between dark and bright.
    - `axis`: the picture lies across this axis and reaches endlessly along it.
    - `center`: the middle of the picture, m; left out, the middle of the mesh.

    **Raises** `ValueError` for an unreadable file or an array of another kind.

    >>> import magjax as mj
    >>> import numpy as np
    >>> disc = np.hypot(*np.mgrid[-1:1:64j, -1:1:64j]) < 0.9
    >>> shape = mj.shapes.image_mask(disc, size=(200e-9, 200e-9))
    """
    if inside not in ("dark", "bright"):
        raise ValueError(f"Argument `inside` must be 'dark' or 'bright', but got {inside!r}.")
    width, height = arguments.lengths("size", size, 2)
    pixels = np.asarray(image) if isinstance(image, np.ndarray) else grey_levels(read_colors(image))
    if pixels.ndim != 2 or pixels.size == 0:
        raise ValueError(f"Argument `image` must have shape (rows, columns), but got shape {pixels.shape}.")
    if pixels.dtype != bool:
        if pixels.min() < 0 or pixels.max() > 1:
            raise ValueError(
                "Argument `image` must hold grey levels from 0 to 1, "
                f"but got {pixels.min()} … {pixels.max()}; did you give bytes (0 … 255)?"
            )
        pixels = (pixels < threshold) if inside == "dark" else (pixels >= threshold)
    return ImageMask(pixels, (width, height), arguments.axis("axis", axis)).centered(center)


def read_colors(path: str | os.PathLike[str]) -> Float[np.ndarray, "rows columns 3"]:
    """Red, green and blue of an image file, 0 … 1, laid on white where it is transparent.

    **Raises** `ValueError` for a file that is missing or no image.
    """
    from PIL import Image  # decoding is needed by few sessions: importing the library must not pay for it

    try:
        with Image.open(path) as opened:
            rgba = np.asarray(opened.convert("RGBA"), dtype=float) / 255
    except OSError as error:
        raise ValueError(f"Argument `image` must be a readable image file, but got {str(path)!r}: {error}.") from error
    alpha = rgba[..., 3:]
    return rgba[..., :3] * alpha + (1 - alpha)


def grey_levels(colors: Float[np.ndarray, "rows columns 3"]) -> Float[np.ndarray, "rows columns"]:
    """Luma of RGB colours (ITU-R BT.601), 0 (black) … 1 (white)."""
    return np.clip(colors @ np.array([0.299, 0.587, 0.114]), 0, 1)


def look_up(pixels: np.ndarray, u: np.ndarray, v: np.ndarray, outside: Any) -> np.ndarray:
    """The pixel at relative places `u` (left 0 … right 1), `v` (bottom 0 … top 1), and `outside` beyond."""
    rows, columns = pixels.shape[:2]
    column = np.floor(u * columns).astype(int)
    row = rows - 1 - np.floor(v * rows).astype(int)
    known = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    return np.where(known, pixels[np.clip(row, 0, rows - 1), np.clip(column, 0, columns - 1)], outside)
