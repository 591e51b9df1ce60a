"""Posterior distributions by Hamiltonian Monte Carlo; blackjax, an extra, draws the samples."""

import dataclasses
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.fit.problem import Problem
from magjax.fit.result import Fit
from magjax.fit.sampling import Samples
from magjax.results import Outcome

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Chains that disagree by more than this are not the posterior yet.
_AGREE = 1.05


@dataclasses.dataclass(frozen=True, eq=False)
class Posterior:
    """Samples of a posterior, and whether they can be believed.

    - `samples`: of all chains, one after the other. `r_hat`: of each fitted number, how much wider all chains together
      are than each alone, `(n,)`: 1 when they agree. `effective`: how many independent samples they are worth, `(n,)`.
    - `divergent`: number of samples where the path was not followed accurately.

    >>> import numpy as np
    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> problem = fit.Problem({"a": 0.0, "b": 1.0}, line, ["a", "b"])
    >>> samples = fit.Samples(problem, np.ones((10, 2)), np.zeros(10, int))
    >>> fit.Posterior(samples, np.array([1.0, 1.2]), np.array([10.0, 3.0]), 0).result.name
    'NOT_CONVERGED'
    """

    samples: Samples
    r_hat: np.ndarray
    effective: np.ndarray
    divergent: int

    @property
    def result(self) -> Outcome:
        """Whether the chains agree."""
        return Outcome.SUCCESS if (self.r_hat < _AGREE).all() else Outcome.NOT_CONVERGED

    def interval(self, name: str, level: float = 0.6827) -> tuple[Any, Any]:
        """Ends of the central interval that holds a parameter with probability `level`."""
        return self.samples.interval(name, level)

    def corner(self) -> "Figure":
        """Scatter of every pair of parameters."""
        return self.samples.corner()


def sample_posterior(found: Fit, number: int = 1000, *, chains: int = 4, warmup: int = 500, seed: int = 0) -> Posterior:
    """Draw from the posterior p(z) ∝ exp(−χ²(z)/2), flat in the coordinates z between their bounds but for priors.

    z is the value of a parameter, or its logarithm. Where errors are unknown they are integrated over, with the prior
    1/error: p ∝ χ^(−points). Several minima far apart are not found from one of them: see `fit(…, starts=)`.

    - `found`: a fit, about which the chains begin. `number`: of samples of each chain. `chains`: several, so that they
      can be compared. `warmup`: steps before them, in which the path lengths are set. `seed`: of the random numbers.

    **Returns** `Posterior`.

    **Raises** `ModuleNotFoundError` without blackjax; `ValueError` where a parameter that the data do not determine has
    no bounds and no prior: there is no posterior then.

    Source: M. D. Hoffman, A. Gelman, J. Mach. Learn. Res. 15, 1593 (2014); the samples are blackjax's.

    >>> from magjax import fit
    >>> line = fit.Data((0.0, 1.0, 2.0), (1.0, 3.1, 4.9), 0.1, observe=lambda m, x: m["a"] + m["b"] * x)
    >>> found = fit.fit({"a": 0.0, "b": 1.0}, line, ["a", "b"])
    >>> drawn = fit.sample_posterior(found, 500)  # doctest: +SKIP
    >>> round(float(drawn.samples.errors["b"]), 2)  # doctest: +SKIP
    0.07
    """
    if number < 4 or chains < 2 or warmup < 20:
        raise ValueError(
            f"Arguments `number`, `chains` and `warmup` must be at least 4, 2 and 20, but got {number}, {chains} and "
            f"{warmup}."
        )
    try:
        import blackjax
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            "Posterior samples need blackjax: `pip install magjax[posterior]`. The bootstrap needs nothing."
        ) from None
    problem, axes = found.problem, _axes(found)
    begin, key = jax.random.split(jax.random.key(seed))
    start = jax.random.normal(begin, (chains, problem.size), problem.start.dtype)
    given = (problem, _middle(found), axes)
    z, divergent = _chains(blackjax, given, start, key, number, warmup)
    r_hat = np.asarray(blackjax.diagnostics.potential_scale_reduction(z))
    effective = np.asarray(blackjax.diagnostics.effective_sample_size(z))
    code = int(Outcome.SUCCESS if (r_hat < _AGREE).all() else Outcome.NOT_CONVERGED)
    flat = np.asarray(z).reshape(-1, problem.size)
    return Posterior(Samples(problem, flat, np.full(len(flat), code)), r_hat, effective, int(np.sum(divergent)))


def _axes(found: Fit) -> Array:
    """Columns that make all directions about equally wide, `(n, n)`; at most 3, which is a factor of e³."""
    problem, fisher = found.problem, found.fisher
    unbounded = ~np.isfinite(np.asarray(problem.high - problem.low)) & fisher.undetermined
    if unbounded.any():
        lost = ", ".join(name for name, out in zip(problem.names, unbounded, strict=True) if out)
        raise ValueError(
            f"Argument `found` must determine all parameters that have no bounds, but these data say nothing of "
            f"{lost}: give bounds or a `prior`."
        )
    width = 1 / np.maximum(fisher.singular_values, 1 / 3)
    return jnp.asarray(fisher.directions.T * width, problem.start.dtype)


def _middle(found: Fit) -> Array:
    """The optimum, half an error inside its bounds: at a bound itself the free coordinates have no scale."""
    problem, errors = found.problem, found.fisher.errors
    low, high = np.asarray(problem.low), np.asarray(problem.high)
    reach = np.minimum(np.where(np.isfinite(errors), errors, 1.0), (high - low) / 2) / 2
    return jnp.asarray(np.clip(found.z, low + reach, high - reach), problem.start.dtype)


def _log_density(q: Array, given: tuple[Problem, Array, Array]) -> tuple[Array, Array]:
    """Logarithm of the density of q, and z there."""
    problem, middle, axes = given
    u, ones = axes @ q, jnp.ones_like(middle)
    z, slope = jax.jvp(lambda u: problem.place(u, middle), (u,), (ones,))
    chi_square = problem.chi_square(z)
    points = jnp.count_nonzero(problem.weights() > 0)
    fits = -chi_square / 2 if problem.weighted else -points / 2 * jnp.log(chi_square)
    log = fits + jnp.sum(jnp.log(slope))
    return jnp.where(jnp.isfinite(log), log, -jnp.inf), z


def _chains(
    blackjax: Any, given: tuple[Problem, Array, Array], start: Array, key: Array, number: int, warmup: int
) -> tuple[Array, Array]:
    """Coordinates `(chains, number, n)`, and how many samples diverged in each chain."""

    def one(given: Any, start: Array, key: Array) -> tuple[Array, Array]:
        def log_density(q: Array) -> Array:
            return _log_density(q, given)[0]

        first, second = jax.random.split(key)
        adapt = blackjax.window_adaptation(blackjax.nuts, log_density, is_mass_matrix_diagonal=False)
        (state, settings), _ = adapt.run(first, start, num_steps=warmup)
        kernel = blackjax.nuts(log_density, **settings)

        def step(state: Any, key: Array) -> tuple[Any, tuple[Array, Array]]:
            state, info = kernel.step(key, state)
            return state, (_log_density(state.position, given)[1], info.is_divergent)

        _, (z, divergent) = jax.lax.scan(step, state, jax.random.split(second, number))
        return z, jnp.sum(divergent)

    @eqx.filter_jit
    def run(given: Any, starts: Array, keys: Array) -> tuple[Array, Array]:
        return jax.vmap(one, in_axes=(None, 0, 0))(given, starts, keys)

    return run(given, start, jax.random.split(key, len(start)))
