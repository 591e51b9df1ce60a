"""A loop of steps with a tape: reverse mode that computes each step once more, in memory that stays flat.

Forwards, each step leaves an entry on a tape: the state it started from, less what the state after it still knows, and
what is costly to compute again. Backwards, the step is linearised at its entry and transposed. A full tape is begun
anew; some of the states at which tapes were begun are kept, and from them a reverse pass writes lost tapes again.
"""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import equinox.internal as eqxi
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.solve.reverse.tape import Starts, Tape
from magjax.solve.reverse.transpose import Transposable


class _Loop(eqx.Module):
    """What is repeated, with all it knows in its leaves: see `taped_loop`."""

    step: Callable[[Any], Any]
    running: Callable[[Any], Array]
    observe: Callable[[Array, Any], Any]
    saves: Callable[[Any], Array] = eqx.field(static=True)


def taped_loop(
    step: Callable[[Any], Any],
    running: Callable[[Any], Array],
    saves: Callable[[Any], Array],
    observe: Callable[[Array, Any], Any],
    state: Any,
    saved: Any,
    longest: int | None = None,
) -> tuple[Any, Any]:
    """Apply `step` while `running`; differentiable in reverse, also in what the functions close over.

    Not differentiated, this is a plain loop. Differentiated, each step is computed forwards, linearised and transposed
    once; of a run that overflows the tape, what was lost is computed forwards once more. The members of a batch keep
    step with one another; those that have finished wait for the others.

    - `step`: the next state; of a state that is not running, the same one.
    - `running`: whether a state goes on. `saves`: how many saves a state has made.
    - `observe`: `(index, state)` → what to save as number `index`.
    - `state`: a pytree of arrays. `saved`: a pytree of arrays `(n, …)` that receive what is observed.
    - `longest`: the largest number of steps there can be, where that is known.

    **Returns** the last state, and what was saved.
    """
    state, saved = plain((state, saved))
    loop = _Loop(
        eqx.filter_closure_convert(lambda state: _apart(running, step, state), state),
        eqx.filter_closure_convert(running, state),
        eqx.filter_closure_convert(observe, saves(state), state),
        saves,
    )
    return _run((loop, state, saved), longest)


# ------------------------------------------------------------------------------------------------------------ forwards
@eqx.filter_custom_vjp
def _run(arguments: Any, longest: int | None) -> tuple[Any, Any]:
    loop, state, saved = arguments

    def a_pass(carry: tuple[Any, Any]) -> tuple[Any, Any]:
        state, saved = carry
        new, _ = _until_save(loop, state, None, lambda state, _: (loop.step(state), None))
        return new, _write(loop, state, new, saved)

    return lax.while_loop(lambda carry: _any(loop.running(carry[0])), a_pass, (state, saved))


def plain(x: Any) -> Any:
    """The same as arrays whose types do not change when they are computed with."""
    return jax.tree_util.tree_map(lambda x: lax.convert_element_type(x, jnp.result_type(x)), x)


def _apart(running: Callable[[Any], Array], step: Callable[[Any], Any], state: Any) -> Any:
    """The step in a branch of its own, always taken.

    The compiler joins operations into one as far as it can see. A branch ends its sight: the linearised step is then
    computed once, and read by its transpose, rather than again in each of the operations that read it.
    """
    return lax.cond(_any(running(state)), lambda: plain(step(state)), lambda: state)


def _arrays(x: Any) -> Any:
    """The same, with whatever jax passes off as an array, such as a number it remembers the type of, made one."""
    return jax.tree_util.tree_map(lambda x: jnp.asarray(x) if hasattr(x, "dtype") else x, x)


def _any(mask: Array) -> Array:
    """Whether it holds for any member of a batch."""
    return eqxi.unvmap_any(mask)


