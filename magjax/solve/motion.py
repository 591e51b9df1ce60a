"""How to integrate, and a trajectory between two steps."""

from typing import Any

import diffrax
import equinox as eqx
from jaxtyping import Array

from magjax.dynamics.langevin import LangevinTerm
from magjax.dynamics.llg import SpinTerm


class Scheme(eqx.Module):
    """How to integrate: equation, solver, and either a controller or fixed steps.

    - `term`: the equation of motion.
    - `solver`: any diffrax solver.
    - `controller`: a diffrax step-size controller working on the largest angle, or `None` for steps of `dt`.
    - `dt`: the first step, or the fixed one, s; not below the spacing of numbers.
    - `dt_max`: the largest step, s.
    - `landmarks`: times in rising order, s, on which steps end because drives jump or bend there.
    """

    term: SpinTerm | LangevinTerm
    solver: diffrax.AbstractSolver
    controller: diffrax.AbstractStepSizeController | None
    dt: Array
    dt_max: Array
    landmarks: Array | None = None


class Clock(eqx.Module):
    """Time since the start in two floats whose sum is exact to rounding of the smaller one.

    - `high`, `low`: time in s, and what rounding dropped of it.

    >>> import jax.numpy as jnp
    >>> from magjax.solve.motion import Clock
    >>> clock = Clock(jnp.float32(1e-6), jnp.float32(0))
    >>> for _ in range(1000):
    ...     clock = clock.advanced(jnp.float32(1e-14))
    >>> round(float(clock.until(jnp.float32(1e-6))) * 1e11, 6)
    -1.0
    """

    high: Array
    low: Array

    def advanced(self, dt: Array) -> "Clock":
        """The clock `dt` later (a compensated sum)."""
        dt = dt + self.low
        high = self.high + dt
        return Clock(high, dt - (high - self.high))

    def until(self, t: Array) -> Array:
        """Time left until `t`, s; negative when it has passed."""
        return (t - self.high) - self.low


class Motion(eqx.Module):
    """A trajectory between two steps: all that is needed to continue it, bit for bit.

    - `m`: the spins. `clock`: time since the start. `dt`: the step the controller proposes, s.
    - `solver_state`, `controller_state`: theirs.
    - `next_save`: index of the next save.
    - `left`: fixed steps left to the next save or landmark; 0 where they have not been counted yet.
    - `steps`, `rejected`: counts so far. `rate`: largest |dm/dt| at the last accepted step, rad/s.
    - `outcome`: an `Outcome` code, `SUCCESS` while under way.
    """

    m: Array
    clock: Clock
    dt: Array
    solver_state: Any
    controller_state: Any
    next_save: Array
    left: Array
    steps: Array
    rejected: Array
    rate: Array
    outcome: Array
