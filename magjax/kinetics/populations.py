"""How populations of states change in time, under constant conditions or driven by fields and temperatures."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optimistix as optx
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax.drive.base import AbstractDrive, Driven
from magjax.drive.pace import landmarks, longest_step
from magjax.kinetics.arguments import floats, temperature
from magjax.kinetics.master import MasterEquation, rate_matrix
from magjax.kinetics.propagator import propagator
from magjax.results import Outcome

Equation = MasterEquation | Callable[[Array], MasterEquation]


class Populations(eqx.Module):
    """What `evolve_populations` returns.

    - `t`: `(n_times,)`, s. `p`: `(n_times, n)` the population of every state at each.
    - `outcome`: an `Outcome` code. `steps`: number of steps taken; 0 where the solution is exact.

    >>> from magjax.kinetics import MasterEquation, evolve_populations
    >>> wells = MasterEquation((0.0, 0.0), ((0, 1),), tops=1e-19)
    >>> run = evolve_populations(wells, (1.0, 0.0), times=(0.0, 10.0), T=300.0)
    >>> run.p.shape, run.result.name
    ((2, 2), 'SUCCESS')
    """

    t: Array
    p: Array
    outcome: Array
    steps: Array

    @property
    def result(self) -> Outcome:
        """How the solve ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def evolve_populations(
    equation: Equation,
    p0: Any,
    times: Any,
    T: Any,
    B: Any = 0.0,
    *,
    tolerance: float = 1e-9,
    max_steps: int = 100_000,
) -> Populations:
    """Solve dP/dt = W(t) P from t = 0 on: pure, so that `jit`, `grad` and `vmap` apply.

    With a constant equation, temperature and field the solution is exp(Wt) P(0), exact at all times. With a drive among
    them, Kværnø's fifth-order implicit method takes steps as long as the solution is smooth, however fast the rates.

    **Arguments**

    - `equation`: the states and barriers; or a function of the time t (s, `()`) that gives them.
    - `p0`: populations at t = 0, `(n,)`, ≥ 0, their sum 1.
    - `times`: when to save, `(n_times,)`, s, rising from 0 or later.
    - `T`: temperature, K, and `B`: field, T; a number, or a drive.
    - `tolerance`: of the populations, absolute, in a step. `max_steps`: at most so many.

    **Returns** `Populations`; look at its `result` before you trust it.

    **Raises** `ValueError` for populations that are no probabilities, times that go backwards, temperatures ≤ 0.

    Source: A. Kværnø, BIT 44, 489 (2004), for the implicit method.

    >>> import magjax as mj
    >>> from magjax.kinetics import MasterEquation, evolve_populations
    >>> grain = MasterEquation((0.0, 0.0), ((0, 1),), tops=1e-19, moments=(1e-19, -1e-19))
    >>> sweep = mj.drive.ramp(t0=0.0, t1=1.0, start=0.3, end=-0.3)
    >>> run = evolve_populations(grain, (1.0, 0.0), times=(0.5, 1.0), T=300.0, B=sweep)
    >>> [round(float(up), 2) for up in run.p[:, 0]], run.result.name
    ([1.0, 0.04], 'SUCCESS')
    """
    sample = equation if isinstance(equation, MasterEquation) else jax.eval_shape(equation, jnp.zeros(()))
    dtype = sample.energies.dtype
    p0 = _probabilities(p0, sample.n_states).astype(dtype)
    times = _times(times).astype(dtype)
    T, B = _condition("T", T), _condition("B", B)
    if isinstance(equation, MasterEquation) and not any(isinstance(x, AbstractDrive) for x in (T, B)):
        W = rate_matrix(equation, T, B)
        p = _exact(W, p0, times)
        return Populations(times, p, _finite(p), jnp.zeros((), jnp.int32))
    if isinstance(T, AbstractDrive):
        # The lowest value of a drive is not known; at the times that are asked for it must be a temperature.
        temperature(T(times))
    return _driven(equation, p0, times, T, B, tolerance, max_steps)


@jax.jit
def _exact(W: Array, p0: Array, times: Array) -> Array:
    """The solution for constant rates, `(n_times, n)`."""
    return jax.vmap(lambda t: propagator(W, t) @ p0)(times)


