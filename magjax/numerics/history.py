"""The recent past of a smooth field, and polynomials through it."""

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

#: Values a cubic needs.
NODES = 4
#: One slot more than a cubic needs: a step that is later rejected writes there and spoils nothing.
SLOTS = NODES + 1


class History(eqx.Module):
    """The last values of a field, in a ring that is written in place.

    - `values`: `(5, 3, nz, ny, nx)`.
    - `times`: `(5,)`, relative to the newest value.
    - `newest`: its slot.

    >>> import jax.numpy as jnp
    >>> from magjax.numerics.history import History
    >>> h = History.start(jnp.ones((1,)))
    >>> h = h.push(0.1, 2 * jnp.ones((1,)))
    >>> float(h.latest[0])
    2.0
    """

    values: Array
    times: Array
    newest: Array

    @classmethod
    def start(cls, value: Array) -> "History":
        """A history that holds one value."""
        values = jnp.zeros((SLOTS, *value.shape), value.dtype).at[0].set(value)
        return cls(values, jnp.zeros(SLOTS, value.dtype), jnp.zeros((), jnp.int32))

    @property
    def latest(self) -> Array:
        """The newest value."""
        return lax.dynamic_index_in_dim(self.values, self.newest, keepdims=False)

    @property
    def spare(self) -> Array:
        """What the next push overwrites."""
        return lax.dynamic_index_in_dim(self.values, (self.newest + 1) % SLOTS, keepdims=False)

    def with_spare(self, value: Array) -> "History":
        """The history with another value in the spare slot."""
        slot = (self.newest + 1) % SLOTS
        return History(lax.dynamic_update_index_in_dim(self.values, value, slot, 0), self.times, self.newest)

    def push(self, dt: Array | float, value: Array) -> "History":
        """The history after `dt`, when the field has become `value`."""
        slot = (self.newest + 1) % SLOTS
        times = (self.times - dt).at[slot].set(0)
        return History(lax.dynamic_update_index_in_dim(self.values, value, slot, 0), times, slot)

    def weights(self, t: Array) -> Array:
        """Lagrange weights `(5,)` of the cubic through the last four values, `t` after the newest; spare slot 0."""
        order = (self.newest - jnp.arange(NODES)) % SLOTS
        return jnp.zeros(SLOTS, self.times.dtype).at[order].set(lagrange(self.times[order], t))

    def at(self, t: Array) -> Array:
        """The cubic through the last four values, at `t` after the newest."""
        return combine(self.weights(t)[None], self.values)[0]


def lagrange(nodes: Array, t: Array) -> Array:
    """Weights `(n,)` with which values at `nodes` `(n,)` make their interpolating polynomial's value at `t`."""
    n = nodes.shape[0]
    others = jnp.eye(n, dtype=bool)
    above = jnp.where(others, 1, t - nodes[None, :])
    below = jnp.where(others, 1, nodes[:, None] - nodes[None, :])
    return jnp.prod(above / below, axis=1)


def combine(weights: Array, values: Array) -> Array:
    """Σ_j w_ij v_j for weights `(k, n)` and values `(n, …)`; shape `(k, …)`.

    A matrix product, because XLA does not fuse one into what follows: the combinations are computed once, not again for
    every component of every product they enter, and the history is not read after its ring has been written.
    """
    return jnp.tensordot(weights, values, axes=1, precision=lax.Precision.HIGHEST)
