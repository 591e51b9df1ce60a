"""`find_path`: the way of least energy from one state to another, and the barrier on it."""

import operator
from collections.abc import Sequence
from typing import Any, get_args

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.numerics.rotation import exponential
from magjax.numerics.sphere import normalize
from magjax.results import Outcome
from magjax.solve.given import spins
from magjax.solve.linear.linearised import Linearised, at_rest
from magjax.solve.paths.energy_path import EnergyPath
from magjax.solve.paths.geodesic import distance, interpolated, turned_from
from magjax.solve.paths.nudged import Band, Method, relaxed, surveyed
from magjax.solve.paths.saddle import at_saddle, softest
from magjax.system import AbstractSystem

#: Largest force left on the band, relative to the largest slope on the first path.
_FORCE = 1e-3
#: The same at the saddle.
_SADDLE_FORCE = 1e-8
#: States nearer than this are one, rad.
_SAME = 1e-3
#: Springs are as stiff as those of so few images, or softer.
_SPRINGS = 10
#: A curvature below zero by more than this part of the largest is no rounding.
_FALLS = 1e-7
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
    method: Method = "band",
    climbing: bool | None = None,
    tolerance: Any = None,
    torque: Any = None,
    max_steps: int = MAX_STEPS,
    t: Any = 0.0,
) -> EnergyPath:
    """Find a path of least energy between two equilibria, and the saddle on it.

    A nudged elastic band or a string on the product of spheres, where distances are √Σ θ² along great circles. Each
    state feels the slope of the energy across the path. On a band springs hold it along the path, and the highest
    climbs; on a string all are laid out at equal distances after each step. From the highest point of either Newton's
    method goes to the saddle itself, to a force of 1e-8 of the slopes on the first path, or to rounding.

    - `system`: a `System` or `Sublattices`. `start`, `end`: its equilibria, as `mj.minimize` returns them.
    - `via`: states that the first path passes through, on the shortest way from each to the next. Without them it is
      the shortest way from start to end, on which equal spins stay equal: a wire that shall reverse by a domain needs
      to see one.
    - `images`: number of states, ends included. `method`: "band", or "string", whose states stay at equal distances
      but stand only near the top, so that more of them are needed for Newton's method to find the saddle.
    - `climbing`: whether the highest state of a band climbs, and the saddle is refined; true unless given. A string's
      saddle is always refined, and none of its states climbs.
    - `tolerance`: largest force left on any spin of the path, T; by default 1e-3 of the first path's largest slope.
    - `torque`: largest torque, T, that may be left in the ends; 1e-4 μ0 max Ms by default.
    - `max_steps`: at most so many for the path. `t`: time, s, at which driven parameters are taken.

    **Returns** an `EnergyPath`; look at its `result`, and at the `order` of its saddle: the lowest way over has 1.

    **Raises** `ValueError` for ends that are one state, no equilibria (with the torque left) or no minima, too few
    images, another method, and a string that shall climb; `TypeError` under a transformation, for the search is the
    host's: `EnergyPath.barrier_near` differentiates.

    Source: G. Henkelman, B. P. Uberuaga, H. Jónsson, J. Chem. Phys. 113, 9901 (2000); P. F. Bessarab, V. M. Uzdin,
    H. Jónsson, Comput. Phys. Commun. 196, 335 (2015); W. E, W. Ren, E. Vanden-Eijnden, J. Chem. Phys. 126, 164103
    (2007).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 10e-9)
    >>> easy = mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1)) + mj.UniaxialAnisotropy(K=-5e4, axis=(1, 0, 0))
    >>> grain = mj.System(mesh, Ms=8e5, energy=easy)
    >>> up, down = mj.textures.uniform(mesh, "z"), mj.textures.uniform(mesh, (0, 0, -1))
    >>> path = mj.find_path(grain, up, down, images=9)
    >>> round(path.barrier * 1e19, 6), path.order  # KV
    (1.0, 1)
    """
    _checked(system, (start, end, via), images, max_steps, tolerance, t)
    climbs = _climbs(method, climbing)
    first, last = _ends(system, start, end, t, torque)
    states = [first, *(_between(m, system, first.dtype) for m in via), last]
    path = interpolated(states, images)
    when = jnp.asarray(t, path.dtype)
    energy, lengths, sizes, steepest = surveyed(system, path, when)
    _at_minima(system, path, energy, t)
    eps = float(jnp.finfo(path.dtype).eps)
    floor = 20 * eps * float(Linearised.about(system, first, t).bound)
    limit = max(_FORCE * float(steepest), floor) if tolerance is None else float(tolerance)
    # As stiff as the energy's slope along the path is steep: neither rules the other. Many images are not held by
    # springs that are stiffer for it, which would fold the band.
    spring = jnp.maximum(jnp.max(sizes), floor) / jnp.maximum(jnp.mean(lengths), jnp.sum(lengths) / _SPRINGS)
    spring = spring if method == "band" else 0.0

    def slid(path: Array, limit: float, climbing: bool, steps: int) -> Band:
        limit_, spring_ = (jnp.asarray(x, path.dtype) for x in (limit, spring))
        counts = jnp.asarray(climbing), jnp.asarray(steps, jnp.int32)
        return relaxed(system, path, when, limit_, spring_, *counts, method)

    # First down without climbing, so that it is the right hill that is climbed.
    band = slid(path, max(limit, 0.05 * float(steepest)) if climbs else limit, False, max_steps)
    steps = int(band.steps)
    _at_minima(system, band.path, band.energy, t)
    if climbs:
        band = slid(band.path, limit, True, max(max_steps - steps, 1))
        steps += int(band.steps)
    done = float(band.force) <= limit
    summit = _summit(system, band, float(t), max(_SADDLE_FORCE * float(steepest), floor / 10), method, climbs)
    outcome = Outcome.SUCCESS if done and summit["found"] else Outcome.NOT_CONVERGED
    if not np.all(np.isfinite(np.asarray(band.energy))):
        outcome = Outcome.NOT_FINITE
    return EnergyPath.of(system, band, summit, outcome, steps, t)


