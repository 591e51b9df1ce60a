"""`minimize`: the nearest minimum of the energy."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.numerics.sphere import largest_length
from magjax.results import Outcome
from magjax.solve.descent.implicit import follow, relative_moment
from magjax.solve.descent.lbfgs import Descent, descend
from magjax.solve.descent.line_search import Point, fall
from magjax.solve.descent.preconditioner import Preconditioner
from magjax.solve.equilibrium import Equilibrium, torque_tolerance
from magjax.solve.given import spins
from magjax.solve.single import number_of_steps, single
from magjax.system import AbstractPrepared, AbstractSystem

MAX_STEPS = 10_000


def minimize(
    system: AbstractSystem, m0: Any, *, tolerance: Any = None, max_steps: int = MAX_STEPS, t: Any = 0.0
) -> Equilibrium:
    """Minimise the energy over the directions of all spins.

    Limited-memory BFGS on the product of spheres, preconditioned by the exchange operator, with a line search on
    slopes. No spin turns by more than 0.2 rad in a step.

    Pure: `jit` and `vmap` apply, and `mj.grad` differentiates the minimum by the implicit function theorem, to any
    order, at the cost of one linear solve. The start has no influence on the derivative. Along a zero mode (a wall that
    may sit anywhere) it is not determined, and the smallest one is returned; NaN where the equilibrium disappears.

    Where the torque vanishes there is nothing to descend: a start at a maximum or saddle is returned as it is, as
    converged. Tilt such a start, as nature does.

    - `system`: a `System` or `Sublattices`. `m0`: its unit vectors, or a result that holds some.
    - `tolerance`: largest |m×B_eff| allowed to remain anywhere, T. By default 1e-6 μ0 max Ms, or the rounding of the
      fields where that is more: single precision in small cells reaches 1e-5 T in permalloy of 2.5 nm.
    - `max_steps`: at most so many steps; each costs one evaluation of the field, seldom more.
    - `t`: time, s, at which driven parameters are taken.

    **Returns** an `Equilibrium`. Look at its `result`: `NOT_CONVERGED` says that the torque is still above the
    tolerance, and `evolve` and `simulate` refuse it as their start.

    **Raises** `ValueError` for a tolerance or number of steps that is not positive, and spins that do not fit the mesh.

    Source: J. Nocedal and S. J. Wright, *Numerical Optimization*, ch. 7.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, energy=mj.UniaxialAnisotropy(K=4e4, axis=(0, 0, 1)) + mj.Zeeman(B=(0.05, 0, 0)))
    >>> state = mj.minimize(spin, mj.textures.uniform(mesh, (0, 0, 1)))
    >>> state.result.name, round(float(state.m[0, 0, 0, 0]), 4)  # sin θ = Ms B / 2K
    ('SUCCESS', 0.5)
    """
    m0 = lax.stop_gradient(spins(unfinished(m0), system))
    steps = checked_steps(max_steps)
    single("t", t, "a time in s")
    torque_tolerance(tolerance, system.prepare(m0.dtype))
    return _minimize(system, m0, tolerance, steps, jnp.asarray(t, m0.dtype))


@eqx.filter_jit
def _minimize(system: AbstractSystem, m0: Array, tolerance: Any, max_steps: Array, t: Array) -> Equilibrium:
    prepared, limit = frozen(system, t, m0.dtype, tolerance)
    end = polished(prepared, m0, limit, max_steps)
    return finished(system, t, end.point, limit, end.steps, end.evaluations)


def unfinished(m0: Any) -> Any:
    """The start itself, and of an equilibrium its spins: to go on with one that has not converged is no mistake."""
    return m0.m if isinstance(m0, Equilibrium) else m0


def checked_steps(max_steps: int) -> Array:
    """A number of steps as an array: another number is no other program."""
    return jnp.asarray(number_of_steps(max_steps), jnp.int32)


def frozen(system: AbstractSystem, t: Array, dtype: Any, tolerance: Any) -> tuple[AbstractPrepared, Array]:
    """The system at one time, without derivatives (they follow the equilibrium, not the way); and the tolerance, T.

    **Raises** `ValueError` for a system with torques, which need not have an equilibrium at all.
    """
    if system.has_torques:
        raise ValueError(
            "Argument `system` must have no torques of currents where an energy is minimised: they have none. Minimise "
            "without them, or let `evolve` find where the motion with them ends."
        )
    system, t = jax.tree_util.tree_map(lambda x: lax.stop_gradient(x) if eqx.is_inexact_array(x) else x, (system, t))
    prepared = system.prepare(dtype).starting_at(t)
    return prepared, lax.stop_gradient(torque_tolerance(tolerance, prepared))


def polished(prepared: AbstractPrepared, m0: Array, limit: Array, max_steps: Array) -> Descent:
    """The descent from `m0` until the largest torque is at most `limit` (T)."""
    weight = relative_moment(prepared.system, prepared.epoch, m0.dtype)

    def evaluate(m: Array) -> Point:
        force = fall(m, prepared.field(jnp.zeros((), m.dtype), m))
        return Point(m, -weight * force, largest_length(force))

    return descend(evaluate, m0, tolerance=limit, inverse=Preconditioner(prepared), max_steps=max_steps)


def finished(
    system: AbstractSystem, t: Array, point: Point, limit: Array, steps: Array, evaluations: Array
) -> Equilibrium:
    """The equilibrium at a point, its outcome, and its dependence on the system."""
    outcome = jnp.where(point.torque <= limit, int(Outcome.SUCCESS), int(Outcome.NOT_CONVERGED))
    m = follow(system, t, point.m)
    energy = system.total_energy(m, t)
    finite = jnp.isfinite(point.torque) & jnp.isfinite(energy)
    outcome = jnp.where(finite, outcome, int(Outcome.NOT_FINITE))
    return Equilibrium(m, energy, point.torque, limit, outcome, steps, evaluations)
