"""Entropies of density matrices, and how far apart two of them are."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.quantum.checks import check_density


def von_neumann_entropy(rho: Any) -> Array:
    """The fine-grained entropy S = −k⟨ln ρ⟩ = −k Tr ρ ln ρ, J/K; no unitary evolution changes it.

    The first seed paper drops the minus: `von_neumann_entropy_seed`.

    - `rho`: density matrix `(dim, dim)`.

    **Raises** `ValueError` for what is no density matrix.

    >>> import jax.numpy as jnp
    >>> from magjax import constants, quantum
    >>> round(float(quantum.von_neumann_entropy(jnp.eye(2) / 2)) / constants.KB, 6)  # ln 2
    0.693147
    """
    return constants.KB * _shannon(jnp.linalg.eigvalsh(check_density(rho, "rho")))


def von_neumann_entropy_seed(rho: Any) -> Array:
    """k⟨ln ρ⟩ as the first seed paper prints it in its section 3.1, J/K: the negative of an entropy; for comparison.

    - `rho`: density matrix `(dim, dim)`.

    >>> import jax.numpy as jnp
    >>> from magjax import constants, quantum
    >>> round(float(quantum.von_neumann_entropy_seed(jnp.eye(2) / 2)) / constants.KB, 6)  # −ln 2
    -0.693147
    """
    return -von_neumann_entropy(rho)


def coarse_grained_entropy(rho: Any, projectors: Any) -> Array:
    """The entropy that is left when only some projectors are looked at: S = −k Σ_a p_a ln(p_a/d_a), J/K.

    With p_a = Tr P_aρ and d_a = Tr P_a levels in each grain, S ≥ −k Tr ρ ln ρ; it may rise in a unitary evolution.

    - `rho`: density matrix `(dim, dim)`. `projectors`: `(grains, dim, dim)`, orthogonal, adding up to 1.

    **Raises** `ValueError` for what is no density matrix, and projectors that are none or leave something out.

    Source: J. von Neumann, Z. Phys. 57, 30 (1929).

    >>> import jax.numpy as jnp
    >>> from magjax import constants, quantum
    >>> up = jnp.diag(jnp.array([1.0, 0, 0, 0]))  # two spins ½: |↑↑⟩, |↑↓⟩, |↓↑⟩, |↓↓⟩
    >>> first = jnp.stack([jnp.diag(jnp.array(d)) for d in ([1.0, 1, 0, 0], [0, 0, 1.0, 1])])
    >>> round(float(quantum.coarse_grained_entropy(up, first)) / constants.KB, 6)  # the second spin is not looked at
    0.693147
    """
    rho = check_density(rho, "rho")
    P = _partition(jnp.asarray(projectors), rho.shape[0])
    p = jnp.einsum("apq,qp->a", P, rho).real
    d = jnp.trace(P, axis1=1, axis2=2).real
    return constants.KB * (_shannon(p) + jnp.sum(p * jnp.log(d)))


def relative_entropy(rho: Any, sigma: Any) -> Array:
    """S(ρ‖σ) = Tr ρ(ln ρ − ln σ) ≥ 0, dimensionless; 0 only for ρ = σ, infinite where σ excludes what ρ contains.

    To equilibrium it is the free energy in excess: S(ρ‖exp(−H/kT)/Z) = (F[ρ] − F)/kT.

    - `rho`, `sigma`: density matrices `(dim, dim)`.

    **Raises** `ValueError` for what is no density matrix, and matrices of different size.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> pure = jnp.diag(jnp.array([1.0, 0.0]))
    >>> round(float(quantum.relative_entropy(pure, jnp.eye(2) / 2)), 6)
    0.693147
    """
    rho = check_density(rho, "rho")
    levels, states = jnp.linalg.eigh(check_density(sigma, "sigma", rho.shape[0]))
    p = jnp.einsum("pn,pq,qn->n", states.conj(), rho, states).real
    noise = 10 * rho.shape[0] * jnp.finfo(rho.dtype).eps
    excluded = levels <= noise
    cross = jnp.where(excluded, jnp.where(p > noise, jnp.inf, 0), -p * jnp.log(jnp.where(excluded, 1, levels)))
    return jnp.sum(cross) - _shannon(jnp.linalg.eigvalsh(rho))


def fidelity(rho: Any, sigma: Any) -> Array:
    """How alike two states are, 0 to 1: F = (Tr √(√ρ σ √ρ))²; |⟨ψ|φ⟩|² for pure ones.

    - `rho`, `sigma`: states `(dim,)` or density matrices `(dim, dim)`, each either.

    **Raises** `ValueError` for what is no density matrix, and sizes that differ.

    Source: A. Uhlmann, Rep. Math. Phys. 9, 273 (1976).

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> round(float(quantum.fidelity(jnp.array([1.0, 0.0]), jnp.eye(2) / 2)), 6)
    0.5
    """
    rho, sigma = jnp.asarray(rho), jnp.asarray(sigma)
    if rho.shape[0] != sigma.shape[0]:
        raise ValueError(f"Arguments `rho` and `sigma` must have one size, but got {rho.shape} and {sigma.shape}.")
    if rho.ndim == 2 and sigma.ndim == 2:
        levels, states = jnp.linalg.eigh(check_density(rho, "rho"))
        root = (states * _root(levels)[None, :]) @ states.conj().T
        inner = root @ check_density(sigma, "sigma") @ root
        return jnp.sum(_root(jnp.linalg.eigvalsh((inner + inner.conj().T) / 2))) ** 2
    pure, other = (rho, sigma) if rho.ndim == 1 else (sigma, rho)
    if other.ndim == 1:
        return jnp.abs(jnp.vdot(pure, other)) ** 2
    return jnp.vdot(pure, other @ pure).real


def _shannon(p: Array) -> Array:
    """−Σ p ln p, with nothing from levels that are empty."""
    filled = p > 0
    return -jnp.sum(jnp.where(filled, p * jnp.log(jnp.where(filled, p, 1)), 0))


def _root(x: Array) -> Array:
    # A level emptied to rounding has no derivative worth having.
    filled = x > jnp.finfo(x.dtype).eps * jnp.max(lax.stop_gradient(jnp.abs(x)))
    return jnp.where(filled, jnp.sqrt(jnp.where(filled, x, 1)), 0)


def _partition(P: Array, dim: int) -> Array:
    if P.shape[1:] != (dim, dim) or P.ndim != 3:
        raise ValueError(f"Argument `projectors` must have the shape (grains, {dim}, {dim}), but got {P.shape}.")
    if isinstance(P, Tracer):
        return P
    known = np.asarray(P)
    tolerance = 1e-4
    if np.abs(known.sum(axis=0) - np.eye(dim)).max() > tolerance:
        raise ValueError("Argument `projectors` must add up to 1: each level belongs to one grain.")
    if (
        np.abs(known @ known - known).max() > tolerance
        or np.abs(known - known.conj().transpose(0, 2, 1)).max() > tolerance
    ):
        raise ValueError("Argument `projectors` must hold projectors, P² = P = P†.")
    return P
