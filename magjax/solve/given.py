"""What a solve is given: spins to start from, and times to save at."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.numerics.sphere import component_axis, normalize
from magjax.results import check
from magjax.solve.arguments import magnetic_system
from magjax.solve.single import single
from magjax.system import AbstractSystem

#: More rows than anyone wants: a slip of units, which would fill the memory before anything is said.
_MOST_SAVES = 10_000_000


def spins(m0: Any, system: AbstractSystem) -> Array:
    """Spins from an array or a result, checked against the system, on the sphere and empty where the sample is.

    **Raises** `ValueError` for a shape that does not fit, values that are not finite, zero vectors in magnetic cells;
    `TypeError` for what is no numbers, or no system; `SolveError` for a result of a solve that failed.
    """
    magnetic_system(system)
    outcome = getattr(m0, "outcome", None)
    if isinstance(outcome, (jax.Array, np.ndarray)) and not isinstance(outcome, Tracer):
        check(outcome, "m0", "in the solve that it comes from (pass its `.m` to use it all the same)")
    m = m0.spins if hasattr(m0, "spins") else getattr(m0, "m", m0)
    m = _real(m)
    shape = system.state_shape
    if m.shape != shape:
        axes = "(3, nz, ny, nx)" if len(shape) == 4 else "(sublattices, 3, nz, ny, nx)"
        raise ValueError(f"Argument `m0` must have the shape {axes} = {shape} of the mesh, but got {m.shape}.")
    real = jnp.issubdtype(m.dtype, jnp.floating)
    m = m.astype(jnp.result_type(m.dtype, jnp.float32) if real else jnp.result_type(float))
    occupied = None if system.occupied is None else system.occupied.value
    if not isinstance(m, Tracer) and not isinstance(occupied, Tracer):
        lengths = np.linalg.norm(np.asarray(m), axis=component_axis(m.ndim))
        where = np.ones(lengths.shape, bool) if occupied is None else np.asarray(occupied)
        if not np.all(np.isfinite(lengths)):
            raise ValueError(
                f"Argument `m0` must be finite, but got {int((~np.isfinite(lengths)).sum())} cells that are not."
            )
        if np.any(lengths[where] == 0):
            raise ValueError(
                f"Argument `m0` must give every magnetic cell a direction, but {int((lengths[where] == 0).sum())} "
                "cells hold zero vectors."
            )
    if occupied is not None:
        m = jnp.where(jnp.expand_dims(occupied, -4), m, 0)
    return normalize(m)


def _real(m: Any) -> Array:
    """An array of real numbers, whatever holds them."""
    try:
        array = jnp.asarray(m)
    except (TypeError, ValueError):
        array = None
    if array is None or not (jnp.issubdtype(array.dtype, jnp.floating) or jnp.issubdtype(array.dtype, jnp.integer)):
        got = repr(m) if isinstance(m, str) or m is None else f"a {type(m).__name__}"
        got = got if array is None else f"numbers of type {array.dtype}"
        raise TypeError(
            f"Argument `m0` must be an array of real vectors, such as `mj.textures.uniform(mesh, 'x')`, or a result "
            f"that holds some, but got {got}."
        )
    return array


def schedule(duration: Any, save_every: float | None, save_at: Any, dtype: Any) -> Array:
    """Save times since the start, s, `(n,)`, ending with `duration`."""
    if save_every is not None and save_at is not None:
        raise ValueError("Arguments `save_every` and `save_at` both set the save times: give one of them.")
    traced = isinstance(duration, Tracer)
    single("duration", duration, "a time > 0 in s", above=0)
    if not traced and float(duration) > 1:
        raise ValueError(
            f"Argument `duration` must be in s, but got {float(duration):g} s; did you mean ns (1 ns is 1e-9)?"
        )
    if save_at is not None:
        try:
            times = jnp.asarray(save_at, dtype)
        except (TypeError, ValueError):
            raise TypeError(f"Argument `save_at` must be a list of times in s, but got {save_at!r}.") from None
        if times.ndim != 1 or times.shape[0] == 0:
            raise ValueError(f"Argument `save_at` must be a list of times in s, but got shape {times.shape}.")
        if not any(isinstance(x, Tracer) for x in jax.tree_util.tree_leaves(save_at)):
            _check_times(np.asarray(save_at, float), None if traced else float(duration))
        # Derivatives with respect to `duration` enter here.
        return times.at[-1].set(jnp.asarray(duration, dtype))
    if save_every is None:
        return jnp.asarray(duration, dtype)[None]
    single("save_every", save_every, "a time > 0 in s", above=0)
    if traced:
        raise ValueError(
            "Argument `save_every` needs a `duration` that is a plain number; under a transformation use `save_at`."
        )
    if not float(duration) / float(save_every) <= _MOST_SAVES:
        raise ValueError(
            f"Argument `save_every` must make at most {_MOST_SAVES:,} saves, but got {save_every!r} s in "
            f"{float(duration):g} s."
        )
    count = max(1, int(np.ceil(float(duration) / save_every * (1 - 1e-12))))
    whole = abs(count * save_every - float(duration)) <= 1e-9 * float(duration)
    times = [save_every * (i + 1) for i in range(count - 1)] + [float(duration)]
    return jnp.asarray(times if not whole else np.linspace(0, float(duration), count + 1)[1:], dtype)


def _check_times(times: np.ndarray, duration: float | None) -> None:
    if not (times[0] > 0 and np.all(np.diff(times) > 0)):
        raise ValueError(f"Argument `save_at` must hold increasing times > 0 in s, but got {_slip(times)}.")
    if duration is not None and abs(times[-1] / duration - 1) > 1e-6:
        raise ValueError(f"Argument `save_at` must end with `duration` = {duration:g} s, but got {times[-1]:g} s.")


def _slip(times: np.ndarray) -> str:
    """The first time that is out of order."""
    if not times[0] > 0:
        return f"{times[0]:g} s at first; the start is no save"
    where = int(np.argmin(np.diff(times) > 0))
    return f"{times[where]:g} s followed by {times[where + 1]:g} s"
