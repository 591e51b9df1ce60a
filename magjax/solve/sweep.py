"""`sweep_field`: loops in time, at a rate, with or without noise."""

from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import drive
from magjax.dynamics.base import AbstractDynamics
from magjax.dynamics.llg import LLG
from magjax.energy.zeeman import Zeeman
from magjax.results import Outcome
from magjax.solve.evolve import TOLERANCE
from magjax.solve.given import spins
from magjax.solve.passage import Passage, follow, threshold_of, unit_vector
from magjax.system import AbstractSystem


class Sweep(eqx.Module):
    """What `sweep_field` returns, at `n` moments evenly spaced along the path.

    - `t`: `(n,)` times, s. `B`: `(n, 3)` the swept field, T. `average`: `(n, 3)` ⟨m⟩.
    - `switching_fields`: the component B·n of the field at which m·n first passes the threshold, T, `(nz, ny, nx)`, or
      one of the whole sample; infinite where it has not, NaN in empty cells.
    - `m`: the last spins. `outcome`: an `Outcome` code. `steps`: their number.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 4e-9)
    >>> grain = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.UniaxialAnisotropy(K=8e4, axis=(0, 0, 1)))
    >>> up = mj.textures.uniform(mesh, (0, 0, 1))
    >>> sweep = mj.sweep_field(grain, up, [(0.01, 0, 0.1), (-0.03, 0, -0.3)], rate=1e8, samples=10)
    >>> sweep.average.shape, 0.15 < float(sweep.switching_fields[0, 0, 0]) < 0.2  # Stoner and Wohlfarth: 0.153 T
    ((10, 3), True)
    """

    t: Array
    B: Array
    average: Array
    switching_fields: Array
    m: Array
    outcome: Array
    steps: Array

    @property
    def result(self) -> Outcome:
        """How the run ended; of a batch, the worst."""
        return Outcome.worst(self.outcome)


def sweep_field(
    system: AbstractSystem,
    m0: Any,
    fields: Any,
    rate: Any,
    *,
    samples: int = 200,
    direction: Any = None,
    threshold: Any = 0.0,
    whole: bool = False,
    dynamics: AbstractDynamics = LLG(),
    solver: diffrax.AbstractSolver | None = None,
    tolerance: float = TOLERANCE,
    dt: Any = None,
    max_steps: int | None = None,
) -> Sweep:
    """Follow spins in time while an external field goes along a path at the constant rate |dB/dt|.

    `mj.hysteresis` is its limit for rate and temperature 0. With `mj.Langevin` the loop is that of one piece of noise:
    cells that nothing couples are replicas, `jax.vmap` over `seed` makes replicas of a sample, and
    `mj.observe.coercivity` makes of their switching fields a coercivity with its error.

    - `system`: a `System` or `Sublattices`. The field adds to what already acts in it.
    - `m0`: its unit vectors, or a result that holds some.
    - `fields`: `(k, 3)`, T: corners of the path, joined by straight lines. `rate`: T/s.
    - `samples`: number of moments at which B and ⟨m⟩ are kept.
    - `direction`: n, along which switching is looked for; that of the first line unless given. `threshold`: of m·n,
      −1 … 1. `whole`: of the sample's ⟨m⟩ instead of each m.
    - `dynamics`, `solver`, `tolerance`, `dt`: as in `mj.evolve`. `max_steps`: at most so many steps.

    **Returns** a `Sweep`; look at its `result` before you trust it. It has no derivatives in reverse mode.

    **Raises** `ValueError` for fewer than two fields or corners that follow each other without a way, fields that are
    not finite or exceed 1000 T (given in mT?), rates that are not positive, and what `mj.evolve` refuses.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((50, 1, 1), 4e-9)
    >>> grains = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.UniaxialAnisotropy(K=4e5, axis=(0, 0, 1)))
    >>> sweep = mj.sweep_field(
    ...     grains, mj.textures.uniform(mesh, "z"), [(0, 0, 0.1), (0, 0, -1.2)], rate=4e9, samples=20,
    ...     dynamics=mj.Langevin(T=300.0))
    >>> Hc, error = mj.observe.coercivity(sweep.switching_fields)
    >>> 0.3 < Hc < 0.9, error < 0.05  # below 2K/Ms = 1 T
    (True, True)
    """
    m0 = spins(m0, system)
    path, ends = _path(fields, rate)
    if isinstance(samples, bool) or not isinstance(samples, (int, np.integer)) or samples < 1:
        raise ValueError(f"Argument `samples` must be a whole number ≥ 1, but got {samples!r}.")
    n = unit_vector("direction", path[1] - path[0] if direction is None else direction)
    tables = [drive.table(ends, path[:, i]) for i in range(3)]
    moving = [i for i in range(3) if isinstance(path, Tracer) or np.asarray(path)[:, i].any()]
    swept = system + Zeeman(B=sum(tables[i] * tuple(float(i == j) for j in range(3)) for i in moving))
    times = jnp.linspace(0, ends[-1], samples + 1)[1:].astype(m0.dtype)
    motion, first, saved = follow(
        swept, m0, times, Passage(n, threshold_of(threshold), whole),
        observe=lambda t, m: {"average": system.average(m)}, all_is_enough=False, dynamics=dynamics, solver=solver,
        tolerance=tolerance, dt=dt, t0=0.0, max_steps=max_steps,
    )  # fmt: skip
    short = (motion.outcome == int(Outcome.SUCCESS)) & (motion.next_save < samples)
    B = jnp.stack([table(times) for table in tables], axis=1)
    found = sum(table(jnp.where(jnp.isfinite(first), first, 0)) * c for table, c in zip(tables, n, strict=True))
    return Sweep(
        t=times,
        B=B,
        average=saved["average"],
        switching_fields=jnp.where(jnp.isfinite(first), found, first).astype(m0.dtype),
        m=motion.m,
        outcome=jnp.where(short, int(Outcome.MAX_STEPS), motion.outcome),
        steps=motion.steps,
    )


