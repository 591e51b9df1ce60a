"""Correlations of the total spin, each driven by the next: the hierarchy, exact and cut off."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any, Literal

import diffrax
import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.drive import AbstractDrive, Driven
from magjax.quantum.algebra import EPSILON
from magjax.quantum.checks import check_density
from magjax.quantum.flow import flow
from magjax.quantum.parameter import now, parameter
from magjax.quantum.spins import Spins
from magjax.results import Outcome

Closure = Literal["cumulant", "frozen"]
#: Arrays `(3,)`, `(3, 3)`, … of order 1, 2, …
Correlations = tuple[Array, ...]


def correlations(spins: Spins, rho: Any, order: int) -> Correlations:
    """Symmetrised averages of products of the total spin, from G_a = ⟨S_a⟩ and G_ab = ⟨{S_a, S_b}⟩/2 up to an order.

    Each is nested in the last, G_abc = ⟨{{S_a, S_b}, S_c}⟩/4, so that the order of operators is kept.

    - `spins`: the spins. `rho`: density matrix `(dim, dim)`. `order`: the highest, ≥ 1.

    **Returns** arrays `(3,)`, `(3, 3)`, …, dimensionless.

    **Raises** `ValueError` for an order below 1 and a `rho` that does not fit.

    >>> from magjax import quantum
    >>> spin = quantum.Spins(0.5)
    >>> one, two = quantum.correlations(spin, quantum.invariant_state(spin, (0, 0, 1.0)), order=2)
    >>> [round(float(x), 6) + 0.0 for x in two.diagonal()]
    [0.25, 0.25, 0.25]
    """
    _check_order(order)
    rho = check_density(rho, "rho", spins.dim)
    rho = rho.astype(jnp.result_type(rho.dtype, jnp.complex64))
    S = spins.total().astype(rho.dtype)
    nested, found = S, []
    for n in range(order):
        found.append(jnp.einsum("...pq,qp->...", nested, rho).real)
        if n + 1 < order:
            nested = (jnp.einsum("...pq,aqr->...apr", nested, S) + jnp.einsum("apq,...qr->...apr", S, nested)) / 2
    return tuple(found)


def hierarchy_rates(G: Correlations, B: Any, J: Any, gamma: Any = constants.GAMMA) -> Correlations:
    """The rate of every correlation but the last, exact for any number of spins of any length.

    dG_a…z/dt = Σ_k ε_{k c e} [γ B_c G_a…e…z + (2/ħ) J_cd G_a…e…z d], where e stands in place of the k-th index, for
    H = ħγ S·B + Σ J_ab S_a S_b of the total spin. The rate of an order needs the next.

    - `G`: correlations of order 1 to n ≥ 2. `B`: field `(3,)`, T. `J`: symmetric `(3, 3)`, J. `gamma`: γ, rad/(s·T).

    **Returns** rates of the orders 1 to n−1, 1/s.

    Source: derived from (1/iħ)[X, J_cd S_c S_d] = (1/iħ) J_cd {[X, S_c], S_d}; the seed paper's Eq. 69.

    >>> import jax.numpy as jnp
    >>> from magjax import quantum
    >>> G = (jnp.array([0.5, 0, 0]), jnp.eye(3) / 4)
    >>> (rate,) = quantum.hierarchy_rates(G, B=(0, 0, 1.0), J=jnp.zeros((3, 3)))
    >>> bool(rate[1] > 0)  # −γ S×B
    True
    """
    real = G[0].dtype
    field = jnp.asarray(gamma, real) * jnp.asarray(B, real)
    energies = jnp.asarray(J, real) / constants.HBAR
    # ε_kce γB_c and ε_kce (J_cd + J_dc)/ħ.
    turn = jnp.einsum("kce,c->ke", jnp.asarray(EPSILON, real), field)
    couple = jnp.einsum("kce,cd->ked", jnp.asarray(EPSILON, real), energies + energies.T)
    rates = []
    for lower, upper in pairwise(G):
        rate = jnp.zeros_like(lower)
        for k in range(lower.ndim):
            one = jnp.tensordot(turn, lower, axes=(1, k)) + jnp.tensordot(couple, upper, axes=((1, 2), (k, lower.ndim)))
            rate = rate + jnp.moveaxis(one, 0, k)
        rates.append(rate)
    return tuple(rates)


def close(G: Correlations, closure: Closure = "cumulant", frozen: Array | None = None) -> Correlations:
    """Correlations with one more order, made up from those there are: where a hierarchy is cut off.

    - `G`: correlations of order 1 to n, n ≤ 3. `closure`: "cumulant" sets the (n+1)-th cumulant to 0, as for spins so
      many that they are nearly classical; "frozen" takes `frozen`, what the order was at the start.

    **Raises** `ValueError` for any other closure, and for cumulants beyond order 4.

    >>> import jax.numpy as jnp
    >>> from magjax.quantum import close
    >>> close((jnp.array([1.0, 2.0, 0.0]),))[1][0].tolist()  # mean field: G_ab = G_a G_b
    [1.0, 2.0, 0.0]
    """
    if closure == "frozen":
        if frozen is None:
            raise ValueError("Argument `frozen` must hold the order that is kept as it was, but got None.")
        return (*G, frozen)
    if closure != "cumulant":
        raise ValueError(f"Argument `closure` must be 'cumulant' or 'frozen', but got {closure!r}.")
    if len(G) > 3:
        raise ValueError(f"Argument `G` must hold at most 3 orders to be closed by cumulants, but got {len(G)}.")
    a, ab, abc = (*G, None, None)[:3]
    if ab is None:
        return (*G, jnp.einsum("a,b->ab", a, a))
    if abc is None:
        pairs = sum(jnp.einsum(rule, ab, a) for rule in ("ab,c->abc", "ac,b->abc", "bc,a->abc"))
        return (*G, pairs - 2 * jnp.einsum("a,b,c->abc", a, a, a))
    rules3 = ("abc,d->abcd", "abd,c->abcd", "acd,b->abcd", "bcd,a->abcd")
    rules2 = ("ab,cd->abcd", "ac,bd->abcd", "ad,bc->abcd")
    rules211 = ("ab,c,d->abcd", "ac,b,d->abcd", "ad,b,c->abcd", "bc,a,d->abcd", "bd,a,c->abcd", "cd,a,b->abcd")
    value = sum(jnp.einsum(rule, abc, a) for rule in rules3) + sum(jnp.einsum(rule, ab, ab) for rule in rules2)
    value = value - 2 * sum(jnp.einsum(rule, ab, a, a) for rule in rules211)
    return (*G, value + 6 * jnp.einsum("a,b,c,d->abcd", a, a, a, a))


class CorrelationRun(eqx.Module):
    """Correlations at given times; what `hierarchy` returns.

    - `t`: `(n,)` times, s. `G`: the correlations of each order, `(n, 3)`, `(n, 3, 3)`, …, dimensionless.
    - `outcome`: an `Outcome` code. `steps`: number of steps tried.

    >>> import jax.numpy as jnp
    >>> from magjax.quantum import CorrelationRun
    >>> run = CorrelationRun(jnp.zeros(1), (jnp.zeros((1, 3)),), jnp.array(0), jnp.array(4))
    >>> run.result.name
    'SUCCESS'
    """

    t: Array
    G: Correlations
    outcome: Array
    steps: Array

    @property
    def result(self) -> Outcome:
        """How the solve ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def hierarchy(
    G0: Correlations,
    B: Any,
    J: Any,
    times: Any,
    gamma: Any = constants.GAMMA,
    *,
    closure: Closure = "cumulant",
    tolerance: float | None = None,
    solver: diffrax.AbstractSolver | None = None,
    adjoint: diffrax.AbstractAdjoint | None = None,
    max_steps: int = 100_000,
) -> CorrelationRun:
    """The hierarchy in time, cut off after the highest order of `G0`: 3 + 9 + … numbers in place of a density matrix.

    - `G0`: correlations at `times[0]`, of order 1 to n; `correlations` gives them. With "frozen" the last of them is
      kept as it is, and n−1 orders move.
    - `B`: field `(3,)`, T, or a drive times a vector. `J`: the coupling Σ J_ab S_a S_b of the total spin: symmetric
      `(3, 3)`, J, a drive times one, or a function `J(t, s)` of the time (s) and ⟨S⟩ `(3,)`.
    - `times`: rising, s. `gamma`: γ, rad/(s·T). `closure`: as in `close`.
    - `tolerance`, `solver`, `adjoint`, `max_steps`: as in `mj.quantum.liouville`.

    **Returns** a `CorrelationRun`; look at its `result` before you trust it.

    **Raises** `ValueError` for shapes that do not fit, unknown closures, and times that go backwards.

    >>> from magjax import quantum
    >>> spins = quantum.Spins(0.5, n=4)
    >>> G0 = quantum.correlations(spins, quantum.invariant_state(spins, (1.0, 0, 0)), order=2)
    >>> J = [[0, 0, 0], [0, 0, 0], [0, 0, 1e-24]]
    >>> run = quantum.hierarchy(G0, (0, 0, 0.1), J, times=(0, 1e-11))
    >>> run.G[0].shape, run.result.name
    ((2, 3), 'SUCCESS')
    """
    lowest = 2 if closure == "frozen" else 1
    if len(G0) < lowest:
        raise ValueError(f"Argument `G0` must hold at least {lowest} orders, but got {len(G0)}.")
    close(G0, closure, G0[-1])  # says what is wrong with the closure, before anything is solved
    B = parameter(B, "B", ((3,),), "a drive needs a direction: drive * (0, 0, 1)")
    if isinstance(J, (AbstractDrive, Driven)) or not callable(J):
        J = parameter(J, "J", ((3, 3),), "energies of the total spin's components")
    kept = G0[-1] if closure == "frozen" else None
    moving = G0[:-1] if closure == "frozen" else G0
    shapes = [G.shape for G in moving]

    def rate(t: Array, y: Array, args: Any) -> Array:
        B, J, gamma, kept = args
        G = close(_unpacked(y, shapes), closure, kept)
        coupling = J(t, G[0]) if _is_function(J) else now(J, t)
        return _packed(hierarchy_rates(G, now(B, t), coupling, gamma))

    options = {"tolerance": tolerance, "solver": solver, "adjoint": adjoint, "max_steps": max_steps}
    run = flow(rate, _packed(moving), times, (B, J, gamma, kept), **options)
    n = run.t.shape[0]
    parts = jnp.split(run.values, np.cumsum([int(np.prod(s)) for s in shapes])[:-1], axis=1)
    G = tuple(part.reshape(n, *shape) for part, shape in zip(parts, shapes, strict=True))
    return CorrelationRun(run.t, G, run.outcome, run.steps)


def _is_function(J: Any) -> bool:
    return isinstance(J, Callable) and not isinstance(J, (AbstractDrive, Driven))


def _packed(G: Correlations) -> Array:
    return jnp.concatenate([each.reshape(-1) for each in G])


def _unpacked(y: Array, shapes: list[tuple[int, ...]]) -> Correlations:
    parts = jnp.split(y, np.cumsum([int(np.prod(s)) for s in shapes])[:-1])
    return tuple(part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))


def _check_order(order: int) -> None:
    if isinstance(order, bool) or int(order) != order or order < 1:
        raise ValueError(f"Argument `order` must be a whole number ≥ 1, but got {order!r}.")
