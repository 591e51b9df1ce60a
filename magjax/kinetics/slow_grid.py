"""Panels laid where the slowest mode of a Fokker–Planck equation lives: in its wells, and on the tops between."""

from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.kinetics.panels import Panels

if TYPE_CHECKING:
    from magjax.kinetics.fokker_planck import AbstractFokkerPlanck

#: What is this many kT away from the nearest well and the nearest top is of no weight: e^−40 = 4e-18.
_DEPTH = 40.0
#: A panel of 16 nodes takes this many kT of a slope with an error of 1e-13, and this many widths of a round top.
_STEEP, _ROUND = 5.0, 1.5
#: Cells of the first look, and how often one looks again where the last look found something.
_CELLS, _LOOKS, _FEW = 256, 8, 4.0


class SlowGrid(eqx.Module):
    """Panels of an equation with E/kT at their nodes.

    - `panels`, `v`: the nodes, and E/kT there, `(panels, 16)`.
    - `kept`: panels that count. On a slope between a well and a top, further from both than 40 kT, nothing happens
      that an integral could see, and E/kT may change by any amount in one panel: such panels are left out.
    - `resolved`: whether there are as many as wanted.
    """

    panels: Panels
    v: Array
    kept: Array
    resolved: Array


def slow_grid(equation: "AbstractFokkerPlanck", t: Any, count: int) -> SlowGrid:
    """Panels for an equation, denser where E/kT changes within 40 kT of a well or a top. Nodes are no parameters."""
    edges = jnp.asarray(equation.edges(_CELLS), equation.pace(t).dtype)
    wanted = jnp.zeros(1)
    for look in range(_LOOKS):
        wanted = _wanted(edges, lax.stop_gradient(equation.potential(edges, t)))
        edges = lax.stop_gradient(_laid(edges, wanted, count if look == _LOOKS - 1 else _CELLS))
    panels = Panels.between(edges)
    v = equation.potential(panels.nodes, t)
    change = lax.stop_gradient(jnp.max(v, axis=1) - jnp.min(v, axis=1))
    return SlowGrid(panels, v, change < 4 * _STEEP, jnp.sum(wanted) < 1.5 * count)


def _wanted(edges: Array, v: Array) -> Array:
    """How many panels each cell between edges wants: none, unless a well or a top is near."""
    width = jnp.diff(edges)
    slope = jnp.abs(jnp.diff(v)) / width
    bend = jnp.abs(jnp.diff(jnp.diff(v) / width)) / ((width[1:] + width[:-1]) / 2)
    bend = jnp.maximum(jnp.concatenate([bend[:1], bend]), jnp.concatenate([bend, bend[-1:]]))
    # Energy from an extremum: slope²/2E″ in a parabola, slope times distance at a wall where the energy just ends;
    # of the least slope that there may be within a cell.
    least = jnp.maximum(slope - 0.6 * bend * width, 0)
    wall = jnp.minimum(edges[:-1] - edges[0], edges[-1] - edges[1:])
    depth = jnp.minimum(least**2 / (2 * bend + jnp.finfo(v.dtype).tiny), least * wall)
    number = slope * width / _STEEP + jnp.sqrt(bend) * width / _ROUND
    # A wide cell lies near with one end only: a few at a time, and one looks again.
    return jnp.where(depth < _DEPTH, jnp.minimum(number, _FEW), 0)


def _laid(edges: Array, wanted: Array, count: int) -> Array:
    """Edges of `count` cells that share what is wanted evenly; a third of them is spread over all of the interval."""
    share = wanted + jnp.maximum(jnp.sum(wanted) / 2, 1.0) / wanted.size
    whole = jnp.concatenate([jnp.zeros(1, share.dtype), jnp.cumsum(share)])
    inner = jnp.interp(jnp.arange(1, count, dtype=share.dtype) / count * whole[-1], whole, edges)
    return jnp.concatenate([edges[:1], inner, edges[-1:]])
