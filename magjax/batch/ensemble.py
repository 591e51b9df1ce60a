"""`ensemble`: thousands of simulations at once."""

import logging
import os
import time
import warnings
from collections.abc import Mapping
from typing import Any, Literal

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.batch.compute import Work, compute
from magjax.batch.design import Design
from magjax.batch.layouts import Task
from magjax.batch.parameters import START, checked, places, unit_of
from magjax.batch.plan import LayoutName, Plan, plan, right_step
from magjax.batch.result import Ensemble
from magjax.batch.statistics.autocorrelation import Autocorrelation
from magjax.batch.statistics.base import AbstractStatistic
from magjax.batch.statistics.course import MOST_MEMBERS
from magjax.batch.statistics.histogram import Histogram
from magjax.batch.statistics.mean import Mean
from magjax.batch.statistics.record import Record
from magjax.batch.store import Store
from magjax.dynamics.base import AbstractDynamics
from magjax.dynamics.langevin import Langevin
from magjax.dynamics.llg import LLG
from magjax.io import metadata as _metadata
from magjax.results import Outcome
from magjax.run.identity import digest
from magjax.run.progress import Progress
from magjax.solve.arguments import stepping
from magjax.solve.evolve import TOLERANCE
from magjax.solve.given import schedule, spins
from magjax.solve.langevin_scheme import as_langevin
from magjax.solve.steppers.langevin_solver import AbstractLangevinSolver
from magjax.system import AbstractSystem

_LOG = logging.getLogger("magjax.batch")
#: A step of so many times the right one, a tenth of a radian, makes averages wrong.
_TOO_LARGE = 5.0


