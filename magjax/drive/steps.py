"""Drives that jump from one value to the next."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.drive.arguments import leaf, like
from magjax.drive.base import AbstractWaveform
from magjax.drive.table import check_times


class Steps(AbstractWaveform):
    """`values[i]` from `times[i]` on until `times[i + 1]`; the last value for ever, and 0 before the first.

    The steps of a run end on the jumps, which gives trajectories their derivative by the times; the value has none.

    **Arguments**

    - `times`: when it jumps, shape `(n,)`, rising, s.
    - `values`: what it jumps to, shape `(n,)`.

    **Raises** `ValueError` for times that do not rise and for lengths that differ.

    >>> import magjax as mj
    >>> pulse = mj.drive.steps(times=(1e-9, 2e-9), values=(1.0, 0.0))
    >>> [float(pulse(t)) for t in (0.5e-9, 1.5e-9, 2.5e-9)]
    [0.0, 1.0, 0.0]
    """

    times: Array
    values: Array

    def __init__(self, times: Any, values: Any):
        self.times, self.values = leaf("times", times, ndim=1), leaf("values", values, ndim=1)
        check_times(self.times, self.values, fewest=1)

    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""
        t, times, values = like(t, self.times, self.values)
        passed = jnp.searchsorted(times, t, side="right")
        return jnp.concatenate([jnp.zeros(1, t.dtype), values])[passed]

    def landmarks(self) -> tuple[Array, ...]:
        """The jumps."""
        return (self.times,)

    def longest_step(self) -> Array:
        """Any."""
        return jnp.asarray(jnp.inf)