def _until_save(
    loop: _Loop, state: Any, tape: Tape | None, step: Callable[[Any, Any], tuple[Any, Any]]
) -> tuple[Any, Any]:
    """Steps, at least until somebody makes a save, nobody runs, or the tape is full."""
    saves = loop.saves(state)

    def going(carry: tuple[Any, Tape | None]) -> Array:
        state, tape = carry
        going = _any(loop.running(state)) & ~_any(loop.saves(state) > saves)
        return going if tape is None else going & (tape.used < tape.size)

    return lax.while_loop(going, lambda carry: step(*carry), (state, tape))


def _write(loop: _Loop, old: Any, new: Any, saved: Any) -> Any:
    """What was saved, with a row more for those that have just made a save."""
    index = loop.saves(old)
    made = loop.saves(new) > index

    def put(rows: Array, value: Array) -> Array:
        row = jnp.minimum(index, rows.shape[0] - 1)
        return rows.at[row].set(jnp.where(made, value, rows[row]))

    return jax.tree_util.tree_map(put, saved, loop.observe(index, new))


def _recorded(step: Transposable) -> Callable[[Any, Tape], tuple[Any, Tape]]:
    """The step, with its entry on the tape."""

    def recorded(state: Any, tape: Tape) -> tuple[Any, Tape]:
        new, extra = step(state)
        return new, tape.put(state, extra)

    return recorded


@_run.def_fwd
def _forwards(perturbed: Any, arguments: Any, longest: int | None) -> Any:
    loop, state, saved = _arrays(arguments)
    step = _transposable(loop, state, perturbed)
    tape = Tape.blank(state, step.extras, longest)

    def a_tape(carry: Any) -> Any:
        state, saved, tape, starts, number = carry
        starts = starts.push(state, number)

        def a_pass(carry: Any) -> Any:
            state, saved, tape = carry
            new, tape = _until_save(loop, state, tape, _recorded(step))
            return new, _write(loop, state, new, saved), tape

        def going(carry: Any) -> Array:
            return (carry[2].used < tape.size) & _any(loop.running(carry[0]))

        state, saved, tape = lax.while_loop(going, a_pass, (state, saved, tape.rewound()))
        return state, saved, tape, starts, number + 1

    carry = (state, saved, tape, Starts.blank(state), jnp.zeros((), jnp.int32))
    end, saved, tape, starts, tapes = lax.while_loop(lambda carry: _any(loop.running(carry[0])), a_tape, carry)
    return (end, saved), (end, tape, starts, tapes, perturbed)


def _transposable(loop: _Loop, state: Any, perturbed: Any) -> Transposable:
    return Transposable(loop.step, _wanted(perturbed[0].step, loop.step), state, _wanted(perturbed[1], state))


def _wanted(perturbed: Any, values: Any) -> Any:
    """Which leaves to differentiate."""
    return jax.tree_util.tree_map(lambda p, x: p is True and eqx.is_inexact_array(x), perturbed, values)