def _checked(system: AbstractSystem, states: Any, images: Any, max_steps: Any, tolerance: Any, t: Any) -> None:
    if any(isinstance(x, Tracer) for x in jax.tree.leaves((system, states, tolerance, t))):
        raise TypeError(
            "Argument `system` must hold numbers, but got traced ones: paths are found on the host. Call it outside of "
            "jit, vmap and grad; `EnergyPath.barrier_near(system)` is the function of the system to differentiate."
        )
    for name, value, least in (("images", images, 3), ("max_steps", max_steps, 1)):
        try:
            whole = operator.index(value)
        except TypeError:
            raise TypeError(f"Argument `{name}` must be a whole number, but got {value!r}.") from None
        if whole < least:
            raise ValueError(
                f"Argument `{name}` must be ≥ {least}{', with the ends' * (least > 1)}, but got {value!r}."
            )
    if tolerance is not None and not float(tolerance) > 0:
        raise ValueError(f"Argument `tolerance` must be a force > 0 in T, but got {tolerance!r}.")


def _climbs(method: Any, climbing: bool | None) -> bool:
    """Whether the highest state climbs."""
    if method not in get_args(Method):
        raise ValueError(f"Argument `method` must be 'band' or 'string', but got {method!r}.")
    if method == "string" and climbing:
        raise ValueError(
            "Argument `climbing` must not be true with method='string', for none of its states climbs: leave it out, "
            "a string's saddle is refined without it."
        )
    return method == "band" and climbing is not False


def _between(state: Any, system: AbstractSystem, dtype: Any) -> Array:
    try:
        return spins(getattr(state, "m", state), system).astype(dtype)
    except ValueError as error:
        raise ValueError(str(error).replace("Argument `m0`", "Argument `via`")) from None


def apart(a: Array, b: Array) -> bool:
    """Whether two states are two: √Σ θ² between them is no rounding.

    >>> import magjax as mj
    >>> from magjax.solve.path import apart
    >>> up, right = (mj.textures.uniform(mj.Mesh((2, 1, 1), 1e-9), axis) for axis in ("z", "x"))
    >>> apart(up, right), apart(up, up)
    (True, False)
    """
    return float(distance(a, b)) >= _SAME


def _ends(system: AbstractSystem, start: Any, end: Any, t: Any, torque: Any) -> tuple[Array, Array]:
    """Two equilibria that are not one."""
    first, last = (at_rest(system, m, t, torque, name)[0] for m, name in ((start, "start"), (end, "end")))
    length = float(distance(first, last))
    if not apart(first, last):
        raise ValueError(
            f"Argument `end` must be another state than `start`, but they are {length:.1g} rad apart: there is no path "
            "between them. Did both relax into the same minimum?"
        )
    return first, last


def _at_minima(system: AbstractSystem, path: Array, energy: Array, t: Any) -> None:
    """Refuse ends that are maxima or saddles. Only where the path leaves them downhill: curvatures are costly."""
    E = np.asarray(energy)
    for name, at, beside in (("start", 0, 1), ("end", -1, -2)):
        if E[beside] < E[at] - 1e-6 * (E.max() - E.min()):
            near = Linearised.about(system, path[at], t)
            (lowest,) = softest(near, 1)
            if lowest < -_FALLS * float(near.bound):
                raise ValueError(
                    f"Argument `{name}` must be a minimum of the energy, but from there the energy falls: it curves by "
                    f"{lowest:.3g} T. Tilt it a little and let `mj.minimize` find the minimum."
                )


def _top(band: Band, top: int) -> Array:
    """The highest point of the parabola through the energies of a path's highest state and its neighbours."""
    behind, here, ahead = (float(band.energy[top + i]) for i in (-1, 0, 1))
    bend = behind + ahead - 2 * here
    part = float(np.clip((behind - ahead) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0
    m, other = band.path[top], band.path[top + (1 if part > 0 else -1)]
    return normalize(exponential(m, abs(part) * turned_from(m, other)))


def _summit(system: AbstractSystem, band: Band, t: float, limit: float, method: Method, climbs: bool) -> dict[str, Any]:
    """The saddle, the torque left there, its lowest curvatures, and whether it is one."""
    top = int(np.argmax(np.asarray(band.energy)))
    at_end = top in (0, len(band.energy) - 1)
    if at_end or not (climbs or method == "string"):
        return {"m": band.path[top], "torque": float(band.force), "curvatures": np.zeros(0), "found": True}
    highest = band.path[top] if climbs else _top(band, top)
    near, torque = at_saddle(system, highest, t, limit)
    # Newton's method may have gone to another rest point.
    gap = max(float(distance(band.path[top - 1], highest)), float(distance(highest, band.path[top + 1])))
    found = torque <= limit and float(distance(near.m, highest)) <= 2 * gap
    if not found:
        near, torque = at_saddle(system, highest, t, np.inf)
    curvatures = softest(near, min(_CURVATURES, near.angles))
    return {"m": near.m, "torque": torque, "curvatures": curvatures, "found": found}
