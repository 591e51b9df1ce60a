"""`follow`: a window that travels with a wall or a skyrmion."""

from typing import Any

import diffrax
import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.dynamics.llg import LLG
from magjax.mesh import AXES, Axis
from magjax.numerics.stencil import array_axis
from magjax.results import Outcome, check
from magjax.solve.evolve import TOLERANCE, Observable, evolve
from magjax.solve.given import schedule, spins
from magjax.system import AbstractSystem


class Followed(eqx.Module):
    """What `follow` returns.

    - `t`: `(n,)` times, s. `position`: `(n,)` the place of what was followed, m, as if the sample had no end.
    - `shift`: `(n,)` how far the window had moved before it was looked at, m. `m`: the spins in the window at the end.
    - `outcome`: an `Outcome` code; `LOST` where there was nothing to follow any more.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.solve.follow import Followed
    >>> one = jnp.zeros(1)
    >>> Followed(one, one, one, jnp.zeros((3, 1, 1, 1)), jnp.asarray(0)).result.name
    'SUCCESS'
    """

    t: Array
    position: Array
    shift: Array
    m: Array
    outcome: Array

    @property
    def result(self) -> Outcome:
        """How the run ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def follow(
    system: AbstractSystem,
    m0: Any,
    duration: float,
    *,
    every: float,
    track: Observable,
    axis: Axis = "x",
    solver: diffrax.AbstractSolver | None = None,
    tolerance: float = TOLERANCE,
    dt: float | None = None,
    dynamics: AbstractDynamics = LLG(),
    t0: Any = 0.0,
) -> Followed:
    """Evolve spins in a window that moves with a wall, a skyrmion, or anything that has a place.

    After each interval the window moves by whole cells, so that what it follows is within half a cell of its middle.
    Behind and ahead the outermost cells are repeated: domains that go on. The parameters of the system belong to the
    window and move with it; so does its demagnetising field, as if the sample ended where the window does.

    Pure: `jit`, `vmap` and forward derivatives apply.

    - `system`: the system: the window. `m0`: unit vectors `(3, nz, ny, nx)`, or a result that holds some.
    - `duration`: time to evolve for, s. `every`: interval between looks, s; in one the wall may not leave the window.
    - `track`: `f(t, m, system)`, the place along `axis`, m, such as `mj.observe.Wall().position`; NaN where none is.
    - `axis`: along which the window moves.
    - `solver`, `tolerance`, `dt`, `dynamics`, `t0`: as in `mj.evolve`.

    **Returns** a `Followed`.

    **Raises** `ValueError` for a periodic axis, which needs no window, and times that are not positive; `TypeError` for
    a `track` that is no function; `SolveError` when the wall is lost (under a transformation, `result` says so).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((40, 1, 1), 2e-9)
    >>> energy = mj.Exchange(A=1e-11) + mj.UniaxialAnisotropy(K=4e5, axis=(0, 0, 1))
    >>> wire = mj.System(mesh, Ms=8e5, alpha=0.5, energy=energy) + mj.ZhangLi(u=(400.0, 0, 0), beta=0.5)
    >>> m0 = mj.textures.domain_wall(mesh, width=5e-9)
    >>> run = mj.follow(wire, m0, 0.2e-9, every=20e-12, track=mj.observe.Wall().position)
    >>> round(float(run.position[-1] - run.position[0]) / 0.18e-9, -1)  # m/s, through a window of 80 nm
    390.0
    """
    mesh = system.mesh
    if axis not in AXES:
        raise ValueError(f"Argument `axis` must be 'x', 'y' or 'z', but got {axis!r}.")
    if mesh.is_periodic(axis):
        raise ValueError(f"Argument `axis` must not be periodic, but {axis!r} is: nothing leaves a ring.")
    if not callable(track):
        raise TypeError(f"Argument `track` must be a function of (t, m, system) that gives a place, but got {track!r}.")
    m0 = spins(m0, system)
    times = schedule(duration, every, None, m0.dtype)
    i = AXES.index(axis)
    n, d, middle = mesh.cells[i], mesh.cell_size[i], mesh.center[i]
    k = m0.ndim + array_axis(axis)

    def interval(carry: tuple[Array, Array, Array], t: tuple[Array, Array]) -> tuple[Any, tuple[Array, Array]]:
        m, cells, outcome = carry
        begin, length = t
        start = begin + jnp.asarray(t0, m.dtype)
        run = evolve(
            system, m, length, solver=solver, tolerance=tolerance, dt=dt, dynamics=dynamics, adjoint="forward", t0=start
        )
        place = jnp.asarray(track(start + length, run.m, system), m.dtype)
        known = jnp.isfinite(place)
        ahead = jnp.where(known, jnp.round(lax.stop_gradient(jnp.where(known, place, middle) - middle) / d), 0)
        ahead = ahead.astype(jnp.int32)
        moved = jnp.take(run.m, jnp.clip(jnp.arange(n) + ahead, 0, n - 1), axis=k)
        bad = jnp.where(known, run.outcome, int(Outcome.LOST))
        outcome = jnp.where(outcome == int(Outcome.SUCCESS), bad, outcome)
        return (moved, cells + ahead, outcome), (place, cells)

    starts = jnp.concatenate([jnp.zeros(1, m0.dtype), times[:-1]])
    begin = (m0, jnp.zeros((), jnp.int32), jnp.asarray(int(Outcome.SUCCESS)))
    (m, _, outcome), (places, cells) = lax.scan(interval, begin, (starts, times - starts))
    shift = cells.astype(m0.dtype) * d
    if not isinstance(outcome, Tracer):
        first = int(np.argmin(np.isfinite(np.asarray(places))))
        check(outcome, "follow", f"in the interval before t = {float(times[first]):.4g} s")
    return Followed(times + jnp.asarray(t0, m0.dtype), places + shift, shift, m, outcome)
