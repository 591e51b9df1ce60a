"""magjax, through its public names."""

from typing import Any

import jax
import numpy as np

import magjax as mj
from problems import Problem, smooth_state

jax.config.update("jax_enable_x64", True)


def about() -> dict:
    """Versions and device."""
    return {"magjax": mj.__version__, "jax": jax.__version__, "device": str(jax.devices()[0])}


def device_peak_memory() -> int | None:
    """Peak memory of the accelerator in bytes, or None on a CPU."""
    return (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use")


def system(problem: Problem) -> mj.System:
    """The system of a problem."""
    mesh = mj.Mesh(problem.cells, problem.cell_size)
    energy = mj.Exchange(A=problem.A) + mj.Demag(mesh) + mj.Zeeman(B=problem.B)
    if problem.K:
        energy = energy + mj.UniaxialAnisotropy(K=problem.K, axis=problem.axis)
    return mj.System(mesh, Ms=problem.Ms, alpha=problem.alpha, energy=energy)


class Rhs:
    """One evaluation of dm/dt inside a compiled loop, as its solvers run it."""

    def __init__(self, problem: Problem) -> None:
        term = mj.dynamics.SpinTerm(mj.LLG())
        self._m = jax.numpy.asarray(smooth_state(problem))
        self._prepared = jax.block_until_ready(system(problem).prepare(self._m.dtype))

        def loop(prepared: Any, m: jax.Array, count: int) -> jax.Array:
            # A step of 1e-20 s leaves m as it is, and leaves the compiler nothing to move out of the loop.
            return jax.lax.fori_loop(0, count, lambda _, m: m + 1e-20 * term.vf(0.0, m, prepared), m)

        self._loop = jax.jit(loop)
        self._rhs = jax.jit(lambda prepared, m: term.vf(0.0, m, prepared))

    def evaluate(self, count: int) -> None:
        """Evaluate `count` times."""
        self._loop(self._prepared, self._m, count).block_until_ready()

    def dmdt(self) -> np.ndarray:
        """The value at the start, (3, nz, ny, nx) in 1/s."""
        return np.asarray(self._rhs(self._prepared, self._m))