def _path(fields: Any, rate: Any) -> tuple[Array, Array]:
    """The corners, T, and when they are reached, s."""
    path = jnp.asarray(fields, jnp.result_type(float))
    if path.ndim != 2 or path.shape[1] != 3 or path.shape[0] < 2:
        raise ValueError(f"Argument `fields` must be at least two corners of shape (k, 3), but got {path.shape}.")
    if not isinstance(rate, Tracer) and not _is_rate(rate):
        raise ValueError(
            f"Argument `rate` must be one rate |dB/dt| > 0 in T/s, but got {rate!r}; go over several by `jax.vmap`."
        )
    lengths = jnp.linalg.norm(jnp.diff(path, axis=0), axis=1)
    if not isinstance(path, Tracer):
        largest = float(np.max(np.abs(np.asarray(path))))
        if not np.isfinite(largest) or largest > 1e3:
            raise ValueError(f"Argument `fields` must be in T and finite, but got {largest:g} T; did you give mT?")
        if not np.asarray(lengths).all():
            raise ValueError("Argument `fields` must lead somewhere: two corners that follow each other are the same.")
        if not isinstance(rate, Tracer) and np.asarray(lengths).sum() / rate > 1:
            seconds = float(np.asarray(lengths).sum() / rate)
            raise ValueError(
                f"Argument `rate` = {rate:g} T/s makes a sweep of {seconds:g} s, longer than any run of spins; "
                "`mj.hysteresis` is the limit of slow sweeps, `mj.kinetics` knows slow ones with temperature."
            )
    return path, jnp.concatenate([jnp.zeros(1, path.dtype), jnp.cumsum(lengths)]) / rate


def _is_rate(value: Any) -> bool:
    """Whether it is one finite number > 0."""
    number = isinstance(value, (int, float, np.number, np.ndarray, jax.Array)) and np.ndim(value) == 0
    return number and bool(np.isfinite(value) and value > 0)
