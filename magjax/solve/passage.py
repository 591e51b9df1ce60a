"""When spins first get somewhere: looked at after every step, with nothing kept but the answer."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.numerics.sphere import dot
from magjax.solve.evolve import choose_scheme
from magjax.solve.loop import advance, start
from magjax.solve.motion import Motion
from magjax.solve.steppers.solver import Terms, Time
from magjax.system import AbstractSystem


class Passage(eqx.Module):
    """What is waited for: m·n ≥ `threshold`, in each cell or of the whole sample's ⟨m⟩.

    - `direction`: the unit vector n, `(3,)`. `threshold`: −1 … 1. `whole`: ⟨m⟩ instead of each m.
    """

    direction: Array
    threshold: Array
    whole: bool = eqx.field(static=True)

    def along(self, m: Array, system: AbstractSystem) -> Array:
        """m·n, `(nz, ny, nx)`, of each sublattice if there are several; or of the whole sample one number."""
        n = self.direction.astype(m.dtype)
        return (
            jnp.sum(system.average(m) * n) if self.whole else dot(m, jnp.broadcast_to(n.reshape(3, 1, 1, 1), m.shape))
        )


class Watched(diffrax.AbstractWrappedSolver):
    """A solver that notes in its state when m·n first reaches its threshold, by a straight line within the step.

    Being part of the state, the note is resumed with it, and a step that is thrown away leaves none.

    - `solver`: the solver that makes the steps. `passage`: what is waited for.
    """

    solver: diffrax.AbstractSolver
    passage: Passage

    @property
    def term_structure(self) -> Any:
        """That of the wrapped solver."""
        return self.solver.term_structure

    @property
    def interpolation_cls(self) -> Any:
        """That of the wrapped solver."""
        return self.solver.interpolation_cls

    def order(self, terms: Terms) -> int | None:
        """Order of the wrapped solver."""
        return self.solver.order(terms)

    def strong_order(self, terms: Terms) -> Any:
        """Strong order of the wrapped solver."""
        return self.solver.strong_order(terms)

    def error_order(self, terms: Terms) -> Any:
        """Error order of the wrapped solver."""
        return self.solver.error_order(terms)

    def init(self, terms: Terms, t0: Time, t1: Time, y0: Array, args: Any) -> Any:
        """State of the wrapped solver, and the time at the start where the threshold is passed already."""
        beyond = self.passage.along(y0, args.system) >= self.passage.threshold
        first = jnp.where(beyond, args.epoch, jnp.inf).astype(y0.dtype)
        return self.solver.init(terms, t0, t1, y0, args), first

    def step(self, terms: Terms, t0: Time, t1: Time, y0: Array, args: Any, solver_state: Any, made_jump: Any) -> Any:
        """A step of the wrapped solver."""
        inner, first = solver_state
        y1, error, dense, inner, result = self.solver.step(terms, t0, t1, y0, args, inner, made_jump)
        before, after = (self.passage.along(y, args.system) for y in (y0, y1))
        rise = after - before
        part = jnp.where(rise > 0, (self.passage.threshold - before) / jnp.where(rise > 0, rise, 1), 1)
        when = args.epoch + t0 + jnp.clip(part, 0, 1) * (t1 - t0)
        first = jnp.where((after >= self.passage.threshold) & jnp.isinf(first), when.astype(first.dtype), first)
        return y1, error, dense, (inner, first), result

    def func(self, terms: Terms, t0: Time, y0: Array, args: Any) -> Array:
        """dm/dt."""
        return self.solver.func(terms, t0, y0, args)


def follow(
    system: AbstractSystem,
    m0: Array,
    times: Array,
    passage: Passage,
    *,
    observe: Callable[[Array, Array], Any],
    all_is_enough: bool,
    dynamics: AbstractDynamics,
    solver: diffrax.AbstractSolver | None,
    tolerance: float,
    dt: Any,
    t0: Any,
    max_steps: int | None,
) -> tuple[Motion, Array, Any]:
    """The motion at its end, the times of first passage (infinite where there was none), and what was observed.

    - `times`: of saves, `(n,)` since the start, s. `observe`: a function of time since the start and spins.
    - `all_is_enough`: end when all have passed. The others as in `mj.evolve`.
    """
    scheme = choose_scheme(
        system, m0.dtype, solver=solver, tolerance=tolerance, dt=dt, dynamics=dynamics, end=times[-1], t0=t0
    )
    scheme = eqx.tree_at(lambda s: s.solver, scheme, Watched(scheme.solver, passage))
    prepared = system.prepare(m0.dtype).starting_at(t0)
    blank = eqx.filter_eval_shape(observe, times[0], m0)
    saved = {name: jnp.full((times.shape[0], *x.shape), jnp.nan, x.dtype) for name, x in blank.items()}

    def all_have_passed(motion: Motion) -> Array:
        return jnp.all(jnp.isfinite(motion.solver_state[1]))

    motion, saved = advance(
        scheme,
        prepared,
        start(scheme, prepared, m0),
        times,
        saved=saved,
        observe=observe,
        stop=all_have_passed if all_is_enough else None,
        max_steps=max_steps,
        kind="lax",
    )
    first = motion.solver_state[1]
    if system.occupied is not None and not passage.whole:
        first = jnp.where(system.occupied.value, first, jnp.nan)
    return motion, first, saved


def unit_vector(name: str, value: Any) -> Array:
    """A direction as a unit vector.

    **Raises** `ValueError` for what is no vector of three numbers, or has no length.
    """
    array = jnp.asarray(value, jnp.result_type(float))
    if array.shape != (3,):
        raise ValueError(f"Argument `{name}` must be three numbers, but got the shape {array.shape}.")
    if not isinstance(array, Tracer) and not (np.isfinite(np.asarray(array)).all() and np.asarray(array).any()):
        raise ValueError(f"Argument `{name}` must be a direction, but got {value!r}.")
    return array / jnp.linalg.norm(array)


def threshold_of(value: Any) -> Array:
    """A threshold of m·n.

    **Raises** `ValueError` outside −1 … 1.
    """
    if not isinstance(value, Tracer) and not -1 <= float(value) <= 1:
        raise ValueError(f"Argument `threshold` must be a value of m·n, -1 … 1, but got {value!r}.")
    return jnp.asarray(value, jnp.result_type(float))
