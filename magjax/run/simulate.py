"""`simulate`: a trajectory with all that a person needs around it."""

import contextlib
import dataclasses
import logging
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import diffrax
import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.dynamics.langevin import Langevin
from magjax.dynamics.llg import LLG
from magjax.io import checkpoint
from magjax.io import metadata as _metadata
from magjax.io.errors import FileWriteError
from magjax.numerics.memory import memory_available
from magjax.results import Outcome, SolveError
from magjax.run.chunk import Problem, begin, column_names
from magjax.run.failure import whereabouts
from magjax.run.folder import Folder
from magjax.run.host import Checkpoints, Host, Schedule
from magjax.run.identity import identity
from magjax.run.interrupt import Interrupts, RunInterrupted
from magjax.run.memory import check_memory, memory_needed
from magjax.run.progress import Progress, si
from magjax.run.recorder import FORMATS, Recorder
from magjax.run.result import Run
from magjax.run.state_fields import field_names
from magjax.solve.arguments import stepping, watching
from magjax.solve.evolve import TOLERANCE, Observable, choose_scheme
from magjax.solve.given import schedule, spins
from magjax.solve.motion import Motion
from magjax.solve.single import single
from magjax.solve.steppers.langevin_solver import AbstractLangevinSolver
from magjax.solve.steppers.multirate import Multirate
from magjax.solve.steppers.rk43 import RK43
from magjax.solve.stop import AbstractStop
from magjax.system import AbstractSystem

_LOG = logging.getLogger("magjax.run")


