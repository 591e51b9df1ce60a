"""Commutation relations of moments."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants

#: ε_abc.
EPSILON = np.zeros((3, 3, 3))
for _a, _b, _c in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
    EPSILON[_a, _b, _c], EPSILON[_b, _a, _c] = 1, -1


def commutators(operators: Any) -> Array:
    """[A_a, A_b] of three operators, `(3, 3, dim, dim)`.

    - `operators`: `(3, dim, dim)`, in any unit.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> S = quantum.Spins(1.0).total()
    >>> bool(jnp.allclose(quantum.commutators(S)[0, 1], 1j * S[2]))
    True
    """
    A = jnp.asarray(operators)
    products = jnp.einsum("apq,bqr->abpr", A, A)
    return products - jnp.swapaxes(products, 0, 1)


def algebra_defect(moments: Any, gamma: Any, rest: Any = 0.0) -> Array:
    """How far moments are from [M_a, M_b] = −iħ ε_abc (γ M_c + R_c): the largest element, over that of ħγM.

    0 for the moments −ħγS of electrons, and for any others that close to an SU(2) algebra with this γ.

    - `moments`: `(3, dim, dim)`, J/T. `gamma`: γ, rad/(s·T), either sign.
    - `rest`: R, what an algebra that does not close has beside γM, `(3, dim, dim)`, rad·J/(s·T²).

    >>> from magjax import constants, quantum
    >>> M = quantum.moment_operators(quantum.Spins(1.0))
    >>> [bool(quantum.algebra_defect(moments, constants.GAMMA) < 1e-12) for moments in (M, 2 * M)]
    [True, False]
    """
    # Bohr magnetons, and ħ per Bohr magneton: no product leaves the range of single precision.
    M = jnp.asarray(moments) / constants.MU_B
    ratio = constants.HBAR / constants.MU_B
    closed = jnp.asarray(gamma) * M + jnp.broadcast_to(jnp.asarray(rest) / constants.MU_B, M.shape)
    expected = -1j * ratio * jnp.einsum("abc,cpq->abpq", jnp.asarray(EPSILON, M.dtype), closed)
    scale = ratio * jnp.abs(jnp.asarray(gamma)) * jnp.max(jnp.abs(M))
    return jnp.max(jnp.abs(commutators(M) - expected)) / scale
