"""Derivatives of a run on a grid by every adjoint: one case in a process, so that its peak memory is its own."""

import time
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

import magjax as mj
from codes.magjax_code import about as about
from codes.magjax_code import device_peak_memory as device_peak_memory
from codes.magjax_code import system
from problems import Problem, smooth_state

#: A fixed step, so that every adjoint takes the same ones; s.
DT = 1e-13


def adjoint(problem: dict, way: str, steps: int) -> dict:
    """Time, memory of the compiled program, and d⟨m_y⟩/dα at the end: one run, or one with its derivatives.

    - `way`: "run" for no derivative, "forward" for one parameter, "forward, 4" for four, "checkpointed" and "bounded"
      for all numbers of the system at once.
    """
    given = Problem.from_json(problem)
    film, m0 = system(given), jnp.asarray(smooth_state(given))
    kind = way.split(",")[0]

    def last(film: mj.System) -> jax.Array:
        how: Any = {"adjoint": kind} if kind != "run" else {}
        how |= {"max_steps": steps + 8} if kind == "bounded" else {}
        return mj.evolve(film, m0, steps * DT, dt=DT, **how).average[-1, 1]

    def scaled(film: mj.System, change: jax.Array) -> jax.Array:
        """The run with α, A, B and Ms, or the first of them, larger by these parts."""
        places = (lambda s: s.alpha, lambda s: s["exchange"].A, lambda s: s["zeeman"].B, lambda s: s.Ms)
        for i, place in enumerate(places[: change.size]):
            film = eqx.tree_at(place, film, jax.tree.map(lambda v, i=i: v * (1 + change[i]), place(film)))
        return last(film)

    def forward(film: mj.System) -> tuple[jax.Array, jax.Array]:
        size = 4 if way.endswith("4") else 1

        def one(tangent: jax.Array) -> tuple[jax.Array, jax.Array]:
            return jax.jvp(lambda change: scaled(film, change), (jnp.zeros(size),), (tangent,))

        return jax.vmap(one, out_axes=(None, 0))(jnp.eye(size))

    function: Any = {"run": last, "forward": forward}.get(kind, mj.value_and_grad(last))
    begin = time.perf_counter()
    compiled = jax.jit(function).lower(film).compile()
    compile_s = time.perf_counter() - begin
    seconds, found = float("inf"), None
    for _ in range(max(1, min(3, 1500 // steps))):
        begin = time.perf_counter()
        found = jax.block_until_ready(compiled(film))
        seconds = min(seconds, time.perf_counter() - begin)
    memory = compiled.memory_analysis()
    slope = None
    assert found is not None
    if kind == "forward":
        slope = float(found[1][0]) / float(np.asarray(jax.tree.leaves(film.alpha)[0]))
    elif kind != "run":
        slope = float(np.asarray(jax.tree.leaves(found[1].alpha)[0]))
    return {
        "seconds": seconds,
        "compile_s": compile_s,
        "bytes": memory.temp_size_in_bytes + memory.output_size_in_bytes,
        "d_dalpha": slope,
    }
