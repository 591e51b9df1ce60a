"""First-order descent in pieces: the optimiser's memory and its schedule go on from one piece to the next."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.fit.problem import Problem
from magjax.fit.solve import Solution
from magjax.results import Outcome


class Descent(eqx.Module):
    """Where many descents are, between two pieces of them.

    - `origin`: coordinates z at u = 0, `(batch, n)`. `u`: free coordinates, `(batch, n)`. `memory`: of the optimiser.
    - `chi_square`: χ² there, `(batch,)`. `diverged`: how many steps led to where the model is no number, `(batch,)`.

    >>> import jax.numpy as jnp, optax
    >>> from magjax import fit
    >>> from magjax.fit.descent import Descent
    >>> data = fit.Data((0.0, 1.0), (1.0, 1.0), 1.0, observe=lambda m, x: m["a"] + 0 * x)
    >>> problem = fit.Problem({"a": 3.0}, data, "a")
    >>> float(Descent.begin(problem, problem.start[None], optax.adam(0.1)).chi_square[0])
    8.0
    """

    origin: Array
    u: Array
    memory: Any
    chi_square: Array
    diverged: Array

    @classmethod
    def begin(cls, problem: Problem, starts: Array, method: Any) -> "Descent":
        """At the starts `(batch, n)`, with an optax transformation."""
        u = jnp.zeros_like(starts)
        return cls(starts, u, jax.vmap(method.init)(u), losses(problem, starts), jnp.zeros(len(starts), int))


@eqx.filter_jit
def losses(problem: Problem, z: Array) -> Array:
    """χ² at each of many coordinates.

    - `problem`: what is fitted. `z`: coordinates `(batch, n)`.

    >>> import jax.numpy as jnp
    >>> from magjax import fit
    >>> from magjax.fit.descent import losses
    >>> data = fit.Data((0.0, 1.0), (1.0, 1.0), 1.0, observe=lambda m, x: m["a"] + 0 * x)
    >>> losses(fit.Problem({"a": 1.0}, data, "a"), jnp.array([[3.0], [2.0]])).tolist()
    [8.0, 2.0]
    """
    return jax.vmap(problem.chi_square)(z)


@eqx.filter_jit
def descend(problem: Problem, state: Descent, method: Any, steps: int) -> Descent:
    """So many steps of an optax transformation down χ²; what leads to where the model is no number is not taken.

    - `problem`: what is fitted. `state`: where it is. `method`: an optax transformation. `steps`: how many.

    >>> import optax
    >>> from magjax import fit
    >>> from magjax.fit.descent import Descent, descend
    >>> data = fit.Data((0.0, 1.0), (1.0, 1.0), 1.0, observe=lambda m, x: m["a"] + 0 * x)
    >>> problem = fit.Problem({"a": 3.0}, data, "a")
    >>> begin = Descent.begin(problem, problem.start[None], optax.adam(0.1))
    >>> float(descend(problem, begin, optax.adam(0.1), 200).chi_square[0]) < 1e-3
    True
    """

    def one(origin: Array, u: Array, memory: Any, chi_square: Array, diverged: Array) -> tuple[Any, ...]:
        def loss(u: Array) -> Array:
            return problem.chi_square(problem.place(u, origin))

        def step(_: Any, carry: tuple[Any, ...]) -> tuple[Any, ...]:
            u, memory, chi_square, diverged = carry
            slope = jax.grad(loss)(u)
            change, memory = method.update(slope, memory, u)
            there = loss(u + change)
            sound = jnp.isfinite(there)
            return (
                jnp.where(sound, u + change, u),
                memory,
                jnp.where(sound, there, chi_square),
                diverged + jnp.where(sound, 0, 1),
            )

        return lax.fori_loop(0, steps, step, (u, memory, chi_square, diverged))

    found = jax.vmap(one)(state.origin, state.u, state.memory, state.chi_square, state.diverged)
    return Descent(state.origin, *found)


def as_solution(problem: Problem, state: Descent, steps: int, ended: Array) -> Solution:
    """Descents as what a fit found.

    - `problem`: what is fitted. `state`: where it is. `steps`: how many it took. `ended`: whether each is at its end.

    >>> import jax.numpy as jnp, optax
    >>> from magjax import fit
    >>> from magjax.fit.descent import Descent, as_solution
    >>> data = fit.Data((0.0, 1.0), (1.0, 1.0), 1.0, observe=lambda m, x: m["a"] + 0 * x)
    >>> problem = fit.Problem({"a": 3.0}, data, "a")
    >>> begin = Descent.begin(problem, problem.start[None], optax.adam(0.1))
    >>> as_solution(problem, begin, 0, jnp.array([False])).result.name
    'MAX_STEPS'
    """
    z = _places(problem, state.u, state.origin)
    code = jnp.where(ended, Outcome.SUCCESS, Outcome.MAX_STEPS)
    code = jnp.where(jnp.isfinite(state.chi_square), code, Outcome.NOT_FINITE)
    return Solution(z, state.chi_square, code, jnp.full(len(state.u), steps), state.diverged)


@eqx.filter_jit
def _places(problem: Problem, u: Array, origin: Array) -> Array:
    return jax.vmap(problem.place)(u, origin)
