"""Drives given by a formula."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax.drive.arguments import like
from magjax.drive.base import AbstractWaveform


class Function(AbstractWaveform):
    """Any function of time that JAX can trace.

    Nothing is known of it: a pulse shorter than the steps of a run may be missed. The other drives see to that.

    **Arguments**

    - `formula`: takes t in s and returns a number of the same shape. Give it as an `equinox.Module` with a `__call__`
      where its own parameters are to be differentiated; the numbers inside a plain function are constants.

    **Raises** `ValueError` for what cannot be called.

    >>> import magjax as mj
    >>> import jax.numpy as jnp
    >>> chirp = mj.drive.function(lambda t: jnp.sin(2e9 * t + 1e18 * t**2))
    >>> float(chirp(0.0))
    0.0
    """

    formula: Any

    def __init__(self, formula: Callable[[Array], Any]):
        if not callable(formula):
            raise ValueError(f"Argument `formula` must be a function of t, but got {formula!r}.")
        # A plain function is no leaf that a program could take as an argument; as a `Partial` it is structure.
        self.formula = formula if isinstance(formula, eqx.Module) else jax.tree_util.Partial(formula)

    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""
        (time,) = like(t)
        return jnp.asarray(self.formula(time), time.dtype)

    def landmarks(self) -> tuple[Array, ...]:
        """None."""
        return ()

    def longest_step(self) -> Array:
        """Any."""
        return jnp.asarray(jnp.inf)
