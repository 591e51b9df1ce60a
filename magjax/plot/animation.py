"""Fields along time as an animated picture."""

import os
from typing import Any

import numpy as np

from magjax.io.atomic import replacing
from magjax.mesh import Mesh
from magjax.plot.colors import color_wheel
from magjax.plot.fields import FieldView


def animate(
    mesh: Mesh,
    frames: Any,
    times: Any,
    path: str | os.PathLike[str],
    *,
    fps: float = 15.0,
    **options: Any,
) -> None:
    """Write a field's course in time as an animated GIF, which every browser and slide program plays.

    **Arguments**

    - `mesh`: the mesh.
    - `frames`: `(n, 3, nz, ny, nx)` or `(n, nz, ny, nx)`; anything that gives one frame per index, so that frames
      may stay on disk until they are drawn.
    - `times`: `(n,)`, s; written above each frame.
    - `path`: the file, by custom `.gif`.
    - `fps`: frames per second.
    - `options`: what `plot_field` takes: `axis`, `component`, `box`, `arrows`, `limits`, ….

    **Raises** `ValueError` for no frames, or other numbers of times and frames.

    >>> import numpy as np
    >>> import magjax as mj
    >>> from magjax.plot.animation import animate
    >>> mesh = mj.Mesh(cells=(8, 4, 1), cell_size=5e-9)
    >>> animate(mesh, np.ones((2, 3, 1, 4, 8)), [0, 1e-12], "m.gif", component="x")
    """
    from PIL import Image

    from magjax.plot.figure import prefixed

    t = np.asarray(times, dtype=np.float64)
    if t.ndim != 1 or len(t) != len(frames) or len(t) == 0:
        raise ValueError(
            f"Argument `frames` must hold a frame per time and at least one, but got {len(frames)}, {t.shape}."
        )
    if not fps > 0:
        raise ValueError(f"Argument `fps` must be > 0, but got {fps!r}.")
    factor, unit = prefixed(float(np.abs(t).max()), "s")
    digits = max(0, 2 - int(np.floor(np.log10(max(np.ptp(t) * factor, 1e-9)))))
    view = FieldView(mesh, frames[0], **options)
    canvas: Any = view.figure.canvas
    images = []
    for i, time in enumerate(t):
        view.update(frames[i])
        view.set_title(f"$t$ = {time * factor:.{digits}f} {unit}")
        canvas.draw()
        if i == 0:
            view.figure.set_layout_engine("none")  # arranged once, or the picture would tremble
        images.append(Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]))
    palette = _palette(images)
    images = [image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG) for image in images]
    with replacing(path) as file:
        images[0].save(
            file,
            format="GIF",
            save_all=True,
            append_images=images[1:],
            duration=round(1000 / fps),
            loop=0,
            optimize=False,
        )


def _palette(images: list[Any]) -> Any:
    """256 colours for the whole film, so that it does not flicker; the wheel counts as much as the pictures."""
    from PIL import Image

    width, height = images[0].size
    some = [images[0], images[len(images) // 2], images[-1]]
    wheel = color_wheel(min(width, height))
    wheel[..., :3] = wheel[..., 3:] * wheel[..., :3] + 1 - wheel[..., 3:]
    sheet = Image.new("RGB", (width, height * (len(some) + 1)), "white")
    for i, image in enumerate([*some, Image.fromarray((255 * wheel[..., :3]).astype(np.uint8))]):
        sheet.paste(image, (0, i * height))
    return sheet.quantize(256)
