"""Flat layers and stacks of them."""

import dataclasses
import itertools
import math
from collections.abc import Sequence
from typing import final

import numpy as np

from magjax.geometry import arguments
from magjax.geometry.frame import around
from magjax.geometry.shape import AbstractShape
from magjax.geometry.solid import AbstractFixed
from magjax.mesh import Axis


@final
@dataclasses.dataclass(frozen=True, repr=False)
class Layer(AbstractFixed):
    """lower ≤ w < upper: half-open, so that neighbours in a stack share no cell."""

    lower: float
    upper: float
    axis: Axis

    def contains(self, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
        """From the lower plane up to, but not on, the upper one."""
        *_, w = around(self.axis, x, y, z)
        return (w >= self.lower) & (w < self.upper)


def layer(lower: float = -math.inf, upper: float = math.inf, *, axis: Axis = "z") -> AbstractShape:
    """What lies between two planes across `axis`, in the coordinates of the mesh.

    **Arguments**

    - `lower`, `upper`: where the planes cut the axis, m; left out, the layer is open on that side.
    - `axis`: "x", "y" or "z".

    **Raises** `ValueError` unless `lower` < `upper`.

    >>> import magjax as mj
    >>> mj.shapes.layer(0, 5e-9)
    layer(lower=0.0, upper=5e-09, axis='z')
    """
    bottom, top = arguments.coordinate("lower", lower), arguments.coordinate("upper", upper)
    if not bottom < top:
        raise ValueError(f"Argument `lower` must be below `upper`, but got {lower!r} and {upper!r}.")
    return Layer(bottom, top, arguments.axis("axis", axis))


def layers(thicknesses: Sequence[float], *, axis: Axis = "z", bottom: float = 0.0) -> tuple[AbstractShape, ...]:
    """A stack of layers, one upon the other.

    **Arguments**

    - `thicknesses`: of each layer from the bottom up, m.
    - `axis`: "x", "y" or "z".
    - `bottom`: where the stack begins, m (a mesh begins at 0 by default).

    **Raises** `ValueError` for thicknesses that are not positive, or not in metres.

    >>> import magjax as mj
    >>> fixed, spacer, free = mj.shapes.layers((4e-9, 1e-9, 2e-9))
    >>> free
    layer(lower=5e-09, upper=7e-09, axis='z')
    """
    heights = arguments.lengths("thicknesses", thicknesses, len(thicknesses))
    # Planes are rounded to a thousandth of a femtometre: 0.1 + 0.2 must meet the 0.3 that a user writes.
    planes = [round(arguments.coordinate("bottom", bottom) + sum(heights[:i]), 18) for i in range(len(heights) + 1)]
    return tuple(layer(lower, upper, axis=axis) for lower, upper in itertools.pairwise(planes))
