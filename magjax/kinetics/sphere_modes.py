"""Relaxation rates of a spin in any energy, in spherical harmonics.

With P = exp(−v/2) g the generator is −(A†A + W): A = ∇ + ∇v/2 gives a matrix that is symmetric and never negative, and
the precession W = (1/α)(m×∇v)·∇ one that is antisymmetric. No numerical diffusion adds to the physical one, which
matters at low damping, where a density on cells would be smeared across lines of equal energy.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.kinetics.derivative import once
from magjax.kinetics.harmonics import harmonics
from magjax.kinetics.sphere import SphereFokkerPlanck
from magjax.results import Outcome

#: Steps of inverse iteration; each is one solve with a matrix that is decomposed once.
_STEPS = 200


class SphereMode(eqx.Module):
    """The slowest mode that relaxes without turning.

    - `rate`: λ₁, 1/s. `outcome`: an `Outcome` code.

    >>> from magjax.kinetics import SphereFokkerPlanck, sphere_slow_mode
    >>> mode = sphere_slow_mode(SphereFokkerPlanck(lambda m: -2e-20 * m[0] ** 2, 1e-18, 300.0, alpha=0.1), degree=12)
    >>> mode.result.name
    'SUCCESS'
    """

    rate: Array
    outcome: Array

    @property
    def result(self) -> Outcome:
        """How the search ended (of a batch, the worst)."""
        return Outcome.worst(self.outcome)


def sphere_slow_mode(equation: SphereFokkerPlanck, t: Any = 0.0, *, degree: int = 20) -> SphereMode:
    """The smallest nonzero eigenvalue of Brown's operator for any energy: the rate of reversal over barriers.

    Inverse iteration in the space without the equilibrium; then λ = |A g|²/|g|², in which only g is inexact.

    - `equation`: the spin. `t`: the moment, s, if there are drives.
    - `degree`: of the harmonics; a well of curvature c (of E/kT) needs about 5 √c, uniaxial σ about 7 √σ.

    **Returns** a `SphereMode`. In double precision the relative error is near 1e-12 exp(ΔE/2kT): 1e-6 at barriers of
    28 kT; for axial energies `slow_mode` knows no such limit. `NOT_CONVERGED` with too few harmonics, and where the
    eigenvalue of smallest modulus is one of a complex pair (a spin that precesses slowly and has no barrier):
    `sphere_modes` gives all of them. First derivatives by perturbation theory; second ones raise.

    >>> from magjax.kinetics import FokkerPlanck, SphereFokkerPlanck, UniaxialEnergy, relaxation_rate, sphere_slow_mode
    >>> tilted = sphere_slow_mode(SphereFokkerPlanck(lambda m: -2e-20 * m[0] ** 2, 1e-18, 300.0, alpha=0.1), degree=16)
    >>> axial = relaxation_rate(FokkerPlanck(UniaxialEnergy(2e-20), 1e-18, 300.0, alpha=0.1))
    >>> round(float(tilted.rate / axial), 6)
    1.0
    """
    factor, precession, ground = _factors(equation, t, degree)
    value = _smallest(factor, precession, lax.stop_gradient(ground))
    _, _, miss = _vectors(*map(lax.stop_gradient, (factor, precession, ground)))
    # In enough harmonics the equilibrium does not decay.
    leak = jnp.sum((factor @ ground) ** 2)
    good = (miss < 1e3 * jnp.finfo(miss.dtype).eps ** 0.5) & (leak < 1e-5 * value)
    outcome = jnp.where(good, int(Outcome.SUCCESS), int(Outcome.NOT_CONVERGED))
    outcome = jnp.where(jnp.isfinite(value), outcome, int(Outcome.NOT_FINITE))
    return SphereMode(equation.pace(t) * value, outcome)


def sphere_modes(equation: SphereFokkerPlanck, count: int = 4, t: Any = 0.0, *, degree: int = 16) -> Array:
    """The `count` eigenvalues of Brown's operator with the smallest nonzero real parts, `(count,)`, complex, 1/s.

    Imaginary parts are frequencies of precession, rad/s. Absolute errors near 1e-13 of the largest eigenvalue.

    - `equation`: the spin. `count`: how many. `t`: the moment, s, if there are drives. `degree`: of the harmonics.

    **Raises** `ValueError` for more eigenvalues than half the harmonics can give.

    >>> from magjax.kinetics import SphereFokkerPlanck, sphere_modes
    >>> free = SphereFokkerPlanck(lambda m: 0.0 * m[0], moment=1e-18, T=300.0, alpha=0.1)
    >>> [round(float(rate.real * free.free_time()), 6) for rate in sphere_modes(free, 4, degree=4)]
    [1.0, 1.0, 1.0, 3.0]
    """
    if not 1 <= count <= (degree + 1) ** 2 // 2:
        raise ValueError(
            f"Argument `count` must be from 1 to {(degree + 1) ** 2 // 2} with `degree` = {degree}, but got {count!r}."
        )
    factor, precession, _ = _factors(equation, t, degree)
    values = jnp.linalg.eigvals(factor.T @ factor + precession)
    return equation.pace(t) * values[jnp.argsort(values.real)][1 : count + 1]


def _factors(equation: SphereFokkerPlanck, t: Any, degree: int) -> tuple[Array, Array, Array]:
    """A `(2q, n)` and W `(n, n)` in units of the pace, and the equilibrium g₀ `(n,)`."""
    dtype = equation.pace(t).dtype
    table = [jnp.asarray(x, dtype) for x in harmonics(degree)]
    values, polar, azimuthal, m, e_polar, e_azimuthal, weights = table
    v = jax.vmap(lambda m: equation.potential(m, t))(m)
    slope = jax.vmap(lambda m: equation.slope(m, t))(m)
    down, across = (jnp.sum(slope * e, axis=1)[:, None] for e in (e_polar, e_azimuthal))
    factor = jnp.concatenate([polar + down * values / 2, azimuthal + across * values / 2])
    turn = values.T @ (down * azimuthal - across * polar) / equation.alpha
    ground = values.T @ (jnp.sqrt(weights) * jnp.exp((jnp.min(v) - v) / 2))
    return factor, (turn - turn.T) / 2, ground / jnp.linalg.norm(ground)


@jax.custom_jvp
def _smallest(factor: Array, precession: Array, ground: Array) -> Array:
    right, _, _ = _vectors(factor, precession, ground)
    return jnp.sum((factor @ right) ** 2)


@_smallest.defjvp
def _(primals: tuple[Array, ...], tangents: tuple[Array, ...]) -> tuple[Array, Array]:
    factor, precession, ground = primals
    d_factor, d_precession, _ = tangents
    right, left, _ = map(once, _vectors(factor, precession, ground))
    fall_right, fall_left = once(factor @ right), once(factor @ left)
    change = fall_left @ (d_factor @ right) + (d_factor @ left) @ fall_right + left @ (d_precession @ right)
    return jnp.sum(fall_right**2), change / jnp.sum(left * right)


def _vectors(factor: Array, precession: Array, ground: Array) -> tuple[Array, Array, Array]:
    """Right and left eigenvectors of the smallest nonzero eigenvalue, of length 1, and how far the right one is off."""
    matrix = factor.T @ factor + precession
    n = matrix.shape[0]
    corner = jnp.zeros((1, 1), matrix.dtype)
    # Bordered by the equilibrium, the matrix is singular no more.
    bordered = jnp.block([[matrix, ground[:, None]], [ground[None], corner]])
    decomposed = jax.scipy.linalg.lu_factor(bordered)

    def solve(x: Array, transposed: int) -> Array:
        y = jax.scipy.linalg.lu_solve(decomposed, jnp.concatenate([x, corner[0]]), trans=transposed)[:n]
        return y / jnp.linalg.norm(y)

    # Any start will do that no symmetry of an energy can make orthogonal to the mode.
    begin = jnp.cos(jnp.arange(1, n + 1, dtype=matrix.dtype) ** 2)
    begin = begin - ground * jnp.sum(ground * begin)
    right, left = (lax.fori_loop(0, _STEPS, lambda _, x, way=way: solve(x, way), begin) for way in (0, 1))
    miss = jnp.linalg.norm(solve(right, 0) - right)
    return right, left, miss
