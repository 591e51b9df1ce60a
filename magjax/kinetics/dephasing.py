"""Ensembles of independent spins that precess at different rates: their average, and what it hides."""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, PRNGKeyArray

from magjax import constants
from magjax.drive.base import AbstractDrive
from magjax.energy.zeeman import Zeeman
from magjax.kinetics.frequencies.base import AbstractFrequencies
from magjax.kinetics.motion import AbstractMotion, Bloch
from magjax.kinetics.pulse import Pulse
from magjax.mesh import Mesh
from magjax.system import System

#: Numbers held at once while the average is taken: some ten megabytes.
_AT_ONCE = 2**18


class Signal(eqx.Module):
    """What `signal` returns.

    - `t`: `(n,)` times, s. `m`: `(n, 3)` the average ⟨m⟩ over the spins, which a pick-up coil would see.
    - `transverse`: `(n,)` √⟨m_x² + m_y²⟩ of each spin for itself: what is still there, though no average shows it.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import signal
    >>> from magjax.kinetics.frequencies import Rectangular
    >>> seen = signal(Rectangular(centre=0.0, half_width=1e9), jnp.array([3.14159265e-9]))
    >>> round(float(jnp.abs(seen.m[0, 0])), 6), round(float(seen.transverse[0]), 6)
    (0.0, 1.0)
    """

    t: Array
    m: Array
    transverse: Array

    @property
    def envelope(self) -> Array:
        """`(n,)` the length √(⟨m_x⟩² + ⟨m_y⟩²) of what is seen across the field."""
        square = self.m[:, 0] ** 2 + self.m[:, 1] ** 2
        return jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1)), 0)


def signal(
    frequencies: AbstractFrequencies,
    t: Any,
    pulses: Sequence[Pulse] = (),
    *,
    start: Any = (1.0, 0.0, 0.0),
    motion: AbstractMotion | None = None,
    spins: int = 1024,
    key: PRNGKeyArray | None = None,
) -> Signal:
    """Turn every spin of an ensemble by itself, through pulses and the times between them, and average.

    ⟨m⟩(t) = Σ wᵢ mᵢ(t), where dmᵢ/dt = ωᵢ ẑ×mᵢ and whatever else `motion` says.

    **Arguments**

    - `frequencies`: how the frequencies of the spins are distributed.
    - `t`: times `(n,)` ≥ 0, s. A pulse at t has already come.
    - `pulses`: in the order of their times.
    - `start`: direction of all spins at t = 0, before any pulse; normalised.
    - `motion`: between pulses: `Bloch` (with T₁ and T₂ if wanted; the default is pure precession) or `Damped`.
    - `spins`: how many spins; the `nodes` of the distribution, or with a `key` so many drawn at random.

    **Returns** a `Signal`. All of it has derivatives by the numbers in the arguments, also by times and angles of
    pulses, and by those of the distribution.

    **Raises** `ValueError` for negative times, pulses out of order, a start without direction.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import Pulse, signal
    >>> from magjax.kinetics.frequencies import Gaussian
    >>> spread = Gaussian(centre=1e11, sigma=1e10)
    >>> seen = signal(spread, jnp.array([1e-9, 2e-9]), [Pulse(time=1e-9)])
    >>> seen.envelope.round(6).tolist()  # nothing to be seen at the pulse, everything at the echo
    [0.0, 1.0]
    """
    omega, weights = frequencies.nodes(spins) if key is None else (frequencies.sample(key, spins), None)
    t, motion = jnp.asarray(t, omega.dtype), motion or Bloch()
    _check_times(t, pulses)
    weights = jnp.full(omega.shape, 1 / omega.shape[0], omega.dtype) if weights is None else weights
    return _averaged(omega, weights, t, _direction(start).astype(omega.dtype), tuple(pulses), motion)


