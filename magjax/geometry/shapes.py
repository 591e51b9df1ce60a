"""Constructive shapes: `mj.shapes`.

Each function returns a shape drawn about the origin; `.at(mesh.center)` puts it in the middle of a mesh, and
`| & - ^ ~`, `.translate`, `.rotate`, `.scale`, `.repeat` make new shapes of old ones.
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
