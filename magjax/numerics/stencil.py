"""Nearest neighbours on a regular mesh.

The hot loop uses `padded` and `shifted`: one pass writes the field with a rim, and all neighbours are then offsets into
it, so that a whole equation of motion is one more pass. Joining shifted slices instead makes XLA on a CPU write each
neighbour's field to memory: measured, more than twice as slow.
"""

from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.mesh import AXES, Axis


def padded(field: Array, axes: tuple[Axis, ...], periodic: str) -> Array:
    """A field with one more cell at both ends of `axes`: the opposite end's along periodic axes, zeros elsewhere."""
    for axis in axes:
        if axis in periodic:
            k = field.ndim + array_axis(axis)
            n = field.shape[k]
            first, last = lax.slice_in_dim(field, 0, 1, axis=k), lax.slice_in_dim(field, n - 1, n, axis=k)
            field = jnp.concatenate([last, field, first], axis=k)
    rim = [(0, 0, 0)] * field.ndim
    for axis in axes:
        if axis not in periodic:
            rim[field.ndim + array_axis(axis)] = (1, 1, 0)
    field = lax.pad(field, jnp.zeros((), field.dtype), rim)
    # Settled in memory: otherwise every neighbour's value is computed anew from what the field was made of.
    return lax.optimization_barrier(field)


def shifted(rimmed: Array, axes: tuple[Axis, ...], axis: Axis, step: int) -> Array:
    """The neighbours `step` (−1, 0 or 1) cells away along `axis`, of a field that `padded` made."""
    start, limit = [0] * rimmed.ndim, list(rimmed.shape)
    for a in axes:
        k = rimmed.ndim + array_axis(a)
        offset = step if a == axis else 0
        start[k], limit[k] = 1 + offset, rimmed.shape[k] - 1 + offset
    return lax.slice(rimmed, start, limit)


def neighbour_count(n: int, axis: Axis, ndim: int, dtype: Any) -> Array:
    """How many neighbours a cell has along a free axis of `n` cells, 2 inside and 1 at the ends; broadcastable."""
    shape = [1] * ndim
    shape[ndim + array_axis(axis)] = n
    i = lax.broadcasted_iota(jnp.int32, tuple(shape), ndim + array_axis(axis))
    return (2 - (i == 0) - (i == n - 1)).astype(dtype)


def array_axis(axis: Axis) -> int:
    """Which array axis, counted from the end, a mesh axis is: x is the last."""
    return -1 - AXES.index(axis)


def next_neighbour(field: Array, axis: Axis, *, periodic: bool) -> Array:
    """The value of the next cell along `axis`; at a free edge the cell's own, so that differences vanish there."""
    k = field.ndim + array_axis(axis)
    n = field.shape[k]
    edge = lax.slice_in_dim(field, 0, 1, axis=k) if periodic else lax.slice_in_dim(field, n - 1, n, axis=k)
    return jnp.concatenate([lax.slice_in_dim(field, 1, n, axis=k), edge], axis=k)


def previous_neighbour(field: Array, axis: Axis, *, periodic: bool) -> Array:
    """The value of the cell before along `axis`; at a free edge the cell's own."""
    k = field.ndim + array_axis(axis)
    n = field.shape[k]
    edge = lax.slice_in_dim(field, n - 1, n, axis=k) if periodic else lax.slice_in_dim(field, 0, 1, axis=k)
    return jnp.concatenate([edge, lax.slice_in_dim(field, 0, n - 1, axis=k)], axis=k)
