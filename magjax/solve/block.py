"""A block of steps that is cheap to run and cheap to differentiate."""

from collections.abc import Callable
from typing import Any

import equinox.internal as eqxi
import jax
from jax import lax
from jaxtyping import Array

from magjax.numerics.convolution import WORTH_KEEPING

#: Steps of a block. A reverse pass keeps the states of one block at a time: the more steps, the more memory; the fewer,
#: the more starts of blocks to keep.
BLOCK = 32


def differentiable_block(step: Callable[[Any], Any], going: Callable[[Any], Array], state: Any) -> Any:
    """Apply `step` while `going`, at most `BLOCK` times.

    A loop of fixed length whose idle trips cost nothing. Under reverse mode the state at each step is kept while the
    block is differentiated: each step is then computed three times (forwards, to fill its block, to be differentiated)
    and transposed once, however many steps there are. What is named `WORTH_KEEPING`, convolutions above all, is kept
    with the states and not computed the third time.

    - `step`: one step. `going`: whether to make another.
    """

    def trip(state: Any, _: None) -> tuple[Any, None]:
        wanted = going(state)

        def attempt() -> Any:
            return lax.cond(wanted, lambda: step(state), lambda: state)

        # In a batch the inner choice becomes a selection; the outer one still spares the steps that nobody wants.
        return lax.cond(eqxi.unvmap_any(wanted), attempt, lambda: state), None

    kept = jax.checkpoint_policies.save_only_these_names(WORTH_KEEPING)
    return lax.scan(jax.checkpoint(trip, policy=kept), state, None, length=BLOCK)[0]
