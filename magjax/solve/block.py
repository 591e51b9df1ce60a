"""A block of steps that is cheap to run and cheap to differentiate."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import equinox.internal as eqxi
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

#: Steps of a block. A reverse pass keeps the intermediate results of one block at a time: the more steps, the more memory;
#: the fewer, the more starts of blocks to keep.
BLOCK = 16


def differentiable_block(step: Callable[[Any], Any], going: Callable[[Any], Array], state: Any) -> Any:
    """Apply `step` while `going`, at most `BLOCK` times.

    Undifferentiated it is a plain loop. Under reverse mode the steps run once more in a loop of fixed length that keeps
    what the transposed steps need: each step is then computed twice and transposed once.

    - `step`, `going`: functions of the state; what they close over is differentiated, too.
    """
    step = eqx.filter_closure_convert(step, state)
    going = eqx.filter_closure_convert(going, state)
    return _block((step, going, state))


@eqx.filter_custom_vjp
def _block(arguments: Any) -> Any:
    step, going, state = arguments

    def unfinished(carry: tuple[Any, int]) -> Array:
        return (carry[1] < BLOCK) & going(carry[0])

    return lax.while_loop(unfinished, lambda carry: (step(carry[0]), carry[1] + 1), (state, 0))[0]


@_block.def_fwd
def _forward(perturbed: Any, arguments: Any) -> Any:
    return eqx.filter_vjp(_unrolled, arguments)


@_block.def_bwd
def _backward(transposed: Any, cotangent: Any, perturbed: Any, arguments: Any) -> Any:
    # What does not matter to the result comes as None; a transposed loop wants its zeros written out.
    cotangent = jax.tree_util.tree_map(
        lambda x, given: jnp.zeros_like(x) if given is None and eqx.is_inexact_array(x) else given,
        arguments[-1],
        cotangent,
    )
    return transposed(cotangent)[0]


def _unrolled(arguments: Any) -> Any:
    step, going, state = arguments

    def trip(state: Any, _: None) -> tuple[Any, None]:
        wanted = going(state)

        def attempt() -> Any:
            return lax.cond(wanted, lambda: step(state), lambda: state)

        # In a batch the inner choice becomes a selection; the outer one still spares the steps that nobody wants.
        return lax.cond(eqxi.unvmap_any(wanted), attempt, lambda: state), None

    return lax.scan(jax.checkpoint(trip), state, None, length=BLOCK)[0]
