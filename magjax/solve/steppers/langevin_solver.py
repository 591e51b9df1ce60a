"""What solvers of the stochastic equation share: fixed steps, each with a number that says which noise it gets."""

import abc
from typing import Any

import diffrax
import jax.numpy as jnp
from diffrax import RESULTS
from jaxtyping import Array

from magjax.solve.steppers.solver import AbstractSpinSolver, Terms, Time


class AbstractLangevinSolver(AbstractSpinSolver, diffrax.AbstractStratonovichSolver):
    """A solver of `mj.Langevin`, convergent to the solution in Stratonovich's sense; its state counts its steps."""

    @property
    def stability(self) -> float:
        """The angle, rad, by which a step may turn spins; beyond it they are turned wrongly, not without bound."""
        return 0.1

    def order(self, terms: Terms) -> int:
        """2, where there is no noise."""
        return 2

    def strong_order(self, terms: Terms) -> float:
        """½: noise in three directions does not commute."""
        return 0.5

    def init(self, terms: Terms, t0: Time, t1: Time, y0: Array, args: Any) -> Array:
        """The number of the first step."""
        return jnp.zeros((), jnp.uint32)

    def step(self, terms: Terms, t0: Time, t1: Time, y0: Array, args: Any, solver_state: Array, made_jump: Any) -> Any:
        """One step, ending on the sphere."""
        h = jnp.asarray(t1 - t0, y0.dtype)
        thermal = terms.thermal(t0, h, args, solver_state)
        y1 = self.turned(terms, t0, h, y0, args, thermal)
        return y1, None, {"y0": y0, "y1": y1}, solver_state + jnp.uint32(1), RESULTS.successful

    @abc.abstractmethod
    def turned(self, term: Any, t0: Time, h: Array, m: Array, args: Any, thermal: Array) -> Array:
        """The spins after a step.

        - `term`: a `LangevinTerm`. `t0`, `h`: start and length of the step, s. `m`: `(3, nz, ny, nx)`. `args`: the
          prepared system. `thermal`: the step's thermal field, T.
        """
