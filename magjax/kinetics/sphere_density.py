"""The density of a spin on the whole sphere in time, on cells between circles of latitude and longitude."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.kinetics.density import march, normalised, step_grid
from magjax.kinetics.sphere import SphereFokkerPlanck
from magjax.results import Outcome


class SphereDensity(eqx.Module):
    """What `evolve_sphere` returns.

    - `t`: `(n,)` save times, s. `theta`: `(n_theta,)`, `phi`: `(n_phi,)`: middles of the cells, rad.
    - `probability`: `(n, n_theta, n_phi)` in each cell, never negative, adding up to 1.
    - `outcome`: an `Outcome` code.

    >>> from magjax.kinetics import SphereFokkerPlanck, evolve_sphere
    >>> free = SphereFokkerPlanck(lambda m: 0.0 * m[0], moment=1e-18, T=300.0, alpha=0.1)
    >>> run = evolve_sphere(free, P0=lambda m: 1 + m[0], times=(1e-9,), cells=(4, 8))
    >>> run.P.shape, run.average().shape
    ((1, 4, 8), (1, 3))
    """

    t: Array
    theta: Array
    phi: Array
    probability: Array
    outcome: Array

    @property
    def P(self) -> Array:
        """Mean density in each cell, per solid angle."""
        _, _, areas = _cells(self.theta.size, self.phi.size)
        return self.probability / jnp.asarray(areas, self.probability.dtype)[None]

    def average(self) -> Array:
        """⟨m⟩ at each time, `(n, 3)`."""
        _, means, _ = _cells(self.theta.size, self.phi.size)
        return jnp.einsum("nij,ijc->nc", self.probability, jnp.asarray(means, self.probability.dtype))

    @property
    def result(self) -> Outcome:
        """How the run ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def evolve_sphere(
    equation: SphereFokkerPlanck,
    P0: Any,
    times: Any,
    *,
    cells: tuple[int, int] = (12, 24),
    steps: int = 100,
    t0: float = 0.0,
) -> SphereDensity:
    """Evolve a density on the sphere in time, precession included: pure, so that `jit`, `grad` and `vmap` apply.

    Time is treated as in `evolve_density`: p ≥ 0 and ∑p = 1 hold at any step. Diffusion is exponentially fitted, and
    precession flows along the stream function exp(−E/kT)/α, so that Boltzmann's density is exactly stationary; fluxes
    turn upwind just as far as p ≥ 0 requires. That makes them diffusive where E/kT changes by more than 2α from cell to
    cell: at low damping take relaxation rates from `sphere_slow_mode`, which has no such error.

    - `equation`: the spin. `P0`: the density at `t0`, not normalised: a function of m `(3,)`, or `(n_theta, n_phi)`.
    - `times`: of the saves, rising, s. `t0`: time at the start, s, that drives see.
    - `cells`: in θ and in φ; work and memory grow as the cube and the square of their product.
    - `steps`: how many equal steps drives are followed with.

    **Returns** a `SphereDensity`; look at its `result`.

    **Raises** `ValueError` for times that go backwards, and densities that are negative or cannot be normalised.

    >>> from magjax.kinetics import SphereFokkerPlanck, evolve_sphere
    >>> free = SphereFokkerPlanck(lambda m: 0.0 * m[0], moment=1e-18, T=300.0, alpha=0.1)
    >>> run = evolve_sphere(free, P0=lambda m: 1 + m[2], times=(float(free.free_time()),), cells=(8, 8))
    >>> round(float(run.average()[0, 2]), 2)  # exp(−1)/3 = 0.123, and what eight cells add
    0.13
    """
    dtype = equation.pace(t0).dtype
    n_theta, n_phi = cells
    directions, _, areas = _cells(n_theta, n_phi)
    grid, saves = step_grid(equation, times, t0, steps, dtype)
    flat = jnp.asarray(directions.reshape(-1, 3), dtype)
    density = jnp.asarray(jax.vmap(P0)(flat), dtype).reshape(cells) if callable(P0) else jnp.asarray(P0, dtype)
    if density.shape != cells:
        raise ValueError(
            f"Argument `P0` must be a function of m, or one number for each of {cells} cells, but got the shape "
            f"{density.shape}."
        )
    p0 = normalised(density * jnp.asarray(areas, dtype)).ravel()
    probability, outcome = march(lambda t: sphere_rates(equation, cells, t), p0, grid)
    at_saves = probability[jnp.searchsorted(grid, saves)].reshape(-1, *cells)
    theta, phi = _middles(n_theta, n_phi)
    return SphereDensity(saves, jnp.asarray(theta, dtype), jnp.asarray(phi, dtype), at_saves, outcome)


