"""Lifetimes behind barriers, by simulation: the master equation of a state that can be left but not returned to."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.kinetics.arguments import floats
from magjax.kinetics.first_passage import mean_first_passage
from magjax.kinetics.master import MasterEquation


def mean_lifetime(barrier: Any, T: Any, prefactor: Any = 1e9) -> Array:
    """Mean time until a state behind a barrier is left, from the master equation, s: τ0 exp(Ea/kT) is its closed form.

    **Arguments**

    - `barrier`: Ea ≥ 0, J; or a function of `T` that gives it. `T`: temperature, K. `prefactor`: 1/τ0, 1/s.

    **Returns** `()`, s.

    **Raises** `ValueError` for a barrier below zero, a temperature or prefactor that is not positive.

    >>> from magjax.analytic import lifetime
    >>> from magjax.kinetics import mean_lifetime
    >>> wire = lifetime.wire_barrier(A=10e-12, K=1e6, D=2e-9)
    >>> round(float(mean_lifetime(wire, T=300.0)), 1)  # s
    40.8
    """
    E = floats("barrier", barrier(T) if isinstance(barrier, Callable) else barrier)
    bottom = jnp.zeros(2, E.dtype)
    return mean_first_passage(MasterEquation(bottom, ((0, 1),), E[None], prefactor), 1, T)[0]
