"""`evolve`: a trajectory as a pure function of a system and a state."""

from collections.abc import Callable
from typing import Any, Literal

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from magjax.drive.pace import landmarks, longest_step
from magjax.dynamics.base import AbstractDynamics
from magjax.dynamics.inertial import Inertial
from magjax.dynamics.langevin import Langevin
from magjax.dynamics.llg import LLG, SpinTerm
from magjax.results import Outcome
from magjax.solve.arguments import stepping, watching
from magjax.solve.given import schedule, spins
from magjax.solve.langevin_scheme import as_langevin, langevin_scheme
from magjax.solve.loop import LoopKind, advance, start
from magjax.solve.motion import Motion, Scheme
from magjax.solve.single import number_of_steps
from magjax.solve.steppers.inertial_rk43 import InertialRK43, inertial_solver
from magjax.solve.steppers.langevin_solver import AbstractLangevinSolver
from magjax.solve.steppers.multirate import Multirate
from magjax.solve.steppers.rk43 import RK43
from magjax.solve.steppers.solver import AbstractSpinSolver, OnSphere, with_stages_in
from magjax.solve.stop import AbstractStop
from magjax.system import AbstractPrepared, AbstractSystem

Adjoint = Literal["checkpointed", "forward", "bounded"]
Observable = Callable[[Array, Array, Any], Any]

_KINDS: dict[Adjoint, LoopKind] = {"checkpointed": "checkpointed", "forward": "lax", "bounded": "bounded"}

#: Largest angle, rad, by which a step may be wrong.
TOLERANCE = 1e-5