def sphere_rates(equation: SphereFokkerPlanck, cells: tuple[int, int], t: Any = 0.0) -> Array:
    """Matrix W of dp/dt = W p for the probabilities of cells, `(n, n)`, 1/s, n = n_theta · n_phi, φ fastest.

    - `equation`: the spin. `cells`: in θ and in φ. `t`: time, s.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import SphereFokkerPlanck
    >>> from magjax.kinetics.sphere_density import sphere_rates
    >>> W = sphere_rates(SphereFokkerPlanck(lambda m: 1e-20 * m[0], 1e-18, 300.0, alpha=0.1), (4, 8))
    >>> bool(jnp.all(jnp.abs(W.sum(0)) < 1e-12 * W.max()))
    True
    """
    dtype = equation.pace(t).dtype
    n_theta, n_phi = cells
    directions, _, areas = _cells(n_theta, n_phi)
    potential = lambda m: jax.vmap(lambda m: equation.potential(m, t))(jnp.asarray(m.reshape(-1, 3), dtype))  # noqa: E731
    v = potential(directions)
    corners = potential(_directions(np.pi * np.arange(1, n_theta) / n_theta, 2 * np.pi * np.arange(n_phi) / n_phi))
    corners = corners.reshape(n_theta - 1, n_phi)
    # All corners at a pole are one point.
    poles = potential(np.array([[0.0, 0, 1], [0, 0, -1]]))
    corners = jnp.concatenate([jnp.full((1, n_phi), poles[0]), corners, jnp.full((1, n_phi), poles[1])])
    log_content = jnp.log(jnp.asarray(areas.ravel(), dtype)) - v
    total = jnp.zeros((v.size, v.size), dtype)
    for source, target, ratio, start, end in _faces(n_theta, n_phi):
        log_k = jnp.log(jnp.asarray(ratio, dtype)) - (v[source] + v[target]) / 2 + _fit((v[target] - v[source]) / 2)
        ends = (corners.ravel()[corner] for corner in (start, end))
        first, last = (jnp.exp(-corner - log_k) for corner in ends)
        peclet = (last - first) / equation.alpha
        there = jnp.exp(log_k - log_content[source]) * _bernoulli(-peclet)
        back = jnp.exp(log_k - log_content[target]) * _bernoulli(peclet)
        total = total.at[target, source].add(there).at[source, target].add(back)
    return equation.pace(t) * (total - jnp.diag(total.sum(0)))


def _fit(x: Array) -> Array:
    """Ln(x/sinh x)."""
    size = jnp.where(jnp.abs(x) < 1e-3, 1e-3, jnp.abs(x))
    far = jnp.log(-2 * size / jnp.expm1(-2 * size)) - size
    return jnp.where(jnp.abs(x) < 1e-3, -(x**2) / 6, far)


def _bernoulli(x: Array) -> Array:
    """x/(exp x − 1)."""
    size = jnp.where(jnp.abs(x) < 1e-3, 1e-3, jnp.abs(x))
    far = -size / jnp.expm1(-size) * jnp.exp(-jnp.maximum(x, 0))
    return jnp.where(jnp.abs(x) < 1e-3, 1 - x / 2 + x**2 / 12, far)


def _faces(n_theta: int, n_phi: int) -> list[tuple[np.ndarray, ...]]:
    """Faces towards the south and towards the east: cells on both sides, length over distance, corners of the flow."""
    index = np.arange(n_theta * n_phi).reshape(n_theta, n_phi)
    corner = np.arange((n_theta + 1) * n_phi).reshape(n_theta + 1, n_phi)
    d_theta, d_phi = np.pi / n_theta, 2 * np.pi / n_phi
    south = np.sin(np.arange(1, n_theta) * d_theta) * d_phi / d_theta
    east = d_theta / (np.sin((np.arange(n_theta) + 0.5) * d_theta) * d_phi)
    next_corner = np.roll(corner, -1, axis=1)
    across = (index[:-1], index[1:], np.broadcast_to(south[:, None], (n_theta - 1, n_phi)))
    along = (index, np.roll(index, -1, axis=1), np.broadcast_to(east[:, None], index.shape))
    return [
        tuple(x.ravel() for x in (*across, corner[1:-1], next_corner[1:-1])),
        tuple(x.ravel() for x in (*along, next_corner[1:], next_corner[:-1])),
    ]


def _middles(n_theta: int, n_phi: int) -> tuple[np.ndarray, np.ndarray]:
    return (np.arange(n_theta) + 0.5) * np.pi / n_theta, (np.arange(n_phi) + 0.5) * 2 * np.pi / n_phi


def _directions(theta: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """Unit vectors, `(theta, phi, 3)`."""
    sine = np.sin(theta)[:, None]
    return np.stack([sine * np.cos(phi), sine * np.sin(phi), np.cos(theta)[:, None] + 0 * phi], axis=-1)


def _cells(n_theta: int, n_phi: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Middles `(n_theta, n_phi, 3)`, mean unit vectors of the same shape, and solid angles of the cells."""
    theta, phi = _middles(n_theta, n_phi)
    edges = np.pi * np.arange(n_theta + 1) / n_theta
    d_phi = 2 * np.pi / n_phi
    heights = -np.diff(np.cos(edges))
    sideways = (np.diff(edges) - np.diff(np.sin(2 * edges)) / 2) / 2 / heights * np.sin(d_phi / 2) / (d_phi / 2)
    upward = np.diff(np.sin(edges) ** 2) / 2 / heights
    means = np.stack(
        [np.outer(sideways, np.cos(phi)), np.outer(sideways, np.sin(phi)), np.outer(upward, np.ones(n_phi))], axis=-1
    )
    return _directions(theta, phi), means, np.outer(heights, np.full(n_phi, d_phi))
