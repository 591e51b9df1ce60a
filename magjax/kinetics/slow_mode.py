"""The slowest relaxation over barriers of any height, without subtracting nearly equal numbers.

With w = exp(v)/D and v = E/kT, the flux J of a mode obeys −(exp(v) J′)′ = λ w J, J = 0 at both ends: the spectrum of
the Fokker–Planck operator without its zero. The inverse of this operator is an integral with a positive kernel,

    J(s)/λ = [V(s) ∫_a^s U w J + U(s) ∫_s^b V w J] / Z,    U = ∫_a^s exp(−v), V = ∫_s^b exp(−v), Z = ∫_a^b exp(−v),

whose largest eigenvalue is 1/λ₁, and whose first eigenfunction has one sign. So λ₁ = exp(−40) costs no digits, where a
matrix of the Fokker–Planck operator itself has an absolute error of 1e-16 times its largest element.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.kinetics.derivative import once
from magjax.kinetics.fokker_planck import AbstractFokkerPlanck
from magjax.kinetics.panels import Panels
from magjax.results import Outcome

#: A panel across which E/kT changes more than this is too wide for its 16 nodes.
_STEEPEST = 20.0
#: Steps of Lanczos' iteration; each is two passes over the nodes.
_STEPS = 20


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


def slow_mode(equation: AbstractFokkerPlanck, t: Any = 0.0, *, panels: int = 32) -> SlowMode:
    """The slowest relaxation of a Fokker–Planck equation at the field and temperature of one moment.

    - `equation`: an axial equation, such as `FokkerPlanck`. `t`: the moment, s, if there are drives.
    - `panels`: of 16 nodes each; 32 resolve KV/kT up to several hundred.

    **Returns** a `SlowMode`. In double precision λ₁ is right to some 1e-13 relative where E is smooth, at any barrier;
    in single precision to 1e-5, barriers up to 80 kT. First derivatives with respect to every number in the equation
    are those of first-order perturbation theory, exact; second derivatives raise `TypeError`.

    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy, slow_mode
    >>> particle = FokkerPlanck(UniaxialEnergy(4e-20), moment=1e-18, T=300.0, alpha=0.1)
    >>> round(float(slow_mode(particle).rate * particle.free_time()), 6)
    0.001917
    """
    grid = Panels.make(equation.span, panels, equation.pace(t).dtype)
    v = equation.potential(grid.nodes, t)
    log_mobility = jnp.log(equation.diffusivity(grid.nodes))
    log_rate = _log_rate(v, log_mobility, grid) + jnp.log(equation.pace(t))
    flux, residual = _slowest_flux(lax.stop_gradient(v), log_mobility, grid)
    steepest = jnp.max(jnp.max(v, axis=1) - jnp.min(v, axis=1))
    resolved = (residual < 100 * jnp.finfo(v.dtype).eps ** 0.75) & (steepest < _STEEPEST)
    bad = jnp.where(jnp.isfinite(log_rate), int(Outcome.NOT_CONVERGED), int(Outcome.NOT_FINITE))
    outcome = jnp.where(resolved & jnp.isfinite(log_rate), int(Outcome.SUCCESS), bad)
    return SlowMode(jnp.exp(log_rate), log_rate, grid.nodes.ravel(), flux.ravel() / jnp.max(flux), outcome)


def relaxation_rate(equation: AbstractFokkerPlanck, t: Any = 0.0, *, panels: int = 32) -> Array:
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
def _log_rate(v: Array, log_mobility: Array, grid: Panels) -> Array:
    """Ln of λ₁ in units of the pace, with the derivative of first-order perturbation theory."""
    flux, _ = _slowest_flux(v, log_mobility, grid)
    return _quotient(v, flux, log_mobility, grid)


@_log_rate.defjvp
def _(primals: tuple[Array, Array, Panels], tangents: tuple[Array, Array, Panels]) -> tuple[Array, Array]:
    v, log_mobility, grid = primals
    flux, _ = _slowest_flux(v, log_mobility, grid)
    # The quotient is stationary in the flux, so only the energies count; nodes and D are no parameters.
    value, slope = jax.value_and_grad(_quotient)(v, flux, log_mobility, grid)
    return value, jnp.sum(once(slope) * tangents[0])


def _kernel(v: Array, log_mobility: Array, grid: Panels) -> tuple[Array, Array, Array, Array]:
    """U/Z, V/Z and w with their largest exponents taken out, and ln of what was taken out of Z w."""
    low, log_w = jnp.min(v), v - log_mobility
    high = jnp.max(log_w)
    boltzmann = jnp.exp(low - v)
    total = grid.whole(boltzmann)
    U, V = grid.from_left(boltzmann) / total, grid.from_right(boltzmann) / total
    return U, V, jnp.exp(log_w - high), high - low + jnp.log(total)


def _quotient(v: Array, flux: Array, log_mobility: Array, grid: Panels) -> Array:
    """Ln of Rayleigh's quotient ⟨J|w|J⟩ / ⟨J|w G w|J⟩ of the inverse operator, in units of the pace."""
    U, V, w, scale = _kernel(v, log_mobility, grid)
    weighted = w * flux
    twice = 2 * grid.whole(weighted * V * grid.from_left(U * weighted))
    return jnp.log(grid.whole(weighted * flux)) - jnp.log(twice) - scale


def _slowest_flux(v: Array, log_mobility: Array, grid: Panels) -> tuple[Array, Array]:
    """The flux of the slowest mode, by Lanczos' iteration in the scalar product ∫ w a b, and its relative residual."""
    U, V, w, _ = _kernel(v, log_mobility, grid)
    measure = grid.weights * w

    def invert(J: Array) -> Array:
        return V * grid.from_left(U * w * J) + U * grid.from_right(V * w * J)

    def unit(J: Array) -> Array:
        square = jnp.sum(measure * J * J)
        return J * lax.rsqrt(jnp.where(square > 0, square, 1))

    def step(i: Array, basis: Array) -> Array:
        J = invert(basis[i])
        for _ in range(2):  # once more for what rounding left behind
            J = J - jnp.einsum("k,kpn->pn", jnp.einsum("kpn,pn->k", basis, measure * J), basis)
        return basis.at[i + 1].set(unit(J))

    basis = jnp.zeros((_STEPS + 1, *v.shape), v.dtype).at[0].set(unit(U * V))
    basis = lax.fori_loop(0, _STEPS, step, basis)[:_STEPS]
    images = jax.vmap(invert)(basis)
    matrix = jnp.einsum("ipn,jpn->ij", basis, measure[None] * images)
    values, vectors = jnp.linalg.eigh((matrix + matrix.T) / 2)
    flux = jnp.einsum("k,kpn->pn", vectors[:, -1], basis)
    # The mode has one sign. One application of a positive kernel leaves nothing of the wrong one that rounding made.
    flux = invert(jnp.abs(flux)) / values[-1]
    miss = invert(flux) / values[-1] - flux
    return flux, jnp.sqrt(jnp.sum(measure * miss**2) / jnp.sum(measure * flux**2))