@eqx.filter_jit
def _averaged(
    omega: Array, weights: Array, t: Array, start: Array, pulses: tuple[Pulse, ...], motion: AbstractMotion
) -> Signal:
    clocks, states = [jnp.zeros((), omega.dtype)], [jnp.broadcast_to(start[:, None], (3, omega.shape[0]))]
    for pulse in pulses:
        clocks.append(pulse.time.astype(omega.dtype))
        states.append(pulse.turn(motion.after(states[-1], omega, clocks[-1] - clocks[-2])))
    began, state = jnp.stack(clocks), jnp.stack(states)

    def seen(now: Array) -> tuple[Array, Array]:
        i = jnp.searchsorted(began[1:], now, side="right")
        m = motion.after(state[i], omega, now - began[i])
        square = jnp.sum(weights * (m[0] ** 2 + m[1] ** 2))
        return m @ weights, jnp.where(square > 0, jnp.sqrt(jnp.where(square > 0, square, 1)), 0)

    average, transverse = jax.lax.map(seen, t, batch_size=max(1, min(t.shape[0], _AT_ONCE // omega.shape[0])))
    return Signal(t, average, transverse)


def macrospins(
    frequencies: AbstractFrequencies,
    spins: int = 256,
    *,
    alpha: Any = 0.0,
    gamma: Any = constants.GAMMA,
    spread: AbstractDrive | float = 1.0,
    key: PRNGKeyArray | None = None,
) -> System:
    """The same ensemble for the whole engine: a row of cells without interaction, each in its own field B_i = ωᵢ/γ.

    Whatever evolves, relaxes or heats a magnet does so with these spins; ⟨m⟩ of the sample is that of the ensemble, as
    each cell has the magnetisation of its weight.

    - `frequencies`: how the frequencies of the spins are distributed. `spins`: how many nodes of it.
    - `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).
    - `spread`: a drive that multiplies the deviations of the fields from their mean: reversing it refocuses precession,
      and not damping, in whose field nothing changes on average.
    - `key`: draw the spins at random, with equal weights, instead.

    >>> import magjax as mj
    >>> from magjax.kinetics import macrospins
    >>> from magjax.kinetics.frequencies import Rectangular
    >>> ensemble = macrospins(Rectangular(centre=1e11, half_width=1e10), spins=32)
    >>> run = mj.evolve(ensemble, mj.textures.uniform(ensemble.mesh, (1, 0, 0)), duration=0.31415926e-9)
    >>> round(float(abs(run.average[-1, 0])), 3)
    0.0
    """
    omega, weights = frequencies.nodes(spins) if key is None else (frequencies.sample(key, spins), None)
    number, middle = omega.shape[0], frequencies.mean()
    mesh = Mesh(cells=(number, 1, 1), cell_size=5e-9)
    across = jnp.zeros_like(omega)
    fields = jnp.stack([across, across, (omega - middle) / gamma]).reshape(3, 1, 1, number)
    Ms: Any = 8e5 if weights is None else (8e5 * number * weights).reshape(1, 1, number)
    B = jnp.stack([across[0], across[0], middle / gamma])
    field = spread * fields + B if isinstance(spread, AbstractDrive) else spread * fields + B.reshape(3, 1, 1, 1)
    return System(mesh, Ms=Ms, alpha=alpha, gamma=gamma, energy=Zeeman(B=field))


def _direction(start: Any) -> Array:
    m = jnp.asarray(start)
    m = m if jnp.issubdtype(m.dtype, jnp.floating) else m.astype(jnp.result_type(float))
    if m.shape != (3,) or (not isinstance(m, Tracer) and not np.any(np.asarray(m))):
        raise ValueError(f"Argument `start` must be a direction (x, y, z), but got {start!r}.")
    return m / jnp.linalg.norm(m)


def _check_times(t: Array, pulses: Sequence[Pulse]) -> None:
    if t.ndim != 1 or t.shape[0] == 0:
        raise ValueError(f"Argument `t` must be a list of times in s, but got shape {t.shape}.")
    if not isinstance(t, Tracer) and not (np.isfinite(np.asarray(t)).all() and (np.asarray(t) >= 0).all()):
        raise ValueError("Argument `t` must hold times ≥ 0 in s: before the start there is nothing.")
    times = [pulse.time for pulse in pulses]
    if not any(isinstance(time, Tracer) for time in times) and np.any(np.diff([float(x) for x in times]) < 0):
        raise ValueError(
            f"Argument `pulses` must be in the order of their times, but got {[float(x) for x in times]} s: "
            "time does not go backwards."
        )
