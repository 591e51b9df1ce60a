"""Couplings through the faces between neighbouring cells."""

from collections.abc import Callable, Mapping
from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.material.parameter import Parameter, largest, parameter
from magjax.material.sample import Sample
from magjax.mesh import Axis
from magjax.numerics.stencil import array_axis

#: Factors below this one are values in J/m.
_FACTOR = 1e-6
#: `next_neighbour` or `previous_neighbour`.
Neighbour = Callable[..., Array]


def face_value(
    value: Array,
    sample: Sample,
    axis: Axis,
    neighbour: Neighbour,
    *,
    between: Mapping[tuple[str, str], Parameter],
    scale: Mapping[tuple[str, str], Parameter],
) -> Array:
    """A coupling on the faces to one side of the cells along one axis, `(nz, ny, nx)`; 0 where there is no neighbour.

    - `value`: in the cells, a number or `(nz, ny, nx)`. A face has the harmonic mean of its two cells' values; 0 where
      they have opposite signs.
    - `between`: of faces between two regions instead, by their names. `scale`: factors of the mean there. Of either,
      where it differs in the two cells, a face has the arithmetic mean.

    **Raises** `ValueError` where regions are named and the system has none.
    """
    periodic = sample.mesh.is_periodic(axis)
    here = jnp.broadcast_to(value, sample.mesh.shape)
    there = neighbour(here, axis, periodic=periodic)
    total, product = here + there, here * there
    face = jnp.where(product > 0, 2 * product / jnp.where(total != 0, total, 1), 0)

    def on_face(given: Parameter) -> Array:
        found = sample.value(given)
        return (found + neighbour(found, axis, periodic=periodic)) / 2 if found.ndim else found

    for names, factor in scale.items():
        face = jnp.where(_meets(sample, axis, neighbour, names, "scale"), on_face(factor) * face, face)
    for names, given in between.items():
        face = jnp.where(_meets(sample, axis, neighbour, names, "between"), on_face(given), face)
    return jnp.where(joined(sample, axis, neighbour), face, 0)


def _meets(sample: Sample, axis: Axis, neighbour: Neighbour, names: tuple[str, str], argument: str) -> Array:
    """Where the faces to one side lie between two regions."""
    first, second = names
    if sample.regions is None:
        raise ValueError(
            f"Argument `{argument}` names the regions {first!r} and {second!r}, but the system has no regions."
        )
    periodic = sample.mesh.is_periodic(axis)
    in_first, in_second = (jnp.asarray(sample.regions.mask(name)) for name in names)
    return (in_first & neighbour(in_second, axis, periodic=periodic)) | (
        in_second & neighbour(in_first, axis, periodic=periodic)
    )


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


def pair(key: Any, argument: str) -> tuple[str, str]:
    """The names of two regions in order, so that either way of writing them is the same."""
    if not (isinstance(key, tuple) and len(key) == 2 and all(isinstance(k, str) for k in key)):
        raise ValueError(f"Argument `{argument}` must have pairs of region names as keys, but got {key!r}.")
    first, second = sorted(key)
    return first, second


#: Values of faces by the names of the two regions that they lie between.
ByPair = dict[tuple[str, str], Parameter]


def by_pair(between: ByPair | None, scale: ByPair | None) -> tuple[ByPair, ByPair]:
    """What was given for the faces between regions, checked: values, and factors.

    **Raises** `ValueError` for keys that are no pairs, a pair that is given twice, and factors like values.
    """
    found = []
    for argument, given in (("between", between), ("scale", scale)):
        found.append({pair(k, argument): parameter(v, f"{argument}[{k}]") for k, v in (given or {}).items()})
        if len(found[-1]) < len(given or {}):
            raise ValueError(f"Argument `{argument}` must name each pair of regions once, but got {list(given or {})}.")
    values, factors = found
    for names in values.keys() & factors.keys():
        raise ValueError(
            f"Argument `scale` must not name pairs that `between` names, but got {names}: a factor of the mean or a "
            "value instead of it, one of both."
        )
    for names, factor in factors.items():
        if 0 < largest(factor) < _FACTOR:
            raise ValueError(
                f"Argument `scale` must hold factors, without a unit, but got {largest(factor):g} for {names}; did you "
                "mean `between`, which takes values?"
            )
    return values, factors
