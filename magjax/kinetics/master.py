"""The master equation of a graph of states with barriers between them: what it is made of, and its rates."""

from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.arguments import floats, positive, temperature

#: Attempts at a barrier, 1/s, where nothing is said.
ATTEMPTS = 1e9


class MasterEquation(eqx.Module):
    """States of energy E_i, joined by links over barriers of energy E_l: dP/dt = W P.

    W_ji = Γ_l exp(−(E_l − E_i)/kT) takes i to j, so that W_ji e^(−E_i/kT) = W_ij e^(−E_j/kT) whatever the barriers are:
    detailed balance. In a field B every energy is E − μB.

    **Arguments**

    - `energies`: of the states, `(n,)`, J.
    - `links`: pairs `(i, j)` of states, m of them; two links may join the same pair.
    - `tops`: energies of the barriers, `(m,)`, J, from the same zero as `energies`. One number stands for all.
    - `prefactors`: Γ_l, `(m,)`, 1/s. One number stands for all.
    - `moments`: μ of the states along the field, `(n,)`, A·m². `top_moments`: of the barriers, `(m,)`.

    **Raises** `ValueError` for links to states that are not there or to themselves, tops below a state that they join,
    prefactors that are not positive, and lengths that do not fit.

    Source: N. G. van Kampen, *Stochastic Processes in Physics and Chemistry*, ch. V.

    >>> from magjax.kinetics import MasterEquation
    >>> wells = MasterEquation(energies=(0.0, 1e-21, 0.0), links=((0, 1), (1, 2)), tops=(8e-20, 9e-20))
    >>> wells.n_states, wells.links
    (3, ((0, 1), (1, 2)))
    """

    energies: Array
    tops: Array
    prefactors: Array
    moments: Array
    top_moments: Array
    links: tuple[tuple[int, int], ...] = eqx.field(static=True)

    def __init__(
        self,
        energies: Any,
        links: Sequence[tuple[int, int]],
        tops: Any,
        prefactors: Any = ATTEMPTS,
        moments: Any = 0.0,
        top_moments: Any = 0.0,
    ):
        self.energies = floats("energies", energies)
        if self.energies.ndim != 1 or self.energies.size == 0:
            raise ValueError(f"Argument `energies` must be one number for each state, but got {self.energies.shape}.")
        self.links = _links(links, self.energies.size)
        self.tops = self._one_each("tops", floats("tops", tops), len(self.links))
        rates = positive("prefactors", prefactors, "attempts in 1/s", "Did you give the time τ0 between them?")
        self.prefactors = self._one_each("prefactors", rates, len(self.links))
        self.moments = self._one_each("moments", floats("moments", moments), self.energies.size)
        self.top_moments = self._one_each("top_moments", floats("top_moments", top_moments), len(self.links))
        _check_tops(self.energies, self.tops, self.links)

    @classmethod
    def from_matrix(cls, energies: Any, tops: Any, prefactors: Any = ATTEMPTS, **moments: Any) -> "MasterEquation":
        """The same from a matrix of barriers.

        **Arguments**

        - `tops`: `(n, n)`, J, symmetric; infinity where no barrier joins two states. The diagonal is not looked at.
        - `prefactors`: a number, or `(n, n)`, 1/s. `energies`, `moments`, `top_moments`: as for the class.

        **Raises** `ValueError` for matrices that are not square or not symmetric, and whatever the class raises.

        >>> import numpy as np
        >>> from magjax.kinetics import MasterEquation
        >>> tops = np.array([[0, 8e-20, np.inf], [8e-20, 0, 9e-20], [np.inf, 9e-20, 0]])
        >>> MasterEquation.from_matrix((0.0, 1e-21, 0.0), tops).links
        ((0, 1), (1, 2))
        """
        matrix = tops if isinstance(tops, jax.Array) else jnp.asarray(tops, jnp.result_type(float))
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
            raise ValueError(f"Argument `tops` must be a square matrix, but got the shape {matrix.shape}.")
        above = [(i, j) for i in range(matrix.shape[0]) for j in range(i + 1, matrix.shape[0])]
        if not isinstance(matrix, Tracer):
            seen = np.asarray(matrix)
            off = ~np.eye(len(seen), dtype=bool)
            if not np.array_equal(seen[off], seen.T[off]):
                raise ValueError(
                    "Argument `tops` must be symmetric: there and back lead over the same top; did you give barriers "
                    "as seen from each state instead of energies?"
                )
            above = [(i, j) for i, j in above if np.isfinite(seen[i, j])]
        rows, columns = np.array(above, int).reshape(-1, 2).T
        each = prefactors if jnp.ndim(prefactors) == 0 else jnp.asarray(prefactors)[rows, columns]
        return cls(energies, above, matrix[rows, columns], each, **moments)

    @property
    def n_states(self) -> int:
        """How many states there are."""
        return self.energies.shape[-1]

    @property
    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The states that each link begins and ends at, two arrays `(m,)` of integers."""
        first, second = np.array(self.links, int).reshape(-1, 2).T
        return first, second

    def in_field(self, B: Any) -> "MasterEquation":
        """The same with the energies E − μB that a field `B` (T) gives."""
        field = floats("B", B).astype(self.energies.dtype)
        return eqx.tree_at(
            lambda e: (e.energies, e.tops),
            self,
            (self.energies - self.moments * field, self.tops - self.top_moments * field),
        )

    def log_rates(self, T: Any, B: Any = 0.0) -> tuple[Array, Array]:
        """Logarithms of the rates (1/s) along each link and back, each `(m,)`: they neither overflow nor vanish.

        **Arguments**

        - `T`: temperature, K. `B`: field, T.
        """
        kelvin = temperature(T).astype(self.energies.dtype)
        placed = self.in_field(B)
        first, second = self.ends
        attempts = jnp.log(self.prefactors)
        ways = (attempts - (placed.tops - placed.energies[end]) / constants.KB / kelvin for end in (first, second))
        there, back = ways
        return there, back

    def groups(self) -> list[list[int]]:
        """The states that links join, directly or by way of others; a single group where they join all."""
        group = list(range(self.n_states))
        for i, j in self.links:
            old, new = group[j], group[i]
            group = [new if g == old else g for g in group]
        return [[i for i in range(self.n_states) if group[i] == g] for g in dict.fromkeys(group)]

    def check_connected(self) -> None:
        """Raise `ValueError` unless links join all states."""
        groups = self.groups()
        if len(groups) > 1:
            raise ValueError(
                f"Argument `links` must join all states, but got {len(groups)} groups without a path between them, "
                f"{groups[0]} and {groups[1]} among them: what each holds in the end depends on the start. Add a link, "
                "or treat the groups one by one."
            )

    def _one_each(self, name: str, value: Array, count: int) -> Array:
        if value.ndim == 0:
            value = jnp.broadcast_to(value, (count,))
        if value.shape != (count,):
            raise ValueError(f"Argument `{name}` must hold {count} numbers, or one for all, but got {value.shape}.")
        return value.astype(self.energies.dtype)


def rate_matrix(equation: MasterEquation, T: Any, B: Any = 0.0) -> Array:
    """W of dP/dt = W P: W_ji is the rate from i to j, and every column adds up to zero.

    **Arguments**

    - `equation`: the states and barriers. `T`: temperature, K. `B`: field, T.

    **Returns** `(n, n)`, 1/s.

    **Raises** `ValueError` for a temperature that is not positive.

    >>> import numpy as np
    >>> from magjax.kinetics import MasterEquation, rate_matrix
    >>> W = rate_matrix(MasterEquation((0.0, 0.0), ((0, 1),), tops=1e-19), T=300.0)
    >>> np.round(np.asarray(W), 4).tolist()
    [[-0.0327, 0.0327], [0.0327, -0.0327]]
    """
    there, back = equation.log_rates(T, B)
    first, second = equation.ends
    n = equation.n_states
    W = jnp.zeros((n, n), there.dtype).at[second, first].add(jnp.exp(there)).at[first, second].add(jnp.exp(back))
    return W - jnp.diag(W.sum(0))


def stationary(equation: MasterEquation, T: Any, B: Any = 0.0) -> Array:
    """What is left in the end, whatever the barriers: Boltzmann's P_i = e^(−E_i/kT)/Z, exact at any E/kT.

    **Arguments**

    - `equation`: the states and barriers. `T`: temperature, K. `B`: field, T.

    **Returns** `(n,)`.

    **Raises** `ValueError` for states that no path joins, and a temperature that is not positive.

    >>> import numpy as np
    >>> from magjax.kinetics import MasterEquation, stationary
    >>> np.round(np.asarray(stationary(MasterEquation((0.0, 4e-21), ((0, 1),), tops=1e-19), T=300.0)), 4).tolist()
    [0.7243, 0.2757]
    """
    equation.check_connected()
    kelvin = temperature(T).astype(equation.energies.dtype)
    return jax.nn.softmax(-equation.in_field(B).energies / constants.KB / kelvin)


def _links(links: Sequence[tuple[int, int]], n: int) -> tuple[tuple[int, int], ...]:
    try:
        pairs = tuple((int(i), int(j)) for i, j in links)
    except (TypeError, ValueError):
        raise ValueError(f"Argument `links` must hold pairs of states such as (0, 1), but got {links!r}.") from None
    for i, j in pairs:
        if not (0 <= i < n and 0 <= j < n) or i == j:
            raise ValueError(f"Argument `links` must join two different states from 0 to {n - 1}, but got {(i, j)}.")
    return pairs


def _check_tops(energies: Array, tops: Array, links: tuple[tuple[int, int], ...]) -> None:
    if isinstance(energies, Tracer) or isinstance(tops, Tracer):
        return
    E, top = np.asarray(lax.stop_gradient(energies)), np.asarray(lax.stop_gradient(tops))
    for (i, j), value in zip(links, top, strict=True):
        if value < max(E[i], E[j]):
            raise ValueError(
                f"Argument `tops` must lie above the states they join, but got {value:g} J between states of "
                f"{E[i]:g} J and {E[j]:g} J. Did you give the height above a state? Add its energy."
            )
