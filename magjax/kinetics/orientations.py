"""Ensembles as points and weights: random axes, scattered constants."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.kinetics.arguments import not_negative


def random_axes(n: int = 64) -> tuple[Array, Array]:
    """Angles between a field and axes of random direction.

    They have the density sin ψ on 0 … π/2; by Gauss's rule in cos ψ.

    - `n`: number of points. Smooth averages converge faster than any power of 1/n; where particles switch, as 1/n.

    **Returns** ψ `(n,)`, rad, and weights `(n,)` whose sum is 1.

    **Raises** `ValueError` for n < 1.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import random_axes
    >>> psi, weights = random_axes(20)
    >>> round(float(jnp.sum(weights * jnp.cos(psi))), 12)  # the remanence of Stoner and Wohlfarth
    0.5
    """
    _check_number(n)
    x, w = np.polynomial.legendre.leggauss(n)
    return jnp.asarray(np.arccos((1 + x) / 2)), jnp.asarray(w / 2)


def lognormal(median: Any, sigma: Any, n: int = 32) -> tuple[Array, Array]:
    """A quantity whose logarithm is normally distributed, such as the volume of grains, by Gauss and Hermite's rule.

    - `median`: in any unit. `sigma`: standard deviation of the logarithm, ≥ 0. `n`: number of points.

    **Returns** values `(n,)` in the unit of `median`, and weights `(n,)` whose sum is 1.

    **Raises** `ValueError` for n < 1 and a negative `sigma`.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import lognormal
    >>> values, weights = lognormal(1e-24, 0.5)
    >>> round(float(jnp.sum(weights * values) * 1e24), 6)  # exp(σ²/2)
    1.133148
    """
    _check_number(n)
    x, w = np.polynomial.hermite_e.hermegauss(n)
    spread = not_negative("sigma", sigma, "a standard deviation of the logarithm")
    return median * jnp.exp(spread * jnp.asarray(x)), jnp.asarray(w / w.sum())


def _check_number(n: int) -> None:
    if isinstance(n, bool) or not isinstance(n, int) or n < 1:
        raise ValueError(f"Argument `n` must be a number of points ≥ 1, but got {n!r}.")