# ----------------------------------------------------------------------------------------------------------- backwards
@_run.def_bwd
def _backwards(residuals: Any, cotangents: Any, _: Any, arguments: Any, longest: int | None) -> Any:
    end, tape, starts, tapes, perturbed = residuals
    loop, state, saved = _arrays(arguments)
    step = _transposable(loop, state, perturbed)
    of_end = _filled(end, cotangents[0], step.moved)
    of_saved = _filled(saved, cotangents[1], jax.tree_util.tree_map(eqx.is_inexact_array, saved))
    known, fixed = eqx.partition(loop.observe, _wanted(perturbed[0].observe, loop.observe))
    observing = jax.tree_util.tree_map(jnp.zeros_like, known)

    def observed(before: Any, after: Any, of_after: Any, of_saved: Any, observing: Any) -> Any:
        """Cotangents with those of what was saved after a step moved to the state and what observing closes over."""
        index = loop.saves(before)
        made = loop.saves(after) > index
        moving, still = eqx.partition(after, step.moved)

        def values(known: Any, moving: Any) -> Any:
            return eqx.filter(eqx.combine(known, fixed)(index, eqx.combine(moving, still)), eqx.is_inexact_array)

        def taken(rows: Array) -> Array:
            row = rows[jnp.minimum(index, rows.shape[0] - 1)]
            return jnp.where(made, row, 0)

        def left(rows: Array) -> Array:
            row = jnp.minimum(index, rows.shape[0] - 1)
            return rows.at[row].set(jnp.where(made, 0, rows[row]))

        _, pullback = jax.vjp(values, known, moving)
        more = pullback(jax.tree_util.tree_map(taken, of_saved))
        observing, of_after = _add((observing, of_after), more)
        return of_after, jax.tree_util.tree_map(left, of_saved), observing

    def rewind(carry: Any) -> Any:
        """Back over one tape."""
        tapes, tape, starts, after, *rest = carry
        after, tape, starts = _written_again(loop, step, tapes - 1, tape, starts, after)

        def a_pass(carry: Any) -> Any:
            i, after, of_after, of_saved, known, observing = carry
            before, _ = tape.step(i - 1, after)
            of_after, of_saved, observing = observed(before, after, of_after, of_saved, observing)

            def a_step(carry: Any) -> Any:
                i, after, of_after, known, _ = carry
                before, extra = tape.step(i - 1, after)
                more, of_before = step.transpose(before, extra, of_after)
                earlier, _ = tape.step(jnp.maximum(i - 2, 0), before)
                save = _any(loop.saves(before) > loop.saves(earlier))
                return i - 1, before, of_before, _add(known, more), save

            i, after, of_after, known, _ = lax.while_loop(
                lambda carry: (carry[0] > 0) & ~carry[-1], a_step, (i, after, of_after, known, jnp.zeros((), bool))
            )
            return i, after, of_after, of_saved, known, observing

        _, after, *rest = lax.while_loop(lambda carry: carry[0] > 0, a_pass, (tape.used, after, *rest))
        return tapes - 1, tape.rewound(), starts.without(tapes - 1), after, *rest

    carry = (tapes, tape, starts, end, of_end, of_saved, step.blank, observing)
    *_, of_start, of_saved, stepping, observing = lax.while_loop(lambda carry: carry[0] > 0, rewind, carry)
    of_loop = _Loop(stepping, jax.tree_util.tree_map(lambda _: None, loop.running), observing, loop.saves)
    inexact = eqx.filter((loop, state, saved), eqx.is_inexact_array)
    return jax.tree_util.tree_map(lambda x, c: c, inexact, (of_loop, of_start, of_saved), is_leaf=lambda x: x is None)


def _filled(values: Any, cotangents: Any, wanted: Any) -> Any:
    """Cotangents of the values that are wanted, zeros where none is given."""

    def part(x: Any, c: Any, want: bool) -> Any:
        return None if not want else jnp.zeros_like(x) if c is None else c

    return jax.tree_util.tree_map(part, values, cotangents, wanted, is_leaf=lambda x: x is None)


def _add(a: Any, b: Any) -> Any:
    return jax.tree_util.tree_map(jnp.add, a, b)


def _written_again(
    loop: _Loop, step: Transposable, number: Array, tape: Tape, starts: Starts, after: Any
) -> tuple[Any, Tape, Starts]:
    """Tape `number` and the state at its end; written again, from the nearest start, unless it is there already."""
    there = tape.used > 0
    state, first = starts.nearest(number)
    # On the way, starts are kept as densely as there is room for.
    apart = jnp.maximum(1, -(-(number - first) // jnp.maximum(1, starts.room)))

    def a_tape(carry: Any) -> Any:
        state, tape, starts, at = carry
        starts = starts.keep(state, at, (at - first) % apart == 0)
        record = _recorded(step)
        state, tape = lax.while_loop(
            lambda carry: carry[1].used < tape.size, lambda carry: record(*carry), (state, tape.rewound())
        )
        return state, tape, starts, at + 1

    state = jax.tree_util.tree_map(lambda a, b: jnp.where(there, a, b), after, state)
    carry = (state, tape, starts, jnp.where(there, number + 1, first))
    state, tape, starts, _ = lax.while_loop(lambda carry: carry[-1] <= number, a_tape, carry)
    return state, tape, starts
