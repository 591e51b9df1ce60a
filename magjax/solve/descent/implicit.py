"""Derivatives of an equilibrium by the implicit function theorem."""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.numerics.sphere import scalar_product, tangent
from magjax.solve.descent.line_search import fall, inner
from magjax.solve.descent.preconditioner import Preconditioner
from magjax.solve.equilibrium import stiffness
from magjax.system import AbstractSystem

_MAX_ITERATIONS = 5_000


def relative_moment(system: AbstractSystem, t: Any, dtype: Any) -> Array:
    """Ms over its largest value, to multiply a vector field with: what a cell's torque weighs in the energy's slope."""
    Ms = lax.stop_gradient(system.magnetisation(t, dtype))
    return jnp.ones((), dtype) if Ms.ndim == 0 else Ms / jnp.max(Ms)


@eqx.filter_custom_jvp
def follow(system: AbstractSystem, t: Array, m: Array) -> Array:
    """The equilibrium `m` of `system` at time `t` (s), made to follow their changes.

    With F(m, p) = 0 the projected field at the equilibrium, H dm = (∂F/∂p) dp, where H = −∂F/∂m on the tangent spaces
    is the energy's Hessian. It is symmetric, so one solve serves either direction of differentiation. Along a zero mode
    (a wall that may sit anywhere) the state does not tell its derivative, and the smallest solution is taken. NaN when
    no solution is found: the equilibrium disappears or splits there.
    """
    return m


@follow.def_jvp
def _follow_jvp(primals: Any, tangents: Any) -> tuple[Array, Array]:
    system, t, m = primals
    d_system, d_t, _ = tangents
    m = follow(system, t, m)

    def residual(system: AbstractSystem, t: Array) -> Array:
        field = system.prepare(m.dtype).starting_at(t).field(jnp.zeros((), m.dtype), m)
        return relative_moment(system, t, m.dtype) * fall(m, field)

    if d_t is None and all(x is None for x in jax.tree_util.tree_leaves(d_system, is_leaf=lambda x: x is None)):
        return m, jnp.zeros_like(m)
    _, force = eqx.filter_jvp(residual, (system, t), (d_system, d_t))
    hessian = _hessian(system, t, m)
    return m, lax.custom_linear_solve(hessian, force, _solver(system, t, m), symmetric=True)


def _solver(system: AbstractSystem, t: Array, m: Array) -> Callable[[Callable[[Array], Array], Array], Array]:
    """Solves with the Hessian: S A S y = S b, x = S y on the tangent spaces, S² an approximate inverse of A."""
    system, t, m = jax.tree_util.tree_map(
        lambda x: lax.stop_gradient(x) if eqx.is_inexact_array(x) else x, (system, t, m)
    )
    prepared = system.prepare(m.dtype).starting_at(t)
    inverse, across = Preconditioner(prepared), stiffness(prepared)
    magnetic = scalar_product(m, m) > 0

    def turning(v: Array) -> Array:
        return jnp.where(magnetic, tangent(m, v), 0)

    def solve(matvec: Callable[[Array], Array], b: Array) -> Array:
        # Twice: what rounding leaves of a large part along the spins would have no solution.
        b_turn = turning(turning(b))
        y = conjugate_residuals(
            lambda v: inverse(matvec(turning(inverse(v, power=0.5))), power=0.5), inverse(b_turn, power=0.5)
        )
        # Off the tangent spaces A is a multiple of 1.
        return turning(inverse(y, power=0.5)) + (b - b_turn) / across

    return solve


def _hessian(system: AbstractSystem, t: Array, m: Array) -> Callable[[Array], Array]:
    """The energy's second derivative on the tangent spaces over the largest Ms·V, T.

    On the spins' own directions it is a multiple of 1, so that the solution turns with the tangent spaces: the
    derivatives of derivatives need that.
    """
    prepared = system.prepare(m.dtype).starting_at(t)
    field, push = jax.linearize(lambda spins: prepared.field(jnp.zeros((), m.dtype), spins), m)
    weight = relative_moment(system, t, m.dtype)
    parallel = scalar_product(m, field)
    magnetic = scalar_product(m, m) > 0
    across = lax.stop_gradient(stiffness(prepared))

    def apply(v: Array) -> Array:
        turn = jnp.where(magnetic, tangent(m, v), 0)
        image = tangent(m, weight * (parallel * turn - push(turn)))
        return jnp.where(magnetic, image, 0) + across * (v - turn)

    return apply


class _Residuals(NamedTuple):
    x: Array
    r: Array
    p: Array
    Ar: Array
    Ap: Array
    size: Array
    n: Array


def conjugate_residuals(matvec: Callable[[Array], Array], b: Array) -> Array:
    """The smallest x that minimises |A x − b| for a symmetric A, by the method of conjugate residuals; NaN if it fails.

    Unlike conjugate gradients it copes with a right-hand side that reaches into the null space of A: the residual ends
    there, and x is freed of that direction.

    - `matvec`: v ↦ A v. `b`: right-hand side.

    Source: Y. Saad, *Iterative Methods for Sparse Linear Systems*, 2nd ed., ch. 6.8.
    """
    eps = float(jnp.finfo(b.dtype).eps)
    # Cotangents of energies are as small as 1e-26: their squares would leave the range of single precision.
    unit = jnp.max(jnp.abs(b))
    unit = jnp.where(unit > 0, unit, 1)
    b = b / unit
    size0 = jnp.sqrt(inner(b, b))

    def solved(s: _Residuals, part: float) -> Array:
        residual, image = jnp.sqrt(inner(s.r, s.r)), jnp.sqrt(inner(s.Ar, s.Ar))
        return (residual <= part * size0) | (image <= part * s.size * residual)

    def running(s: _Residuals) -> Array:
        rounding = jnp.sqrt(inner(s.Ar, s.Ar)) <= 10 * eps * s.size * size0
        return ~solved(s, eps**0.75) & ~rounding & (s.n < _MAX_ITERATIONS) & jnp.isfinite(inner(s.r, s.r))

    def body(s: _Residuals) -> _Residuals:
        rAr, square = inner(s.r, s.Ar), inner(s.Ap, s.Ap)
        a = rAr / jnp.where(square > 0, square, 1)
        r = s.r - a * s.Ap
        Ar = matvec(r)
        beta = inner(r, Ar) / jnp.where(rAr != 0, rAr, 1)
        # The largest stretching seen: an estimate of |A|.
        size = jnp.maximum(s.size, jnp.sqrt(inner(Ar, Ar) / jnp.maximum(inner(r, r), jnp.finfo(b.dtype).tiny)))
        return _Residuals(s.x + a * s.p, r, r + beta * s.p, Ar, Ar + beta * s.Ap, size, s.n + 1)

    Ab = matvec(b)
    size = jnp.sqrt(inner(Ab, Ab)) / jnp.where(size0 > 0, size0, 1)
    start = _Residuals(jnp.zeros_like(b), b, b, Ab, Ab, size, jnp.zeros((), jnp.int32))
    end = lax.while_loop(running, body, start)
    left = inner(end.r, end.r)
    # What remains is the null space's part of b; the null space's part of x is parallel to it.
    null = left > eps * size0**2
    x = end.x - jnp.where(null, inner(end.x, end.r) / jnp.where(left > 0, left, 1), 0) * end.r
    return jnp.where(solved(end, eps**0.5), unit * x, jnp.nan)
