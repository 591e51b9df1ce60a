"""The classical fourth-order Runge–Kutta method with an embedded third-order one."""

from typing import Any

from diffrax import RESULTS
from jaxtyping import Array

from magjax.numerics.sphere import normalize
from magjax.solve.steppers.classical import classical_step
from magjax.solve.steppers.solver import AbstractSpinSolver, Terms, Time, refreshed


class RK43(AbstractSpinSolver):
    """Classical Runge–Kutta, order 4, with an embedded third-order solution from the derivative at the end of the step.

    err = (dt/6) (k4 − f(t1, m1)); f(t1, m1) is the next step's k1, so a step costs four evaluations.

    Precession puts the spectrum of the exchange field on the imaginary axis, and explicit steps are limited by it, not
    by accuracy. The method is stable to ω·dt = 2√2 there: 0.71 per evaluation, twice what Dormand–Prince and Tsit5 get.

    Source: E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I*, ch. II.

    >>> import magjax as mj
    >>> mj.solvers.RK43().order(None)
    4
    """

    @property
    def stability(self) -> float:
        """Just inside 2√2 on the imaginary axis; damped modes reach −2.78 on the real one."""
        return 2.7

    def order(self, terms: Terms) -> int:
        """4."""
        return 4

    def error_order(self, terms: Terms) -> int:
        """The local error estimate is of order 4."""
        return 4

    def init(self, terms: Terms, t0: Time, t1: Time, y0: Array, args: Any) -> Array:
        """The derivative at the start."""
        return terms.vf(t0, y0, args)

    def step(self, terms: Terms, t0: Time, t1: Time, y0: Array, args: Any, solver_state: Array, made_jump: Any) -> Any:
        """One step, ending on the sphere."""
        k1 = refreshed(lambda: terms.vf(t0, y0, args), solver_state, made_jump)
        y1, error = classical_step(lambda t, y: terms.vf(t, y, args), t0, t1, y0, k1)
        y1 = normalize(y1)
        k5 = terms.vf(t1, y1, args)
        return y1, error(k5), {"y0": y0, "y1": y1}, k5, RESULTS.successful
