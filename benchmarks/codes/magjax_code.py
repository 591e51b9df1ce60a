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


def _measured(function: Any, argument: Any, runs: int = 7) -> dict:
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


#: A macrospin that noise and field turn about equally.
_SPIN: dict[str, Any] = {"Ms": 8e5, "alpha": 0.1, "K": 1e4, "edge": 5e-9, "T": 300.0, "dt": 1e-13, "B": 0.1}


def noisy_ensemble(replicas: int, steps: int) -> dict:
    """Replicas with noise in single precision: by `mj.ensemble`, by `mj.evolve`, and by a loop written by hand."""
    one, many = mj.Mesh((1, 1, 1), _SPIN["edge"]), mj.Mesh((replicas, 1, 1), _SPIN["edge"])
    up = {mesh: mj.textures.uniform(mesh, (0.1, 0, 1), dtype=jax.numpy.float32) for mesh in (one, many)}
    bath = mj.Langevin(T=_SPIN["T"], seed=1)
    duration, cells = steps * _SPIN["dt"], _macrospin(many)
    evolve = jax.jit(lambda system, m: mj.evolve(system, m, duration, dynamics=bath, dt=_SPIN["dt"]).m)
    ways = {
        "ensemble": lambda: (
            mj.ensemble(
                _macrospin(one), up[one], duration, replicas=replicas, dynamics=bath, dt=_SPIN["dt"], progress=False
            ).m
        ),
        "evolve": lambda: evolve(cells, up[many]).block_until_ready(),
        "by_hand": _by_hand(replicas, steps),
    }
    times = _in_turns(ways)
    each = 1e9 / (replicas * steps)
    return {
        name: {**found, "ns_per_spin_step": each * found["min_s"], "cpu_ns": each * found["cpu_s"]}
        for name, found in times.items()
    }


def ensemble_memory(replicas: int, steps: int) -> dict:
    """One noisy ensemble with statistics that are asked for ten times a run, for the sake of its peak memory."""
    mesh, duration = mj.Mesh((1, 1, 1), _SPIN["edge"]), steps * _SPIN["dt"]
    up = mj.textures.uniform(mesh, (0.1, 0, 1), dtype=jax.numpy.float32)
    start = time.perf_counter()
    mj.ensemble(
        _macrospin(mesh), up, duration, replicas=replicas, dynamics=mj.Langevin(T=_SPIN["T"], seed=1), dt=_SPIN["dt"],
        save_every=duration / 10, statistics={"m_z": mj.batch.Mean("m_z")}, progress=False)  # fmt: skip
    return {"wall_s": time.perf_counter() - start}


