"""Saddles: from near one to it, and which way the energy falls there."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import scipy.sparse.linalg
from jaxtyping import Array

from magjax.numerics.sphere import largest_length, normalize
from magjax.solve.descent.line_search import fall
from magjax.solve.linear.block_eigen import largest
from magjax.solve.linear.linearised import Linearised, curvature, on_host, smoothed, turns
from magjax.system import AbstractSystem

_DENSE = 600
_MAX_STEPS = 40
_MAX_TURN = 0.1


def at_saddle(system: AbstractSystem, m: Array, t: float, limit: float) -> tuple[Linearised, float]:
    """The rest point near `m`, by Newton's method; it climbs where the energy curves down.

    Each step solves H x = −g for the smallest x: along zero modes nothing moves.

    - `limit`: largest torque (T) that may be left.

    **Returns** the system linearised there, and the torque left, T. The best point met, where the method fails.
    """
    near = Linearised.about(system, m, t)
    force, torque = _force(near)
    best = near, float(torque)
    for _ in range(_MAX_STEPS):
        if best[1] <= limit or not np.isfinite(torque) or float(torque) > 1e3 * best[1]:
            break
        x = _solved(near, np.asarray(force, np.float64))
        u = turns(near, jnp.asarray(x[None], m.dtype))[0]
        u = u * min(1.0, _MAX_TURN / max(float(largest_length(u)), 1e-300))
        near = Linearised.about(system, normalize(near.m + u), t)
        force, torque = _force(near)
        if float(torque) < best[1]:
            best = near, float(torque)
        elif float(torque) < 1e2 * limit:
            break  # rounding has the last word
    return best


@eqx.filter_jit
def _force(near: Linearised) -> tuple[Array, Array]:
    pull = fall(near.m, near.prepared.field(jnp.zeros((), near.m.dtype), near.m))
    return near.angles_of((near.weight * pull)[None])[0], largest_length(pull)


def _solved(near: Linearised, force: np.ndarray) -> np.ndarray:
    n = near.angles
    if n <= _DENSE:
        values, vectors = np.linalg.eigh(hessian(near))
        stiff = np.abs(values) > 1e-9 * np.abs(values).max()
        return vectors @ (np.where(stiff, 1 / np.where(stiff, values, 1), 0) * (vectors.T @ force))
    bend, inverse = (
        scipy.sparse.linalg.LinearOperator(
            shape=(n, n),
            dtype=np.float64,
            matvec=lambda v, f=f: on_host(f, near, v.reshape(-1, 1))[:, 0],  # pyright: ignore[reportCallIssue]
        )
        for f in (curvature, smoothed)
    )
    return scipy.sparse.linalg.minres(bend, force, rtol=1e-6, maxiter=500, M=inverse)[0]


def hessian(near: Linearised) -> np.ndarray:
    """The curvature as a matrix `(angles, angles)`, T."""
    H = on_host(curvature, near, np.eye(near.angles))
    return (H + H.T) / 2


def softest(near: Linearised, count: int) -> np.ndarray:
    """The lowest curvatures, `(count,)`, T."""
    n = near.angles
    if n <= _DENSE:
        return np.linalg.eigvalsh(hessian(near))[:count]
    random = np.random.default_rng(0).normal(size=(n, count + 4))
    size = float(near.bound)
    found = largest(
        lambda x: -on_host(curvature, near, x),
        lambda x: x,
        lambda x: on_host(smoothed, near, x),
        on_host(smoothed, near, random),
        wanted=count,
        converged=lambda values, residuals: residuals < 1e-5 * size,
        max_steps=300,
    )
    return -found.values[:count]
