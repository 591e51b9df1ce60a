"""What a quantum spin system consists of, and how operators act on its sites."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.numerics.memory import memory_available

#: Arrays of the size of a result that are alive at once while an operator is built or a state is evolved: the stages of
#: a Runge–Kutta method and what a transposition copies.
_COPIES = {1: 20, 2: 5, 4: 5}


@jax.tree_util.register_static
@dataclasses.dataclass(frozen=True, init=False)
class Spins:
    """N spins, each of any length S = ½, 1, 3/2, …; all operators are dimensionless (S, not ħS).

    Basis: |m₁ m₂ … m_N⟩ with each m from +S down to −S, the *last* site fastest, as `numpy.kron` orders it: two spins ½
    are |↑↑⟩, |↑↓⟩, |↓↑⟩, |↓↓⟩. A state `(dim,)` is a tensor `(2S₁+1, …, 2S_N+1)` flattened.

    **Arguments**

    - `S`: the length of every spin, dimensionless: a sequence of half-integers, or one of them for all.
    - `n`: with one `S`, the number of spins.

    **Raises** `ValueError` for lengths that are no positive half-integers, and a number of spins below 1.

    >>> from magjax import quantum
    >>> pair = quantum.Spins(0.5, n=2)
    >>> pair.dim, quantum.Spins((0.5, 1.0)).levels
    (4, (2, 3))
    """

    S: tuple[float, ...]

    def __init__(self, S: float | Sequence[float] = 0.5, n: int | None = None):
        object.__setattr__(self, "S", _lengths(S, n))

    @property
    def n(self) -> int:
        """Number of spins."""
        return len(self.S)

    @property
    def levels(self) -> tuple[int, ...]:
        """Number of states 2S+1 of each spin."""
        return tuple(round(2 * S) + 1 for S in self.S)

    @property
    def dim(self) -> int:
        """Number of states of all spins together, Π(2S+1)."""
        return math.prod(self.levels)

    def local(self, site: int) -> np.ndarray:
        """Sx, Sy, Sz of one spin in its own space, `(3, 2S+1, 2S+1)`, complex128."""
        return spin_matrices(self.S[self.site(site)])

    def site(self, site: int) -> int:
        """A site's number, checked; negative ones count from the end.

        **Raises** `ValueError` for a site that there is not.
        """
        if isinstance(site, bool) or int(site) != site or not -self.n <= site < self.n:
            raise ValueError(f"Argument `site` must be a whole number from 0 to {self.n - 1}, but got {site!r}.")
        return int(site) % self.n

    def act(self, operator: Any, site: int, psi: Array) -> Array:
        """An operator of one site `(2S+1, 2S+1)` applied to a state, or to the columns of a matrix: `(dim, …)`."""
        k = self.site(site)
        tensor = psi.reshape(math.prod(self.levels[:k]), self.levels[k], -1)
        matrix = jnp.asarray(operator).astype(psi.dtype)
        return jnp.einsum("pq,aqb->apb", matrix, tensor).reshape(psi.shape)

    def act_pair(self, operator: Any, i: int, j: int, psi: Array) -> Array:
        """An operator of two sites applied to a state, or to the columns of a matrix: `(dim, …)`.

        - `operator`: `(2S_i+1, 2S_j+1, 2S_i+1, 2S_j+1)`, rows first. `i`, `j`: two different sites.
        """
        i, j = self.site(i), self.site(j)
        matrix = jnp.asarray(operator).astype(psi.dtype)
        if i > j:
            i, j, matrix = j, i, matrix.transpose(1, 0, 3, 2)
        d, e = self.levels[i], self.levels[j]
        before, between = math.prod(self.levels[:i]), math.prod(self.levels[i + 1 : j])
        tensor = psi.reshape(before, d, between, e, -1)
        return jnp.einsum("pqrs,arbsc->apbqc", matrix, tensor).reshape(psi.shape)

    def embed(self, operator: Any, site: int) -> Array:
        """An operator of one site as a matrix over all, `(dim, dim)`."""
        k = self.site(site)
        dtype = jnp.result_type(operator, jnp.complex64)
        self.check_memory(2, dtype)
        if isinstance(operator, jax.Array):
            return self.act(operator, k, jnp.eye(self.dim, dtype=dtype))
        before, after = (np.eye(math.prod(levels)) for levels in (self.levels[:k], self.levels[k + 1 :]))
        return jnp.asarray(np.kron(np.kron(before, operator), after), dtype)

    def Sx(self, site: int) -> Array:
        """Sx of one site over all, `(dim, dim)`."""
        return self.embed(self.local(site)[0], site)

    def Sy(self, site: int) -> Array:
        """Sy of one site over all, `(dim, dim)`."""
        return self.embed(self.local(site)[1], site)

    def Sz(self, site: int) -> Array:
        """Sz of one site over all, `(dim, dim)`."""
        return self.embed(self.local(site)[2], site)

    def Splus(self, site: int) -> Array:
        """S⁺ = Sx + iSy of one site over all, `(dim, dim)`."""
        x, y, _ = self.local(site)
        return self.embed(x + 1j * y, site)

    def Sminus(self, site: int) -> Array:
        """S⁻ = Sx − iSy of one site over all, `(dim, dim)`."""
        x, y, _ = self.local(site)
        return self.embed(x - 1j * y, site)

    def total(self) -> Array:
        """The vector ΣS of all spins, `(3, dim, dim)`."""
        return jnp.stack([sum((S(i) for i in range(1, self.n)), S(0)) for S in (self.Sx, self.Sy, self.Sz)])

    def check_memory(self, rank: int, dtype: Any) -> None:
        """Refuse states (`rank` 1), operators (2) or superoperators (4) that cannot fit, before they are built.

        **Raises** `MemoryError` that says how many spins fit.
        """
        available = memory_available()
        each = np.dtype(dtype).itemsize * _COPIES[rank]
        if available is None or each * self.dim**rank <= available:
            return
        fit = next(k for k in range(self.n, -1, -1) if each * math.prod(self.levels[:k]) ** rank <= available)
        what, instead = (
            ("states", "use single precision")
            if rank == 1
            else ("matrices", "use `apply`, which needs no matrix, or fewer spins")
        )
        raise MemoryError(
            f"{self.n} spins have {self.dim} levels; {what} of that size need about "
            f"{each * self.dim**rank / 2**30:.3g} GiB, but {available / 2**30:.3g} GiB are free, which the first {fit} "
            f"spins would fit: {instead}."
        )

    def __repr__(self) -> str:
        alike = len(set(self.S)) == 1
        return f"Spins({self.S[0]:g}, n={self.n})" if alike else f"Spins({self.S})"


def spin_matrices(S: float) -> np.ndarray:
    """Sx, Sy, Sz of one spin in the basis m = S, S−1, …, −S: `(3, 2S+1, 2S+1)`, complex128, dimensionless.

    ⟨m±1|S±|m⟩ = √(S(S+1) − m(m±1)).

    - `S`: a positive half-integer.

    **Raises** `ValueError` for anything else.

    >>> from magjax.quantum import spin_matrices
    >>> spin_matrices(0.5)[0].real.tolist()
    [[0.0, 0.5], [0.5, 0.0]]
    """
    (S,) = _lengths(S, 1)
    m = S - np.arange(round(2 * S) + 1)
    raising = np.diag(np.sqrt(S * (S + 1) - m[1:] * (m[1:] + 1)), 1).astype(complex)
    return np.stack([(raising + raising.T) / 2, (raising - raising.T) / 2j, np.diag(m).astype(complex)])


def _lengths(S: Any, n: int | None) -> tuple[float, ...]:
    if np.ndim(S) == 0:
        if n is not None and (isinstance(n, bool) or int(n) != n or n < 1):
            raise ValueError(f"Argument `n` must be a whole number of spins ≥ 1, but got {n!r}.")
        S = (S,) * (1 if n is None else int(n))
    elif n is not None and n != len(S):
        raise ValueError(f"Argument `n` must be the number of lengths in `S`, {len(S)}, or left out, but got {n!r}.")
    if len(S) == 0:
        raise ValueError("Argument `S` must hold the length of at least one spin, but got none.")
    for each in S:
        if not (math.isfinite(each) and each > 0 and float(2 * each).is_integer()):
            raise ValueError(
                f"Argument `S` must hold half-integers ½, 1, 3/2, …, but got {each!r}; did you mean `n={each!r}` spins?"
            )
    return tuple(float(each) for each in S)
