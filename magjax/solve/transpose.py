"""One step of a loop, and its transpose from what was kept of it."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
from jax.extend.core import Literal
from jaxtyping import Array

from magjax.numerics.convolution import WORTH_KEEPING
from magjax.solve.reach import moved_by


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
        self._pullback: Any = None
        flat, tree = self._flat(state)
        jaxpr = jax.make_jaxpr(lambda *leaves: self._linearised(*tree.unflatten(leaves))[1])(*flat)
        given = {variable: i for i, variable in enumerate(jaxpr.jaxpr.invars)}
        constants = dict(zip(jaxpr.jaxpr.constvars, jaxpr.consts, strict=True))
        #: Of each residual: the input that it is, or the constant, or neither.
        self._inputs: list[int | None] = []
        self._constants: list[Any] = []
        for variable in jaxpr.jaxpr.outvars:
            literal = isinstance(variable, Literal)
            self._inputs.append(None if literal else given.get(variable))
            self._constants.append(variable.val if literal else constants.get(variable))
        self._kept = [
            i for i, (a, b) in enumerate(zip(self._inputs, self._constants, strict=True)) if a is None and b is None
        ]
        #: Shapes and types of what has to be kept of a step.
        self.extras = [jaxpr.out_avals[i] for i in self._kept]

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
        new, residuals = self._linearised(self._known, self._fixed, state)
        return new, [residuals[i] for i in self._kept]

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
