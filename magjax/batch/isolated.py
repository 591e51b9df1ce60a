"""A solver for samples that share a mesh but nothing else: where one fails, it leaves the others alone."""

from typing import Any

import diffrax
import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.numerics.sphere import components, dot, joined


class Isolated(eqx.Module):
    """Any solver, with spins that are no longer finite set to zero, where they stay: no equation turns a zero vector.

    - `solver`: the solver to wrap.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.batch.isolated import Isolated, have_failed
    >>> have_failed(jnp.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]).reshape(3, 1, 1, 2)).tolist()
    [[[False, True]]]
    """

    solver: diffrax.AbstractSolver

    def init(self, terms: Any, t0: Any, t1: Any, y0: Array, args: Any) -> Any:
        """State of the wrapped solver."""
        return self.solver.init(terms, t0, t1, y0, args)

    def error_order(self, terms: Any) -> Any:
        """Error order of the wrapped solver."""
        return self.solver.error_order(terms)

    def step(self, terms: Any, t0: Any, t1: Any, y0: Array, args: Any, solver_state: Any, made_jump: Any) -> Any:
        """A step of the wrapped solver; a failed spin has no error."""
        y1, error, _, state, result = self.solver.step(terms, t0, t1, y0, args, solver_state, made_jump)
        # By component, so that it is one pass with what came before.
        parts = components(y1)
        good = jnp.isfinite(parts[0] + parts[1] + parts[2])
        y1 = joined([jnp.where(good, part, 0) for part in parts])
        if error is not None:
            error = joined([jnp.where(good, part, 0) for part in components(error)])
        return y1, error, {"y0": y0, "y1": y1}, state, result


def have_failed(m: Array) -> Array:
    """Which spins of `(3, nz, ny, nx)` an `Isolated` solver has given up."""
    return dot(m, m) == 0
