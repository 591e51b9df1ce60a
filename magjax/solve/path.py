"""`find_path`: the way of least energy from one state to another, and the barrier on it."""

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.results import Outcome
from magjax.solve.energy_path import EnergyPath
from magjax.solve.evolve import spins
from magjax.solve.geodesic import distance, interpolated
from magjax.solve.linearised import Linearised, at_rest
from magjax.solve.nudged import Band, relaxed, surveyed
from magjax.solve.saddle import at_saddle, softest
from magjax.system import AbstractSystem

#: Largest force left on the band, relative to the largest slope on the first path.
_FORCE = 1e-3
#: The same at the saddle.
_SADDLE_FORCE = 1e-8
#: States nearer than this are one, rad.
_SAME = 1e-3
#: How many of the saddle's curvatures are kept.
_CURVATURES = 4
MAX_STEPS = 3_000


def find_path(
    system: AbstractSystem,
    start: Any,
    end: Any,
    *,
    via: Sequence[Any] = (),
    images: int = 15,
    climbing: bool = True,
    tolerance: Any = None,
    torque: Any = None,
    max_steps: int = MAX_STEPS,
    t: Any = 0.0,
) -> EnergyPath:
    """Find a path of least energy between two equilibria, and the saddle on it.

    A nudged elastic band on the product of spheres: distances are √Σ θ² along great circles, each state feels the slope
    of the energy across the path and springs along it, and the highest climbs. From there Newton's method goes to the
    saddle itself, to a force of 1e-8 of the slopes on the first path, or to rounding.

    - `system`: a `System` or `Sublattices`. `start`, `end`: its equilibria, as `mj.minimize` returns them.
    - `via`: states that the first path passes through, on the shortest way from each to the next. Without them it is
      the shortest way from start to end, on which equal spins stay equal: a wire that shall reverse by a domain needs
      to see one.
    - `images`: number of states, ends included. `climbing`: whether the highest climbs, and the saddle is refined.
    - `tolerance`: largest force left on any spin of the band, T; by default 1e-3 of the first path's largest slope.
    - `torque`: largest torque, T, that may be left in the ends; 1e-4 μ0 max Ms by default.
    - `max_steps`: at most so many for the band. `t`: time, s, at which driven parameters are taken.

    **Returns** an `EnergyPath`; look at its `result`, and at the `order` of its saddle: the lowest way over has 1.

    **Raises** `ValueError` for ends that are one state, or no equilibria (with the torque left), and too few images.

    Source: G. Henkelman, B. P. Uberuaga, H. Jónsson, J. Chem. Phys. 113, 9901 (2000); P. F. Bessarab, V. M. Uzdin,
    H. Jónsson, Comput. Phys. Commun. 196, 335 (2015).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 10e-9)
    >>> easy = mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1)) + mj.UniaxialAnisotropy(K=-5e4, axis=(1, 0, 0))
    >>> grain = mj.System(mesh, Ms=8e5, energy=easy)
    >>> up, down = mj.textures.uniform(mesh, "z"), mj.textures.uniform(mesh, (0, 0, -1))
    >>> path = mj.find_path(grain, up, down, images=9)
    >>> round(path.barrier * 1e19, 6), path.order  # KV
    (1.0, 1)
    """
    if not images >= 3:
        raise ValueError(f"Argument `images` must be ≥ 3, with the ends, but got {images!r}.")
    first, last = _ends(system, start, end, t, torque)
    states = [first, *(spins(getattr(m, "m", m), system) for m in via), last]
    path = interpolated(states, images)
    when = jnp.asarray(t, path.dtype)
    lengths, sizes, steepest = surveyed(system, path, when)
    eps = float(jnp.finfo(path.dtype).eps)
    floor = 20 * eps * float(Linearised.about(system, first, t).bound)
    limit = max(_FORCE * float(steepest), floor) if tolerance is None else float(tolerance)
    if not limit > 0:
        raise ValueError(f"Argument `tolerance` must be a force > 0 in T, but got {tolerance!r}.")
    # As stiff as the energy's slope along the path is steep: neither rules the other.
    spring = jnp.maximum(jnp.max(sizes), floor) / jnp.mean(lengths)

    def slid(path: Array, limit: float, climbing: bool, steps: int) -> Band:
        limit_, spring_ = (jnp.asarray(x, path.dtype) for x in (limit, spring))
        return relaxed(system, path, when, limit_, spring_, jnp.asarray(climbing), jnp.asarray(steps, jnp.int32))

    # First down without climbing, so that it is the right hill that is climbed.
    band = slid(path, max(limit, 0.05 * float(steepest)) if climbing else limit, False, max_steps)
    steps = int(band.steps)
    if climbing:
        band = slid(band.path, limit, True, max(max_steps - steps, 1))
        steps += int(band.steps)
    done = float(band.force) <= limit
    summit = _summit(system, band, float(t), max(_SADDLE_FORCE * float(steepest), floor / 10), climbing)
    outcome = Outcome.SUCCESS if done and summit["found"] else Outcome.NOT_CONVERGED
    if not np.all(np.isfinite(np.asarray(band.energy))):
        outcome = Outcome.NOT_FINITE
    return EnergyPath.of(system, band, summit, outcome, steps, t)


def _ends(system: AbstractSystem, start: Any, end: Any, t: Any, torque: Any) -> tuple[Array, Array]:
    """Two equilibria that are not one."""
    first, last = (at_rest(system, m, t, torque, name)[0] for m, name in ((start, "start"), (end, "end")))
    length = float(distance(first, last))
    if length < _SAME:
        raise ValueError(
            f"Argument `end` must be another state than `start`, but they are {length:.1g} rad apart: there is no path "
            "between them. Did both relax into the same minimum?"
        )
    return first, last


def _summit(system: AbstractSystem, band: Band, t: float, limit: float, climbing: bool) -> dict[str, Any]:
    """The saddle, the torque left there, its lowest curvatures, and whether it is one."""
    top = int(np.argmax(np.asarray(band.energy)))
    at_end = top in (0, len(band.energy) - 1)
    highest = band.path[top]
    if at_end or not climbing:
        return {"m": highest, "torque": float(band.force), "curvatures": np.zeros(0), "found": True}
    near, torque = at_saddle(system, highest, t, limit)
    # Newton's method may have gone to another rest point.
    gap = max(float(distance(band.path[top - 1], highest)), float(distance(highest, band.path[top + 1])))
    found = torque <= limit and float(distance(near.m, highest)) <= 2 * gap
    if not found:
        near = Linearised.about(system, highest, t)
        torque = float(band.force)
    curvatures = softest(near, min(_CURVATURES, near.angles))
    return {"m": near.m, "torque": torque, "curvatures": curvatures, "found": found}
