"""All equilibria of a uniaxial particle in a field, whatever its constants."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.kinetics.arguments import floats
from magjax.numerics.root import find_root

# e′ is a trigonometric polynomial of degree 4, so it has 8 zeros at most.
_MOST = 8
# Turning points of e′ closer together than this, half a degree, may be missed, and the pair of extremes between them.
_GRID = np.linspace(-np.pi, np.pi, 721)


class Equilibria(eqx.Module):
    """Stationary states of a particle on the sphere, in up to 8 places; empty places hold NaN and the index −1.

    - `angle`: `(..., 8)` angle of m from the easy axis towards the field, −π … π, rad.
    - `energy`: `(..., 8)` e = E/K1V. `index`: `(..., 8)` how many ways lead down: 0 minimum, 1 saddle, 2 maximum.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import Equilibria
    >>> Equilibria(jnp.array([0.0, jnp.nan]), jnp.array([-1.0, jnp.nan]), jnp.array([0, -1])).minima.tolist()
    [0.0]
    """

    angle: Array
    energy: Array
    index: Array

    @property
    def minima(self) -> Array:
        """Angles of the minima of a single particle, rad."""
        return self.angle[self.index == 0]

    @property
    def saddles(self) -> Array:
        """Angles of its saddles, rad."""
        return self.angle[self.index == 1]


def equilibria(h: Any, psi: Any, k2: Any = 0.0) -> Equilibria:
    """Every stationary state of e(θ) = sin²θ + k sin⁴θ − 2h cos(θ − ψ) on the sphere.

    All lie in the plane of axis and field (along the axis itself, on a circle of saddles through it). Between the
    turning points of e′, which are looked for first, e′ has one zero or none, so none is missed; each is then found to
    rounding, and follows its parameters by implicit differentiation.

    - `h`: field in units of 2K1/(μ0 Ms). `psi`: its angle to the easy axis, rad. `k2`: K2/K1. Any real numbers, which
      broadcast.

    **Returns** `Equilibria`.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import equilibria
    >>> found = equilibria(0.5, jnp.pi / 2)
    >>> [round(float(x), 4) for x in found.minima], [round(float(x), 4) for x in found.saddles]  # m = h across the axis
    ([0.5236, 2.618], [1.5708])
    """
    values = [floats(name, value) for name, value in (("h", h), ("psi", psi), ("k2", k2))]
    dtype = jnp.result_type(*values)
    h, psi, k2 = jnp.broadcast_arrays(*(value.astype(dtype) for value in values))
    one = _one
    for _ in range(h.ndim):
        one = jax.vmap(one)
    return Equilibria(*one(h, psi, k2))


def _one(h: Array, psi: Array, k2: Array) -> tuple[Array, Array, Array]:
    grid = jnp.asarray(_GRID, h.dtype)
    signs = _curvature(grid, h, psi, k2) < 0
    (at,) = jnp.nonzero(signs[1:] != signs[:-1], size=_MOST, fill_value=0)
    place, count = jnp.arange(_MOST), jnp.sum(signs[1:] != signs[:-1])
    rising = jnp.where(signs[at], 1, -1).astype(h.dtype)
    turns = find_root(_turning, grid[at], grid[at + 1], (rising, h, psi, k2))
    following = jnp.where(place + 1 < count, jnp.roll(turns, -1), turns[0] + 2 * jnp.pi)
    first, last = _torque(turns, h, psi, k2) < 0, _torque(following, h, psi, k2) < 0
    there = (place < count) & (first != last)
    rising = jnp.where(first, 1, -1).astype(h.dtype)
    angle = find_root(_equilibrium, turns, jnp.where(there, following, turns + 1), (rising, h, psi, k2))
    angle = jnp.where(angle > jnp.pi, angle - 2 * jnp.pi, angle)
    square = jnp.sin(angle) ** 2
    energy = square + k2 * square**2 - 2 * h * jnp.cos(angle - psi)
    # Out of the plane, m meets the anisotropy's own field along it.
    aside = 2 * (1 - square) * (1 + 2 * k2 * square) + 2 * h * jnp.cos(angle - psi)
    index = (_curvature(angle, h, psi, k2) < 0).astype(int) + (aside < 0)
    order = jnp.argsort(jnp.where(there, angle, jnp.inf))
    angle, energy = (jnp.where(there, value, jnp.nan)[order] for value in (angle, energy))
    return angle, energy, jnp.where(there, index, -1)[order]


def _torque(angle: Array, h: Array, psi: Array, k2: Array) -> Array:
    """e′."""
    return jnp.sin(2 * angle) * (1 + 2 * k2 * jnp.sin(angle) ** 2) + 2 * h * jnp.sin(angle - psi)


def _curvature(angle: Array, h: Array, psi: Array, k2: Array) -> Array:
    """e″."""
    own = 2 * jnp.cos(2 * angle) * (1 + 2 * k2 * jnp.sin(angle) ** 2) + 2 * k2 * jnp.sin(2 * angle) ** 2
    return own + 2 * h * jnp.cos(angle - psi)


def _equilibrium(angle: Array, sign: Array, *args: Array) -> Array:
    return sign * _torque(angle, *args)


def _turning(angle: Array, sign: Array, *args: Array) -> Array:
    return sign * _curvature(angle, *args)
