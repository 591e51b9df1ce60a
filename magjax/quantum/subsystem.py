"""Parts of a quantum system: what one sees of some spins, and how they are entangled with the others."""

from collections.abc import Sequence

import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.quantum.spins import Spins


def partial_trace(spins: Spins, state: Array, keep: Sequence[int]) -> Array:
    """The density matrix of some spins, in the order given, the others traced out.

    - `spins`: all spins. `state`: ψ `(dim,)` or ρ `(dim, dim)` of them. `keep`: the sites to keep.

    **Returns** ρ of the spins kept, `(d, d)` with d = Π(2S+1) over them.

    **Raises** `ValueError` for sites that there are not or that come twice, and states of another size.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> singlet = jnp.array([0, 1, -1, 0]) / 2**0.5
    >>> quantum.partial_trace(quantum.Spins(0.5, n=2), singlet, keep=[0]).round(6).tolist()
    [[0.5, 0.0], [0.0, 0.5]]
    """
    state = jnp.asarray(state)
    kept, others = _split(spins, keep)
    d = _dim(spins, kept)
    if state.shape == (spins.dim,):
        part = state.reshape(spins.levels).transpose(*kept, *others).reshape(d, -1)
        return part @ part.conj().T
    if state.shape != (spins.dim, spins.dim):
        raise ValueError(
            f"Argument `state` must be ψ of shape ({spins.dim},) or ρ of shape ({spins.dim}, {spins.dim}), but got "
            f"{state.shape}."
        )
    order = (*kept, *others)
    both = (*order, *(spins.n + k for k in order))
    rest = spins.dim // d
    tensor = state.reshape(*spins.levels, *spins.levels).transpose(both).reshape(d, rest, d, rest)
    return jnp.trace(tensor, axis1=1, axis2=3)


def entanglement_entropy(spins: Spins, psi: Array, keep: Sequence[int]) -> Array:
    """How entangled some spins are with all others in a pure state: S = −k Σ p ln p over Schmidt's weights, J/K.

    - `spins`: all spins. `psi`: their state `(dim,)`. `keep`: the sites on one side of the cut.

    **Raises** `ValueError` for sites that there are not or that come twice, and states of another size.

    >>> import jax.numpy as jnp
    >>> from magjax import constants, quantum
    >>> singlet = jnp.array([0, 1, -1, 0]) / 2**0.5
    >>> S = quantum.entanglement_entropy(quantum.Spins(0.5, n=2), singlet, keep=[0])
    >>> round(float(S) / constants.KB, 6)  # ln 2
    0.693147
    """
    psi = jnp.asarray(psi)
    if psi.shape != (spins.dim,):
        raise ValueError(f"Argument `psi` must be a pure state of shape ({spins.dim},), but got {psi.shape}.")
    kept, others = _split(spins, keep)
    matrix = psi.reshape(spins.levels).transpose(*kept, *others).reshape(_dim(spins, kept), -1)
    p = jnp.linalg.svd(matrix, compute_uv=False) ** 2
    filled = p > 0
    return -constants.KB * jnp.sum(jnp.where(filled, p * jnp.log(jnp.where(filled, p, 1)), 0))


def _split(spins: Spins, keep: Sequence[int]) -> tuple[list[int], list[int]]:
    kept = [spins.site(k) for k in keep]
    if len(set(kept)) != len(kept):
        raise ValueError(f"Argument `keep` must name each site once, but got {list(keep)}.")
    return kept, [k for k in range(spins.n) if k not in kept]


def _dim(spins: Spins, sites: list[int]) -> int:
    dim = 1
    for k in sites:
        dim *= spins.levels[k]
    return dim