class Trajectory(eqx.Module):
    """What `evolve` returns.

    - `t`: `(n,)` save times, s. `average`: `(n, 3)` ⟨m⟩ at each.
    - `m`: the final spins, `(3, nz, ny, nx)`, or `(S, 3, nz, ny, nx)` of sublattices.
    - `states`: `(n, …)` spins at each save, with `states=True`.
    - `observed`: what `observe` asked for, each `(n, …)`.
    - `end`: the time reached, s. `outcome`: an `Outcome` code.
    - `steps`, `rejected`: number of steps tried, and of those thrown away.
    - `velocity`: dm/dt at the end, 1/s, of spins with inertia, else `None`.

    Saves that a stop condition left unreached hold NaN.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> start = mj.textures.uniform(mesh, (1, 0, 0))
    >>> run = mj.evolve(spin, start, duration=20e-12, save_every=10e-12, states=True)
    >>> run.t.shape, run.states.shape, float(run.end)
    ((2,), (2, 3, 1, 1, 1), 2e-11)
    """

    t: Array
    average: Array
    m: Array
    states: Array | None
    observed: dict[str, Any]
    end: Array
    outcome: Array
    steps: Array
    rejected: Array
    velocity: Array | None = None

    @property
    def result(self) -> Outcome:
        """How the run ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def evolve(
    system: AbstractSystem,
    m0: Any,
    duration: Any,
    *,
    save_every: float | None = None,
    save_at: Any = None,
    states: bool = False,
    observe: dict[str, Observable] | None = None,
    stop: AbstractStop | None = None,
    solver: diffrax.AbstractSolver | None = None,
    tolerance: float = TOLERANCE,
    dt: float | None = None,
    dynamics: AbstractDynamics = LLG(),
    adjoint: Adjoint = "checkpointed",
    max_steps: int | None = None,
    t0: Any = 0.0,
) -> Trajectory:
    """Evolve spins in time: pure, so that `jit`, `grad` and `vmap` apply.

    dm/dt = −γ/(1+α²) [m×B_eff + α m×(m×B_eff)]

    - `system`: a `System` or `Sublattices`. `m0`: unit vectors `(3, nz, ny, nx)`, of sublattices `(S, 3, nz, ny, nx)`,
      or a result that holds some.
    - `duration`: time to evolve for, s.
    - `save_every`: interval between saves, s; `save_at`: the save times themselves, counted from the start, the last of
      them `duration`. With neither, only the end is saved.
    - `states`: keep the spins at each save, too.
    - `observe`: functions `f(t, m, system)` by name, evaluated at each save.
    - `stop`: end early, such as `mj.stop.torque(below=1e-5)`.
    - `solver`: a diffrax solver; by default `mj.solvers.Multirate` with a demagnetising field, else `RK43`.
    - `tolerance`: the largest angle, rad, by which a step may be wrong anywhere. `dt`: a fixed step, s, instead.
    - `dynamics`: the equation of motion, such as `mj.dynamics.DTerm(…)`. `t0`: time at the start, s, that drives see.
    - `adjoint`: `"checkpointed"` for `grad` (in memory that stays flat), `"forward"` for `jvp`, `"bounded"` for both.
    - `max_steps`: at most so many steps; default 1 000 000 (`"bounded"`: 4096).

    **Returns** a `Trajectory`; look at its `result` before you trust it.

    **Raises** `ValueError` for times that are not positive and increasing, and spins that do not fit the mesh;
    `TypeError` for what is no number, equation, solver or stop condition.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, alpha=0.1, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> run = mj.evolve(spin, mj.textures.uniform(mesh, (1, 0, 0)), duration=50e-12, save_every=10e-12)
    >>> run.average.shape, run.result.name
    ((5, 3), 'SUCCESS')
    """
    m0 = spins(m0, system)
    times = schedule(duration, save_every, save_at, m0.dtype)
    functions = watching(observe, stop)
    if adjoint not in _KINDS:
        raise ValueError(f"Argument `adjoint` must be one of {', '.join(map(repr, _KINDS))}, but got {adjoint!r}.")
    limit = (4096 if adjoint == "bounded" else 1_000_000) if max_steps is None else number_of_steps(max_steps)
    scheme = choose_scheme(
        system, m0.dtype, solver=solver, tolerance=tolerance, dt=dt, dynamics=dynamics, end=times[-1], t0=t0
    )
    kind = _KINDS[adjoint]
    scheme = eqx.tree_at(lambda s: s.solver, scheme, with_stages_in(scheme.solver, kind))
    prepared = system.prepare(m0.dtype).starting_at(t0)
    watch = _watcher(system, states, functions, prepared)
    motion, saved = advance(
        scheme,
        prepared,
        start(scheme, prepared, m0),
        times,
        saved=_blank(watch, times, m0),
        observe=watch,
        stop=None if stop is None else stop.met(scheme, prepared),
        max_steps=limit,
        kind=kind,
    )
    return _trajectory(scheme, motion, saved, times, t0)


def _trajectory(scheme: Scheme, motion: Motion, saved: Any, times: Array, t0: Any) -> Trajectory:
    """What a motion became, and what was recorded on the way."""
    start_time = jnp.asarray(t0, motion.m.dtype)
    unfinished = (motion.outcome == int(Outcome.SUCCESS)) & (motion.next_save < times.shape[0])
    reached = jnp.arange(times.shape[0]) < motion.next_save
    return Trajectory(
        t=jnp.where(reached, times + start_time, jnp.nan),
        average=saved["average"],
        m=motion.m,
        states=saved.get("states"),
        observed=saved["observed"],
        end=motion.clock.high + start_time,
        outcome=jnp.where(unfinished, int(Outcome.MAX_STEPS), motion.outcome),
        steps=motion.steps,
        rejected=motion.rejected,
        velocity=scheme.solver.velocity(motion.solver_state) if isinstance(scheme.solver, InertialRK43) else None,
    )


def _blank(watch: Callable[[Array, Array], Any], times: Array, m: Array) -> Any:
    """Room for what is recorded at each save: NaN where a type has it."""

    def column(x: Any) -> Array:
        missing = jnp.nan if jnp.issubdtype(x.dtype, jnp.inexact) else 0
        return jnp.full((times.shape[0], *x.shape), missing, x.dtype)

    return jax.tree_util.tree_map(column, jax.eval_shape(watch, times[0], m))


def _watcher(
    system: AbstractSystem, states: bool, observe: dict[str, Observable], prepared: AbstractPrepared
) -> Callable[[Array, Array], dict[str, Any]]:
    """What is recorded at a save."""

    def watch(t: Array, m: Array) -> dict[str, Any]:
        time = prepared.epoch + t
        record = {"average": system.average(m), "observed": {name: f(time, m, system) for name, f in observe.items()}}
        return {**record, "states": m} if states else record

    return watch


def choose_scheme(
    system: AbstractSystem,
    dtype: Any,
    *,
    solver: diffrax.AbstractSolver | None,
    tolerance: float,
    dt: float | None,
    dynamics: AbstractDynamics,
    end: Array,
    t0: Any,
) -> Scheme:
    """Solver and step-size control from `t0` on: what the caller asks for, else what the fields call for."""
    stepping(tolerance=tolerance, dt=dt, t0=t0, dynamics=dynamics, solver=solver)
    prepared = system.prepare(dtype).starting_at(t0)
    marks = landmarks((system, dynamics), dtype)
    if isinstance(dynamics, Langevin) or isinstance(solver, AbstractLangevinSolver):
        dt_max = jnp.minimum(jnp.asarray(end, dtype), longest_step((system, dynamics), dtype))
        return langevin_scheme(
            prepared, as_langevin(dynamics), solver=solver, dt=dt, dt_max=lax.stop_gradient(dt_max),
            end=jnp.asarray(end, dtype), landmarks=marks,
        )  # fmt: skip
    if isinstance(dynamics, Inertial) or isinstance(solver, InertialRK43):
        solver = inertial_solver(dynamics, solver)
    elif solver is None:
        solver = Multirate(substeps=substeps_for(system)) if prepared.has_nonlocal and dt is None else RK43()
    elif not isinstance(solver, (AbstractSpinSolver, OnSphere)):
        solver = OnSphere(solver)
    stable = solver.stability if isinstance(solver, AbstractSpinSolver) else None
    end = lax.stop_gradient(jnp.asarray(end, dtype))
    gamma, alpha = prepared.coefficients(jnp.zeros((), dtype))
    rate = lax.stop_gradient(prepared.fastest_rate() * jnp.max(dynamics.relative_rate(alpha)))
    if isinstance(dynamics, Inertial):
        rate = rate + lax.stop_gradient(dynamics.nutation_rate(prepared, rate))
    # A first guess only: as if at least 1 T acted.
    turn = lax.stop_gradient(jnp.maximum(rate, jnp.max(gamma)))
    if dt is not None:
        return Scheme(SpinTerm(dynamics), solver, None, jnp.asarray(dt, dtype), jnp.asarray(dt, dtype), marks)
    limit = end if stable is None else jnp.minimum(end, stable / jnp.maximum(rate, 1e-3 * stable / end))
    # A spin at rest gives error control nothing to see of what is to come.
    limit = jnp.minimum(limit, longest_step((system, dynamics), dtype))
    first = jnp.minimum(limit, 0.02 / turn)
    # The angle by which a step is wrong is the whole error: no part relative to |m| = 1.
    controller = diffrax.PIDController(rtol=0.0, atol=tolerance, norm=jnp.abs, pcoeff=0.2, icoeff=0.5, safety=0.9)
    return Scheme(SpinTerm(dynamics), solver, controller, first, limit, marks)


def substeps_for(system: AbstractSystem) -> int:
    """How many exchange-limited substeps fit into a step over which the demagnetising field is smooth: one or two.

    Measured in standard problem 4, a step of γμ0Ms·dt ≤ 0.09 is smooth enough; three substeps without corrector amplify
    the fastest exchange modes until error control steps in. The exchange length is taken as 5 nm: being a rule of the
    mesh alone, it is the same under `jit` and `grad`.
    """
    exchange_length = 5e-9
    stiffness = sum(4 / d**2 for n, d in zip(system.mesh.cells, system.mesh.cell_size, strict=True) if n > 1)
    if stiffness == 0:
        return 1
    step = RK43().stability / (exchange_length**2 * stiffness)
    return int(np.clip(0.09 / step, 1, 2))
