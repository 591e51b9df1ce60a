"""The slowest relaxation over barriers of any height, without subtracting nearly equal numbers."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.kinetics.derivative import once
from magjax.kinetics.fokker_planck import AbstractFokkerPlanck
from magjax.kinetics.panels import Panels
from magjax.kinetics.slow_grid import slow_grid
from magjax.kinetics.slowest_flux import slowest
from magjax.results import Outcome


class SlowMode(eqx.Module):
    """The slowest mode of a Fokker–Planck equation.

    - `rate`: λ₁, 1/s. `log_rate`: ln(λ₁ · 1 s), which does not underflow.
    - `s`, `flux`: nodes, and the probability that flows through them while the mode relaxes (largest value 1).
    - `outcome`: an `Outcome` code.

    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy, slow_mode
    >>> mode = slow_mode(FokkerPlanck(UniaxialEnergy(4e-20), moment=1e-18, T=300.0, alpha=0.1))
    >>> mode.result.name, mode.s.shape == mode.flux.shape
    ('SUCCESS', True)
    """

    rate: Array
    log_rate: Array
    s: Array
    flux: Array
    outcome: Array

    @property
    def result(self) -> Outcome:
        """How the search ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def slow_mode(equation: AbstractFokkerPlanck, t: Any = 0.0, *, panels: int = 64) -> SlowMode:
    """The slowest relaxation of a Fokker–Planck equation at the field and temperature of one moment.

    - `equation`: an axial equation, such as `FokkerPlanck`. `t`: the moment, s, if there are drives.
    - `panels`: of 16 nodes each, laid where the mode lives; 64 resolve two wells of any depth and any width.

    **Returns** a `SlowMode`. In double precision λ₁ is right to some 1e-13 relative where E is smooth, at barriers
    and fields up to 1e3 kT, and to 1e-16 of E/kT beyond, where `rate` underflows and `log_rate` does not; in single
    precision to 1e-5, barriers up to 80 kT. First derivatives with respect to every number in the equation
    are those of first-order perturbation theory, exact; second derivatives raise `TypeError`.

    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy, slow_mode
    >>> particle = FokkerPlanck(UniaxialEnergy(4e-20), moment=1e-18, T=300.0, alpha=0.1)
    >>> round(float(slow_mode(particle).rate * particle.free_time()), 6)
    0.001917
    """
    grid = slow_grid(equation, t, panels)
    log_mobility = jnp.log(equation.diffusivity(grid.panels.nodes))
    log_rate = _log_rate(grid.v, log_mobility, grid.panels, grid.kept) + jnp.log(equation.pace(t))
    found = slowest(lax.stop_gradient(grid.v), log_mobility, grid.panels, grid.kept)
    # λ₁ errs by the square of the residual, which tells nothing between two modes of one rate.
    resolved = (found.residual < 10 * jnp.finfo(grid.v.dtype).eps ** 0.5) & grid.resolved
    bad = jnp.where(jnp.isfinite(log_rate), int(Outcome.NOT_CONVERGED), int(Outcome.NOT_FINITE))
    outcome = jnp.where(resolved & jnp.isfinite(log_rate), int(Outcome.SUCCESS), bad)
    flux = jnp.exp(found.log_flux - jnp.max(found.log_flux))
    return SlowMode(jnp.exp(log_rate), log_rate, grid.panels.nodes.ravel(), flux.ravel(), outcome)


def relaxation_rate(equation: AbstractFokkerPlanck, t: Any = 0.0, *, panels: int = 64) -> Array:
    """λ₁, the smallest nonzero eigenvalue of a Fokker–Planck equation, 1/s: `slow_mode(…).rate`.

    >>> import jax
    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy, relaxation_rate
    >>> rate = lambda T: relaxation_rate(FokkerPlanck(UniaxialEnergy(4e-20), moment=1e-18, T=T, alpha=0.1))
    >>> slope = jax.grad(rate)(300.0) * 300.0 / rate(300.0)  # d ln λ / d ln T, nearly KV/kT
    >>> round(float(slope), 2)
    9.01
    """
    return slow_mode(equation, t, panels=panels).rate


@jax.custom_jvp
def _log_rate(v: Array, log_mobility: Array, panels: Panels, kept: Array) -> Array:
    """Ln of λ₁ in units of the pace, with the derivative of first-order perturbation theory."""
    return slowest(v, log_mobility, panels, kept).log_rate


@_log_rate.defjvp
def _(primals: tuple[Array, Array, Panels, Array], tangents: tuple[Any, ...]) -> tuple[Array, Array]:
    # Only the energies count; nodes and D are no parameters.
    found = slowest(*primals)
    return found.log_rate, jnp.sum(once(found.slope) * tangents[0])