def _driven(
    equation: Equation, p0: Array, times: Array, T: Any, B: Any, tolerance: float, max_steps: int
) -> Populations:
    """The solution by an implicit method whose steps end on every jump of a drive."""

    def flow(t: Any, p: Any, args: Any) -> Array:
        now = equation if isinstance(equation, MasterEquation) else equation(t)
        kelvin, field = (x(t) if isinstance(x, AbstractDrive) else x for x in (T, B))
        # A trial stage may lie where a drive of the temperature has come to zero: its rates are then zero, not NaN.
        kelvin = jnp.maximum(jnp.asarray(kelvin, p.dtype), jnp.finfo(p.dtype).tiny ** 0.25)
        return rate_matrix(now, kelvin, field) @ p

    marks = landmarks((T, B), p0.dtype)
    longest = jnp.minimum(longest_step((T, B), p0.dtype), times[-1])
    inner = 1e-2 * tolerance
    controller = diffrax.PIDController(rtol=0.0, atol=tolerance, dtmax=lax.stop_gradient(longest))
    # Steps end on the times to be saved: interpolation between steps is less accurate than they are.
    marks = None if marks is None else lax.stop_gradient(marks)
    controller = diffrax.ClipStepSizeController(controller, step_ts=lax.stop_gradient(times), jump_ts=marks)
    W = jnp.abs(jnp.diag(jax.jacfwd(lambda p: flow(jnp.zeros((), p.dtype), p, None))(p0)))
    first = lax.stop_gradient(jnp.minimum(0.1 / jnp.maximum(jnp.max(W), 1 / longest), longest))
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(flow),
        # The equation is linear: one exact Newton step solves a stage, where diffrax's frozen Jacobian, which does not
        # follow W(t), has half of all steps thrown away.
        diffrax.Kvaerno5(root_finder=optx.Newton(rtol=inner, atol=inner)),
        t0=jnp.zeros((), p0.dtype),
        t1=times[-1],
        dt0=first,
        y0=p0,
        saveat=diffrax.SaveAt(ts=times),
        stepsize_controller=controller,
        max_steps=max_steps,
        throw=False,
    )
    p = solution.ys
    assert p is not None  # SaveAt(ts=…) always saves
    outcome = jnp.where(
        solution.result == diffrax.RESULTS.successful,
        _finite(p),
        jnp.where(
            solution.result == diffrax.RESULTS.max_steps_reached, int(Outcome.MAX_STEPS), int(Outcome.STEP_TOO_SMALL)
        ),
    )
    return Populations(times, p, outcome, jnp.asarray(solution.stats["num_steps"], jnp.int32))


def _condition(name: str, value: Any) -> Any:
    """A number or a drive of it."""
    if isinstance(value, AbstractDrive):
        return value
    if isinstance(value, Driven):
        raise TypeError(f"Argument `{name}` must be a number or a drive of one, but got a drive of a vector.")
    value = floats(name, value)
    if value.ndim:
        raise ValueError(
            f"Argument `{name}` must be one number, but got the shape {value.shape}; batches come from `jax.vmap`."
        )
    return value


def _probabilities(p0: Any, n: int) -> Array:
    p = floats("p0", p0)
    if p.shape != (n,):
        raise ValueError(f"Argument `p0` must hold one number for each of {n} states, but got the shape {p.shape}.")
    if not isinstance(p, Tracer):
        seen = np.asarray(p)
        if (seen < 0).any() or abs(seen.sum() - 1) > 1e-5:
            raise ValueError(f"Argument `p0` must hold probabilities ≥ 0 whose sum is 1, but got {p0!r}.")
    return p


def _times(times: Any) -> Array:
    t = floats("times", times)
    if t.ndim != 1 or t.size == 0:
        raise ValueError(f"Argument `times` must be a list of times in s, but got the shape {t.shape}.")
    if not isinstance(t, Tracer):
        seen = np.asarray(t)
        if seen[0] < 0 or (np.diff(seen) < 0).any():
            raise ValueError(f"Argument `times` must rise from 0 or later: time does not go backwards. Got {times!r}.")
    return t


def _finite(p: Array) -> Array:
    return jnp.where(jnp.all(jnp.isfinite(p)), int(Outcome.SUCCESS), int(Outcome.NOT_FINITE))
