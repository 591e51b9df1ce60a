"""`switching_times`: how long each spin takes to get from where it is to the other side."""

from typing import Any

import diffrax
import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.dynamics.llg import LLG
from magjax.results import Outcome
from magjax.solve.evolve import TOLERANCE
from magjax.solve.given import schedule, spins
from magjax.solve.passage import Passage, follow, threshold_of, unit_vector
from magjax.system import AbstractSystem


class Switching(eqx.Module):
    """What `switching_times` returns.

    - `times`: of first passage, s, `(nz, ny, nx)`, `(S, nz, ny, nx)` of sublattices, or one of the whole sample.
      Infinite where it has not switched before `end`, NaN in empty cells.
    - `end`: the time up to which it was waited, s. `m`: the spins then.
    - `outcome`: an `Outcome` code; `STOPPED` when all had switched. `steps`: their number.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((3, 1, 1), 4e-9)
    >>> spins = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, -1.0)))
    >>> found = mj.switching_times(spins, mj.textures.uniform(mesh, (0.1, 0, 1)), 1e-9, direction=(0, 0, -1))
    >>> found.times.shape, found.result.name
    ((1, 1, 3), 'STOPPED')
    """

    times: Array
    end: Array
    m: Array
    outcome: Array
    steps: Array

    @property
    def result(self) -> Outcome:
        """How the run ended; of a batch, the worst."""
        return Outcome.worst(self.outcome)


def switching_times(
    system: AbstractSystem,
    m0: Any,
    duration: Any,
    *,
    direction: Any,
    threshold: Any = 0.0,
    whole: bool = False,
    dynamics: AbstractDynamics = LLG(),
    solver: diffrax.AbstractSolver | None = None,
    tolerance: float = TOLERANCE,
    dt: float | None = None,
    t0: Any = 0.0,
    max_steps: int | None = None,
) -> Switching:
    """The time at which m·n first reaches a threshold, in each cell: looked for in every step, without any trajectory.

    Cells that nothing couples are replicas, each with noise of its own; `jax.vmap` over `mj.Langevin(seed=…)` makes
    replicas of a sample. `mj.observe.survival` and `switching_rate` make statistics of the times, with those that have
    not switched.

    A spin under noise that has come to the top of a barrier returns as often as not: choose a threshold beyond it, in
    the other well. Passages to and fro between two steps are not seen, and the threshold seems further off by 0.6 times
    the turn of a step: with steps of 0.1 rad over a barrier of 4 kT, times to its top are 13 % too long, times to
    m·n = 0.5 beyond it 1 %.

    - `system`: a `System` or `Sublattices`. `m0`: its unit vectors, or a result that holds some.
    - `duration`: how long to wait, s; it ends earlier when all have switched.
    - `direction`: n, to which they switch, `(3,)`. `threshold`: of m·n, −1 … 1. `whole`: of the sample's ⟨m⟩, too.
    - `dynamics`, `solver`, `tolerance`, `dt`, `t0`: as in `mj.evolve`. `max_steps`: at most so many steps.

    **Returns** a `Switching`; look at its `result` before you trust it. It has no derivatives in reverse mode.

    **Raises** `ValueError` for a direction without length, thresholds outside −1 … 1, and what `mj.evolve` refuses.

    >>> import jax, jax.numpy as jnp, magjax as mj
    >>> mesh = mj.Mesh((100, 1, 1), 3e-9)
    >>> grains = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.UniaxialAnisotropy(K=2e5, axis=(0, 0, 1)))
    >>> up = mj.textures.uniform(mesh, (0, 0, 1))
    >>> bath = mj.Langevin(T=300.0, seed=1)
    >>> found = mj.switching_times(grains, up, 0.5e-9, direction=(0, 0, -1), threshold=0.5, dynamics=bath)
    >>> bool((found.times > 0).all()), 0 < int(jnp.isinf(found.times).sum()) < 100
    (True, True)
    """
    m0 = spins(m0, system)
    times = schedule(duration, None, None, m0.dtype)
    passage = Passage(unit_vector("direction", direction), threshold_of(threshold), whole)
    motion, first, _ = follow(
        system, m0, times, passage, observe=lambda t, m: {}, all_is_enough=True, dynamics=dynamics, solver=solver,
        tolerance=tolerance, dt=dt, t0=t0, max_steps=max_steps,
    )  # fmt: skip
    short = (motion.outcome == int(Outcome.SUCCESS)) & (motion.next_save < times.shape[0])
    return Switching(
        times=first - jnp.asarray(t0, first.dtype),
        end=motion.clock.high,
        m=motion.m,
        outcome=jnp.where(short, int(Outcome.MAX_STEPS), motion.outcome),
        steps=motion.steps,
    )
