"""Magnetic viscosity: how a magnetisation behind barriers of many heights creeps away."""

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax import constants
from magjax.analytic import viscosity as closed
from magjax.kinetics.arguments import attempt_time, floats, not_negative, positive, temperature
from magjax.kinetics.barriers.base import AbstractBarriers
from magjax.kinetics.master import MasterEquation
from magjax.kinetics.populations import evolve_populations

#: Barriers, in kT from the one that is being crossed, between which exp(−e^−x) is smooth; 0 before and 1 after them.
_STEPS = (-4, -3, -2, -1, 0, 1, 2, 3.5, 5, 7, 9, 12, 16, 22, 30)


def remaining(t: Any, barriers: AbstractBarriers, T: Any, tau0: Any = 1e-9) -> Array:
    """The part that has not been reversed, R(t) = ∫P(E) exp(−(t/τ0) e^(−E/kT)) dE, to rounding at every t.

    **Arguments**

    - `t`: times ≥ 0, s, any shape. `barriers`: P(E). `T`: temperature, K. `tau0`: time between attempts, s.

    **Returns** R, in the shape of `t`.

    **Raises** `ValueError` for times below zero, temperatures and attempt times that are not positive.

    >>> from magjax.kinetics import barriers, remaining
    >>> grains = barriers.LogNormal(median=1e-19, sigma=0.5)
    >>> [round(float(R), 4) for R in remaining((1e-9, 1.0, 3.15e7), grains, T=300.0)]
    [1.0, 0.5997, 0.1752]
    """
    late, T = _late(t, tau0), _one_temperature(T)
    return _average(_waiting, late, barriers, T)


def magnetization(t: Any, barriers: AbstractBarriers, T: Any, Ms: Any, tau0: Any = 1e-9) -> Array:
    """M(t) = −Ms + 2Ms ∫P(E) exp(−(t/τ0) e^(−E/kT)) dE in a field that reverses all of it in the end, A/m.

    - `Ms`: saturation magnetisation, A/m. The other arguments, and what it raises, are those of `remaining`.

    Source: R. Street, J. C. Woolley, Proc. Phys. Soc. A 62, 562 (1949).

    >>> from magjax.kinetics import barriers, magnetization
    >>> round(float(magnetization(1.0, barriers.LogNormal(median=1e-19, sigma=0.5), T=300.0, Ms=8e5)))
    159502
    """
    return floats("Ms", Ms) * (2 * remaining(t, barriers, T, tau0) - 1)


def viscosity(t: Any, barriers: AbstractBarriers, T: Any, Ms: Any, tau0: Any = 1e-9) -> Array:
    """S = −dM/d(ln t) = 2Ms ∫P(E) w e^(−w) dE with w = (t/τ0) e^(−E/kT), A/m: exact at any t and T.

    Where P hardly changes over kT it is 2kT Ms P(E*): `magjax.analytic.viscosity`.

    - `Ms`: saturation magnetisation, A/m. The other arguments, and what it raises, are those of `remaining`.

    >>> from magjax.kinetics import barriers, viscosity
    >>> round(float(viscosity(1.0, barriers.Uniform(0.0, 2e-19), T=300.0, Ms=8e5)))
    33136
    """
    late, T = _late(t, tau0), _one_temperature(T)
    return 2 * floats("Ms", Ms) * _average(_leaving, late, barriers, T)


def logarithmic_viscosity(t: Any, barriers: AbstractBarriers, T: Any, Ms: Any, tau0: Any = 1e-9) -> Array:
    """S = 2kT Ms P(E*) with P at E* = kT (ln(t/τ0) + 0.577), A/m: the law of the logarithmic regime.

    Off by (π²/12)(kT)² P″/P, and wrong where P has an edge or is narrower than kT: `viscosity` is right everywhere.

    - `Ms`: saturation magnetisation, A/m. The other arguments, and what it raises, are those of `remaining`.

    >>> from magjax.kinetics import barriers, logarithmic_viscosity
    >>> round(float(logarithmic_viscosity(1.0, barriers.Uniform(0.0, 2e-19), T=300.0, Ms=8e5)))
    33136
    """
    t, kelvin = positive("t", t, "a time in s"), temperature(T)
    return closed.viscosity(
        kelvin, floats("Ms", Ms), barriers.density(closed.critical_barrier(t, kelvin, attempt_time(tau0)))
    )


