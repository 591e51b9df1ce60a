"""The states of given total S^z, of which there are far fewer than of all spins."""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.material.derived import Derived
from magjax.numerics.memory import memory_available
from magjax.quantum.spins import Spins

#: Bytes per state and pair of spins that a restricted Hamiltonian holds and moves, and per state for Krylov vectors.
_BYTES_PER_PAIR, _BYTES_PER_STATE = 16, 1000


class Sector(eqx.Module):
    """All states |m₁ … m_N⟩ with Σm = `Sz`, in the order that `Spins` gives them; a state is `(dim,)`.

    20 spins ½ have 1 048 576 states, of which 184 756 have Sz = 0.

    **Arguments**

    - `spins`: the `Spins`. `Sz`: total S^z, dimensionless.

    **Raises** `ValueError` for an `Sz` that no state has; `MemoryError` for more states than fit, with how many spins
    do.

    >>> from magjax import quantum
    >>> pair = quantum.Sector(quantum.Spins(0.5, n=2), Sz=0)
    >>> pair.dim, pair.m().tolist()  # |↑↓⟩, |↓↑⟩
    (2, [[0.5, -0.5], [-0.5, 0.5]])
    """

    spins: Spins = eqx.field(static=True)
    Sz: float = eqx.field(static=True)
    dim: int = eqx.field(static=True)
    #: How far each spin is below +S, `(n, dim)`.
    lowered: Derived

    def __init__(self, spins: Spins, Sz: float = 0.0):
        steps = sum(spins.S) - Sz
        if not float(steps).is_integer() or not 0 <= steps <= 2 * sum(spins.S):
            top = sum(spins.S)
            raise ValueError(
                f"Argument `Sz` must be one of {-top:g}, {1 - top:g}, …, {top:g} for {spins!r}, but got {Sz!r}: "
                "the sector is empty."
            )
        self.spins, self.Sz = spins, float(Sz)
        self.dim = _count(spins.levels, int(steps))
        self._check_memory()
        self.lowered = Derived(_lowered(spins.levels, int(steps)))

    def m(self) -> Array:
        """S^z of each spin in each state, `(dim, n)`."""
        S = np.asarray(self.spins.S)
        return jnp.asarray(S[None] - np.asarray(self.lowered.value).T, jnp.result_type(float))

    def codes(self) -> np.ndarray:
        """The place of each state among those of all spins, `(dim,)`, int64, rising."""
        return _places(self.spins.levels) @ np.asarray(self.lowered.value, np.int64)

    def basis_state(self, m: Sequence[float]) -> Array:
        """The product state |m₁ … m_N⟩, `(dim,)`, complex.

        **Raises** `ValueError` for values that are not of this sector.
        """
        down = np.asarray(self.spins.S) - np.asarray(m, float) if len(m) == self.spins.n else np.array([-1.0])
        valid = (down >= 0) & (down <= 2 * np.asarray(self.spins.S)) & (down == np.round(down)) if len(m) else down > 0
        if not np.all(valid) or sum(m) != self.Sz:
            raise ValueError(
                f"Argument `m` must hold S^z of {self.spins.n} spins with the sum {self.Sz:g}, but got {tuple(m)}."
            )
        place = np.searchsorted(self.codes(), _places(self.spins.levels) @ down.astype(np.int64))
        return jnp.zeros(self.dim, jnp.result_type(complex)).at[int(place)].set(1)

    def Sz_of(self, psi: Any) -> Array:
        """⟨S^z⟩ of each spin, `(…, dim)` → `(…, n)`."""
        weights = jnp.abs(jnp.asarray(psi)) ** 2
        return weights @ self.m().astype(weights.dtype)

    def embed(self, psi: Any) -> Array:
        """A state of the sector as one of all spins, `(…, dim)` → `(…, spins.dim)`."""
        psi = jnp.asarray(psi)
        self.spins.check_memory(1, psi.dtype)
        return jnp.zeros((*psi.shape[:-1], self.spins.dim), psi.dtype).at[..., self.codes()].set(psi)

    def project(self, psi: Any) -> Array:
        """The part of a state of all spins in this sector, `(…, spins.dim)` → `(…, dim)`; its norm may be less."""
        return jnp.asarray(psi)[..., self.codes()]

    def check_matrix(self, dtype: Any) -> None:
        """Refuse a matrix that cannot fit, before it is built.

        **Raises** `MemoryError`.
        """
        available = memory_available()
        need = 5 * self.dim**2 * np.dtype(dtype).itemsize
        if available is not None and need > available:
            raise MemoryError(
                f"A matrix of the {self.dim} states needs about {need / 2**30:.3g} GiB, but "
                f"{available / 2**30:.3g} GiB are free: use `apply`, `lowest_states` or `propagate`, which need none."
            )

    def _check_memory(self) -> None:
        if self.spins.dim >= 2**62:
            raise MemoryError(f"{self.spins!r} has {self.spins.dim:.3g} states, more than can be numbered (4.6e18).")
        available = memory_available()
        if available is None or _bytes(self.spins.n, self.dim) <= available:
            return
        fit = next(
            n
            for n in range(self.spins.n - 1, -1, -1)
            if _bytes(n, _count(self.spins.levels[:n], sum(d - 1 for d in self.spins.levels[:n]) // 2)) <= available
        )
        raise MemoryError(
            f"The sector Sz = {self.Sz:g} of {self.spins!r} has {self.dim} states, which need about "
            f"{_bytes(self.spins.n, self.dim) / 2**30:.3g} GiB, but {available / 2**30:.3g} GiB are free: {fit} of "
            "these spins fit in the largest sector. Take fewer, or a larger |Sz|."
        )


def _bytes(n: int, dim: int) -> int:
    return dim * (_BYTES_PER_PAIR * n + _BYTES_PER_STATE)


def _places(levels: tuple[int, ...]) -> np.ndarray:
    """What one step down of each spin adds to the place of a state; the last spin is the fastest."""
    return np.cumprod([1, *levels[:0:-1]], dtype=np.int64)[::-1]


def _count(levels: tuple[int, ...], steps: int) -> int:
    """How many states are `steps` steps below all up: a coefficient of Π(1 + x + … + x^{d−1})."""
    ways = [1]
    for d in levels:
        ways = [sum(ways[max(0, k - d + 1) : k + 1]) for k in range(len(ways) + d - 1)]
    return ways[steps]


def _lowered(levels: tuple[int, ...], steps: int) -> np.ndarray:
    """The states `steps` steps below all up, `(n, dim)`, in rising order: grown spin by spin from the last."""
    grown = {0: np.zeros((0, 1), np.int8)}
    for n, d in enumerate(reversed(levels), 1):
        most = sum(levels[: len(levels) - n]) - (len(levels) - n)
        parts: dict[int, list[np.ndarray]] = {}
        for first in range(d):
            for total, states in grown.items():
                # What the spins still to come cannot complete is dropped.
                if steps - most <= total + first <= steps:
                    head = np.full((1, states.shape[1]), first, np.int8)
                    parts.setdefault(total + first, []).append(np.concatenate([head, states]))
        grown = {total: np.concatenate(each, axis=1) for total, each in parts.items()}
    return np.ascontiguousarray(grown[steps])
