"""Paths on a product of spheres: distances, and the shortest ways between states."""

import functools
from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax.numerics.rotation import exponential
from magjax.numerics.sphere import cross, normalize, scalar_product, tangent

#: Where antiparallel spins pass, unless they are along it: no direction that symmetry makes special.
_PASSING = (0.8, 0.36, 0.48)


def turned_from(a: Array, b: Array) -> Array:
    """The rotation vectors, rad, that turn the unit vectors `a` into `b` the shortest way.

    Spins that are opposite in `b` to what they are in `a` all pass on one side, which no symmetry prefers; those of
    sublattices that point against the first one on the other side, so that they stay antiparallel on the way.

    - `a`, `b`: `(3, nz, ny, nx)`, or `(sublattices, 3, nz, ny, nx)`.

    >>> import jax.numpy as jnp
    >>> from magjax.solve.paths.geodesic import turned_from
    >>> spin = lambda *m: jnp.asarray(m).reshape(3, 1, 1, 1)
    >>> turned_from(spin(1.0, 0.0, 0.0), spin(0.0, 1.0, 0.0)).ravel().round(4).tolist()
    [0.0, 0.0, 1.5708]
    """
    axis, along = cross(a, b), scalar_product(a, b)
    square = scalar_product(axis, axis)
    tiny = square < jnp.finfo(a.dtype).eps
    sine = jnp.sqrt(jnp.where(tiny, 1, square))
    shape = (3,) + (1,) * 3
    passing = jnp.asarray(_PASSING, a.dtype).reshape((1,) * (a.ndim - 4) + shape)
    across = cross(a, jnp.broadcast_to(passing, a.shape))
    other = cross(a, jnp.broadcast_to(jnp.roll(passing, 1, -4), a.shape))
    across = normalize(jnp.where(scalar_product(across, across) > 1e-6, across, other))
    if a.ndim > 4:
        across = jnp.where(scalar_product(a, jnp.broadcast_to(a[:1], a.shape)) < 0, -across, across)
    angle = jnp.arctan2(sine, along) / sine
    opposite = jnp.where(along < 0, jnp.pi * across, jnp.zeros_like(axis))
    return jnp.where(tiny, opposite, angle * axis)


def distance(a: Array, b: Array) -> Array:
    """√Σ θ² over the angles θ between the spins of two states, rad; empty cells count nothing.

    >>> import jax.numpy as jnp
    >>> from magjax.solve.paths.geodesic import distance
    >>> x, y = jnp.eye(3)[0].reshape(3, 1, 1, 1), jnp.eye(3)[1].reshape(3, 1, 1, 1)
    >>> round(float(distance(x, y)), 4)
    1.5708
    """
    axis, along = cross(a, b), scalar_product(a, b)
    square = scalar_product(axis, axis)
    sine = jnp.sqrt(jnp.where(square > 0, square, 1))
    angle = jnp.arctan2(jnp.where(square > 0, sine, 0), along)
    magnetic = scalar_product(a, a) > 0
    return jnp.sqrt(jnp.sum(jnp.where(magnetic, angle, 0) ** 2))


@functools.partial(jax.jit, static_argnames="count")
def interpolated(states: Array | Sequence[Array], count: int) -> Array:
    """`count` states at equal distances on the shortest way through `states`, ends included; `(count, …)`.

    Spins that turn round have no shortest way: `turned_from` says on which side they pass.
    """
    given = jnp.stack(list(states)) if isinstance(states, Sequence) else states
    lengths = jax.vmap(distance)(given[:-1], given[1:])
    places = jnp.concatenate([jnp.zeros_like(lengths[:1]), jnp.cumsum(lengths)])
    wanted = places[-1] * jnp.arange(1, count - 1, dtype=places.dtype) / (count - 1)
    i = jnp.clip(jnp.searchsorted(places, wanted, side="right") - 1, 0, len(lengths) - 1)
    part = (wanted - places[i]) / jnp.where(lengths[i] > 0, lengths[i], 1)
    here, there = given[i], given[i + 1]
    angle = part.reshape(-1, *(1,) * (given.ndim - 1)) * jax.vmap(turned_from)(here, there)
    return jnp.concatenate([given[:1], normalize(exponential(here, angle)), given[-1:]])


def upwind(path: Array, energy: Array) -> Array:
    """Unit tangents of a path's inner states, `(count − 2, …)`: towards the higher neighbour, both where energies turn.

    Source: G. Henkelman, H. Jónsson, J. Chem. Phys. 113, 9978 (2000).
    """
    m = path[1:-1]
    ahead, behind = tangent(m, path[2:] - m), tangent(m, m - path[:-2])
    rise, fall = energy[2:] - energy[1:-1], energy[:-2] - energy[1:-1]
    most, least = jnp.maximum(jnp.abs(rise), jnp.abs(fall)), jnp.minimum(jnp.abs(rise), jnp.abs(fall))
    up, down = (rise > 0) & (fall < 0), (rise < 0) & (fall > 0)
    higher = rise > fall
    forward = jnp.where(up, 1.0, jnp.where(down, 0.0, jnp.where(higher, most, least)))
    backward = jnp.where(up, 0.0, jnp.where(down, 1.0, jnp.where(higher, least, most)))
    flat = (forward == 0) & (backward == 0)
    lead = (-1,) + (1,) * (m.ndim - 1)
    tau = jnp.where(flat, 1.0, forward).reshape(lead) * ahead + jnp.where(flat, 1.0, backward).reshape(lead) * behind
    size = jnp.sqrt(jnp.sum(tau * tau, axis=tuple(range(1, m.ndim)), keepdims=True))
    return (tau / jnp.where(size > 0, size, 1)).astype(path.dtype)
