"""One step of a loop, and its transpose from what was kept of it."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
from jax.extend.core import Literal, jaxpr_as_fun
from jaxtyping import Array

from magjax.numerics.convolution import WORTH_KEEPING
from magjax.solve.reverse.reach import moved_by


class Transposable:
    """A step `state → state` that can be taken now and transposed later.

    What the transpose needs is, in part, what the step closes over or starts from, which is known later, too; only the
    rest, values named `WORTH_KEEPING`, has to be kept for it. All else it computes again.

    - `step`: a pytree that is called with the state; the leaves that are `wanted` are differentiated.
    - `state`: a state, as an example. `moved`: which of its leaves are differentiated at the start.
    """

    def __init__(self, step: Callable[[Any], Any], wanted: Any, state: Any, moved: Any) -> None:
        self._known, fixed = eqx.partition(step, wanted)
        self._fixed, self._static = eqx.partition(fixed, eqx.is_array)
        #: Which leaves of a state have cotangents.
        self.moved = moved_by(lambda known, state: eqx.combine(known, fixed)(state), self._known, state, moved)
        flat, tree = self._flat(state)
        # Traced once: a second trace, with other values known to it, might keep other residuals in another order.
        self._program, (new, _) = jax.make_jaxpr(
            lambda *leaves: self._linearised(*tree.unflatten(leaves)), return_shape=True
        )(*flat)
        self._new = jax.tree_util.tree_structure(new)
        jaxpr = self._program.jaxpr
        given = {variable: i for i, variable in enumerate(jaxpr.invars)}
        constants = dict(zip(jaxpr.constvars, self._program.consts, strict=True))
        #: Of each residual: the input that it is, or the constant, or neither.
        self._inputs: list[int | None] = []
        self._constants: list[Any] = []
        residuals = jaxpr.outvars[self._new.num_leaves :]
        for variable in residuals:
            literal = isinstance(variable, Literal)
            self._inputs.append(None if literal else given.get(variable))
            self._constants.append(variable.val if literal else constants.get(variable))
        self._kept = [
            i for i, (a, b) in enumerate(zip(self._inputs, self._constants, strict=True)) if a is None and b is None
        ]
        #: Shapes and types of what has to be kept of a step.
        self.extras = [residuals[i].aval for i in self._kept]

    def _flat(self, state: Any) -> tuple[list[Array], Any]:
        return jax.tree_util.tree_flatten((self._known, self._fixed, state))

    def _linearised(self, known: Any, fixed: Any, state: Any) -> tuple[Any, list[Array]]:
        """The next state, and the residuals of its transpose."""
        moving, still = eqx.partition(state, self.moved)

        def step(known: Any, moving: Any) -> tuple[Any, Any]:
            new = eqx.combine(known, fixed, self._static)(eqx.combine(moving, still))
            return eqx.partition(new, self.moved)

        policy = jax.checkpoint_policies.save_only_these_names(WORTH_KEEPING)
        step = jax.checkpoint(step, prevent_cse=False, policy=policy)
        new, pullback, rest = jax.vjp(step, known, moving, has_aux=True)
        residuals, self._pullback = jax.tree_util.tree_flatten(pullback)
        return eqx.combine(new, rest), residuals

    def __call__(self, state: Any) -> tuple[Any, list[Array]]:
        """The next state, and what to keep."""
        flat, _ = self._flat(state)
        results = jaxpr_as_fun(self._program)(*flat)
        count = self._new.num_leaves
        return self._new.unflatten(results[:count]), [results[count + i] for i in self._kept]

    def transpose(self, state: Any, extra: list[Array], cotangent: Any) -> tuple[Any, Any]:
        """Cotangents of what the step closes over and of its state, from that of the next state."""
        flat, _ = self._flat(state)
        kept = iter(extra)
        residuals = []
        for source, constant in zip(self._inputs, self._constants, strict=True):
            residuals.append(flat[source] if source is not None else next(kept) if constant is None else constant)
        return self._pullback.unflatten(residuals)(cotangent)

    @property
    def blank(self) -> Any:
        """Zeros like the cotangent of what the step closes over."""
        return jax.tree_util.tree_map(jax.numpy.zeros_like, self._known)