def ensemble(
    system: AbstractSystem,
    m0: Any,
    duration: float,
    *,
    replicas: int = 1,
    over: Mapping[str, Any] | None = None,
    design: Literal["grid", "zip"] = "grid",
    statistics: Mapping[str, AbstractStatistic] | None = None,
    save_every: float | None = None,
    save_at: Any = None,
    dynamics: AbstractDynamics = LLG(),
    solver: diffrax.AbstractSolver | None = None,
    tolerance: float = TOLERANCE,
    dt: float | None = None,
    t0: float = 0.0,
    layout: LayoutName = "auto",
    chunk: int | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
    metadata: Mapping[str, Any] | None = None,
) -> Ensemble:
    """Evolve many replicas of a system at many values of its parameters, on all devices.

    - `system`, `m0`, `duration`, `save_every`, `save_at`, `solver`, `tolerance`, `dt`, `t0`: as for `mj.evolve`; `m0`
      may be `(replicas, 3, nz, ny, nx)`.
    - `replicas`: at each point, each with noise of its own.
    - `over`: values by parameter: `{"alpha": [0.01, 0.1], "T": [4, 300], "zeeman.B": [(0, 0, 0.1), …]}`; also `"m0"`,
      directions `(n, 3)` or states. Each replaces what the parameter was. `design`: `"grid"`, every combination, or
      `"zip"`, the n-th values together, as for random designs.
    - `statistics`: what to learn at each save, by name, such as `{"m_z": mj.batch.Mean("m_z")}`; a unit may follow a
      name in brackets. Without any, the averages at each save are recorded.
    - `dynamics`: the equation, `mj.Langevin(T, seed)` for noise.
    - `layout`: `"state"` puts members of one cell side by side on one mesh, `"vmap"` maps over any, `"chunks"` sorts
      them by stiffness first; `"auto"` chooses. `chunk`: how many at a time; by memory and cache unless given.
    - `out`: a folder for chunks and the dataset. `resume`: go on with what is there; a damaged chunk is computed again.
      `overwrite`: replace it. `progress`: show how it goes.

    With fixed steps, all noise among them, and with `"vmap"`, no bit of a member depends on chunks, devices or other
    members, given its number and the ensemble's `dt`; of members of 1024 spins and more, the last bit may, unless 64
    divides that number. Step control in the layout `"state"` is common to a chunk: there members agree to the
    tolerance. A member that turns NaN is named in the result, and the others finish.

    **Returns** an `Ensemble`.

    **Raises** `ValueError` for unknown parameters with the nearest known one, axes of length zero, fewer than one
    replica, replicas that nothing tells apart; `FileExistsError` for a folder in use. **Warns** once of a long `dt`.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> particle = mj.System(mesh, Ms=8e5, alpha=0.5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> found = mj.ensemble(
    ...     particle, mj.textures.uniform(mesh, "z"), 50e-12, replicas=100, over={"T": [30.0, 300.0]},
    ...     dynamics=mj.Langevin(T=0.0, seed=1), dt=1e-13, save_every=1e-12,
    ...     statistics={"m_z": mj.batch.Mean("m_z", after=20e-12)}, progress=False)
    >>> cold, hot = found.to_xarray().m_z_mean.values  # Langevin's function of 193 and 19.3
    >>> bool(cold > 0.98), bool(0.85 < hot < cold)
    (True, True)
    """
    began = time.monotonic()
    start, starts = _starts(m0, system, replicas)
    known = places(system, dynamics)
    if over is not None and not isinstance(over, Mapping):
        raise TypeError(
            f"Argument `over` must hold values by parameter, such as {{'alpha': [0.1, 0.2]}}, but got {over!r}."
        )
    values = {name: checked(name, v, known, start.shape) for name, v in (over or {}).items()}
    points = Design(values, replicas, design)
    _check_copies(points, dynamics, starts, START in values)
    times = _times(duration, save_every, save_at, start.dtype)
    stepping(tolerance=tolerance, dt=dt, t0=t0, dynamics=dynamics, solver=solver)
    statistics = _statistics(statistics, save_every is not None or save_at is not None, float(times[-1]))
    if isinstance(solver, AbstractLangevinSolver):
        dynamics = as_langevin(dynamics)
    step = None if dt is None else jnp.asarray(dt, start.dtype)
    numbers = (jnp.asarray(t0, start.dtype), jnp.asarray(times[-1], start.dtype))
    task = Task(system, dynamics, solver, step, *numbers, start, statistics, tolerance, points.points, len(times))
    task = _with_step(task, points, dt)
    divided = plan(task, points, layout, chunk)
    if divided.size > MOST_MEMBERS and any(s.summed for s in statistics.values()):
        raise ValueError(f"Argument `chunk` must be at most {MOST_MEMBERS} with these statistics, but got {chunk}.")
    if out is None and resume:
        raise ValueError("Argument `resume` needs a folder `out` to go on in.")
    store = None if out is None else Store(out, _identity(task, points, starts, times, divided, chunk))
    if store is not None:
        size = store.open(size=divided.size, resume=resume, overwrite=overwrite)
        divided = Plan(divided.layout, divided.order, size, divided.devices)
    label = "ensemble" if store is None else store.path.name
    found = _computed(Work(task, points, divided, starts, times), store, label, progress)
    seconds = {"total": round(time.monotonic() - began, 3)}
    about = _metadata.gather(
        dtype=start.dtype, timings=seconds, layout=divided.layout.name, chunks=divided.chunks, chunk=divided.size,
        dynamics=repr(dynamics), **dict(metadata or {}))  # fmt: skip
    return _result(system, points, {n: unit_of(n, known) for n in values}, times, found, statistics, about, store)


def _computed(work: Work, store: Store | None, label: str, progress: bool) -> dict[str, Any]:
    """What became of the members, with progress on the way."""
    with Progress(label, shown=progress, log=_LOG) as shown:
        found = compute(work, store, shown)
        bad = int(np.sum(found["outcome"] != int(Outcome.SUCCESS)))
        if bad:
            shown.say(f"{label}: {bad} of {work.design.members} members failed; `.failed` names them")
    return found


def _result(
    system: AbstractSystem,
    points: Design,
    units: dict[str, str],
    times: np.ndarray,
    found: dict[str, Any],
    statistics: Mapping[str, AbstractStatistic],
    about: dict[str, Any],
    store: Store | None,
) -> Ensemble:
    columns = {name: statistic.result(found["joined"][name]) for name, statistic in statistics.items()}
    arrays = {
        name: found[name].reshape((*points.shape, *found[name].shape[1:]))
        for name in ("m", "average", "outcome", "steps")
    }
    folder = None if store is None else store.path
    result = Ensemble(system.mesh, points, units, times, **arrays, columns=columns, metadata=about, folder=folder)
    if store is not None:
        result.save(store.data)
    return result


