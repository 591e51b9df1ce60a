"""NeuralMag on its jax backend, with the magnetisation at the nodes between cells, as it comes.

It can also keep it in cells (`neuralmag_cells_code.py`). Its exchange is then averaged to nodes and back, which weakens
that of the shortest waves: its steps become some four times longer, and the dynamics of standard problem 4 another one
than that of OOMMF, magnum.np and magjax on the same cells, by 0.1 in ⟨m⟩.
"""

import os
import time
from typing import Any

os.environ.setdefault("NM_BACKEND", "jax")

import neuralmag as nm  # isort: skip - before jax, as its documentation asks
import jax
import jax.numpy as jnp
import numpy as np
from neuralmag.backends.jax.llg_solver_jax import llg_rhs
from neuralmag.common.llg import GAMMA_PRIME

from problems import GAMMA, MU0, Problem, smooth_state


def about() -> dict:
    """Versions and device."""
    return {"neuralmag": nm.__version__, "jax": jax.__version__, "device": str(jax.devices()[0])}


def device_peak_memory() -> int | None:
    """Peak memory of the accelerator in bytes, or None on a CPU."""
    return (jax.devices()[0].memory_stats() or {}).get("peak_bytes_in_use")


def _to_nodes(values: np.ndarray) -> np.ndarray:
    """Unit vectors (…, 3) in cells, averaged to the nodes around them."""
    for axis in range(values.ndim - 1):
        padded = np.pad(values, [(int(i == axis),) * 2 for i in range(values.ndim)], mode="edge")
        count = padded.shape[axis] - 1
        values = (np.take(padded, range(count), axis) + np.take(padded, range(1, count + 1), axis)) / 2
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def _to_cells(values: np.ndarray) -> np.ndarray:
    """Vectors (…, 3) at nodes, averaged to the cells between them."""
    for axis in range(values.ndim - 1):
        count = values.shape[axis] - 1
        values = (np.take(values, range(count), axis) + np.take(values, range(1, count + 1), axis)) / 2
    return values


def _assemble(problem: Problem, m: np.ndarray, *, nodes: bool) -> nm.State:
    """State of a problem; fields of NeuralMag are (nx, ny, nz, 3), and a film is a mesh of two dimensions."""
    nm.config.dtype = problem.dtype
    film = problem.cells[2] == 1
    state = nm.State(nm.Mesh(problem.cells[:2] if film else problem.cells, problem.cell_size))
    state.material.Ms = problem.Ms
    state.material.A = problem.A
    state.material.Ku = problem.K
    state.material.Ku_axis = list(problem.axis)
    state.material.alpha = problem.alpha
    values = m.transpose(3, 2, 1, 0)
    values = values[:, :, 0] if film else values
    if nodes:
        state.m = nm.VectorFunction(state, tensor=state.tensor(_to_nodes(values)))
    else:
        state.m = nm.VectorCellFunction(state, tensor=state.tensor(values))
    nm.DemagField().register(state, "demag")
    nm.ExchangeField().register(state, "exchange")
    nm.ExternalField(state.tensor([b / MU0 for b in problem.B])).register(state, "external")
    names = ["demag", "exchange", "external"]
    if problem.K:
        nm.UniaxialAnisotropyField().register(state, "aniso")
        names.append("aniso")
    nm.TotalField(*names).register(state)
    return state


class Rhs:
    """One evaluation of dm/dt inside a compiled loop, as its solver runs it."""

    def __init__(self, problem: Problem, *, nodes: bool = True) -> None:
        self._problem, self._nodes = problem, nodes
        state = _assemble(problem, smooth_state(problem), nodes=nodes)
        self._m = state.m.tensor
        self._rhs = state.resolve(llg_rhs, ["m"])
        # A step of 1e-20 s leaves m as it is, and leaves the compiler nothing to move out of the loop.
        self._loop = jax.jit(lambda m, count: jax.lax.fori_loop(0, count, lambda _, m: m + 1e-20 * self._rhs(m), m))

    def evaluate(self, count: int) -> None:
        """Evaluate `count` times."""
        self._loop(self._m, count).block_until_ready()

    def dmdt(self) -> np.ndarray:
        """The value at the start, (3, nz, ny, nx) in 1/s, at the gyromagnetic ratio that all codes are compared at."""
        values = np.asarray(self._rhs(self._m)) * (GAMMA * MU0 / GAMMA_PRIME)
        values = _to_cells(values) if self._nodes else values
        return values.reshape(*self._problem.cells, 3).transpose(3, 2, 1, 0)


def sp4_reference(**arguments: Any) -> dict:
    """The same at a tolerance of 1e-9."""
    return sp4(**arguments, rtol=1e-9, atol=1e-9)


def sp4(
    problem: dict, start: str, duration: float, save_every: float, *, nodes: bool = True, **solver_options: float
) -> dict:
    """Integrate from a saved state; the average of m at each saved time, and how many evaluations it took."""
    state = _assemble(Problem.from_json(problem), np.load(start), nodes=nodes)
    state.t = 0.0
    # The default of 4096 steps would end a run of 1 ns early.
    solver: Any = nm.LLGSolver(state, max_steps=100_000, **solver_options)
    times = jnp.arange(round(duration / save_every) + 1) * save_every

    begin = time.perf_counter()
    solver.solve(times).ys.block_until_ready()
    first = time.perf_counter() - begin
    begin = time.perf_counter()
    solution = solver.solve(times)
    averages = np.asarray(solution.ys.mean(axis=tuple(range(1, solution.ys.ndim - 1))))
    wall = time.perf_counter() - begin
    return {
        "wall_s": wall,
        "compile_s": first - wall,
        # Dormand–Prince has six new stages a step; the seventh is the next step's first.
        "demag_evaluations": 6 * int(solution.stats["num_steps"]) + 1,
        "average": averages.tolist(),
    }
