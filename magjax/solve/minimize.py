"""`minimize`: the nearest minimum of the energy."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.numerics.sphere import largest_length
from magjax.results import Outcome
from magjax.solve.equilibrium import Equilibrium, stiffness, torque_tolerance
from magjax.solve.evolve import spins
from magjax.solve.implicit import fall, follow, relative_moment
from magjax.solve.lbfgs import descend
from magjax.solve.line_search import Point
from magjax.system import System

MAX_STEPS = 10_000


def minimize(
    system: System, m0: Any, *, tolerance: Any = None, max_steps: int = MAX_STEPS, t: Any = 0.0
) -> Equilibrium:
    """Minimise the energy over the directions of all spins.

    Limited-memory BFGS on the product of spheres with a line search on slopes. No spin turns by more than 0.5 rad in a
    step. Pure: `jit` and `vmap` apply, and `mj.grad` differentiates the minimum by the implicit function theorem, at the
    cost of one linear solve; the start has no influence on it.

    Where the torque vanishes there is nothing to descend: a start at a maximum or saddle is returned as it is, as
    converged. Tilt such a start, as nature does.

    - `system`: the system. `m0`: unit vectors `(3, nz, ny, nx)`, or a result that holds some.
    - `tolerance`: largest |m×B_eff| allowed to remain anywhere, T. By default 1e-5 μ0 max Ms; single precision cannot always
      reach that, and then 4 eps × (2A/(Ms d²)·… + μ0 Ms), the rounding of the fields.
    - `max_steps`: at most so many steps; each costs one evaluation of the field, seldom more.
    - `t`: time, s, at which driven parameters are taken.

    **Returns** an `Equilibrium`. Look at its `result`: `NOT_CONVERGED` says that the torque is still above the tolerance.

    **Raises** `ValueError` for a tolerance or number of steps that is not positive, and spins that do not fit the mesh.

    Source: J. Nocedal and S. J. Wright, *Numerical Optimization*, ch. 7.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=8e5, energy=mj.UniaxialAnisotropy(K=4e4, axis=(0, 0, 1)) + mj.Zeeman(B=(0.05, 0, 0)))
    >>> state = mj.minimize(spin, mj.textures.uniform(mesh, (0, 0, 1)))
    >>> state.result.name, round(float(state.m[0, 0, 0, 0]), 4)  # sin θ = Ms B / 2K
    ('SUCCESS', 0.5)
    """
    if not max_steps > 0:
        raise ValueError(f"Argument `max_steps` must be a number of steps > 0, but got {max_steps!r}.")
    m0 = lax.stop_gradient(spins(m0, system))
    t = jnp.asarray(t, m0.dtype)
    torque_tolerance(tolerance, system.prepare(m0.dtype))
    return _minimize(system, m0, tolerance, jnp.asarray(max_steps, jnp.int32), t)


@eqx.filter_jit
def _minimize(system: System, m0: Array, tolerance: Any, max_steps: Array, t: Array) -> Equilibrium:
    frozen, time = jax.tree_util.tree_map(lambda x: lax.stop_gradient(x) if eqx.is_inexact_array(x) else x, (system, t))
    prepared = frozen.prepare(m0.dtype).starting_at(time)
    weight = relative_moment(frozen, time, m0.dtype)
    limit = lax.stop_gradient(torque_tolerance(tolerance, prepared))

    def evaluate(m: Array) -> Point:
        force = fall(m, prepared.field(jnp.zeros((), m.dtype), m))
        return Point(m, -weight * force, largest_length(force))

    end = descend(evaluate, m0, tolerance=limit, guess=1 / stiffness(prepared), max_steps=max_steps)
    torque = end.point.torque
    outcome = jnp.where(torque <= limit, int(Outcome.SUCCESS), int(Outcome.NOT_CONVERGED))
    outcome = jnp.where(jnp.isfinite(torque), outcome, int(Outcome.NOT_FINITE))
    m = follow(system, t, end.point.m)
    return Equilibrium(
        m=m,
        energy=system.total_energy(m, t),
        torque=torque,
        tolerance=limit,
        outcome=outcome,
        steps=end.steps,
        evaluations=end.evaluations,
    )
