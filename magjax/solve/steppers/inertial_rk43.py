"""The Runge–Kutta method of fourth order for spins with inertia."""

from typing import Any

import jax.numpy as jnp
from diffrax import RESULTS
from jaxtyping import Array

from magjax.dynamics.inertial import Inertial
from magjax.numerics.sphere import normalize, tangent
from magjax.solve.steppers.classical import classical_step
from magjax.solve.steppers.solver import AbstractSpinSolver, Terms, Time, refreshed


class InertialRK43(AbstractSpinSolver):
    """Classical Runge–Kutta, order 4, of the spins and their angular momenta p together, as `mj.solvers.RK43`.

    The solver's state holds p: it is saved, resumed, and differentiated with the rest of a run. Each step ends with
    |m| = 1 and m·p = 0, both of which the equation keeps.

    >>> import magjax as mj
    >>> mj.solvers.InertialRK43().order(None)
    4
    """

    @property
    def stability(self) -> float:
        """That of the method, on the imaginary axis and, for strong damping, on the real one."""
        return 2.7

    def order(self, terms: Terms) -> int:
        """4."""
        return 4

    def error_order(self, terms: Terms) -> int:
        """The local error estimate is of order 4."""
        return 4

    def init(self, terms: Terms, t0: Time, t1: Time, y0: Array, args: Any) -> Any:
        """The angular momenta, and the rates of both, at the start."""
        p = terms.dynamics.momentum(y0, args)
        return p, terms.dynamics.rates(t0, jnp.stack([y0, p]), args)

    def step(self, terms: Terms, t0: Time, t1: Time, y0: Array, args: Any, solver_state: Any, made_jump: Any) -> Any:
        """One step, ending on the sphere and its tangent planes."""
        p0, kept = solver_state
        dynamics: Inertial = terms.dynamics
        both = jnp.stack([y0, p0])
        k1 = refreshed(lambda: dynamics.rates(t0, both, args), kept, made_jump)
        (m, p), error = classical_step(lambda t, y: dynamics.rates(t, y, args), t0, t1, both, k1)
        m = normalize(m)
        p = tangent(m, p)
        k5 = dynamics.rates(t1, jnp.stack([m, p]), args)
        # Both parts are angles: p is that by which a nutation opens.
        return m, error(k5), {"y0": y0, "y1": m}, (p, k5), RESULTS.successful

    def velocity(self, solver_state: Any) -> Array:
        """dm/dt in 1/s, from the solver's state."""
        return solver_state[1][0]


def inertial_solver(dynamics: Any, solver: Any) -> InertialRK43:
    """The solver for spins with inertia; no other knows about their momenta.

    **Raises** `ValueError` for another solver, and for this one with an equation without inertia.
    """
    if not isinstance(dynamics, Inertial):
        raise ValueError(
            "Argument `solver` is mj.solvers.InertialRK43(), which needs `dynamics=mj.dynamics.Inertial(…)`, but got "
            f"{type(dynamics).__name__}."
        )
    if solver is not None and not isinstance(solver, InertialRK43):
        raise ValueError(
            f"Argument `solver` must be mj.solvers.InertialRK43() for spins with inertia, but got {solver!r}."
        )
    return InertialRK43() if solver is None else solver
