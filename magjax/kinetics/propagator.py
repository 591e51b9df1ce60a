"""exp(Wt) of a matrix of rates, every entry as accurate as the rates are, however long the time."""

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

#: Doublings of a time step: from the fastest rate to 1e30 times slower ones.
_DOUBLINGS = 100
#: Terms of the exponential series of a matrix whose columns add up to at most 1: what is left out is below 1/26!.
_TERMS = 26


def propagator(W: Array, t: Array) -> Array:
    """exp(Wt), `(n, n)`, its entries ≥ 0 and its columns adding up to 1.

    A short step is squared until it is long. Nothing is subtracted, and columns are made to add up to 1 after each
    squaring, so that rates 1e-30 of the fastest one keep all their digits: an eigenvalue decomposition would lose them.

    - `W`: rates, 1/s, as `rate_matrix` gives them. `t`: time ≥ 0, s.

    Source: J. Xue, Q. Ye, Math. Comp. 82, 1577 (2013), on exponentials accurate in every entry.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics.propagator import propagator
    >>> W = jnp.array([[-1e9, 1e-9], [1e9, -1e-9]])
    >>> round(float(propagator(W, jnp.asarray(1e3))[0, 1]) * 1e18, 9)
    1.0
    """
    off = jnp.where(np.eye(W.shape[0], dtype=bool), 0, W)
    leaving = off.sum(0)
    fastest = jnp.max(leaving)
    long = lax.stop_gradient(jnp.log2(jnp.maximum(fastest * t, 1)))
    doublings = jnp.ceil(long)
    h = t * jnp.exp2(-doublings)
    # W + fastest·1 has no negative entry; the factor exp(−fastest·h) drops out of columns that add up to 1.
    positive = (off + jnp.diag(fastest - leaving)) * h
    one = jnp.eye(W.shape[0], dtype=W.dtype)

    def term(k: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        total, power = carry
        power = positive @ power / k
        return total + power, power

    step, _ = lax.fori_loop(1, _TERMS, term, (one, one))

    def double(M: Array, k: Array) -> tuple[Array, None]:
        return jnp.where(k < doublings, _stochastic(M @ M), M), None

    return lax.scan(double, _stochastic(step), jnp.arange(_DOUBLINGS, dtype=W.dtype))[0]


def _stochastic(M: Array) -> Array:
    return M / M.sum(0)[None]
