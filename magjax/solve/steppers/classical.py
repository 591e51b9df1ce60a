"""The tableau of the classical Runge–Kutta method."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

Rates = Callable[[Any, Array], Array]


def classical_step(rates: Rates, t0: Any, t1: Any, y: Array, k1: Array) -> tuple[Array, Callable[[Array], Array]]:
    """A step of the classical method of order 4, and its error estimate by the derivative at the end of the step.

    y1 = y + (h/6)(k1 + 2 k2 + 2 k3 + k4),  err = (h/6)(k4 − k5)

    - `rates`: dy/dt of a time, s, and a state. `t0`, `t1`: start and end of the step, s. `y`: the state at `t0`.
    - `k1`: `rates(t0, y)`.

    **Returns** y1, and the function that gives err for k5 = `rates(t1, …)` of what is made of y1, such as unit vectors.

    Source: E. Hairer, S. P. Nørsett, G. Wanner, *Solving Ordinary Differential Equations I*, ch. II.

    >>> import jax.numpy as jnp
    >>> from magjax.solve.steppers.classical import classical_step
    >>> y, error = classical_step(lambda t, y: y, 0.0, 0.1, jnp.ones(1), jnp.ones(1))
    >>> round(float(y[0]), 5), round(abs(float(error(y)[0])), 7)  # e^0.1, order 4
    (1.10517, 1.3e-06)
    """
    h = jnp.asarray(t1 - t0, y.dtype)
    middle = t0 + (t1 - t0) / 2
    k2 = rates(middle, y + h / 2 * k1)
    k3 = rates(middle, y + h / 2 * k2)
    k4 = rates(t1, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), lambda k5: h / 6 * (k4 - k5)
