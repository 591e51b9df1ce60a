"""The rates at which populations relax: eigenvalues of −W, the slow ones as accurate as the fast ones."""

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.special import logsumexp
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.arguments import temperature
from magjax.kinetics.master import MasterEquation

Links = tuple[tuple[int, int], ...]

#: Sweeps of rotations over all pairs of columns; they converge quadratically, from an order that is almost right.
_SWEEPS = 10


def relaxation_rates(equation: MasterEquation, T: Any, B: Any = 0.0) -> Array:
    """Eigenvalues of −W but for the zero, rising: deviations from equilibrium are sums of exp(−rate·t).

    With detailed balance √(W_ij W_ji) is a symmetric matrix of the same eigenvalues: they are real. It is factored as
    L D Lᵀ without subtractions, and the singular values of L√D are found by rotating its columns. All digits are right
    of rates that span hundreds of orders of magnitude, years beside nanoseconds, of which `eigh` would see the fast
    ones only.

    **Arguments**

    - `equation`: the states and barriers. `T`: temperature, K. `B`: field, T.

    **Returns** `(n − 1,)`, 1/s.

    **Raises** `ValueError` for states that no path joins, and a temperature that is not positive.

    Source: J. Demmel, P. Koev, Numer. Math. 98, 99 (2004).

    >>> from magjax.kinetics import MasterEquation, relaxation_rates
    >>> two_in_a_well = MasterEquation((0.0, 0.0, 0.0), ((0, 1), (1, 2)), tops=(1e-21, 2e-19))
    >>> [f"{float(rate):.3g}" for rate in relaxation_rates(two_in_a_well, T=300.0)]
    ['1.61e-12', '1.57e+09']
    """
    equation.check_connected()
    placed = equation.in_field(B)
    kelvin = temperature(T).astype(placed.energies.dtype)
    # Weights of states and conductances of links; from the lowest energy, as a common factor of both drops out.
    zero = lax.stop_gradient(jnp.min(placed.energies))
    weights = -(placed.energies - zero) / constants.KB / kelvin
    conductances = jnp.log(placed.prefactors) - (placed.tops - zero) / constants.KB / kelvin
    return _rates(equation.links, weights, conductances)


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def _rates(links: Links, weights: Array, conductances: Array) -> Array:
    return _modes(links, weights, conductances)[0]


@_rates.defjvp
def _rates_jvp(links: Links, primals: Any, tangents: Any) -> tuple[Array, Array]:
    """dλ = Σ_l c_l (u_i − u_j)² dln c_l − λ Σ_i x_i² dln π_i, u = x/√π: a sum of squares, as accurate as λ is."""
    weights, conductances = primals
    rates, vectors = _modes(links, weights, conductances)
    first, second = np.array(links, int).reshape(-1, 2).T
    halves = conductances[:, None] / 2
    flow = jnp.exp(halves - weights[first, None] / 2) * vectors[first]
    flow = flow - jnp.exp(halves - weights[second, None] / 2) * vectors[second]
    d_weights, d_conductances = tangents
    return rates, d_conductances @ flow**2 - rates * (d_weights @ vectors**2)


@functools.partial(jax.jit, static_argnums=0)
def _modes(links: Links, weights: Array, conductances: Array) -> tuple[Array, Array]:
    """Rates `(n − 1,)`, rising, and unit vectors `(n, n − 1)` of the symmetric matrix."""
    n = weights.shape[0]
    factor, scale = _factor(links, weights, conductances)
    pairs = np.array([(i, j) for i in range(n) for j in range(i + 1, n)], int).reshape(-1, 2)

    def turn(k: Array, G: Array) -> Array:
        """Make two columns orthogonal."""
        p, q = jnp.asarray(pairs)[k % len(pairs)]
        a, b = G[:, p], G[:, q]
        twice = 2 * (a @ b)
        mixed = twice != 0
        zeta = (b @ b - a @ a) / jnp.where(mixed, twice, 1)
        # A hypotenuse that cannot overflow where columns of very different lengths are almost orthogonal.
        tangent = jnp.where(zeta >= 0, 1, -1) / (jnp.abs(zeta) + jnp.hypot(jnp.ones_like(zeta), zeta))
        tangent = jnp.where(mixed, tangent, 0)
        c = 1 / jnp.sqrt(1 + tangent**2)
        return G.at[:, p].set(c * (a - tangent * b)).at[:, q].set(c * (b + tangent * a))

    columns = lax.fori_loop(0, _SWEEPS * len(pairs), turn, factor) if len(pairs) else factor
    lengths = jnp.sqrt(jnp.sum(columns**2, 0))
    order = jnp.argsort(lengths)[1:]  # the first is the equilibrium
    singular = lengths[order]
    return singular**2 * jnp.exp(scale), columns[:, order] / jnp.where(singular > 0, singular, 1)[None]


def _factor(links: Links, weights: Array, conductances: Array) -> tuple[Array, Array]:
    """L√D `(n, n)` of the symmetric matrix over e^scale, by eliminating the state that is left fastest, one by one.

    Diagonals are never subtracted from: they follow from √π being the vector of eigenvalue zero, at every stage.
    """
    n = weights.shape[0]
    first, second = np.array(links, int).reshape(-1, 2).T
    log_a = jnp.full((n, n), -jnp.inf, weights.dtype)
    for i, j, c in zip(first, second, conductances - (weights[first] + weights[second]) / 2, strict=True):
        log_a = log_a.at[i, j].set(jnp.logaddexp(log_a[i, j], c)).at[j, i].set(jnp.logaddexp(log_a[j, i], c))
    slope = (weights[None, :] - weights[:, None]) / 2

    def leaving(log_a: Array) -> Array:
        return logsumexp(log_a + slope, axis=1)

    scale = jnp.max(leaving(log_a))

    def eliminate(k: Array, carry: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        log_a, active, G = carry
        exits = jnp.where(active, leaving(log_a), -jnp.inf)
        p = jnp.argmax(exits)
        # The last state has nowhere to go: its column is zero.
        alone = ~jnp.isfinite(exits[p])
        pivot = jnp.where(alone, 0, exits[p])
        row = log_a[p]
        column = jnp.where(jnp.arange(n) == p, jnp.exp(pivot / 2), -jnp.exp(row - pivot / 2))
        G = G.at[:, k].set(jnp.where(alone, 0, column))
        updated = jnp.logaddexp(log_a, row[:, None] + row[None, :] - pivot)
        gone = (jnp.arange(n) == p)[:, None] | (jnp.arange(n) == p)[None, :] | np.eye(n, dtype=bool)
        return jnp.where(gone, -jnp.inf, updated), active.at[p].set(False), G

    blank = (log_a - scale, jnp.ones(n, bool), jnp.zeros((n, n), weights.dtype))
    return lax.fori_loop(0, n, eliminate, blank)[2], scale
