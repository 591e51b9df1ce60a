"""Harmonic drives."""

from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.drive.arguments import leaf, like, quarter_period
from magjax.drive.base import AbstractWaveform


class Sin(AbstractWaveform):
    """sin(2π f (t − t0) + φ).

    **Arguments**

    - `frequency`: f, Hz (not rad/s).
    - `phase`: φ, radians.
    - `t0`: origin of time, s.

    **Raises** `ValueError` for a negative frequency and numbers that are not finite.

    >>> import magjax as mj
    >>> round(float(mj.drive.sin(frequency=1e9)(0.25e-9)), 6)
    1.0
    """

    frequency: Array
    phase: Array
    t0: Array

    def __init__(self, frequency: Any, phase: Any = 0.0, t0: Any = 0.0):
        self.frequency = leaf("frequency", frequency, minimum=0)
        self.phase = leaf("phase", phase)
        self.t0 = leaf("t0", t0)

    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""
        t, f, phase, t0 = like(t, self.frequency, self.phase, self.t0)
        return jnp.sin(2 * jnp.pi * f * (t - t0) + phase)

    def landmarks(self) -> tuple[Array, ...]:
        """None."""
        return ()

    def longest_step(self) -> Array:
        """A quarter of the period."""
        return quarter_period(self.frequency)


class Cos(AbstractWaveform):
    """cos(2π f (t − t0) + φ).

    **Arguments**

    - `frequency`: f, Hz (not rad/s).
    - `phase`: φ, radians.
    - `t0`: origin of time, s.

    **Raises** `ValueError` for a negative frequency and numbers that are not finite.

    >>> import magjax as mj
    >>> float(mj.drive.cos(frequency=1e9)(0.0))
    1.0
    """

    frequency: Array
    phase: Array
    t0: Array

    def __init__(self, frequency: Any, phase: Any = 0.0, t0: Any = 0.0):
        self.frequency = leaf("frequency", frequency, minimum=0)
        self.phase = leaf("phase", phase)
        self.t0 = leaf("t0", t0)

    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""
        t, f, phase, t0 = like(t, self.frequency, self.phase, self.t0)
        return jnp.cos(2 * jnp.pi * f * (t - t0) + phase)

    def landmarks(self) -> tuple[Array, ...]:
        """None."""
        return ()

    def longest_step(self) -> Array:
        """A quarter of the period."""
        return quarter_period(self.frequency)
