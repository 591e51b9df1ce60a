"""The equation of motion with a term of one's own."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax.dynamics.base import AbstractDynamics
from magjax.numerics.sphere import component_axis, components, cross, dot, joined, scalar_product, tangent


class DTerm(AbstractDynamics):
    """Precession and whatever else interactions do to it: dm/dt = −γ m×B + α m×dm/dt + D.

    - `D`: a function `D(t, m, B, parameters)` returning 1/s in the shape of `m`, `(3, nz, ny, nx)`; of the field
      B (T), the time t (s) and the spins anything may be made, by jax. Divide a D in A/(m·s) by Ms.
    - `parameters`: what D receives: any pytree of numbers and drives, all leaves to differentiate and batch.
    - `implicit`: D is `D(t, m, v, B, parameters)` and depends on the velocity v = dm/dt itself, cell by cell, as
      Gilbert's damping α m×v does. The equation is then solved for v by Newton's method.
    - `newton_steps`: its steps; one is exact for a D that is linear in v.

    α is the system's own damping, 0 unless it has any; the equation is then that of a precession and D.

    The part of D along m would stretch m. |m| = 1 is what the engine is about, so that part is taken away before
    anything is integrated; `stretching` tells how large it is. Cells that are empty stay so; D sees them hold ẑ.

    Drives in `parameters` keep steps from passing over their jumps, as drives in a system do.

    **Raises** `TypeError` for a `D` that is no function, or holds arrays, `ValueError` for one whose result has another
    shape than m.

    Source: the D-term of a magnetisation equation from the density matrix, of which Gilbert's damping is one case.

    >>> import magjax as mj
    >>> from magjax.numerics.sphere import cross
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> gilbert = mj.dynamics.DTerm(lambda t, m, v, B, alpha: alpha * cross(m, v), 0.1, implicit=True)
    >>> m0 = mj.textures.uniform(mesh, (1, 0, 0))
    >>> end = mj.evolve(spin, m0, 20e-12, dynamics=gilbert, adjoint="forward").average[-1]
    >>> bool(end[2] > 0.1)  # damping turns it to the field
    True
    """

    D: Callable[..., Any] = eqx.field(static=True)
    parameters: Any
    implicit: bool = eqx.field(static=True)
    newton_steps: int = eqx.field(static=True)

    def __init__(self, D: Callable[..., Any], parameters: Any = None, *, implicit: bool = False, newton_steps: int = 1):
        if not callable(D):
            raise TypeError(f"Argument `D` must be a function D(t, m, B, parameters), but got {D!r}.")
        if any(eqx.is_array(leaf) for leaf in jax.tree_util.tree_leaves(D)):
            raise TypeError(
                "Argument `D` must be a function that holds no arrays, but got one that does; pass its numbers as "
                "`parameters`, so that they can be differentiated."
            )
        if newton_steps < 1:
            raise ValueError(f"Argument `newton_steps` must be ≥ 1, but got {newton_steps!r}.")
        self.D = D
        self.parameters = jax.tree_util.tree_map(_leaf, parameters)
        self.implicit = implicit
        self.newton_steps = newton_steps

    def relative_rate(self, alpha: Array | float) -> float:
        """1: what D adds, error control finds out."""
        return 1.0

    def torque(self, m: Array, B: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0) -> Array:
        """dm/dt in 1/s for the unit vectors `m` in the field `B` (T); exactly 0 where m is 0."""
        occupied = scalar_product(m, m) > 0
        u = _filled(m, occupied)
        precession = -gamma * cross(u, B)
        if not self.implicit:
            v = _gilbert(u, precession + tangent(u, self._call(t, u, B)), alpha)
        else:
            v = self._solve(t, u, B, precession, alpha)
        return jnp.where(occupied, v, 0)

    def change(
        self, m: Array, field: Array, gamma: Array | float, alpha: Array | float, t: Array | float = 0.0
    ) -> Array:
        """The torque in `field` (T) less that in none: exact for a D that is linear in the field."""
        return self.torque(m, field, gamma, alpha, t) - self.torque(m, jnp.zeros_like(field), gamma, alpha, t)

    def stretching(
        self, m: Array, B: Array, gamma: Array | float, alpha: Array | float = 0.0, t: Array | float = 0.0
    ) -> Array:
        """The part m·D that would change |m|, 1/s, `(nz, ny, nx)`: what is taken away. Arguments of `torque`."""
        occupied = scalar_product(m, m) > 0
        u = _filled(m, occupied)
        more = (self.torque(m, B, gamma, alpha, t),) if self.implicit else ()
        return jnp.where(dot(m, m) > 0, dot(u, self._call(t, u, *more, B)), 0)

    def _call(self, t: Any, m: Array, *rest: Array) -> Array:
        found = jnp.asarray(self.D(t, m, *rest, self.parameters), m.dtype)
        if found.shape not in (m.shape, (*m.shape[:-3], 1, 1, 1), (3, 1, 1, 1)):
            raise ValueError(
                f"Argument `D` must return an array of the shape of m, {m.shape}, in 1/s, but got {found.shape}."
            )
        return jnp.broadcast_to(found, m.shape)

    def _solve(self, t: Any, m: Array, B: Array, precession: Array, alpha: Array | float) -> Array:
        """The v with v = −γ m×B + α m×v + D(v)."""

        def residual(v: Array) -> Array:
            return v - precession - alpha * cross(m, v) - tangent(m, self._call(t, m, v, B))

        v = precession
        for _ in range(self.newton_steps):
            missing, slope = jax.linearize(residual, v)
            # D acts within cells: one direction in all of them at once gives a column of each cell's matrix.
            one, zero = (jnp.full_like(part, value) for part, value in zip(components(v)[:2], (1, 0), strict=True))
            columns = [slope(joined([one if k == j else zero for j in range(3)])) for k in range(3)]
            v = v - _solved(columns, missing)
        return v


def _leaf(value: Any) -> Any:
    """Numbers become arrays, which can be differentiated; all else stays."""
    return jnp.asarray(value, jnp.result_type(float)) if isinstance(value, (int, float)) else value


def _filled(m: Array, occupied: Array) -> Array:
    """The spins, with ẑ in empty cells: a D that divides by |m| has its derivative there, too."""
    k = component_axis(m.ndim)
    z = jnp.asarray([0, 0, 1], m.dtype).reshape(*(1,) * k, 3, *(1,) * (m.ndim - 1 - k))
    return jnp.where(occupied, m, z)


def _gilbert(m: Array, rate: Array, alpha: Array | float) -> Array:
    """The v with v = `rate` + α m×v, for a rate perpendicular to m."""
    return (rate + alpha * cross(m, rate)) / (1 + alpha**2)


def _solved(columns: list[Array], right: Array) -> Array:
    """The solution of a 3×3 system in each cell, by Cramer's rule."""
    a, b, c = columns
    bc = cross(b, c)
    parts = [scalar_product(right, bc), scalar_product(a, cross(right, c)), scalar_product(a, cross(b, right))]
    return joined(parts) / scalar_product(a, bc)
