"""Which results of a function a derivative can reach."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
from jax.extend.core import ClosedJaxpr, Jaxpr, Literal


def moved_by(step: Callable[[Any, Any], Any], known: Any, state: Any, moved: Any) -> Any:
    """Which leaves of a state change, in the course of steps, when inputs do.

    A clock, a controller's memory or a count depends on nothing that is differentiated: a reverse pass need not carry
    their cotangents. Errs on the safe side inside loops.

    - `step(known, state)`: the next state. `known`: a pytree of arrays that are differentiated.
    - `state`: a state, as an example. `moved`: bools like it, of the leaves that are differentiated at the start.

    **Returns** bools like `state`.
    """
    moving, still = eqx.partition(state, eqx.is_inexact_array)

    def tangents(primals: Any, directions: Any) -> Any:
        def advanced(known: Any, moving: Any) -> Any:
            return eqx.filter(step(known, eqx.combine(moving, still)), eqx.is_inexact_array)

        return jax.jvp(advanced, primals, directions)[1]

    jaxpr = jax.make_jaxpr(tangents)((known, moving), (known, moving)).jaxpr
    leaves, tree = jax.tree_util.tree_flatten(moving)
    flags = tree.flatten_up_to(eqx.filter(moved, jax.tree_util.tree_map(eqx.is_inexact_array, state)))
    primals = [False] * (len(jaxpr.invars) // 2)
    known_flags = [True] * (len(primals) - len(leaves))
    while True:
        reached = _reached(jaxpr, [*primals, *known_flags, *flags])
        grown = [a or b for a, b in zip(flags, reached, strict=True)]
        if grown == flags:
            break
        flags = grown
    marks = tree.unflatten(flags)
    return jax.tree_util.tree_map(lambda x, mark: mark is True, state, marks, is_leaf=lambda x: x is None)


def _reached(jaxpr: Jaxpr, flags: list[bool]) -> list[bool]:
    """Which outputs of a program depend on the flagged ones of its inputs."""
    marked = {variable for variable, flag in zip(jaxpr.invars, flags, strict=True) if flag}

    def is_marked(x: Any) -> bool:
        return not isinstance(x, Literal) and x in marked

    for equation in jaxpr.eqns:
        given = [is_marked(x) for x in equation.invars]
        name, inner = equation.primitive.name, equation.params.get("jaxpr")
        if name in ("jit", "pjit") and isinstance(inner, ClosedJaxpr):
            out = _reached(inner.jaxpr, given)
        elif name == "cond":
            branches = [_reached(branch.jaxpr, given[1:]) for branch in equation.params["branches"]]
            out = [any(marks) for marks in zip(*branches, strict=True)]
        else:
            out = [any(given)] * len(equation.outvars)
        marked.update(variable for variable, flag in zip(equation.outvars, out, strict=True) if flag)
    return [is_marked(x) for x in jaxpr.outvars]
