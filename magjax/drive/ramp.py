"""Linear ramps."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.drive.arguments import known, leaf, like
from magjax.drive.base import AbstractWaveform


class Ramp(AbstractWaveform):
    """`start` until t0, a straight line to `end` at t1, `end` from then on.

    **Arguments**

    - `t0`, `t1`: when the ramp begins and ends, s.
    - `start`, `end`: the values there.

    **Raises** `ValueError` unless t0 < t1, and for numbers that are not finite.

    >>> import magjax as mj
    >>> float(mj.drive.ramp(t0=0.0, t1=2e-9, start=-1.0, end=1.0)(1e-9))
    0.0
    """

    t0: Array
    t1: Array
    start: Array
    end: Array

    def __init__(self, t0: Any, t1: Any, start: Any = 0.0, end: Any = 1.0):
        self.t0, self.t1 = leaf("t0", t0), leaf("t1", t1)
        self.start, self.end = leaf("start", start), leaf("end", end)
        if known(self.t0, self.t1) and not float(self.t0) < float(self.t1):
            raise ValueError(f"Argument `t1` must be later than `t0`, but got t0={t0!r} and t1={t1!r}.")

    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""
        t, t0, t1, start, end = like(t, self.t0, self.t1, self.start, self.end)
        return start + (end - start) * jnp.clip((t - t0) / (t1 - t0), 0, 1)

    def landmarks(self) -> tuple[Array, ...]:
        """Its two ends."""
        return (self.t0, self.t1)

    def longest_step(self) -> Array:
        """Any."""
        return jnp.asarray(jnp.inf)
