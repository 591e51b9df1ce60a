"""Integrals of a smooth function from the left and from the right to every node of Gauss–Legendre panels."""

import functools
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

#: Nodes of a panel.
ORDER = 16


class Panels(eqx.Module):
    """An interval cut into panels of 16 Gauss–Legendre nodes each.

    All sums run over weights and partial sums of one sign, so the integral of a positive function keeps all its digits
    however small it is beside its neighbours: `from_right` is not the whole less `from_left`.

    - `nodes`, `weights`: `(panels, 16)`.

    >>> from magjax.kinetics.panels import Panels
    >>> grid = Panels.make((0.0, 1.0), 4)
    >>> round(float(grid.whole(grid.nodes**2)), 12)
    0.333333333333
    """

    nodes: Array
    weights: Array
    half: Array

    @classmethod
    def between(cls, edges: Array) -> "Panels":
        """Panels between rising edges `(panels + 1,)`."""
        x, w, _, _ = _rule()
        half = jnp.diff(edges)[:, None] / 2
        middle = (edges[1:] + edges[:-1])[:, None] / 2
        return cls(middle + half * jnp.asarray(x[None], half.dtype), half * jnp.asarray(w[None], half.dtype), half)

    @classmethod
    def make(cls, span: tuple[Any, Any], panels: int, dtype: Any = None) -> "Panels":
        """Equal panels on the interval `span`."""
        x, w, _, _ = _rule()
        dtype = jnp.result_type(float) if dtype is None else dtype
        start, end = (jnp.asarray(edge, dtype) for edge in span)
        half = (end - start) / (2 * panels)
        local = jnp.asarray(2 * np.arange(panels)[:, None] + 1 + x, dtype)
        return cls(start + half * local, half * jnp.asarray(np.broadcast_to(w, local.shape), dtype), half)

    def whole(self, f: Array) -> Array:
        """∫ f over the interval."""
        return jnp.sum(self.weights * f)

    def from_left(self, f: Array) -> Array:
        """∫ f from the left end to each node."""
        sums = jnp.sum(self.weights * f, axis=1)
        before = jnp.concatenate([jnp.zeros(1, sums.dtype), jnp.cumsum(sums[:-1])])
        return before[:, None] + self.within_from_left(f)

    def from_right(self, f: Array) -> Array:
        """∫ f from each node to the right end."""
        sums = jnp.sum(self.weights * f, axis=1)
        after = jnp.concatenate([jnp.cumsum(sums[:0:-1])[::-1], jnp.zeros(1, sums.dtype)])
        return after[:, None] + self.within_from_right(f)

    def within_from_left(self, f: Array) -> Array:
        """∫ f from the left end of its panel to each node."""
        return self.half * jnp.einsum("jk,pk->pj", jnp.asarray(_rule()[2], f.dtype), f)

    def within_from_right(self, f: Array) -> Array:
        """∫ f from each node to the right end of its panel."""
        return self.half * jnp.einsum("jk,pk->pj", jnp.asarray(_rule()[3], f.dtype), f)


@functools.cache
def _rule() -> tuple[np.ndarray, ...]:
    """Nodes and weights on (−1, 1), and matrices that integrate the interpolating polynomial up to and from them."""
    x, w = np.polynomial.legendre.leggauss(ORDER)
    # Coefficients of the interpolant in Legendre polynomials, then their integrals (P_{k+1} − P_{k−1})/(2k+1).
    degrees = np.arange(ORDER)
    values = np.polynomial.legendre.legvander(x, ORDER)
    to_coefficients = (2 * degrees[:, None] + 1) / 2 * values[:, :ORDER].T * w
    below = np.concatenate([-np.ones((ORDER, 1)), values[:, : ORDER - 1]], axis=1)
    integrals = (values[:, 1:] - below) / (2 * degrees + 1)
    left = integrals @ to_coefficients
    # The nodes are symmetric: integrating from the right is integrating from the left in a mirror.
    return x, w, left, left[::-1, ::-1].copy()
