"""Krylov spaces of a Hamiltonian with full reorthogonalisation, restarted with the best of what they hold."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

Apply = Callable[[Array], Array]


class Krylov(eqx.Module):
    """An orthonormal basis `(m + 1, dim)` in which H is `(m, m)`, and how far the last vector leads out of it.

    H V = V T + beta v_m e_m^T for the first m vectors, which are the rows of `basis`.
    """

    basis: Array
    projected: Array
    beta: Array


def empty(start: Array, m: int) -> Krylov:
    """A space of at most `m` vectors that begins with `start`."""
    basis = jnp.zeros((m + 1, start.shape[0]), start.dtype).at[0].set(start / jnp.linalg.norm(start))
    return Krylov(basis, jnp.zeros((m, m), start.dtype), jnp.zeros((), jnp.finfo(start.dtype).dtype))


def extend(apply: Apply, space: Krylov, first: Array | int) -> Krylov:
    """Fill a space of which vectors 0 … `first` are there.

    Every product is made orthogonal to all that came before, twice (Gram–Schmidt "twice is enough"). Where it has no
    other part, H maps the space on itself, and a random vector begins the next.
    """
    m = space.projected.shape[0]
    tiny = 100 * jnp.finfo(space.beta.dtype).eps

    def grow(j: Array, space: Krylov) -> Krylov:
        product = apply(space.basis[j])
        rest, inside = orthogonal(space.basis, product)
        beta = jnp.linalg.norm(rest)
        another, _ = orthogonal(space.basis, random_vector(j + 1, product))
        ends = beta <= tiny * jnp.linalg.norm(product)
        vector = jnp.where(ends, another / jnp.linalg.norm(another), rest / jnp.where(ends, 1, beta))
        column = inside[:m]
        projected = space.projected.at[:, j].set(column).at[j, :].set(column.conj())
        return Krylov(space.basis.at[j + 1].set(vector), projected, beta)

    return lax.fori_loop(first, m, grow, space)


def ritz(space: Krylov) -> tuple[Array, Array, Array]:
    """Energies of H within a space, rising, `(m,)`; their vectors as columns; and the norms |Hψ − Eψ|, `(m,)`."""
    energies, vectors = jnp.linalg.eigh(space.projected)
    return energies, vectors, space.beta * jnp.abs(vectors[-1])


def restart(space: Krylov, keep: int) -> Krylov:
    """The space of the `keep` lowest Ritz vectors, ready to be extended from the vector that led out."""
    m = space.projected.shape[0]
    energies, vectors, _ = ritz(space)
    kept = vectors[:, :keep].T @ space.basis[:m]
    basis = jnp.zeros_like(space.basis).at[:keep].set(kept).at[keep].set(space.basis[m])
    projected = jnp.zeros_like(space.projected)
    diagonal = jnp.arange(keep)
    projected = projected.at[diagonal, diagonal].set(energies[:keep].astype(projected.dtype))
    return Krylov(basis, projected, space.beta)


def orthogonal(basis: Array, vector: Array) -> tuple[Array, Array]:
    """The part of a vector across all rows of a basis, and its components along them."""
    first = basis.conj() @ vector
    rest = vector - first @ basis
    second = basis.conj() @ rest
    return rest - second @ basis, first + second


def random_vector(number: Array | int, like: Array) -> Array:
    """A vector of normal numbers, always the same for the same `number`."""
    key = jax.random.fold_in(jax.random.key(0), number)
    return jax.random.normal(key, like.shape, like.dtype)
