"""What our solvers share: explicit, on the sphere, with a stability limit the caller can respect."""

import abc
from collections.abc import Callable
from typing import Any, ClassVar

import diffrax
import equinox as eqx
import equinox.internal as eqxi
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.numerics.sphere import normalize

Time = Any
Terms = Any


class AbstractSpinSolver(diffrax.AbstractSolver):
    """An explicit solver for spins: every step ends on the sphere.

    `stability` is the largest γ|B|·dt of the local fields for which steps do not blow up.
    """

    term_structure: ClassVar[Any] = diffrax.AbstractTerm
    interpolation_cls: ClassVar[Callable[..., Any]] = diffrax.LocalLinearInterpolation

    @property
    @abc.abstractmethod
    def stability(self) -> float:
        """Largest stable product of the fastest rate (rad/s) and the step (s)."""

    def func(self, terms: Terms, t0: Time, y0: Array, args: Any) -> Array:
        """dm/dt."""
        return terms.vf(t0, y0, args)


def refreshed(fresh: Callable[[], Array], kept: Array, made_jump: Any) -> Array:
    """A derivative kept from the last step, computed anew only after a jump in time."""
    if made_jump is False:
        return kept
    jumped = jnp.asarray(made_jump)
    return lax.cond(eqxi.unvmap_any(jumped), lambda: jnp.where(jumped, fresh(), kept), lambda: kept)


class OnSphere(diffrax.AbstractWrappedSolver):
    """Any diffrax solver, with every step ended by m → m/|m|.

    - `solver`: the solver to wrap, such as `diffrax.Tsit5()`.

    >>> import diffrax, magjax as mj
    >>> mj.solvers.OnSphere(diffrax.Dopri5()).order(None)
    5
    """

    solver: diffrax.AbstractSolver

    @property
    def term_structure(self) -> Any:
        """That of the wrapped solver."""
        return self.solver.term_structure

    @property
    def interpolation_cls(self) -> Any:
        """Linear: the schedule of saves is met by steps, never by interpolation."""
        return diffrax.LocalLinearInterpolation

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
        """State of the wrapped solver."""
        return self.solver.init(terms, t0, t1, y0, args)

    def step(self, terms: Terms, t0: Time, t1: Time, y0: Array, args: Any, solver_state: Any, made_jump: Any) -> Any:
        """A step of the wrapped solver, brought back to the sphere."""
        y1, error, _, state, result = self.solver.step(terms, t0, t1, y0, args, solver_state, made_jump)
        y1 = normalize(y1)
        return y1, error, {"y0": y0, "y1": y1}, state, result

    def func(self, terms: Terms, t0: Time, y0: Array, args: Any) -> Array:
        """dm/dt."""
        return self.solver.func(terms, t0, y0, args)


def with_stages_in(solver: diffrax.AbstractSolver, kind: str) -> diffrax.AbstractSolver:
    """A solver whose loop over stages allows the same derivatives as the loop over steps around it.

    diffrax's Runge–Kutta methods otherwise choose a loop for reverse mode alone.

    - `kind`: `"lax"`, `"checkpointed"` or `"bounded"`.
    """
    if isinstance(solver, OnSphere):
        return OnSphere(with_stages_in(solver.solver, kind))
    if isinstance(solver, diffrax.AbstractRungeKutta) and solver.scan_kind is None:
        return eqx.tree_at(lambda s: s.scan_kind, solver, kind, is_leaf=lambda x: x is None)
    return solver
