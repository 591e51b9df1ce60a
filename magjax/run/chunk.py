"""The two compiled programs of a run: the motion at its start, and one chunk of it.

A chunk steps through up to `ROWS` saves and pauses when its budget of steps is spent. Since a `Motion` holds all that
its continuation depends on, where chunks end changes nothing, to the last bit.
"""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.numerics.sphere import largest_length
from magjax.observe.torque import torque_of
from magjax.results import Outcome
from magjax.solve.evolve import choose_scheme
from magjax.solve.loop import advance, start
from magjax.solve.motion import Motion, Scheme
from magjax.solve.reverse.taped import plain
from magjax.solve.stop import AbstractStop
from magjax.system import AbstractPrepared, AbstractSystem

#: Table rows that one chunk can hold.
ROWS = 64

_UNITS = {"t": "s", "max_torque": "T", "max_dmdt": "rad/s", "dt": "s"}


class Problem(eqx.Module):
    """What a run computes: the arguments of its programs that stay the same from chunk to chunk.

    - `system`, `dynamics`, `solver`, `stop`: as `mj.evolve` takes them.
    - `observe`: functions `f(t, m, system)` by name, evaluated at each save.
    - `t0`: time at the start, s. `end`: duration, s.
    - `tolerance`: rad. `dt`: a fixed step, s, or `None`. `dtype`: the precision.
    """

    system: AbstractSystem
    dynamics: AbstractDynamics
    solver: diffrax.AbstractSolver | None
    stop: AbstractStop | None
    observe: dict[str, Callable[..., Any]]
    t0: Array
    end: Array
    tolerance: float = eqx.field(static=True)
    dt: float | None = eqx.field(static=True)
    dtype: Any = eqx.field(static=True)

    def setting(self) -> tuple[Scheme, AbstractPrepared]:
        """The scheme and the prepared system; computed anew in each chunk rather than held in memory twice."""
        scheme = choose_scheme(
            self.system,
            self.dtype,
            solver=self.solver,
            tolerance=self.tolerance,
            dt=self.dt,
            dynamics=self.dynamics,
            end=self.end,
            t0=self.t0,
        )
        return scheme, self.system.prepare(self.dtype).starting_at(self.t0)


class Window(eqx.Module):
    """How far a chunk goes.

    - `times`: `(ROWS,)` times of the next rows since the start, s; what lies behind `last` does not matter.
    - `first`, `last`: the numbers of the first row in `times`, and of the row before which to pause.
    - `budget`: total number of steps at which to pause.
    """

    times: Array
    first: Array
    last: Array
    budget: Array


class Pulse(eqx.Module):
    """A few numbers that tell the host how a run goes.

    - `t`: time reached since the start, s. `steps`, `rejected`: counts. `rows`: number of rows so far.
    - `outcome`: an `Outcome` code. `torque`: largest |m×B| at the last step, T. `dt`: the next step, s.
    - `extra`: whether a stop condition left a row between two scheduled ones.
    """

    t: Array
    steps: Array
    rejected: Array
    rows: Array
    outcome: Array
    torque: Array
    dt: Array
    extra: Array


@eqx.filter_jit
def begin(problem: Problem, m0: Array) -> Motion:
    """The motion before its first step; its `next_save` counts rows, of which the state at time 0 is the first."""
    scheme, prepared = problem.setting()
    return plain(start(scheme, prepared, m0))


# The motion's memory is used again for the new one, which halves what a run needs.
@eqx.filter_jit(donate="all-except-first")
def step_on(task: tuple[Problem, Window], motion: Motion) -> tuple[Motion, dict[str, Array], Pulse]:
    """One chunk: the motion after it, `ROWS` rows of which those reached are filled, and how things stand."""
    problem, window = task
    scheme, prepared = problem.setting()
    stop = None if problem.stop is None else problem.stop.met(scheme, prepared)
    blank = jax.eval_shape(lambda m: _record(problem, scheme, prepared, m), motion)
    rows = {name: jnp.zeros((ROWS, *x.shape), x.dtype) for name, x in blank.items()}

    def running(carry: tuple[Motion, Any, Array]) -> Array:
        motion, _, _ = carry
        going = (motion.outcome == int(Outcome.SUCCESS)) & (motion.next_save < window.last)
        return going & (motion.steps < window.budget)

    def to_next_row(carry: tuple[Motion, Any, Array]) -> tuple[Motion, Any, Array]:
        motion, rows, _ = carry
        count = motion.next_save
        i = jnp.clip(count - window.first, 0, ROWS - 1)
        # Row 0 is the state at the start: no step leads there.
        local = eqx.tree_at(lambda s: s.next_save, motion, jnp.where(count > 0, 0, 1).astype(count.dtype))
        local, _ = advance(
            scheme,
            prepared,
            local,
            window.times[i][None],
            saved={},
            observe=lambda t, m: {},
            stop=stop,
            max_steps=None,
            kind="lax",
            budget=window.budget,
        )
        reached = local.next_save > 0
        extra = ~reached & (local.outcome == int(Outcome.STOPPED))

        def filled() -> dict[str, Array]:
            values = _record(problem, scheme, prepared, local)
            return {name: buffer.at[i].set(values[name]) for name, buffer in rows.items()}

        rows = lax.cond(reached | extra, filled, lambda: rows)
        return plain(eqx.tree_at(lambda s: s.next_save, local, count + local.next_save)), rows, extra

    # The budget lets a motion through whose row 0 is still to be written.
    motion, rows, extra = lax.while_loop(running, to_next_row, (motion, rows, jnp.zeros((), bool)))
    return motion, rows, _pulse(scheme, prepared, motion, extra)


