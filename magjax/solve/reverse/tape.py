"""What a loop remembers for its reverse pass: a tape of its latest steps, and the states where tapes were begun."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.numerics.history import History

#: Memory for a tape, B, as far as that makes it neither shorter nor longer than these numbers of steps.
_TAPE_BYTES = 128 * 2**20
_TAPE_STEPS = (32, 64)
#: States kept at which a tape was begun.
_STARTS = 16


def _is_history(x: Any) -> bool:
    return isinstance(x, History)


def entry_of(state: Any) -> Any:
    """What the state after a step no longer knows of the state before it.

    Of a history only the value that the step is about to overwrite: its ring still holds the others.
    """

    def part(x: Any) -> Any:
        return (x.spare, x.times, x.newest) if isinstance(x, History) else x

    return jax.tree_util.tree_map(part, state, is_leaf=_is_history)


def restored(entry: Any, after: Any) -> Any:
    """The state before a step, from its entry and the state after it."""

    def part(x: Any, old: Any) -> Any:
        if not isinstance(x, History):
            return old
        spare, times, newest = old
        return History(x.values, times, newest).with_spare(spare)

    leaves, tree = jax.tree_util.tree_flatten(after, is_leaf=_is_history)
    return tree.unflatten([part(x, old) for x, old in zip(leaves, tree.flatten_up_to(entry), strict=True)])


def _rows(count: int, like: Any) -> Any:
    return jax.tree_util.tree_map(lambda x: jnp.zeros((count, *x.shape), x.dtype), like)


def _set_row(rows: Any, i: Array, values: Any) -> Any:
    return jax.tree_util.tree_map(lambda r, x: lax.dynamic_update_index_in_dim(r, x, i, 0), rows, values)


def _row(rows: Any, i: Array) -> Any:
    return jax.tree_util.tree_map(lambda r: lax.dynamic_index_in_dim(r, i, keepdims=False), rows)


class Tape(eqx.Module):
    """Entries of consecutive steps.

    - `entries`: a pytree of arrays `(size, …)`: of each step what `entry_of` gives, and extras.
    - `used`: how many are written.
    """

    entries: Any
    used: Array

    @classmethod
    def blank(cls, state: Any, extras: Any, longest: int | None) -> "Tape":
        """An empty tape for entries of a state and of extras of these shapes and types."""
        like = (jax.eval_shape(entry_of, state), extras)
        step = sum(x.size * x.dtype.itemsize for x in jax.tree_util.tree_leaves(like))
        size = min(max(_TAPE_BYTES // max(step, 1), _TAPE_STEPS[0]), _TAPE_STEPS[1])
        return cls(_rows(size if longest is None else min(size, max(longest, 1)), like), jnp.zeros((), jnp.int32))

    @property
    def size(self) -> int:
        """How many entries fit."""
        return jax.tree_util.tree_leaves(self.entries)[0].shape[0]

    def rewound(self) -> "Tape":
        """The same memory, as an empty tape."""
        return Tape(self.entries, jnp.zeros_like(self.used))

    def put(self, state: Any, extra: Any) -> "Tape":
        """The tape with one entry more, of a step from `state`."""
        return Tape(_set_row(self.entries, self.used, (entry_of(state), extra)), self.used + 1)

    def step(self, i: Array, after: Any) -> tuple[Any, Any]:
        """State before step `i`, from that after it, and the extras of the step."""
        entry, extra = _row(self.entries, i)
        return restored(entry, after), extra


class Starts(eqx.Module):
    """States at which tapes were begun: every one while there is room, then every second, and so on.

    - `states`: a pytree of arrays `(room + 1, …)`, in no order; the last row is overwritten with what is not kept.
    - `number`: `(room,)`, which tape each row begins; −1 for free rows.
    - `stride`: tapes from one kept start to the next.
    """

    states: Any
    number: Array
    stride: Array

    @classmethod
    def blank(cls, state: Any) -> "Starts":
        """Room for states like this one."""
        rows = _rows(_STARTS + 1, jax.eval_shape(lambda state: state, state))
        return cls(rows, jnp.full(_STARTS, -1, jnp.int32), jnp.ones((), jnp.int32))

    def push(self, state: Any, number: Array) -> "Starts":
        """With the start of tape `number`, which thins out the others when there is no room."""
        full = jnp.all(self.number >= 0) & (number % self.stride == 0)
        stride = jnp.where(full, 2 * self.stride, self.stride)
        thinned = jnp.where(self.number % stride == 0, self.number, -1)
        return Starts(self.states, thinned, stride)._keep(state, number, number % stride == 0)

    def keep(self, state: Any, number: Array, wanted: Array) -> "Starts":
        """With the start of tape `number` if it is wanted, there is room, and it is not there already."""
        return self._keep(state, number, wanted & ~jnp.any(self.number == number))

    def _keep(self, state: Any, number: Array, wanted: Array) -> "Starts":
        free = jnp.argmin(self.number)
        wanted = wanted & (self.number[free] < 0)
        row = jnp.where(wanted, free, _STARTS)
        numbers = jnp.where(wanted, self.number.at[free].set(number), self.number)
        return Starts(_set_row(self.states, row, state), numbers, self.stride)

    def nearest(self, number: Array) -> tuple[Any, Array]:
        """The last start kept up to tape `number`, and its own number."""
        row = jnp.argmax(jnp.where(self.number <= number, self.number, -1))
        return _row(self.states, row), self.number[row]

    def without(self, number: Array) -> "Starts":
        """With the rows from tape `number` on free for others."""
        return Starts(self.states, jnp.where(self.number >= number, -1, self.number), self.stride)

    @property
    def room(self) -> Array:
        """How many rows are free."""
        return jnp.sum(self.number < 0)
