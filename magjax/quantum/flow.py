"""Real arrays in time: the differential equations of vectors and averages, solved by diffrax."""

from collections.abc import Callable
from typing import Any

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
import optimistix as optx
from jax import lax
from jaxtyping import Array

from magjax.drive.pace import landmarks, longest_step
from magjax.quantum.checks import check_times
from magjax.results import Outcome


class Flow(eqx.Module):
    """Values at given times; what `flow` returns.

    - `t`: `(n,)` times, s. `values`: the array at each, `(n, …)`.
    - `outcome`: an `Outcome` code. `steps`: number of steps tried.

    Where the solve failed on the way, later values are infinite.

    >>> import jax.numpy as jnp
    >>> from magjax.quantum.flow import flow
    >>> run = flow(lambda t, y, rate: -rate * y, jnp.ones(1), (0.0, 1e-9), 1e9)
    >>> round(float(run.values[-1, 0]), 6), run.result.name
    (0.367879, 'SUCCESS')
    """

    t: Array
    values: Array
    outcome: Array
    steps: Array

    @property
    def result(self) -> Outcome:
        """How the solve ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def flow(
    rate: Callable[[Array, Array, Any], Array],
    start: Array,
    times: Any,
    args: Any = None,
    *,
    tolerance: float | None = None,
    solver: diffrax.AbstractSolver | None = None,
    adjoint: diffrax.AbstractAdjoint | None = None,
    max_steps: int = 100_000,
) -> Flow:
    """A real array in time: dy/dt = rate(t, y, args), per second, in the precision of `start`.

    - `rate`: of the time (s), the array and `args`. `start`: the array at `times[0]`. `times`: rising, s.
    - `args`: a pytree whose drives are heeded: steps end on their jumps and leap over no oscillation.
    - `tolerance`: the error of a step relative to the size of `start`; default 1e-11 in double, 1e-6 in single
      precision. `solver`: diffrax's; default `Dopri8`. `adjoint`: diffrax's; default for reverse mode.
    - `max_steps`: at most so many steps.

    **Returns** a `Flow`; look at its `result` before you trust it.

    **Raises** `ValueError` for times that go backwards.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.quantum.flow import flow
    >>> pulse = mj.drive.steps(times=(0.0, 1e-12), values=(1e12, 0.0))
    >>> run = flow(lambda t, y, f: jnp.stack([f(t)]), jnp.ones(1), (0.0, 1e-9), pulse)
    >>> round(float(run.values[-1, 0]), 6)
    2.0
    """
    return _flow(rate, start, check_times(times).astype(start.dtype), args, tolerance, solver, adjoint, max_steps)


@eqx.filter_jit
def _flow(
    rate: Callable[[Array, Array, Any], Array],
    start: Array,
    times: Array,
    args: Any,
    tolerance: float | None,
    solver: diffrax.AbstractSolver | None,
    adjoint: diffrax.AbstractAdjoint | None,
    max_steps: int,
) -> Flow:
    dtype = start.dtype
    # Time from 0 to 1, where single precision lacks no range.
    span = times[-1] - times[0]

    def scaled(x: Array, y: Array, args: Any) -> Array:
        return jnp.asarray(span * rate(times[0] + x * span, y, _whole(args)), dtype)

    saves = (times - times[0]) / span
    solution = diffrax.diffeqsolve(
        diffrax.ODETerm(scaled),  # type: ignore[arg-type]
        solver or diffrax.Dopri8(),
        t0=saves[0],
        t1=saves[-1],
        dt0=None,
        y0=start,
        args=_parts(args),
        saveat=diffrax.SaveAt(ts=saves),
        stepsize_controller=_controller(start, times, args, tolerance or (1e-11 if dtype == jnp.float64 else 1e-6)),
        adjoint=adjoint or diffrax.RecursiveCheckpointAdjoint(),
        max_steps=max_steps,
        throw=False,
    )
    assert solution.ys is not None  # SaveAt(ts=…) always saves
    steps = jnp.asarray(solution.stats["num_steps"], jnp.int32)
    return Flow(times, solution.ys, _outcome(solution.result, solution.ys), steps)


class _Complex(eqx.Module):
    """A complex array as diffrax takes it."""

    real: Array
    imag: Array


def _parts(tree: Any) -> Any:
    """Complex arrays as two real ones."""
    return jax.tree_util.tree_map(
        lambda x: _Complex(x.real, x.imag) if eqx.is_array(x) and jnp.iscomplexobj(x) else x, tree
    )


def _whole(tree: Any) -> Any:
    """And back."""
    return jax.tree_util.tree_map(
        lambda x: x.real + 1j * x.imag if isinstance(x, _Complex) else x,
        tree,
        is_leaf=lambda x: isinstance(x, _Complex),
    )


def _controller(start: Array, times: Array, args: Any, tolerance: float) -> diffrax.AbstractStepSizeController:
    """Steps that end where something is saved, or a drive jumps, and leap over no oscillation of a drive."""
    span = times[-1] - times[0]
    size = jnp.linalg.norm(lax.stop_gradient(start))
    size = jnp.where(size > 0, size, 1)
    longest = lax.stop_gradient(jnp.minimum(longest_step(args, times.dtype) / span, 1))
    control = diffrax.PIDController(
        rtol=0.0, atol=tolerance * size, norm=optx.two_norm, dtmax=longest, pcoeff=0.2, icoeff=0.5
    )
    marks = landmarks(args, times.dtype)
    jumps = None if marks is None else lax.stop_gradient((marks - times[0]) / span)
    # Interpolation within a step has a lower order than the step itself.
    return diffrax.ClipStepSizeController(control, step_ts=lax.stop_gradient((times - times[0]) / span), jump_ts=jumps)


def _outcome(result: diffrax.RESULTS, values: Array) -> Array:
    """How diffrax ended, as an outcome."""
    finite = jnp.where(jnp.all(jnp.isfinite(values)), int(Outcome.SUCCESS), int(Outcome.NOT_FINITE))
    limit = result == diffrax.RESULTS.max_steps_reached
    failed = jnp.where(limit, int(Outcome.MAX_STEPS), int(Outcome.STEP_TOO_SMALL))
    return jnp.where(result == diffrax.RESULTS.successful, finite, failed)
