"""Exponentials of Hermitian matrices, exact to rounding and differentiable where levels coincide."""

import jax
import jax.numpy as jnp
from jaxtyping import Array

# Derivatives are those of Daleckii and Krein, in which (f(a) − f(b))/(a − b) stays finite for a = b; those of
# eigenvectors, which jax would use, do not.


@jax.custom_jvp
def exp_hermitian(A: Array) -> Array:
    """exp(A) of a Hermitian matrix, `(dim, dim)`.

    Source: Ju. L. Daleckii and S. G. Krein, AMS Transl. 47, 1 (1965), for the derivative.

    >>> import jax.numpy as jnp
    >>> from magjax.quantum.matrix_exponential import exp_hermitian
    >>> float(exp_hermitian(jnp.zeros((2, 2)))[0, 0])
    1.0
    """
    levels, states = jnp.linalg.eigh(A)
    return _of_levels(jnp.exp(levels), states)


@exp_hermitian.defjvp
def _exp_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    levels, states = jnp.linalg.eigh(primals[0])
    a, b = levels[:, None], levels[None, :]
    gap = jnp.abs(a - b)
    apart = gap > 0
    slope = jnp.exp(jnp.maximum(a, b)) * jnp.where(apart, -jnp.expm1(-gap) / jnp.where(apart, gap, 1), 1)
    return _of_levels(jnp.exp(levels), states), _between(slope, states, tangents[0])


@jax.custom_jvp
def exp_minus_i(A: Array) -> Array:
    """The unitary exp(−iA) of a Hermitian matrix, `(dim, dim)`, complex.

    Source: Ju. L. Daleckii and S. G. Krein, AMS Transl. 47, 1 (1965), for the derivative.

    >>> import jax.numpy as jnp
    >>> from magjax.quantum.matrix_exponential import exp_minus_i
    >>> complex(exp_minus_i(jnp.pi * jnp.eye(2))[0, 0]).real
    -1.0
    """
    levels, states = jnp.linalg.eigh(A)
    return _of_levels(jnp.exp(-1j * levels), states)


@exp_minus_i.defjvp
def _unitary_jvp(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    levels, states = jnp.linalg.eigh(primals[0])
    a, b = levels[:, None], levels[None, :]
    slope = -1j * jnp.exp(-0.5j * (a + b)) * jnp.sinc((a - b) / (2 * jnp.pi))
    return _of_levels(jnp.exp(-1j * levels), states), _between(slope, states, tangents[0])


def _of_levels(values: Array, states: Array) -> Array:
    return (states * values[None, :]) @ states.conj().T


def _between(slope: Array, states: Array, change: Array) -> Array:
    change = (change + change.conj().T) / 2
    return states @ (slope * (states.conj().T @ change @ states)) @ states.conj().T