def simulate(
    system: AbstractSystem,
    m0: Any,
    duration: float,
    *,
    save_every: float,
    fields_every: float | None = None,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    overwrite: bool = False,
    progress: bool = True,
    observe: Mapping[str, Observable] | None = None,
    stop: AbstractStop | None = None,
    solver: diffrax.AbstractSolver | None = None,
    tolerance: float = TOLERANCE,
    dt: float | None = None,
    dynamics: AbstractDynamics = LLG(),
    t0: float = 0.0,
    formats: Sequence[Literal["ovf", "vtk", "zarr", "netcdf"]] = ("ovf",),
    pictures: bool = True,
    movie: bool = False,
    checkpoint_every: float = 30.0,
    seed: int | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Run:
    """Simulate spins in time, with progress, files and checkpoints: `evolve` for the person who waits for it.

    dm/dt = −γ/(1+α²) [m×B_eff + α m×(m×B_eff)]

    - `system`: a `System` or `Sublattices`. `m0`: its unit vectors, or a result that holds some.
    - `duration`: time to simulate, s. `save_every`: interval between rows of the table, s; row 0 is the start.
    - `fields_every`: interval between saved states, s, a multiple of `save_every`; `None` saves only the final one.
    - `out`: a folder for table, states, checkpoint, log, pictures; `None` keeps everything in memory.
    - `resume`: go on with the run in `out`, bit for bit as if it had never stopped; with a longer `duration`, extend
      it; with nothing there, start. `overwrite`: replace the run in `out`.
    - `progress`: show how it goes.
    - `observe`: functions `f(t, m, system)` by column name, such as `"B (T)"`; one number each, or a list of them.
    - `stop`, `solver`, `tolerance`, `dt`, `dynamics`, `t0`: as in `mj.evolve`.
    - `formats`: of saved states. `pictures`: draw table and final state. `movie`: animate the saved states.
    - `checkpoint_every`: wall-clock seconds between checkpoints.
    - `seed`, `metadata`: kept with the results.

    Ctrl-C and SIGTERM end the run after the current chunk, with everything saved.

    **Returns** a `Run`.

    **Raises** `SolveError` where the solve fails, naming time and cell; all up to there is saved. `RunInterrupted` (a
    `KeyboardInterrupt`) after Ctrl-C. `FileWriteError` (an `OSError`) where the disk is full. `FileExistsError` for a
    folder in use, `PermissionError` for one that cannot be written to, `MemoryError` for a run that will not fit,
    `ValueError` and `TypeError` for arguments that cannot be meant, and for resuming another run than the one in the
    folder.
    **Warns** of a `dt` too long for noise, with the right one.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((4, 4, 1), 5e-9)
    >>> film = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Exchange(A=1.3e-11) + mj.Zeeman(B=(0, 0, 1.0)))
    >>> run = mj.simulate(film, mj.textures.uniform(mesh, "x"), 20e-12, save_every=5e-12, out="out", progress=False)
    >>> run.outcome.name, len(run.t), sorted(path.name for path in run.folder.iterdir())[:3]
    ('SUCCESS', 5, ['checkpoint.ckpt', 'final.png', 'log.txt'])
    """
    m0 = spins(m0, system)
    saves = np.asarray(schedule(duration, save_every, None, m0.dtype))
    plan = Schedule.of(saves, _stride(save_every, fields_every))
    _check_formats(formats)
    stepping(tolerance=tolerance, dt=dt, t0=t0, dynamics=dynamics, solver=solver)
    functions = watching(observe, stop)
    single("checkpoint_every", checkpoint_every, "a time ≥ 0 in s of the wall clock", minimum=0)
    if resume and (overwrite or out is None):
        raise ValueError("Argument `resume` needs a folder `out` to go on in, and excludes `overwrite`.")
    t, end = jnp.asarray(t0, m0.dtype), jnp.asarray(saves[-1])
    problem = Problem(system, dynamics, solver, stop, functions, t, end, tolerance, dt, m0.dtype)
    if dt is not None and (isinstance(dynamics, Langevin) or isinstance(solver, AbstractLangevinSolver)):
        # Warns of a step too long for noise, which the compiled chunks cannot see: all their numbers are traced.
        choose_scheme(system, m0.dtype, solver=solver, tolerance=tolerance, dt=dt, dynamics=dynamics, end=end, t0=t)
    needed = memory_needed(system.mesh, m0.dtype, demag=system.has_nonlocal, sublattices=len(system.sublattices))
    check_memory(needed, memory_available())
    parts = identity(problem, save_every, fields_every)
    about = _about(problem, duration, save_every, t0, seed, metadata)
    options = _Options(tuple(formats), pictures, movie, checkpoint_every, progress, t0)
    if out is None:
        return _run(problem, m0, plan, parts, about, options, None, go_on=False)
    folder = Folder(out)
    with folder.locked():
        go_on = folder.open(resume=resume, overwrite=overwrite)
        with folder.logging(_LOG), _resumable(folder):
            return _run(problem, m0, plan, parts, about, options, folder, go_on=go_on)


@contextlib.contextmanager
def _resumable(folder: Folder) -> Iterator[None]:
    """Say of a file that could not be written what there is to go on from."""
    try:
        yield
    except FileWriteError as error:
        kept = "rows and states saved before are kept"
        if folder.checkpoint.is_file():
            t = float(checkpoint.read_metadata(folder.checkpoint)["t"])
            kept = f"rows and states saved before and a checkpoint {si(t, 's')} after the start are kept"
        raise error.advising(f"{kept}; make room and pass resume=True to go on") from error


@dataclasses.dataclass(frozen=True)
class _Options:
    formats: tuple[str, ...]
    pictures: bool
    movie: bool
    checkpoint_every: float
    progress: bool
    t0: float


def _run(
    problem: Problem,
    m0: Array,
    plan: Schedule,
    parts: dict[str, str],
    about: dict[str, Any],
    options: _Options,
    folder: Folder | None,
    *,
    go_on: bool,
) -> Run:
    began = time.monotonic()
    label = "simulate" if folder is None else folder.path.name
    # Files carry nothing that changes from one time to the next, so that equal runs have equal files.
    origin = {key: about[key] for key in ("versions", "dtype", "seed", "config") if key in about}
    units = column_names(problem, eqx.filter_eval_shape(begin, problem, m0))
    recorder = Recorder(problem.system.mesh, units, folder, options.formats, origin, problem.system.sublattices)
    checkpoints = Checkpoints(folder, parts, problem.stop, m0, options.checkpoint_every)
    progress = Progress(label, shown=options.progress, log=_LOG)
    host = Host(problem, plan, recorder, checkpoints, progress, options.t0)
    earlier = folder.read_record().get("timings", {}) if folder and go_on else {}
    with Interrupts() as wish, progress:
        if go_on:
            motion = host.take_up(m0)
        else:
            if folder is not None:
                folder.write_record(about)
            motion = host.begin(m0)
        motion, interrupted = host.drive(motion, wish)
        outcome = Outcome.INTERRUPTED if interrupted else Outcome(int(motion.outcome))
        host.seconds["total"] = time.monotonic() - began
        about = about | _outcome(problem, motion, outcome, host.seconds, earlier)
        run = _left(problem, recorder, motion, outcome, about, host)
        if outcome.succeeded:
            recorder.finish(run, pictures=options.pictures, movie=options.movie)
        reached = si(host.shown(float(motion.clock.high)), "s")
        progress.say(f"{label}: {outcome.name} at t = {reached} after {si(host.seconds['total'], 's')}")
    if interrupted and wish.caught is not None:
        where = f"in {str(folder.path)!r}: pass resume=True to go on" if folder else "in this error's `.run`"
        raise RunInterrupted(f"The run was interrupted at t = {reached}; all up to there is {where}.", run, wish.caught)
    if not outcome.succeeded:
        place = whereabouts(problem, motion.m, float(motion.clock.high), float(motion.dt))
        files = [] if folder is None else [folder.last(name) for name in field_names(problem.system.sublattices)]
        saved = f" (the state before is in {', '.join(repr(os.fspath(path)) for path in files)})" if files else ""
        raise SolveError(outcome, "simulate", place + saved)
    return run


def _left(
    problem: Problem, recorder: Recorder, motion: Motion, outcome: Outcome, about: dict[str, Any], host: Host
) -> Run:
    """The run as it stands, its final state and its record written."""
    columns, folder = recorder.columns(), recorder.folder
    end = float(columns["t"][-1]) if outcome.succeeded else host.shown(float(motion.clock.high))
    recorder.leave(end, motion.m)
    if folder is not None:
        folder.write_record(about)
    place = None if folder is None else folder.path
    states = recorder.states()
    mesh, system, sublattices = problem.system.mesh, problem.system, problem.system.sublattices
    return Run(mesh, system, motion.m, columns, recorder.units, states, outcome, about, place, sublattices)


def _about(
    problem: Problem, duration: float, save_every: float, t0: float, seed: int | None, extra: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What is known of a run before it starts."""
    mesh = problem.system.mesh
    solver = _solver(problem)
    known = _metadata.gather(
        seed=seed,
        dtype=problem.dtype,
        verb="simulate",
        duration=duration,
        save_every=save_every,
        t0=t0,
        mesh={k: getattr(mesh, k) for k in ("cells", "cell_size", "origin", "periodic")},
        terms=problem.system.names,
        sublattices=problem.system.sublattices,
        solver=repr(solver),
        tolerance=problem.tolerance,
        dt=problem.dt,
        dynamics=repr(problem.dynamics),
    )
    return {**known, **dict(extra or {})}


def _outcome(
    problem: Problem, motion: Motion, outcome: Outcome, seconds: dict[str, float], earlier: Mapping[str, float]
) -> dict[str, Any]:
    """What is known of it afterwards."""
    steps = int(motion.steps)
    timings = {name: round(value + earlier.get(name, 0.0), 3) for name, value in seconds.items()}
    known = {"outcome": outcome.name, "end": float(motion.clock.high), "steps": steps, "rejected": int(motion.rejected)}
    per_step = _demag_per_step(problem)
    return known | {"timings": timings} | ({} if per_step is None else {"demag_evaluations": per_step * steps})


def _solver(problem: Problem) -> Any:
    # Shapes are enough to see which solver is chosen.
    return eqx.filter_eval_shape(lambda p: p.setting()[0], problem).solver


def _demag_per_step(problem: Problem) -> int | None:
    if not problem.system.has_nonlocal:
        return None
    solver = _solver(problem)
    if isinstance(solver, Multirate):
        return 1 + solver.corrector
    return 4 if isinstance(solver, RK43) else None


def _stride(save_every: float, fields_every: float | None) -> int:
    if fields_every is None:
        return 0
    single("fields_every", fields_every, f"a multiple of `save_every` = {save_every:g} s", above=0)
    ratio = fields_every / save_every if save_every else 0.0
    if not (ratio > 0.5 and abs(ratio - round(ratio)) <= 1e-6 * ratio):
        raise ValueError(
            f"Argument `fields_every` must be a multiple of `save_every` = {save_every:g} s, but got {fields_every!r}."
        )
    return round(ratio)


def _check_formats(formats: Sequence[str]) -> None:
    if isinstance(formats, str) or not formats or set(formats) - set(FORMATS):
        raise ValueError(f"Argument `formats` must name some of {FORMATS}, but got {formats!r}.")
