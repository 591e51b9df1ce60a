"""All relaxation rates of an axial Fokker–Planck equation, in Legendre polynomials."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.kinetics.fokker_planck import AbstractFokkerPlanck


def legendre_modes(equation: AbstractFokkerPlanck, count: int = 4, t: Any = 0.0, *, degree: int = 64) -> Array:
    """The `count` smallest nonzero eigenvalues of a Fokker–Planck equation in rising order, 1/s, `(count,)`.

    With P = exp(−v/2) g the operator is A†A, A = √D (∂s + v′/2): symmetric and never negative. The eigenvalues are the
    squares of A's singular values on normalised Legendre polynomials, which converge exponentially for smooth E and
    meet no-flux walls by themselves.

    - `equation`: an axial equation. `count`: how many. `t`: the moment, s, if there are drives.
    - `degree`: of the highest polynomial.

    **Returns** rates whose *absolute* error in double precision is near 1e-13 of the pace times degree². The smallest
    is exponentially small at high barriers: `relaxation_rate` has all its digits.

    **Raises** `ValueError` unless 1 ≤ count ≤ degree/2, above which eigenvalues are not converged.

    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy, legendre_modes
    >>> free = FokkerPlanck(UniaxialEnergy(0.0), moment=1e-18, T=300.0, alpha=0.1)
    >>> [round(float(rate * 2 * free.free_time()), 6) for rate in legendre_modes(free, 3)]  # l(l + 1)
    [2.0, 6.0, 12.0]
    """
    if not 1 <= count <= degree // 2:
        raise ValueError(
            f"Argument `count` must be from 1 to half of `degree` = {degree}, but got {count!r}. Raise `degree`, too."
        )
    pace = equation.pace(t)
    low, high = equation.span
    x, w = np.polynomial.legendre.leggauss(2 * degree + 16)
    half = (high - low) / 2
    s = jnp.asarray((low + high) / 2 + half * x, pace.dtype)
    values, slopes = (jnp.asarray(table, pace.dtype) for table in _legendre(x, w, degree))
    _, steepness = jax.jvp(lambda s: equation.potential(s, t), (s,), (jnp.ones_like(s),))
    factor = jnp.sqrt(equation.diffusivity(s))[:, None] * (slopes / half + values * steepness[:, None] / 2)
    singular = jnp.linalg.svd(factor, compute_uv=False)[::-1]
    return pace * singular[1 : count + 1] ** 2


def _legendre(x: np.ndarray, w: np.ndarray, degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Orthonormal Legendre polynomials and their derivatives at quadrature nodes, times √weight."""
    values = np.polynomial.legendre.legvander(x, degree)
    slopes = np.zeros_like(values)
    for n in range(1, degree + 1):
        below = slopes[:, n - 2] if n > 1 else 0.0
        slopes[:, n] = below + (2 * n - 1) * values[:, n - 1]
    scale = np.sqrt((2 * np.arange(degree + 1) + 1) / 2)[None] * np.sqrt(w)[:, None]
    return values * scale, slopes * scale
