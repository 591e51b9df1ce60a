"""Hamiltonians of quantum spins: what they have in common, and how they add."""

import abc
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.quantum.checks import check_hermitian
from magjax.quantum.spins import Spins


class AbstractHamiltonian(eqx.Module):
    """An energy operator of N spins, which may depend on time. `+` adds several of the same spins.

    Energies are in J. `unit` divides them before anything else happens: with `unit=constants.HBAR` they come as
    angular frequencies H/ħ in rad/s, which neither overflow nor underflow in single precision.

    A Hamiltonian of your own has `spins` and `apply`; or wrap a matrix in `Given`.
    """

    spins: eqx.AbstractVar[Spins]

    @abc.abstractmethod
    def apply(self, psi: Array, t: Any = 0.0, unit: float = 1.0) -> Array:
        """H(t)ψ without ever building a matrix, J/`unit`.

        - `psi`: a state `(dim,)`, or states as the columns of `(dim, k)`; complex. `t`: time, s. `unit`: J.
        """

    def matrix(self, t: Any = 0.0, unit: float = 1.0) -> Array:
        """H(t) as a Hermitian matrix `(dim, dim)`, J/`unit`.

        **Raises** `MemoryError` for more spins than fit.
        """
        self.spins.check_memory(2, self.dtype)
        return _matrix(self, jnp.asarray(t, jnp.finfo(self.dtype).dtype), unit)

    @property
    def dtype(self) -> np.dtype:
        """The complex type in the precision of the parameters."""
        leaves = [leaf for leaf in jax.tree_util.tree_leaves(self) if eqx.is_inexact_array(leaf)]
        return np.dtype(jnp.result_type(*leaves, jnp.complex64))

    def __add__(self, other: Any) -> "Sum":
        if isinstance(other, AbstractHamiltonian):
            return Sum((*_terms(self), *_terms(other)))
        # sum([...]) begins with 0.
        return Sum(_terms(self)) if isinstance(other, int) and other == 0 else NotImplemented

    def __radd__(self, other: Any) -> "Sum":
        return self + other


class Sum(AbstractHamiltonian):
    """Hamiltonians of the same spins added; what `+` makes.

    - `terms`: the Hamiltonians.

    **Raises** `ValueError` for terms of different spins.

    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> H = quantum.Zeeman(pair, B=(0, 0, 1.0)) + quantum.Exchange(pair, J=1e-23, pairs=quantum.chain(2))
    >>> len(H.terms), H.matrix().shape
    (2, (4, 4))
    """

    spins: Spins
    terms: tuple[AbstractHamiltonian, ...]

    def __init__(self, terms: tuple[AbstractHamiltonian, ...]):
        self.spins = terms[0].spins
        self.terms = terms

    def __check_init__(self) -> None:
        if len({term.spins for term in self.terms}) != 1:
            raise ValueError(
                "Hamiltonians must act on the same spins to be added, but got "
                f"{' and '.join(sorted({repr(term.spins) for term in self.terms}))}."
            )

    def apply(self, psi: Array, t: Any = 0.0, unit: float = 1.0) -> Array:
        first, *others = (term.apply(psi, t, unit) for term in self.terms)
        return sum(others, first)


class Given(AbstractHamiltonian):
    """Any Hermitian matrix as a Hamiltonian.

    - `spins`: the spins. `energies`: the matrix `(dim, dim)`, J.

    **Raises** `ValueError` for a matrix of another size, or one that is not Hermitian.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> spin = quantum.Spins(0.5)
    >>> float(quantum.Given(spin, 1e-23 * jnp.array([[0, -1j], [1j, 0]])).matrix()[1, 0].imag)
    1e-23
    """

    spins: Spins
    energies: Array

    def __init__(self, spins: Spins, energies: Any):
        self.spins = spins
        energies = jnp.asarray(energies)
        self.energies = check_hermitian(
            energies.astype(jnp.result_type(energies, jnp.complex64)), "energies", spins.dim
        )

    def apply(self, psi: Array, t: Any = 0.0, unit: float = 1.0) -> Array:
        return (self.energies / unit).astype(psi.dtype) @ psi


@eqx.filter_jit
def _matrix(H: AbstractHamiltonian, t: Array, unit: float) -> Array:
    return H.apply(jnp.eye(H.spins.dim, dtype=H.dtype), t, unit)


def _terms(term: AbstractHamiltonian) -> tuple[AbstractHamiltonian, ...]:
    return term.terms if isinstance(term, Sum) else (term,)
