"""Nearest neighbours on a regular mesh, one axis at a time."""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.mesh import AXES, Axis


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
