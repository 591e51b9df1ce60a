"""Gaussian pulses, bare or on a carrier."""

from typing import Any

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.drive.arguments import leaf, like
from magjax.drive.base import AbstractDrive, AbstractWaveform
from magjax.drive.harmonic import Cos


class Gaussian(AbstractWaveform):
    """exp(−(t − t0)²/(2 σ²)).

    **Arguments**

    - `t0`: time of the maximum, s.
    - `width`: σ, the standard deviation, s; the full width at half maximum is 2.355 σ.

    **Raises** `ValueError` for a width that is not positive and numbers that are not finite.

    >>> import magjax as mj
    >>> round(float(mj.drive.gaussian(t0=1e-9, width=0.1e-9)(1.1e-9)), 4)
    0.6065
    """

    t0: Array
    width: Array

    def __init__(self, t0: Any, width: Any):
        self.t0 = leaf("t0", t0)
        self.width = leaf("width", width, above=0)

    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""
        t, t0, width = like(t, self.t0, self.width)
        return jnp.exp(-(((t - t0) / width) ** 2) / 2)

    def landmarks(self) -> tuple[Array, ...]:
        """Every σ, out to where 1e-6 is left."""
        return tuple(lax.stop_gradient(self.t0 + k * self.width) for k in range(-5, 6))

    def longest_step(self) -> Array:
        """Any."""
        return jnp.asarray(jnp.inf)


def wave_packet(frequency: Any, t0: Any, width: Any, phase: Any = 0.0) -> AbstractDrive:
    """A carrier under a Gaussian: exp(−(t − t0)²/(2 σ²)) cos(2π f (t − t0) + φ).

    **Arguments**

    - `frequency`: f of the carrier, Hz.
    - `t0`: time of the maximum, s.
    - `width`: σ, s; the spectrum has the width 1/(2πσ) about f.
    - `phase`: φ of the carrier at t0, radians.

    **Raises** `ValueError` for a negative frequency and a width that is not positive.

    >>> import magjax as mj
    >>> round(float(mj.drive.wave_packet(frequency=5e9, t0=1e-9, width=0.2e-9)(1e-9)), 6)
    1.0
    """
    return Gaussian(t0, width) * Cos(frequency, phase, t0)
