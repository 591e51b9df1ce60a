"""Pulses: rotations of all spins at once, shorter than any precession."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.drive.arguments import known, leaf
from magjax.numerics.rotation import exponential


class Pulse(eqx.Module):
    """All spins turn right-handed by an angle about one axis, at one instant, as a short strong field turns them.

    **Arguments**

    - `time`: when, s, ≥ 0. `angle`: by how much, rad. `axis`: about what `(3,)`; normalised.

    **Raises** `ValueError` for negative times and an axis without direction.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import Pulse
    >>> m = Pulse(time=0.0, angle=jnp.pi / 2, axis=(0, 1, 0)).turn(jnp.array([[0.0], [0.0], [1.0]]))
    >>> m[:, 0].round(6).tolist()
    [1.0, 0.0, 0.0]
    """

    time: Array
    angle: Array
    axis: Array

    def __init__(self, time: Any, angle: Any = jnp.pi, axis: Any = (1.0, 0.0, 0.0)):
        self.time, self.angle = leaf("time", time, minimum=0), leaf("angle", angle)
        self.axis = leaf("axis", axis, ndim=1)
        if self.axis.shape != (3,) or (known(self.axis) and not np.any(np.asarray(self.axis))):
            raise ValueError(f"Argument `axis` must be a direction (x, y, z), but got {axis!r}.")

    def turn(self, m: Array) -> Array:
        """The spins `(3, n)` after the pulse."""
        turning = self.angle * self.axis / jnp.linalg.norm(self.axis)
        return exponential(m, jnp.broadcast_to(turning.astype(m.dtype)[:, None], m.shape))


def pulse_train(tau: Any, number: int, angle: Any = jnp.pi, axis: Any = (1.0, 0.0, 0.0)) -> tuple[Pulse, ...]:
    """Pulses at τ, 3τ, 5τ, …: echoes at 2τ, 4τ, 6τ, ….

    For spins that start along x, pulses about x are those of Carr, Purcell, Meiboom and Gill, whose every second echo
    is free of errors of their angle; pulses about y are those of Carr and Purcell, whose errors add up.

    - `tau`: τ, s. `number`: how many. `angle`: of each, rad. `axis`: of each.

    Source: S. Meiboom and D. Gill, Rev. Sci. Instrum. 29, 688 (1958).

    >>> from magjax.kinetics import pulse_train
    >>> [round(float(pulse.time) * 1e9, 3) for pulse in pulse_train(1e-9, number=3)]
    [1.0, 3.0, 5.0]
    """
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise ValueError(f"Argument `number` must be a number of pulses ≥ 1, but got {number!r}.")
    return tuple(Pulse((2 * k + 1) * tau, angle, axis) for k in range(number))
