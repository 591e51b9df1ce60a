"""The time loop: diffrax's solvers and controllers, with time kept exact and steps that meet every save.

`diffrax.diffeqsolve` accumulates time in the precision of the state, selects between old and new over everything a
solver carries at each step, and hides the solver's state from stop conditions. Here each step runs from 0 to dt in its
own time, whose origin is kept in two floats; the steps up to the next save are made equal, so that saves cost no short
steps; and the whole loop can be cut anywhere and continued, bit for bit.
"""

from collections.abc import Callable
from typing import Any, Literal

import equinox as eqx
import equinox.internal as eqxi
import jax
import jax.numpy as jnp
from jax import lax
from jax.ad_checkpoint import checkpoint_name
from jaxtyping import Array

from magjax.numerics.convolution import WORTH_KEEPING
from magjax.numerics.history import History
from magjax.numerics.sphere import largest_length
from magjax.results import Outcome
from magjax.solve.motion import Clock, Motion, Scheme
from magjax.solve.reverse.taped import taped_loop
from magjax.system import AbstractPrepared

#: Kinds of loop: without reverse mode, with it, and with both modes but a fixed largest number of steps.
LoopKind = Literal["lax", "checkpointed", "bounded"]
#: Steps are stretched by up to this fraction to end exactly on a save.
_STRETCH = 1e-3
#: A fixed step wrong by this angle, rad, has left the trajectory. Spins on the sphere cannot grow to infinity: unstable
#: steps only scramble them, and would pass for a result. Measured: stable ones stay below 0.2, unstable ones reach 0.6.
_UNSTABLE = 0.5


def start(scheme: Scheme, prepared: AbstractPrepared, m0: Array) -> Motion:
    """The motion at time 0, before its first step."""
    zero = jnp.zeros((), m0.dtype)
    dt = jnp.minimum(jnp.asarray(scheme.dt, m0.dtype), jnp.asarray(scheme.dt_max, m0.dtype))
    dt = lax.stop_gradient(dt)
    solver_state = scheme.solver.init(scheme.term, zero, dt, m0, prepared)
    controller_state = None
    if scheme.controller is not None:
        one = jnp.ones((), m0.dtype)
        controller: Any = scheme.controller  # which asks neither for the function nor for the order to be known
        _, controller_state = controller.init(
            scheme.term, zero, dt, one, dt, None, None, scheme.solver.error_order(scheme.term)
        )
    rate = largest_length(scheme.term.vf(zero, m0, prepared))
    outcome = jnp.where(jnp.isfinite(rate), int(Outcome.SUCCESS), int(Outcome.NOT_FINITE))
    count = jnp.zeros((), jnp.int32)
    return Motion(
        m0,
        Clock(zero, zero),
        dt,
        solver_state,
        controller_state,
        count,
        count,
        count,
        count,
        lax.stop_gradient(rate),
        outcome,
    )


def advance(
    scheme: Scheme,
    prepared: AbstractPrepared,
    motion: Motion,
    times: Array,
    *,
    saved: Any,
    observe: Callable[[Array, Array], Any],
    stop: Callable[[Motion], Array] | None,
    max_steps: int | None,
    kind: LoopKind,
    budget: Array | None = None,
) -> tuple[Motion, Any]:
    """Step until the last of `times`, a stop condition, a failure, or `max_steps` steps from here.

    - `times`: `(n,)` save times since the start, s, increasing.
    - `saved`: pytree of arrays `(n, …)` that receive `observe(t, m)` at each of them.
    - `kind`: the loop to use: `"lax"` (no reverse mode), `"checkpointed"` (reverse mode) or `"bounded"` (both).
    - `budget`: pause once `motion.steps` has reached it; unlike `max_steps` it may change without a new compilation.
    """
    n = times.shape[0]
    limits = [x for x in (budget, None if max_steps is None else motion.steps + max_steps) if x is not None]

    def running(motion: Motion) -> Array:
        going = (motion.outcome == int(Outcome.SUCCESS)) & (motion.next_save < n)
        for limit in limits:
            going = going & (motion.steps < limit)
        return going

    def step(motion: Motion, active: Array | None = None) -> Motion:
        new = _step(scheme, prepared, motion, times, jnp.minimum(motion.next_save, n - 1), active)
        if stop is not None:
            met = stop(new) & (new.outcome == int(Outcome.SUCCESS))
            met = met if active is None else met & active
            new = eqx.tree_at(lambda s: s.outcome, new, jnp.where(met, int(Outcome.STOPPED), new.outcome))
        return new

    if kind == "checkpointed":
        return taped_loop(
            lambda motion: step(motion, running(motion)),
            running,
            lambda motion: motion.next_save,
            lambda index, motion: observe(times[jnp.minimum(index, n - 1)], motion.m),
            motion,
            saved,
            max_steps,
        )

    def until_save(carry: tuple[Motion, Any]) -> tuple[Motion, Any]:
        motion, saved = carry
        index = jnp.minimum(motion.next_save, n - 1)

        def going(now: Motion) -> Array:
            return running(now) & (now.next_save == motion.next_save)

        new = step(motion) if kind == "bounded" else lax.while_loop(going, step, motion)
        values = observe(times[index], new.m)
        at_save = new.next_save > motion.next_save
        return new, jax.tree_util.tree_map(
            lambda buffer, value: buffer.at[index].set(value, pred=at_save), saved, values, is_leaf=_is_buffer
        )

    return eqxi.while_loop(
        lambda carry: running(carry[0]),
        until_save,
        (motion, saved),
        # Every pass ends with a step or a save.
        max_steps=max_steps + n if kind == "bounded" and max_steps is not None else None,
        buffers=lambda carry: carry[1],
        kind=kind,
    )


