"""Limited-memory BFGS on a product of spheres."""

from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.solve.descent.line_search import Point, fall, inner, search

#: Number of pairs of steps and slope changes that are remembered.
MEMORY = 7


class Memory(eqx.Module):
    """The last steps and changes of slope, in a ring.

    They stay as they were, vectors of the space around the spheres. With 1/(s·y) > 0 they make a positive definite
    matrix there, and so does its projection on any tangent space: the direction goes down without a transport of the
    pairs, which near the minimum would change them to second order only.

    - `steps`, `changes`: `(memory, 3, nz, ny, nx)`. `inverse`: 1/(s·y) of each pair, 0 for none.
    - `count`: pairs stored so far.
    """

    steps: Array
    changes: Array
    inverse: Array
    count: Array

    @classmethod
    def empty(cls, like: Array) -> "Memory":
        """A memory for fields such as `like`."""
        blank = jnp.zeros((MEMORY, *like.shape), like.dtype)
        return cls(blank, blank, jnp.zeros((MEMORY,), like.dtype), jnp.zeros((), jnp.int32))

    def with_pair(self, step: Array, change: Array, keep: Array) -> "Memory":
        """The memory with one more pair, unless the energy curves the wrong way along it."""
        curvature = inner(step, change)
        eps = jnp.finfo(step.dtype).eps
        good = keep & (curvature > eps * jnp.sqrt(inner(step, step)) * jnp.sqrt(inner(change, change)))
        slot = self.count % MEMORY
        return Memory(
            self.steps.at[slot].set(jnp.where(good, step, self.steps[slot])),
            self.changes.at[slot].set(jnp.where(good, change, self.changes[slot])),
            self.inverse.at[slot].set(jnp.where(good, 1 / jnp.where(good, curvature, 1), self.inverse[slot])),
            self.count + good,
        )

    def forgotten(self, forget: Array) -> "Memory":
        """The memory, empty where `forget`."""
        inverse = jnp.where(forget, jnp.zeros_like(self.inverse), self.inverse)
        return Memory(self.steps, self.changes, inverse, jnp.where(forget, 0, self.count))

    def downhill(self, point: Point, inverse: Callable[[Array], Array]) -> Array:
        """−H·slope by the two-loop recursion, tangent to the spheres.

        - `inverse`: an approximate inverse of the Hessian to start from; once something is remembered it is scaled.
        """
        order = [(self.count - 1 - i) % MEMORY for i in range(MEMORY)]
        q, parts = point.slope, []
        for slot in order:
            part = self.inverse[slot] * inner(self.steps[slot], q)
            q = q - part * self.changes[slot]
            parts.append(part)
        newest = order[0]
        known = self.count > 0
        change = self.changes[newest]
        square = self.inverse[newest] * inner(change, inverse(change))
        q = inverse(q) / jnp.where(known, square, 1)
        for slot, part in zip(reversed(order), reversed(parts), strict=True):
            q = q + (part - self.inverse[slot] * inner(self.changes[slot], q)) * self.steps[slot]
        return -fall(point.m, q)


class Descent(eqx.Module):
    """A minimisation under way.

    - `point`: the state. `memory`: what is known of the curvature. `steps`, `evaluations`: counts.
    - `stalled`: even straight downhill no step lowers the energy: rounding has the last word.
    """

    point: Point
    memory: Memory
    steps: Array
    evaluations: Array
    stalled: Array


def descend(
    evaluate: Callable[[Array], Point],
    m0: Array,
    *,
    tolerance: Array,
    inverse: Callable[[Array], Array],
    max_steps: Array,
) -> Descent:
    """Go down until the largest torque is at most `tolerance` (T).

    - `evaluate`: the point at a state. `inverse`: an approximate inverse of the Hessian, T⁻¹.

    Source: J. Nocedal and S. J. Wright, *Numerical Optimization*, ch. 7; W. Huang, K. A. Gallivan, P.-A. Absil,
    SIAM J. Optim. 25, 1660 (2015) for the method on manifolds.
    """

    def running(state: Descent) -> Array:
        torque = state.point.torque
        return (torque > tolerance) & jnp.isfinite(torque) & ~state.stalled & (state.steps < max_steps)

    def body(state: Descent) -> Descent:
        point, memory = state.point, state.memory
        direction = memory.downhill(point, inverse)
        new, trials, accepted = search(evaluate, point, direction, jnp.ones_like(point.torque))
        stalled = ~accepted & (memory.count == 0)
        memory = memory.forgotten(~accepted).with_pair(new.m - point.m, new.slope - point.slope, accepted)
        return Descent(new, memory, state.steps + 1, state.evaluations + trials, stalled)

    count = jnp.zeros((), jnp.int32)
    begin = Descent(evaluate(m0), Memory.empty(m0), count, count + 1, jnp.zeros((), bool))
    return lax.while_loop(running, body, begin)