def column_names(problem: Problem, motion: Motion) -> dict[str, str]:
    """Units by name of the table's columns, in their order; traces a row without computing it.

    **Raises** `ValueError` for an observable that is neither a number nor a list of numbers, or takes a column's name.
    """

    def record(problem: Problem, motion: Motion) -> dict[str, Array]:
        scheme, prepared = problem.setting()
        return _record(problem, scheme, prepared, motion)

    shapes = eqx.filter_eval_shape(record, problem, motion)
    own = [name for name in _order(problem.system) if name in shapes]
    units = {name: _UNITS.get(name, "J" if name.startswith("E_") else "") for name in own}
    for heading in problem.observe:
        name, unit = _split(heading)
        for column in _columns(name, shapes[heading].shape):
            if column in units:
                raise ValueError(f"Argument `observe` must use new names, but {column!r} is a column of every table.")
            units[column] = unit
    return units


def host_rows(problem: Problem, rows: dict[str, Any], times: np.ndarray) -> dict[str, np.ndarray]:
    """The first rows of a chunk as columns `(n,)`, with the schedule's own `times` (s)."""
    n = len(times)
    columns = {name: np.asarray(rows[name])[:n] for name in _order(problem.system)}
    columns["t"] = times
    for heading in problem.observe:
        values = np.asarray(rows[heading])[:n]
        for i, column in enumerate(_columns(_split(heading)[0], values.shape[1:])):
            columns[column] = values if values.ndim == 1 else values[:, i]
    return columns


def _record(problem: Problem, scheme: Scheme, prepared: AbstractPrepared, motion: Motion) -> dict[str, Array]:
    """One row of the table."""
    m, zero = motion.m, jnp.zeros_like(motion.clock.high)
    now = prepared.starting_at(prepared.epoch + motion.clock.high)
    system, t = problem.system, now.epoch
    slow = now.nonlocal_field(zero, m)
    energies = system.energies(m, t)
    averages = {f"{name}_{axis}": v[i] for name, v in system.averages(m).items() for i, axis in enumerate("xyz")}
    row = {
        "t": t,
        **averages,
        "E_total": sum(energies.values(), start=zero),
        **{f"E_{name}": energy for name, energy in energies.items()},
        "max_torque": torque_of(m, now.local_field(zero, m) + slow),
        "max_dmdt": largest_length(scheme.term.given(zero, m, now, slow)),
        "dt": jnp.minimum(motion.dt, scheme.dt_max),
    }
    return row | {name: jnp.asarray(function(t, m, system)) for name, function in problem.observe.items()}


def _pulse(scheme: Scheme, prepared: AbstractPrepared, motion: Motion, extra: Array) -> Pulse:
    gamma, alpha = prepared.coefficients(motion.clock.high)
    return Pulse(
        t=motion.clock.high,
        steps=motion.steps,
        rejected=motion.rejected,
        rows=motion.next_save,
        outcome=motion.outcome,
        # |dm/dt| = γ/√(1+α²) |m×B|
        torque=motion.rate * jnp.max(jnp.sqrt(1 + alpha**2) / gamma),
        dt=jnp.minimum(motion.dt, scheme.dt_max),
        extra=extra,
    )


def _order(system: AbstractSystem) -> list[str]:
    averages = [f"{name}_{axis}" for name in system.average_names for axis in "xyz"]
    return ["t", *averages, "E_total", *(f"E_{n}" for n in system.names), "max_torque", "max_dmdt", "dt"]


def _split(heading: str) -> tuple[str, str]:
    name, _, unit = heading.partition(" (")
    return name, unit.removesuffix(")")


def _columns(name: str, shape: tuple[int, ...]) -> list[str]:
    if len(shape) > 1:
        raise ValueError(f"Argument `observe` must hold functions that give one number or a list of them, but {name!r} "
                         f"gives an array of shape {shape}; save fields with `fields_every`.")  # fmt: skip
    if not shape:
        return [name]
    return [f"{name}_{part}" for part in ("xyz" if shape == (3,) else range(shape[0]))]