def _is_buffer(x: Any) -> bool:
    return not isinstance(x, (dict, tuple, list)) and hasattr(x, "at")


def _step(
    scheme: Scheme, prepared: AbstractPrepared, motion: Motion, times: Array, index: Array, active: Array | None
) -> Motion:
    """One attempted step towards the next save; of a motion that is not active, none."""
    target, save, mark, jumped = _target(scheme, prepared, motion.clock, times[index])
    dt, count = _fit(motion, scheme, target)
    last = count <= 1
    zero = jnp.zeros_like(dt)
    here = prepared.starting_at(prepared.epoch + motion.clock.high)
    if scheme.landmarks is not None:
        here = _one_sided(here, dt, jumped, mark & last)
    y1, error, _, solver_state, _ = scheme.solver.step(
        scheme.term, zero, dt, motion.m, here, motion.solver_state, jumped
    )
    angle = jnp.zeros_like(dt) if error is None else lax.stop_gradient(largest_length(error))
    finite = jnp.isfinite(jnp.sum(y1)) & jnp.isfinite(angle)
    keep, proposed, controller_state, too_small = _control(scheme, motion, dt, angle, finite)
    tried = 1
    if active is not None:
        tried = active.astype(jnp.int32)
        keep, too_small = keep & active, too_small & active
        proposed, controller_state = _choose(active, (proposed, controller_state), (motion.dt, motion.controller_state))
        count = jnp.where(active, count, motion.left)
    # Kept for reverse mode, which then needs no error estimate.
    keep = checkpoint_name(keep, WORTH_KEEPING)
    clock = motion.clock.advanced(dt)
    arrived = keep & last
    clock = Clock(jnp.where(arrived, target, clock.high), jnp.where(arrived, 0, clock.low))
    bad = Outcome.UNSTABLE if scheme.controller is None else Outcome.STEP_TOO_SMALL
    failed = jnp.where(finite, int(bad), int(Outcome.NOT_FINITE))
    return Motion(
        m=jnp.where(keep, y1, motion.m),
        clock=_choose(keep, clock, motion.clock),
        dt=lax.stop_gradient(proposed),
        solver_state=_choose(keep, solver_state, motion.solver_state),
        controller_state=controller_state,
        next_save=motion.next_save + (arrived & save),
        left=motion.left if scheme.controller is not None else (count - keep).astype(jnp.int32),
        steps=motion.steps + tried,
        rejected=motion.rejected + tried - keep,
        rate=lax.stop_gradient(jnp.where(keep, largest_length(y1 - motion.m) / dt, motion.rate)),
        outcome=jnp.where(too_small, failed, motion.outcome),
    )