def viscosity_seed(barriers: AbstractBarriers, T: Any, Ms: Any) -> Array:
    """The seed paper's S = 2kT Ms P(0), A/m, for comparison only: the barriers crossed at t are those near E*, not 0.

    - `barriers`: P(E). `T`: temperature, K. `Ms`: saturation magnetisation, A/m.

    >>> from magjax.kinetics import barriers, viscosity_seed
    >>> float(viscosity_seed(barriers.LogNormal(median=1e-19, sigma=0.5), T=300.0, Ms=8e5))
    0.0
    """
    return closed.viscosity_seed(temperature(T), floats("Ms", Ms), barriers.density(0.0))


def ensemble_magnetization(
    times: Any, E: Any, weights: Any, T: Any, Ms: Any, prefactor: Any = 1e9, bias: Any = 2e-18
) -> Array:
    """M(t) of independent two-level systems, each evolved by its own master equation from ↑, A/m.

    **Arguments**

    - `times`: rising, `(n_times,)`, s. `E`: barrier out of ↑ of each, `(n,)`, J. `weights`: the part of each, `(n,)`.
    - `T`: temperature, K. `Ms`: saturation magnetisation, A/m. `prefactor`: Γ0, 1/s.
    - `bias`: E↑ − E↓, J: far above kT everything is reversed in the end, at 0 it comes to rest at M = 0.

    **Returns** `(n_times,)`, A/m.

    **Raises** whatever `evolve_populations` and `MasterEquation` do, and `ValueError` for negative barriers.

    >>> from magjax.kinetics import barriers, ensemble_magnetization
    >>> E, weights = barriers.Normal(center=1e-19, width=1e-20).nodes()
    >>> [round(float(M)) for M in ensemble_magnetization((0.0, 1e3), E, weights, T=300.0, Ms=8e5)]
    [800000, -695788]
    """
    E = jnp.atleast_1d(not_negative("E", E, "barriers in J"))
    bias = floats("bias", bias).astype(E.dtype)
    zero = jnp.zeros((), E.dtype)

    def spin(barrier: Array) -> Array:
        states = jnp.stack([zero, -bias])
        pair = MasterEquation(states, ((0, 1),), barrier[None], prefactor)
        p = evolve_populations(pair, jnp.asarray([1, 0], E.dtype), times, T).p
        return p[:, 0] - p[:, 1]

    return floats("Ms", Ms) * (floats("weights", weights) @ jax.vmap(spin)(E))


def _late(t: Any, tau0: Any) -> Array:
    """The logarithm of t/τ0; at t = 0 a number so low that nothing has happened."""
    t = not_negative("t", t, "times in s", "Time does not go backwards.")
    ln_tau0 = jnp.log(attempt_time(tau0)).astype(t.dtype)
    return jnp.where(t > 0, jnp.log(jnp.where(t > 0, t, 1)), -1e4) - ln_tau0


def _one_temperature(T: Any) -> Array:
    kelvin = temperature(T)
    if kelvin.ndim:
        raise ValueError(f"Argument `T` must be one temperature, but got {kelvin.shape}; batches come from `jax.vmap`.")
    return kelvin


def _waiting(ln_w: Array) -> Array:
    """The part not yet over its barrier."""
    return jnp.exp(-jnp.exp(ln_w))


def _leaving(ln_w: Array) -> Array:
    """What leaves, in a unit of ln t."""
    return jnp.exp(ln_w - jnp.exp(ln_w))


@functools.partial(jax.jit, static_argnums=0)
def _average(part: Callable[[Array], Array], late: Array, barriers: AbstractBarriers, T: Array) -> Array:
    """∫P(E) part(ln w) dE with w = (t/τ0) e^(−E/kT), for every time."""
    steps = jnp.asarray(_STEPS, late.dtype)

    def one(late: Array) -> Array:
        energies, weights = barriers.nodes(constants.KB * T * (late + steps))
        return jnp.sum(weights * part(late - energies / constants.KB / T))

    return jax.vmap(one)(late.ravel()).reshape(late.shape)
