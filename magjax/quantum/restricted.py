"""Hamiltonians that conserve the total S^z, restricted to the states of one value of it."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.material.derived import Derived
from magjax.quantum.anisotropy import SingleIon
from magjax.quantum.exchange import Exchange
from magjax.quantum.hamiltonian import AbstractHamiltonian, Sum
from magjax.quantum.pairwise import AbstractPairwise, Pairs
from magjax.quantum.parameter import now
from magjax.quantum.sector import Sector
from magjax.quantum.xxz import XXZ
from magjax.quantum.zeeman import Zeeman


class Restricted(eqx.Module):
    """A Hamiltonian within a `Sector`: PHP, which is H itself there, since H conserves ΣS^z.

    For every pair i, j of H = Σ S_i·T·S_j with T_xx = T_yy it holds the table of states that S⁺_iS⁻_j leads to, so that
    `apply` is a sum of gathers; no matrix is built.

    **Arguments**

    - `hamiltonian`: exchange, `XXZ`, DMI or other couplings whose tensors are symmetric about z, `SingleIon` and
      `Zeeman` along z, or a sum of them. `sector`: the `Sector`.

    **Raises** `TypeError` for other terms; `ValueError` for terms of other spins, or that do not conserve ΣS^z.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> spins = quantum.Spins(0.5, n=4)
    >>> H = quantum.Exchange(spins, J=-0.5e-21, pairs=quantum.ring(4))  # antiferromagnetic, 1e-21 J × ΣS·S
    >>> inside = quantum.Restricted(H, quantum.Sector(spins, Sz=0))
    >>> inside.dim, [round(float(E), 6) + 0.0 for E in jnp.linalg.eigvalsh(inside.matrix(unit=1e-21))]
    (6, [-2.0, -1.0, 0.0, 0.0, 0.0, 1.0])
    """

    hamiltonian: AbstractHamiltonian
    sector: Sector
    #: For each pair, the states from which S⁺_iS⁻_j and S⁻_iS⁺_j lead to each state, `(pairs, 2, dim)`; for spins ½,
    #: where at most one does, `(pairs, 1, dim)`.
    partners: Derived
    #: The matrix elements of both, `(pairs, 2, dim)`; for spins ½ they are 0 or 1 by the S^z of the pair.
    elements: Derived | None
    pairs: Pairs = eqx.field(static=True)

    def __init__(self, hamiltonian: AbstractHamiltonian, sector: Sector):
        if hamiltonian.spins != sector.spins:
            raise ValueError(f"Argument `sector` must be of {hamiltonian.spins!r}, but got one of {sector.spins!r}.")
        for term in _terms(hamiltonian):
            _check(term)
        self.hamiltonian, self.sector = hamiltonian, sector
        found = (pair for term in _pairwise(hamiltonian) for pair in term.couplings(0.0, constants.KB)[0])
        self.pairs = tuple(dict.fromkeys(found))
        partners, elements = _tables(sector, self.pairs)
        self.partners, self.elements = Derived(partners), None if elements is None else Derived(elements)

    @property
    def dim(self) -> int:
        """Number of states."""
        return self.sector.dim

    @property
    def dtype(self) -> np.dtype:
        """Real where every matrix element is, else complex; in the precision of the parameters."""
        real = all(isinstance(term, (Exchange, XXZ, SingleIon, Zeeman)) for term in _terms(self.hamiltonian))
        dtype = self.hamiltonian.dtype
        return np.dtype(jnp.finfo(dtype).dtype) if real else dtype

    def apply(self, psi: Array, t: Any = 0.0, unit: float = 1.0) -> Array:
        """H(t)ψ, J/`unit`.

        - `psi`: a state `(dim,)`, real or complex as `dtype` is. `t`: time, s. `unit`: J.
        """
        dtype = jnp.finfo(psi.dtype).dtype
        tensors = self._tensors(t, unit)
        along = tensors[:, 2, 2].astype(dtype)
        across = ((tensors[:, 0, 0] + tensors[:, 1, 1]) / 4).astype(psi.dtype)
        if jnp.issubdtype(psi.dtype, jnp.complexfloating):
            across = across + 0.25j * (tensors[:, 0, 1] - tensors[:, 1, 0]).astype(psi.dtype)
        S = jnp.asarray(self.sector.spins.S, dtype)
        m = S[:, None] - self.sector.lowered.value.astype(dtype)
        sites = np.asarray(self.pairs, np.int32).reshape(-1, 2)

        def add(total: Array, pair: Any) -> tuple[Array, None]:
            (i, j), partners, elements, z, xy = pair
            first, second = m[i], m[j]
            if elements is None:
                # One of the two is 1 where the spins of the pair differ: S⁺_iS⁻_j leads to a state whose spin i is up.
                weights = jnp.where(first > second, xy, jnp.where(first < second, xy.conj(), 0))
                flipped = weights * psi[partners[0]]
            else:
                flipped = xy * elements[0] * psi[partners[0]] + xy.conj() * elements[1] * psi[partners[1]]
            return total + z * first * second * psi + flipped, None

        # A loop over pairs, where sums over all at once would hold that many copies of the state.
        elements = None if self.elements is None else self.elements.value.astype(dtype)
        begin = (self._diagonal(m, t, unit) * psi).astype(psi.dtype)
        total, _ = lax.scan(add, begin, (sites, self.partners.value, elements, along, across))
        return total

    def matrix(self, t: Any = 0.0, unit: float = 1.0) -> Array:
        """H(t) as a matrix `(dim, dim)`, J/`unit`."""
        self.sector.check_matrix(self.dtype)
        return jax.vmap(lambda column: self.apply(column, t, unit), 1, 1)(jnp.eye(self.dim, dtype=self.dtype))

    def _tensors(self, t: Any, unit: float) -> Array:
        """The tensor of each pair, `(pairs, 3, 3)`."""
        dtype = jnp.finfo(self.hamiltonian.dtype).dtype
        total = jnp.zeros((len(self.pairs), 3, 3), dtype)
        for term in _pairwise(self.hamiltonian):
            pairs, tensors = term.couplings(t, unit)
            total = total.at[np.asarray([self.pairs.index(pair) for pair in pairs])].add(tensors.astype(dtype))
        return total

    def _diagonal(self, m: Array, t: Any, unit: float) -> Array:
        """The energy of fields and anisotropies, `(dim,)`, from S^z of each spin in each state, `(n, dim)`."""
        total = jnp.zeros(self.dim, m.dtype)
        n = self.sector.spins.n
        for term in _terms(self.hamiltonian):
            if isinstance(term, Zeeman):
                rates = jnp.broadcast_to(term.gamma * (constants.HBAR / unit), (n,)) * term.field(t)[:, 2]
                total = total + jnp.sum(rates.astype(m.dtype)[:, None] * m, axis=0)
            elif isinstance(term, SingleIon):
                K = jnp.broadcast_to(now(term.K, t) / unit, (n,)).astype(m.dtype)
                total = total - jnp.sum(K[:, None] * m**2, axis=0)
        return total


def _terms(hamiltonian: AbstractHamiltonian) -> tuple[AbstractHamiltonian, ...]:
    return hamiltonian.terms if isinstance(hamiltonian, Sum) else (hamiltonian,)


def _pairwise(hamiltonian: AbstractHamiltonian) -> tuple[AbstractPairwise, ...]:
    return tuple(term for term in _terms(hamiltonian) if isinstance(term, AbstractPairwise))


def _check(term: AbstractHamiltonian) -> None:
    """Refuse what does not conserve ΣS^z, where its numbers are known."""
    what = f"Argument `hamiltonian` must conserve the total S^z, but its term {type(term).__name__}"
    if isinstance(term, AbstractPairwise):
        tensors = term.couplings(0.0, constants.KB)[1]
        if isinstance(tensors, Tracer):
            return
        T = np.asarray(tensors)
        apart = (T[:, 0, 0] - T[:, 1, 1], T[:, 0, 1] + T[:, 1, 0], T[:, :2, 2], T[:, 2, :2])
        if max((np.abs(each).max() for each in apart), default=0) > 1e-5 * np.abs(T).max():
            raise ValueError(f"{what} couples x and y differently, or to z; work in the full space, or turn the axes.")
    elif isinstance(term, Zeeman):
        field = term.field(0.0)
        if not isinstance(field, Tracer) and np.abs(np.asarray(field)[:, :2]).any():
            raise ValueError(f"{what} has a field that is not along z.")
    elif isinstance(term, SingleIon):
        if not isinstance(term.axis, Tracer) and np.abs(np.atleast_2d(np.asarray(term.axis))[:, :2]).any():
            raise ValueError(f"{what} has an axis that is not z.")
    else:
        raise TypeError(f"{what} does not say whether it does; exchange, XXZ, DMI, SingleIon and Zeeman do.")


def _tables(sector: Sector, pairs: Pairs) -> tuple[np.ndarray, np.ndarray | None]:
    """Partners and matrix elements of each pair, as `Restricted` holds them; without a partner, itself and 0."""
    lowered, codes = np.asarray(sector.lowered.value), sector.codes()
    S = np.asarray(sector.spins.S)
    place = np.cumprod([1, *sector.spins.levels[:0:-1]], dtype=np.int64)[::-1]
    halves = bool(np.all(S == 0.5))
    partners = np.tile(np.arange(sector.dim, dtype=np.int32), (len(pairs), 1 if halves else 2, 1))
    elements = None if halves else np.zeros(partners.shape)
    for p, (i, j) in enumerate(pairs):
        for direction, (up, down) in enumerate(((i, j), (j, i))):
            # The state before S⁺ of one and S⁻ of the other had the first a step lower, and the second a step higher.
            from_up, from_down = lowered[up] + 1, lowered[down] - 1
            some = np.flatnonzero((from_up <= 2 * S[up]) & (from_down >= 0))
            row = 0 if halves else direction
            partners[p, row, some] = np.searchsorted(codes, codes[some] + place[up] - place[down])
            if elements is not None:
                m_up, m_down = S[up] - from_up[some], S[down] - from_down[some]
                raised = S[up] * (S[up] + 1) - m_up * (m_up + 1)
                elements[p, row, some] = np.sqrt(raised * (S[down] * (S[down] + 1) - m_down * (m_down - 1)))
    return partners, elements
