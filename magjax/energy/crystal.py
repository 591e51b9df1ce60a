"""The axes of a cubic crystal, along the mesh or turned against it."""

import jax
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.material.direction import direction
from magjax.material.parameter import Parameter
from magjax.material.sample import Sample
from magjax.numerics.sphere import cross, normalize, tangent


def two_axes(axis1: Parameter, axis2: Parameter) -> tuple[Parameter, Parameter]:
    """Two of a crystal's axes as parameters.

    **Raises** `ValueError` for axes of length zero, and parallel ones.
    """
    axes = direction(axis1, "axis1"), direction(axis2, "axis2")
    # Two numbers that are known; fields of axes are the user's to see to.
    if all(isinstance(c, jax.Array) and not isinstance(c, Tracer) and c.shape == (3,) for c in axes):
        first, second = (np.asarray(c, float) / np.linalg.norm(np.asarray(c, float)) for c in axes)
        if np.linalg.norm(np.cross(first, second)) < 1e-6:
            raise ValueError(f"Argument `axis2` must not be parallel to `axis1`, but got {axis1!r} and {axis2!r}.")
    return axes


def crystal_axes(axis1: Parameter, axis2: Parameter, sample: Sample) -> tuple[Array, Array, Array]:
    """Three unit vectors c1, c2, c3 = c1×c2 on the mesh; the second is made perpendicular to the first."""
    c1 = normalize(sample.vector(axis1))
    c2 = normalize(tangent(c1, sample.vector(axis2)))
    return c1, c2, cross(c1, c2)
