"""The Fokker–Planck equation of an interval as rates between neighbouring cells."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.nn import logsumexp
from jaxtyping import Array

from magjax.kinetics.fokker_planck import AbstractFokkerPlanck

#: Gauss–Legendre nodes in a cell, and between the middles of neighbours.
_NODES = 6


def cell_rates(equation: AbstractFokkerPlanck, edges: np.ndarray, t: Any = 0.0) -> Array:
    """Matrix W of dp/dt = W p for the probabilities p of cells, `(n, n)`, 1/s: W_ji takes cell i to cell j.

    W_ji = pace / (R_ij π_i),   π_i = ∫_i exp(−E/kT) ds,   R_ij = ∫ exp(E/kT)/D ds between the middles of neighbours.

    Exponential fitting (Scharfetter and Gummel; Chang and Cooper) with the energy's own integrals: no rate is negative,
    columns add up to 0, and the Boltzmann probabilities of the cells are exactly stationary, on any cells.

    - `equation`: an axial equation. `edges`: rising, `(n + 1,)`. `t`: time, s.

    Source: D. L. Scharfetter, H. K. Gummel, IEEE Trans. Electron Devices 16, 64 (1969); J. S. Chang, G. Cooper, J.
    Comput. Phys. 6, 1 (1970).

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy
    >>> from magjax.kinetics.finite_volume import cell_rates
    >>> particle = FokkerPlanck(UniaxialEnergy(4e-20), moment=1e-18, T=300.0, alpha=0.1)
    >>> W = cell_rates(particle, particle.edges(8))
    >>> bool(jnp.all(jnp.abs(W.sum(0)) < 1e-6 * W.max()))
    True
    """
    pace = equation.pace(t)
    middles = (edges[1:] + edges[:-1]) / 2
    inside, weights = _gauss(edges, pace.dtype)
    between, spans = _gauss(middles, pace.dtype)
    # In logarithms, so that only ratios of neighbours are ever exponentiated.
    content = logsumexp(-equation.potential(inside, t), b=weights, axis=1)
    v = equation.potential(between, t)
    resistance = logsumexp(v - jnp.log(equation.diffusivity(between)), b=spans, axis=1)
    up, down = pace * jnp.exp(-resistance - content[:-1]), pace * jnp.exp(-resistance - content[1:])
    nothing = jnp.zeros(1, up.dtype)
    leaving = jnp.concatenate([up, nothing]) + jnp.concatenate([nothing, down])
    return jnp.diag(up, -1) + jnp.diag(down, 1) - jnp.diag(leaving)


def boltzmann_cells(equation: AbstractFokkerPlanck, edges: np.ndarray, t: Any = 0.0) -> Array:
    """Probabilities of cells in equilibrium at the field and temperature of time `t` (s), `(n,)`.

    - `equation`: an axial equation. `edges`: rising, `(n + 1,)`.

    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy
    >>> from magjax.kinetics.finite_volume import boltzmann_cells
    >>> particle = FokkerPlanck(UniaxialEnergy(4e-20), moment=1e-18, T=300.0, alpha=0.1)
    >>> round(float(boltzmann_cells(particle, particle.edges(8)).sum()), 9)
    1.0
    """
    inside, weights = _gauss(edges, equation.pace(t).dtype)
    content = logsumexp(-equation.potential(inside, t), b=weights, axis=1)
    return jnp.exp(content - logsumexp(content))


def _gauss(edges: np.ndarray, dtype: Any) -> tuple[Array, Array]:
    """Nodes and weights in each interval, `(n, 6)`."""
    x, w = np.polynomial.legendre.leggauss(_NODES)
    half = np.diff(edges)[:, None] / 2
    return jnp.asarray(edges[:-1, None] + half * (1 + x), dtype), jnp.asarray(half * w, dtype)