def _starts(m0: Any, system: AbstractSystem, replicas: int) -> tuple[Array, np.ndarray | None]:
    """The common start, and that of each replica where they differ."""
    array = m0 if isinstance(m0, (jax.Array, np.ndarray)) else getattr(m0, "m", None)
    if array is None or np.ndim(array) != len(system.state_shape) + 1:
        return spins(m0, system), None
    if array.shape[0] != replicas:
        raise ValueError(
            f"Argument `m0` must hold a start for each of {replicas} replicas, but got {array.shape[0]} of them."
        )
    every = [np.asarray(spins(each, system)) for each in array]
    return jnp.asarray(every[0]), np.stack(every)


def _check_copies(points: Design, dynamics: AbstractDynamics, starts: Any, has_starts: bool) -> None:
    if starts is not None and has_starts:
        raise ValueError("Arguments `m0` and `over['m0']` both give a start to each member: give one of them.")
    if points.replicas > 1 and starts is None and not isinstance(dynamics, Langevin):
        raise ValueError(
            f"Argument `replicas` must be 1 where nothing tells replicas apart, but got {points.replicas}; give "
            "`dynamics=mj.Langevin(T=…)`, or a start for each, m0 of shape (replicas, 3, nz, ny, nx)."
        )


def _statistics(given: Mapping[str, AbstractStatistic] | None, saves: bool, end: float) -> dict[str, AbstractStatistic]:
    if given is None:
        return {"m": Record()} if saves else {}
    for name, statistic in given.items():
        if not isinstance(statistic, AbstractStatistic):
            raise TypeError(f"Argument `statistics` must hold statistics such as mj.batch.Mean('m_z'), but "
                            f"{name!r} is {type(statistic).__name__}.")  # fmt: skip
        if name.partition(" (")[0] in ("outcome", "replica", "t", "component", "point"):
            raise ValueError(f"Argument `statistics` must use new names, but {name!r} is one of every ensemble.")
        if isinstance(statistic, Mean | Histogram | Autocorrelation) and not statistic.after < end:
            raise ValueError(
                f"Argument `after` of {name!r} must be less than the last save at {end:g} s, but got "
                f"{statistic.after:g} s: nothing would be counted."
            )
    return dict(given)


def _times(duration: float, save_every: float | None, save_at: Any, dtype: Any) -> np.ndarray:
    """Times of the saves, s, exact where those of the schedule are rounded to the precision of the spins."""
    rounded = np.asarray(schedule(duration, save_every, save_at, dtype))
    if save_at is not None:
        return np.asarray(save_at, float)
    if save_every is None:
        return np.array([float(duration)])
    return np.append(save_every * np.arange(1, len(rounded)), float(duration))


def _with_step(task: Task, points: Design, dt: float | None) -> Task:
    """The task with a step for all members where noise asks for one."""
    if not isinstance(task.dynamics, Langevin):
        return task
    right = right_step(task, points)
    if dt is not None and dt > _TOO_LARGE * right:
        warnings.warn(
            f"Argument `dt` = {dt:g} s turns spins by more than {_TOO_LARGE / 10:g} rad in a step at some point, by "
            f"field or noise; averages will be wrong. Use dt ≤ {right:.2g} s, or leave it out.",
            UserWarning,
            stacklevel=3,
        )
    chosen = min(right, float(task.end)) if dt is None else dt
    return eqx.tree_at(lambda t: t.dt, task, jnp.asarray(chosen, task.m0.dtype), is_leaf=lambda x: x is None)


def _identity(
    task: Task, points: Design, starts: Any, times: np.ndarray, divided: Plan, chunk: int | None
) -> dict[str, str]:
    """A digest of each part on which the bits of a chunk depend."""
    parts = {
        "the system": task.system, "dynamics": task.dynamics, "solver": task.solver, "tolerance": task.tolerance,
        "dt": task.dt, "t0": task.t0, "m0": task.m0 if starts is None else starts, "the save times": times,
        "over": dict(points.values), "design": points.kind, "replicas": int(points.replicas),
        "statistics": task.statistics, "layout": divided.layout.name, "the order": divided.order,
        "chunk": chunk, "the number of devices": 1 if divided.devices is None else divided.devices.size,
    }  # fmt: skip
    return {name: digest(part) for name, part in parts.items()}
