"""Constructive shapes: `mj.shapes`.

A shape without a place sits in the middle of the mesh; `center=` and `.at(point)` give it one. `| & - ^ ~`,
`.translate`, `.rotate`, `.scale`, `.repeat` make new shapes of old ones. Layers, polygons and functions are drawn in
the coordinates of the mesh, whose lower corner is its `origin`.
"""

from magjax.geometry.cone import cone
from magjax.geometry.cuboid import cuboid
from magjax.geometry.cylinder import cylinder
from magjax.geometry.ellipsoid import ellipsoid, sphere
from magjax.geometry.function import function
from magjax.geometry.half_space import half_space
from magjax.geometry.image import image_mask
from magjax.geometry.layer import layer, layers
from magjax.geometry.polygon import polygon
from magjax.geometry.shape import AbstractShape
from magjax.geometry.torus import torus

__all__ = [
    "AbstractShape",
    "cone",
    "cuboid",
    "cylinder",
    "ellipsoid",
    "function",
    "half_space",
    "image_mask",
    "layer",
    "layers",
    "polygon",
    "sphere",
    "torus",
]