def adaptive_batch(members: int) -> dict:
    """Deterministic macrospins in as many fields, 2 ns each with controlled steps, and how wrong they are."""
    mesh = mj.Mesh((1, 1, 1), _SPIN["edge"])
    start = mj.textures.uniform(mesh, (1, 0, 0.1), dtype=jax.numpy.float32)
    fields = np.stack([np.zeros(members), np.zeros(members), np.linspace(0.05, 0.1, members)], axis=1)

    def run(start: Any, fields: np.ndarray, tolerance: float) -> np.ndarray:
        over = {"zeeman.B": fields}
        return mj.ensemble(_macrospin(mesh), start, 2e-9, over=over, tolerance=tolerance, progress=False).average

    found = _in_turns({"ensemble": lambda: run(start, fields, 1e-5)})["ensemble"]
    some = fields[:: max(1, members // 16)]
    tight = run(start.astype(jax.numpy.float64), some, 1e-10)
    error = float(np.abs(run(start, fields, 1e-5)[:: max(1, members // 16)] - tight).max())
    each = 1e6 / members
    return {
        **found,
        "us_per_trajectory": each * found["min_s"],
        "cpu_us": each * found["cpu_s"],
        "largest_error": error,
    }


def _macrospin(mesh: mj.Mesh) -> mj.System:
    energy = mj.UniaxialAnisotropy(K=_SPIN["K"], axis=(0, 0, 1)) + mj.Zeeman(B=(0, 0, _SPIN["B"]))
    return mj.System(mesh, Ms=_SPIN["Ms"], alpha=_SPIN["alpha"], energy=energy)


def _by_hand(replicas: int, steps: int) -> Callable[[], jax.Array]:
    """Heun with renormalisation, three arrays, jax.random: what one would write without a library."""
    jnp, f32 = jax.numpy, jax.numpy.float32
    volume, gamma, alpha, dt = _SPIN["edge"] ** 3, mj.constants.GAMMA, _SPIN["alpha"], _SPIN["dt"]
    sigma = (2 * alpha * mj.constants.KB * _SPIN["T"] / (gamma * _SPIN["Ms"] * volume * dt)) ** 0.5
    anisotropy, rate = 2 * _SPIN["K"] / _SPIN["Ms"], gamma / (1 + alpha**2)

    def slope(x: jax.Array, y: jax.Array, z: jax.Array, noise: jax.Array) -> tuple[jax.Array, ...]:
        a, b, c = noise[0], noise[1], noise[2] + f32(_SPIN["B"]) + f32(anisotropy) * z
        u, v, w = y * c - z * b, z * a - x * c, x * b - y * a
        damped = (y * w - z * v, z * u - x * w, x * v - y * u)
        return tuple(f32(-rate) * (t + f32(alpha) * d) for t, d in zip((u, v, w), damped, strict=True))

    def step(m: tuple[jax.Array, ...], key: jax.Array) -> tuple[tuple[jax.Array, ...], None]:
        noise = f32(sigma) * jax.random.normal(key, (3, replicas), f32)
        first = slope(*m, noise)
        second = slope(*(q + f32(dt) * k for q, k in zip(m, first, strict=True)), noise)
        new = [q + f32(dt / 2) * (k + p) for q, k, p in zip(m, first, second, strict=True)]
        inverse = jax.lax.rsqrt(new[0] ** 2 + new[1] ** 2 + new[2] ** 2)
        return tuple(q * inverse for q in new), None

    def loop(m: tuple[jax.Array, ...], key: jax.Array) -> tuple[jax.Array, ...]:
        return jax.lax.fori_loop(0, steps, lambda i, m: step(m, jax.random.fold_in(key, i))[0], m)

    run = jax.jit(loop)
    up = (jnp.zeros(replicas, f32), jnp.zeros(replicas, f32), jnp.ones(replicas, f32))
    return lambda: jax.block_until_ready(run(up, jax.random.key(1)))


def _in_turns(ways: dict[str, Callable[[], Any]], rounds: int = 3) -> dict[str, dict]:
    """Seconds of each way, one after the other in every round; the first, which compiles, does not count.

    Beside the time on the wall, that of the processor: on a busy machine it is the one that says what a code needs.
    """
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            start, cpu = time.perf_counter(), time.process_time()
            way()
            if turn:
                times[name].append((time.perf_counter() - start, time.process_time() - cpu))
    found = {}
    for name, pairs in times.items():
        wall, cpu = zip(*pairs, strict=True)
        found[name] = {"min_s": min(wall), "max_s": max(wall), "cpu_s": min(cpu)}
    return found


def collapse(cells: int, images: int) -> dict:
    """The path of a skyrmion's collapse in a film of cells of 1 nm, and its saddle: with compilation, and without."""
    mesh = mj.Mesh((cells, cells, 1), (1e-9, 1e-9, 0.4e-9))
    energy = mj.Exchange(A=1.5e-11) + mj.UniaxialAnisotropy(K=6e5, axis=(0, 0, 1)) + mj.DMI(D=3e-3, kind="interfacial")
    film = mj.System(mesh, Ms=5.8e5, energy=energy)
    skyrmion = mj.minimize(film, mj.textures.skyrmion(mesh, radius=8e-9, wall_width=4e-9))
    uniform = mj.minimize(film, mj.textures.uniform(mesh, "z"))
    seconds, cpu = [], []
    for _ in range(3):
        start, clocked = time.perf_counter(), time.process_time()
        path = mj.find_path(film, skyrmion, uniform, images=images)
        seconds.append(time.perf_counter() - start)
        cpu.append(time.process_time() - clocked)
    return {
        "first_s": seconds[0],
        "min_s": min(seconds[1:]),
        "cpu_s": min(cpu[1:]),
        "steps": int(path.steps),
        "barrier": path.barrier,
        "order": path.order,
        "result": path.result.name,
    }


def film_modes(cells: int, count: int) -> dict:
    """The lowest modes of a square film in a field, dipolar fields and all: with compilation, and without."""
    mesh = mj.Mesh((cells, cells, 1), (5e-9, 5e-9, 3e-9))
    energy = mj.Exchange(A=1.3e-11) + mj.Demag(mesh) + mj.Zeeman(B=(0.1, 0.02, 0))
    film = mj.System(mesh, Ms=8e5, alpha=0.01, energy=energy)
    rest = mj.minimize(film, mj.textures.uniform(mesh, (1, 0.2, 0)))
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        modes = mj.eigenmodes(film, rest, count)
        seconds.append(time.perf_counter() - start)
    return {
        "first_s": seconds[0],
        "min_s": min(seconds[1:]),
        "steps": int(modes.steps),
        "result": modes.result.name,
        "lowest_GHz": float(modes.frequency[0]) / 1e9,
        "highest_GHz": float(modes.frequency[-1]) / 1e9,
    }
