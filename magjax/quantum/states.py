"""States to start from: product states, each spin along a direction of its own."""

from collections.abc import Sequence
from functools import reduce
from math import comb
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.quantum.parameter import parameter
from magjax.quantum.spins import Spins


def basis_state(spins: Spins, m: Sequence[float]) -> Array:
    """The product state |m₁ m₂ … m_N⟩, `(dim,)`, complex.

    - `spins`: the spins. `m`: Sz of each, from −S to S.

    **Raises** `ValueError` for values that a spin does not have.

    >>> from magjax import quantum
    >>> quantum.basis_state(quantum.Spins(0.5, n=2), (0.5, -0.5)).real.tolist()  # |↑↓⟩
    [0.0, 1.0, 0.0, 0.0]
    """
    if len(m) != spins.n:
        raise ValueError(f"Argument `m` must hold one value for each of {spins.n} spins, but got {len(m)}.")
    down = []
    for each, S in zip(m, spins.S, strict=True):
        if not (abs(each) <= S and float(S - each).is_integer()):
            raise ValueError(f"Argument `m` must hold values −S, −S+1, …, S, but got {each!r} for S = {S:g}.")
        down.append(round(S - each))
    dtype = jnp.result_type(complex)
    spins.check_memory(1, dtype)
    return jnp.zeros(spins.dim, dtype).at[int(np.ravel_multi_index(down, spins.levels))].set(1)


def coherent_state(spins: Spins, directions: Any) -> Array:
    """The product state in which each ⟨S⟩ is S along a direction, `(dim,)`, complex.

    With n = (sinθ cosφ, sinθ sinφ, cosθ) a spin ½ is cos(θ/2)|↑⟩ + sin(θ/2)e^{iφ}|↓⟩; a spin S is 2S of them.

    - `spins`: the spins. `directions`: `(3,)` for all or `(n, 3)`, of any length but 0.

    The phase of the state jumps on the equator; nothing observable does.

    **Raises** `ValueError` for other shapes and vectors of length 0.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> spin = quantum.Spins(1.0)
    >>> psi = quantum.coherent_state(spin, (1, 0, 0))
    >>> [round(float(S), 6) for S in quantum.spin_vectors(spin, psi)[0]]
    [1.0, 0.0, 0.0]
    """
    n = parameter(directions, "directions", ((3,), (spins.n, 3)), "one direction for each spin")
    if not isinstance(n, Tracer) and not np.linalg.norm(np.asarray(n), axis=-1).all():
        raise ValueError("Argument `directions` must have a direction for each spin, but got a vector of length 0.")
    n = jnp.broadcast_to(n if n.ndim == 2 else n[None], (spins.n, 3))
    spins.check_memory(1, jnp.result_type(n.dtype, jnp.complex64))
    n = n / jnp.linalg.norm(n, axis=1, keepdims=True)
    return reduce(jnp.kron, (_one(S, u) for S, u in zip(spins.S, n, strict=True)))


def _one(S: float, n: Array) -> Array:
    # Of the two components the larger is made real: the other is then smooth where this one vanishes.
    x, y, z = n
    large = jnp.sqrt((1 + jnp.abs(z)) / 2)
    small = (x + 1j * jnp.where(z < 0, -y, y)) / (2 * large)
    up, down = jnp.where(z < 0, small, large + 0j), jnp.where(z < 0, large + 0j, small)
    whole = round(2 * S)
    return jnp.stack([comb(whole, k) ** 0.5 * up ** (whole - k) * down**k for k in range(whole + 1)])
