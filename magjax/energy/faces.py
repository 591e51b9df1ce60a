"""Couplings through the faces between neighbouring cells."""

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.material.parameter import Parameter
from magjax.material.sample import Sample
from magjax.mesh import Axis
from magjax.numerics.stencil import array_axis

#: `next_neighbour` or `previous_neighbour`.
Neighbour = Callable[..., Array]


def face_value(
    value: Array, sample: Sample, axis: Axis, neighbour: Neighbour, between: Mapping[tuple[str, str], Parameter]
) -> Array:
    """A coupling on the faces to one side of the cells along one axis, `(nz, ny, nx)`; 0 where there is no neighbour.

    - `value`: in the cells, a number or `(nz, ny, nx)`. A face has the harmonic mean of its two cells' values; 0 where
      they have opposite signs.
    - `between`: of faces between two regions instead, by their names.

    **Raises** `ValueError` where regions are named and the system has none.
    """
    periodic = sample.mesh.is_periodic(axis)
    here = jnp.broadcast_to(value, sample.mesh.shape)
    there = neighbour(here, axis, periodic=periodic)
    total, product = here + there, here * there
    face = jnp.where(product > 0, 2 * product / jnp.where(total != 0, total, 1), 0)
    for (first, second), given in between.items():
        if sample.regions is None:
            raise ValueError(
                f"Argument `between` names the regions {first!r} and {second!r}, but the system has no regions."
            )
        in_first, in_second = (jnp.asarray(sample.regions.mask(name)) for name in (first, second))
        joins = (in_first & neighbour(in_second, axis, periodic=periodic)) | (
            in_second & neighbour(in_first, axis, periodic=periodic)
        )
        face = jnp.where(joins, sample.value(given), face)
    return jnp.where(joined(sample, axis, neighbour), face, 0)


def joined(sample: Sample, axis: Axis, neighbour: Neighbour) -> Array:
    """Whether cells have a magnetic neighbour on one side along one axis, `(nz, ny, nx)`."""
    periodic = sample.mesh.is_periodic(axis)
    both = jnp.ones(sample.mesh.shape, bool)
    if sample.occupied is not None:
        both = sample.occupied & neighbour(sample.occupied, axis, periodic=periodic)
    if not periodic:
        number = lax.broadcasted_iota(jnp.int32, sample.mesh.shape, 3 + array_axis(axis))
        both = both & (number != neighbour(number, axis, periodic=False))
    return both


def pair(key: Any) -> tuple[str, str]:
    """The names of two regions in order, so that either way of writing them is the same."""
    if not (isinstance(key, tuple) and len(key) == 2 and all(isinstance(k, str) for k in key)):
        raise ValueError(f"Argument `between` must have pairs of region names as keys, but got {key!r}.")
    first, second = sorted(key)
    return first, second
