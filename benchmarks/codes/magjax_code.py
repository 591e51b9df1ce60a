"""magjax, through its public names."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any, ClassVar

import diffrax
import equinox as eqx
import jax
import numpy as np

import magjax as mj
from magjax.energy.base import AbstractEnergy, AbstractField
from problems import Problem, smooth_state
from problems import sp4 as sp4_problem

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


def relaxed_sp4(path: str) -> dict:
    """Save the s-state of standard problem 4 without a field, from which every code starts."""
    film = system(dataclasses.replace(sp4_problem(), B=(0.0, 0.0, 0.0)))
    state = mj.relax(film, mj.textures.uniform(film.mesh, (1, 0.1, 0)))
    np.save(path, np.asarray(state.m))
    return {"result": state.result.name}


def sp4(problem: dict, start: str, duration: float, save_every: float) -> dict:
    """Integrate from a saved state; the average of m at each saved time, and how many demag evaluations it took."""
    film, m0 = system(Problem.from_json(problem)), jax.numpy.asarray(np.load(start))
    answer = _evolve(film, m0, duration, save_every)
    return {
        **answer,
        "demag_evaluations": _count(film, lambda film: mj.evolve(film, m0, duration, save_every=save_every).m),
    }


def sp4_reference(problem: dict, start: str, duration: float, save_every: float) -> dict:
    """The same, fully coupled, by Dopri8 at a tolerance of 1e-9."""
    solver = mj.solvers.OnSphere(diffrax.Dopri8())
    film, m0 = system(Problem.from_json(problem)), jax.numpy.asarray(np.load(start))
    return _evolve(film, m0, duration, save_every, solver=solver, tolerance=1e-9)


def _evolve(film: mj.System, m0: jax.Array, duration: float, save_every: float, **how: Any) -> dict:
    @jax.jit
    def run(film: mj.System, m0: jax.Array) -> Any:
        run = mj.evolve(film, m0, duration, save_every=save_every, **how)
        return run.average, run.steps, run.rejected

    begin = time.perf_counter()
    compiled = run.lower(film, m0).compile()
    compile_s = time.perf_counter() - begin
    begin = time.perf_counter()
    average, steps, rejected = jax.block_until_ready(compiled(film, m0))
    return {
        "wall_s": time.perf_counter() - begin,
        "compile_s": compile_s,
        "steps": int(steps),
        "rejected": int(rejected),
        "average": [np.mean(np.asarray(m0), axis=(1, 2, 3)).tolist(), *np.asarray(average).tolist()],
    }


class _Counted(AbstractEnergy):
    """A nonlocal energy that tells the host each time its field is evaluated: the timed run does without."""

    term: AbstractEnergy
    count: Callable[[], None] = eqx.field(static=True)
    is_nonlocal: ClassVar[bool] = True

    def energy_density(self, m: jax.Array, sample: Any) -> jax.Array:
        return self.term.energy_density(m, sample)

    def prepare(self, sample: Any) -> AbstractField:
        return _CountedField(self.term.prepare(sample), self.count)


class _CountedField(AbstractField):
    """The field of the counted energy."""

    field: AbstractField
    count: Callable[[], None] = eqx.field(static=True)

    def __call__(self, m: jax.Array) -> jax.Array:
        jax.debug.callback(self.count)
        return self.field(m)

    def bound(self) -> jax.Array:
        return self.field.bound()


def _count(film: mj.System, solve: Callable[[mj.System], jax.Array]) -> int:
    """How often a solve evaluates the demagnetising field."""
    calls = [0]

    def count() -> None:
        calls[0] += 1

    terms = [_Counted(term, count) if isinstance(term, mj.Demag) else term for term in film.energy]
    counted = mj.System(film.mesh, Ms=film.Ms, alpha=film.alpha, energy=sum(terms[1:], start=terms[0]))
    jax.block_until_ready(jax.jit(solve)(counted))
    jax.effects_barrier()
    return calls[0]


def gradient(problem: dict, start: str, duration: float) -> dict:
    """Forward run against the gradient of its last ⟨m_y⟩ for every physical number of the system."""
    film, m0 = system(Problem.from_json(problem)), jax.numpy.asarray(np.load(start))

    def loss(film: mj.System) -> jax.Array:
        return mj.evolve(film, m0, duration).average[-1, 1]

    def solved(film: mj.System) -> tuple[jax.Array, jax.Array]:
        run = mj.evolve(film, m0, duration)
        return run.average[-1, 1], run.steps

    forward = jax.jit(solved)
    backward = jax.jit(mj.value_and_grad(loss))
    ahead, back = _measured(forward, film), _measured(backward, film)
    (_, steps), (value, slope) = ahead.pop("result"), back.pop("result")
    return {
        "steps": int(steps),
        "forward": ahead,
        "gradient": back,
        "value": float(value),
        "d_dA": float(slope["exchange"].A),
    }


def _measured(function: Any, argument: Any, runs: int = 3) -> dict:
    """Compile time, smallest time of some runs, and the memory that the compiled program works in.

    The compiler states that memory exactly, and the compiler's own is not in it, as it is in a process's peak.
    """
    begin = time.perf_counter()
    compiled = function.lower(argument).compile()
    compile_s = time.perf_counter() - begin
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        result = jax.block_until_ready(compiled(argument))
        times.append(time.perf_counter() - begin)
    memory = compiled.memory_analysis()
    return {
        "min_s": min(times),
        "compile_s": compile_s,
        "bytes": memory.temp_size_in_bytes + memory.output_size_in_bytes,
        "result": result,
    }
