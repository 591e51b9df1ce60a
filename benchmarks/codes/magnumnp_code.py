"""magnum.np, through its public classes."""

import os
import time
from typing import Any

import magnumnp as mn
import numpy as np
import torch

from problems import GAMMA, MU0, Problem, smooth_state

torch.set_num_threads(len(os.sched_getaffinity(0)))


def about() -> dict:
    """Versions and device."""
    return {
        "magnumnp": mn.__version__,
        "torch": torch.__version__,
        "device": str(torch.get_default_device()),
        "threads": torch.get_num_threads(),
    }


def device_peak_memory() -> int | None:
    """Peak memory of the accelerator in bytes, or None on a CPU."""
    return torch.cuda.max_memory_allocated() if torch.cuda.is_available() else None


class _CountingSolver(mn.LLGSolver):
    """Counts evaluations of dm/dt, each of which has one demagnetising field."""

    evaluations = 0

    def dm(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        self.evaluations += 1
        return super().dm(*args, **kwargs)


def _assemble(problem: Problem, m: np.ndarray, **solver: float) -> tuple[mn.State, _CountingSolver]:
    """State and solver of a problem; fields of magnum.np are (nx, ny, nz, 3)."""
    torch.set_default_dtype(getattr(torch, problem.dtype))
    state = mn.State(mn.Mesh(problem.cells, problem.cell_size))
    state.material = {
        "Ms": problem.Ms,
        "A": problem.A,
        "Ku": problem.K,
        "Ku_axis": list(problem.axis),
        "alpha": problem.alpha,
    }
    state.m = torch.tensor(np.ascontiguousarray(m.transpose(3, 2, 1, 0)), dtype=getattr(torch, problem.dtype))
    field = torch.tensor([b / MU0 for b in problem.B])
    terms = [mn.DemagField(), mn.ExchangeField(), mn.ExternalField(field)]
    if problem.K:
        terms.append(mn.UniaxialAnisotropyField())
    return state, _CountingSolver(terms, **solver)


class Rhs:
    """One evaluation of dm/dt, called from Python as the solver of magnum.np calls it."""

    def __init__(self, problem: Problem) -> None:
        self._state, self._llg = _assemble(problem, smooth_state(problem))
        self._m = self._state.m

    def evaluate(self, count: int) -> None:
        """Evaluate `count` times."""
        for _ in range(count):
            self._dmdt = self._llg.dm(self._state.t, self._m, self._state)
        if torch.cuda.is_available():
            torch.cuda.synchronize()

    def dmdt(self) -> np.ndarray:
        """The last value, (3, nz, ny, nx) in 1/s, at the gyromagnetic ratio that all codes are compared at."""
        ratio = GAMMA * MU0 / mn.constants.gamma
        return self._dmdt.cpu().numpy().transpose(3, 2, 1, 0) * ratio


def sp4_reference(**arguments: Any) -> dict:
    """The same at a tolerance of 1e-9."""
    return sp4(**arguments, rtol=1e-9, atol=1e-9)


def sp4(problem: dict, start: str, duration: float, save_every: float, **solver: float) -> dict:
    """Integrate from a saved state; the average of m at each saved time, and how many evaluations it took."""
    state, llg = _assemble(Problem.from_json(problem), np.load(start), **solver)
    llg.dm(state.t, state.m, state)
    llg.evaluations = 0
    averages = [state.m.mean(dim=(0, 1, 2)).tolist()]
    begin = time.perf_counter()
    for _ in range(round(duration / save_every)):
        llg.step(state, save_every)
        averages.append(state.m.mean(dim=(0, 1, 2)).tolist())
    return {"wall_s": time.perf_counter() - begin, "demag_evaluations": llg.evaluations, "average": averages}
