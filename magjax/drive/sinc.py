"""The sinc pulse, which excites every frequency up to a cutoff equally."""

import math
from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.drive.arguments import leaf, like, quarter_period
from magjax.drive.base import AbstractWaveform

# sin(u)/u = Σ (−1)ᵏ u²ᵏ/(2k+1)!; ten terms are exact to 2e-20 for |u| ≤ 1.
_SERIES = tuple((-1) ** k / math.factorial(2 * k + 1) for k in range(10))


class Sinc(AbstractWaveform):
    """sin(u)/u with u = 2π f_c (t − t0): 1 at t0, its spectrum flat up to f_c and zero above.

    **Arguments**

    - `cutoff`: f_c, Hz.
    - `t0`: time of the maximum, s; begin a run several 1/f_c before it.

    **Raises** `ValueError` for a negative cutoff and numbers that are not finite.

    >>> import magjax as mj
    >>> excitation = 10e-3 * mj.drive.sinc(cutoff=30e9, t0=0.5e-9)
    >>> round(float(excitation(0.5e-9)), 6)
    0.01
    """

    cutoff: Array
    t0: Array

    def __init__(self, cutoff: Any, t0: Any = 0.0):
        self.cutoff = leaf("cutoff", cutoff, minimum=0)
        self.t0 = leaf("t0", t0)

    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""
        t, cutoff, t0 = like(t, self.cutoff, self.t0)
        return _sinc(2 * jnp.pi * cutoff * (t - t0))

    def landmarks(self) -> tuple[Array, ...]:
        """The maximum."""
        return (lax.stop_gradient(self.t0),)

    def longest_step(self) -> Array:
        """A quarter of the shortest period."""
        return quarter_period(self.cutoff)


def _sinc(u: Array) -> Array:
    # The quotient loses every digit of its derivative near 0, and jnp.sinc's too; the series loses none.
    near = jnp.abs(u) < 1
    square = jnp.where(near, u, 0) ** 2
    series = jnp.zeros_like(u)
    for coefficient in reversed(_SERIES):
        series = series * square + coefficient
    far = jnp.where(near, 1, u)
    return jnp.where(near, series, jnp.sin(far) / far)
