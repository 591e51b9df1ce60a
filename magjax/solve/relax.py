"""`relax`: the equilibrium that a state falls into."""

from typing import Any

import diffrax
import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax import constants
from magjax.numerics.sphere import largest_length
from magjax.results import Outcome
from magjax.solve.descent.line_search import fall
from magjax.solve.equilibrium import Equilibrium, stiffness, torque_tolerance
from magjax.solve.given import spins
from magjax.solve.loop import advance, start
from magjax.solve.minimize import MAX_STEPS, checked_steps, finished, frozen, polished, unfinished
from magjax.solve.motion import Motion, Scheme
from magjax.solve.single import single
from magjax.solve.steppers.chebyshev import Chebyshev
from magjax.system import AbstractPrepared, AbstractSystem

#: The dynamics hands over to the minimiser at this torque, relative to μ0 max Ms.
_NEAR = 1e-2
#: Largest angle, rad, by which a step of the dynamics may be wrong: it has to stay in its valley, not on a trajectory.
_ANGLE = 1e-2


def relax(
    system: AbstractSystem,
    m0: Any,
    *,
    tolerance: Any = None,
    max_steps: int = MAX_STEPS,
    polish: bool = True,
    t: Any = 0.0,
) -> Equilibrium:
    """Let spins fall, without precession, until they rest.

    dm/dτ = −m×(m×B_eff)

    with Runge–Kutta–Chebyshev steps, whatever the damping. The path is the steepest, so it ends in the equilibrium that
    the state belongs to. Once the torque is below 1e-2 μ0 max Ms, `minimize` takes over: it needs a tenth of the steps.

    Like `minimize` it is pure, follows the parameters in `mj.grad`, and returns a start without torque as it is.

    - `system`: a `System` or `Sublattices`. `m0`: its unit vectors, or a result that holds some.
    - `tolerance`: largest |m×B_eff| allowed to remain anywhere, T; default as for `minimize`.
    - `max_steps`: at most so many steps of the dynamics, and as many of the minimiser.
    - `polish`: whether `minimize` finishes; else the dynamics goes on to the end.
    - `t`: time, s, at which driven parameters are taken.

    **Returns** an `Equilibrium`. Look at its `result`: `NOT_CONVERGED` says that the torque is still above the
    tolerance, and `evolve` and `simulate` refuse it as their start.

    **Raises** `ValueError` for a tolerance or number of steps that is not positive, and spins that do not fit the mesh.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((20, 5, 1), (2.5e-9, 2.5e-9, 3e-9))
    >>> film = mj.System(mesh, Ms=8e5, energy=mj.Exchange(A=1.3e-11) + mj.Demag(mesh))
    >>> state = mj.relax(film, mj.textures.uniform(mesh, (1, 0.1, 0)))
    >>> state.result.name, bool(film.average(state.m)[0] > 0.99)
    ('SUCCESS', True)
    """
    m0 = lax.stop_gradient(spins(unfinished(m0), system))
    steps = checked_steps(max_steps)
    single("t", t, "a time in s")
    torque_tolerance(tolerance, system.prepare(m0.dtype))
    return _relax(system, m0, tolerance, steps, polish, jnp.asarray(t, m0.dtype))


@eqx.filter_jit
def _relax(system: AbstractSystem, m0: Array, tolerance: Any, max_steps: Array, polish: bool, t: Array) -> Equilibrium:
    prepared, limit = frozen(system, t, m0.dtype, tolerance)
    Ms = prepared.system.magnetisation(prepared.epoch, prepared.dtype)
    near = jnp.maximum(limit, _NEAR * constants.MU0 * jnp.max(Ms)) if polish else limit
    motion, evaluations = _downhill(prepared, m0, near, max_steps)
    if polish:
        end = polished(prepared, motion.m, limit, max_steps)
        return finished(system, t, end.point, limit, motion.steps + end.steps, evaluations + end.evaluations)
    end = polished(prepared, motion.m, limit, jnp.zeros_like(max_steps))
    return finished(system, t, end.point, limit, motion.steps, evaluations)


class Downhill(diffrax.AbstractTerm):
    """dm/dτ = −m×(m×B_eff), τ in 1/T."""

    def vf(self, t: Array, y: Array, args: "Held") -> Array:
        """dm/dτ in T."""
        return fall(y, args.prepared.field(jnp.zeros((), y.dtype), y))

    def contr(self, t0: Array, t1: Array, **kwargs: object) -> Array:
        """The step."""
        return t1 - t0

    def prod(self, vf: Array, control: Array) -> Array:
        """dm/dτ times the step."""
        return vf * control


class Held(eqx.Module):
    """A prepared system whose time stands still while τ runs."""

    prepared: AbstractPrepared
    epoch: Array

    def starting_at(self, t: Array) -> "Held":
        """The same."""
        return self


def _downhill(prepared: AbstractPrepared, m0: Array, near: Array, max_steps: Array) -> tuple[Motion, Array]:
    """The motion until the largest torque is at most `near` (T), and how often the field was evaluated."""
    solver = Chebyshev()
    stiff = stiffness(prepared)
    dt_max = jnp.asarray(solver.stability, m0.dtype) / stiff
    controller = diffrax.PIDController(rtol=0.0, atol=_ANGLE, norm=jnp.abs)
    falling: Any = Downhill()
    scheme = Scheme(falling, solver, controller, 0.1 * dt_max, dt_max)
    held: Any = Held(prepared, jnp.zeros((), m0.dtype))
    motion = start(scheme, held, m0)

    def resting(motion: Motion) -> Array:
        # The solver keeps the derivative, here the torque, at the end of its last step.
        return (largest_length(motion.solver_state) <= near) | (motion.steps >= max_steps)

    def watch(t: Array, m: Array) -> Array:
        return t

    motion = eqx.tree_at(lambda s: s.outcome, motion, jnp.where(resting(motion), int(Outcome.STOPPED), motion.outcome))
    times = jnp.asarray([1e9], m0.dtype) / stiff
    motion, _ = advance(
        scheme, held, motion, times, saved=times, observe=watch, stop=resting, max_steps=None, kind="lax"
    )
    return motion, motion.steps * solver.stages + 1
