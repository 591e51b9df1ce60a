"""Drives given by a formula."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax.drive.arguments import leaf, like
from magjax.drive.base import AbstractWaveform

#: Longest step, s, past a formula of which nothing is known: about that of a spin that precesses in 1 T.
_UNSTATED = 1e-12


class Function(AbstractWaveform):
    """Any function of time that JAX can trace.

    Error control of a spin at rest cannot see a pulse between two steps, and nothing is known of a formula. So no step
    is longer than 1 ps, and a pulse shorter than that may be missed, unless `landmarks` or `longest` say better.

    **Arguments**

    - `formula`: takes t in s and returns a number of the same shape. Give it as an `equinox.Module` with a `__call__`
      where its own parameters are to be differentiated; the numbers inside a plain function are constants.
    - `landmarks`: shape `(n,)`, times on which steps must end, s: jumps and bends, and points within short pulses.
    - `longest`: the longest step, s; by default any with `landmarks`, else 1 ps. A slow formula over a long run wants
      more, `jnp.inf` for any.

    **Raises** `ValueError` for what cannot be called, landmarks that are not finite, a longest step that is not > 0.

    >>> import magjax as mj
    >>> import jax.numpy as jnp
    >>> chirp = mj.drive.function(lambda t: jnp.sin(2e9 * t + 1e18 * t**2), longest=20e-12)
    >>> float(chirp(0.0))
    0.0
    >>> echo = mj.drive.function(lambda t: jnp.where(abs(t - 5e-10) < 5e-12, 1.0, 0.0), landmarks=(495e-12, 505e-12))
    >>> float(echo(5e-10))
    1.0
    """

    formula: Any
    _landmarks: Array | None
    _longest: Array | None

    def __init__(self, formula: Callable[[Array], Any], landmarks: Any = None, longest: Any = None):
        if not callable(formula):
            raise ValueError(f"Argument `formula` must be a function of t, but got {formula!r}.")
        # A plain function is no leaf that a program could take as an argument; as a `Partial` it is structure.
        self.formula = formula if isinstance(formula, eqx.Module) else jax.tree_util.Partial(formula)
        self._landmarks = None if landmarks is None else leaf("landmarks", landmarks, ndim=1)
        self._longest = None if longest is None else _step(longest)

    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""
        (time,) = like(t)
        return jnp.asarray(self.formula(time), time.dtype)

    def landmarks(self) -> tuple[Array, ...]:
        """Those given."""
        return () if self._landmarks is None else (lax.stop_gradient(self._landmarks),)

    def longest_step(self) -> Array:
        """The one given; without it any between landmarks, else 1 ps."""
        if self._longest is not None:
            return lax.stop_gradient(self._longest)
        return jnp.asarray(_UNSTATED if self._landmarks is None else jnp.inf)


def _step(longest: Any) -> Array:
    """A time > 0, infinity included."""
    if not isinstance(longest, (Tracer, jax.Array)) and np.ndim(longest) == 0 and longest == np.inf:
        return jnp.asarray(np.inf)
    return leaf("longest", longest, above=0)