def _target(scheme: Scheme, prepared: AbstractPrepared, clock: Clock, save: Array) -> tuple[Array, Any, Any, Any]:
    """Where steps must end next: the time, whether a save, whether a landmark; whether the clock is at a landmark."""
    if scheme.landmarks is None:
        return save, True, False, False
    marks = scheme.landmarks - prepared.epoch
    near = _rounding(prepared, clock.high)
    following = jnp.searchsorted(marks, lax.stop_gradient(clock.high) + near, side="right")
    last = marks[jnp.maximum(following - 1, 0)]
    jumped = (following > 0) & (last >= clock.high - near)
    mark = jnp.where(following < marks.shape[0], marks[jnp.minimum(following, marks.shape[0] - 1)], jnp.inf)
    # A landmark and a save that differ by rounding are one: a step of that length would ruin any history of steps.
    at_save = mark >= save - _rounding(prepared, save)
    return jnp.where(at_save, save, mark), at_save, mark <= save + _rounding(prepared, save), jumped


def _rounding(prepared: AbstractPrepared, t: Array) -> Array:
    """Differences of times about `t`, s, that mean nothing."""
    return lax.stop_gradient(4 * jnp.finfo(t.dtype).eps * (jnp.abs(t) + jnp.abs(prepared.epoch)))


def _one_sided(here: AbstractPrepared, dt: Array, from_landmark: Any, to_landmark: Any) -> AbstractPrepared:
    """Drives at the ends of a step between jumps as they are within it, on whichever side rounding has put the ends."""
    inside = 2 * _rounding(here, dt)
    first = here.epoch + jnp.where(from_landmark, jnp.minimum(inside, dt / 2), -jnp.inf)
    last = here.epoch + jnp.where(to_landmark, jnp.maximum(dt - inside, dt / 2), jnp.inf)
    return here.between(first, last)


def _fit(motion: Motion, scheme: Scheme, target: Array) -> tuple[Array, Array]:
    """The step to try: the proposed one, or shorter so that equal steps end on the target; how many are left to it."""
    wanted = jnp.minimum(motion.dt, jnp.asarray(scheme.dt_max, motion.dt.dtype))
    left = motion.clock.until(target)
    # A float, because steps under control may become too small for any whole number of them.
    count = jnp.maximum(1, jnp.ceil(lax.stop_gradient(left) / wanted - _STRETCH))
    if scheme.controller is None:
        # Counted down rather than anew: over millions of steps, rounding would find one more, or one less.
        count = jnp.where(motion.left > 0, motion.left, count.astype(jnp.int32))
    # Differentiable in the time that is left, not in how the controller divides it: the derivative of the
    # scheme with its steps held fixed, free of the noise of step-size control.
    return left / count.astype(left.dtype), count


def _control(scheme: Scheme, motion: Motion, dt: Array, angle: Array, finite: Array) -> tuple[Array, Array, Any, Array]:
    """Whether to keep the step, the step to try next, the controller's state, and whether steps became too small."""
    # A billionth of the largest step, or where time itself runs out of digits.
    smallest = jnp.maximum(jnp.asarray(scheme.dt_max, dt.dtype) * 1e-9, jnp.finfo(dt.dtype).tiny * 1e3)
    if scheme.controller is None:
        keep = finite & (angle < _UNSTABLE)
        return keep, motion.dt, None, ~keep
    controller: Any = scheme.controller
    one = jnp.ones_like(dt)
    held = lax.stop_gradient(dt)
    keep, t0, t1, _, state, _ = controller.adapt_step_size(
        jnp.zeros_like(held),
        held,
        one,
        one,
        None,
        angle,
        scheme.solver.error_order(scheme.term),
        motion.controller_state,
    )
    keep = keep & finite
    proposed = jnp.where(finite, t1 - t0, held / 5)
    state = _choose(finite, state, motion.controller_state)
    # A step cut short to meet a save says nothing against the longer one that was proposed before.
    proposed = jnp.where(keep & (proposed >= held), jnp.maximum(proposed, jnp.minimum(motion.dt, held * 10)), proposed)
    return keep, proposed, state, ~keep & (proposed < smallest)


def _choose(keep: Array, new: Any, old: Any) -> Any:
    """`new` where a step is kept, else `old`; a history's values need none, its spare slot holds the rejected one."""

    def pick(a: Any, b: Any) -> Any:
        if isinstance(a, History):
            return History(a.values, jnp.where(keep, a.times, b.times), jnp.where(keep, a.newest, b.newest))
        return jnp.where(keep, a, b)

    return jax.tree_util.tree_map(pick, new, old, is_leaf=lambda x: isinstance(x, History))
