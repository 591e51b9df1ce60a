"""Solver and step for the stochastic equation."""

import warnings
from typing import Any

import diffrax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax.dynamics.langevin import Langevin, langevin_term, refuse_negative
from magjax.material.parameter import is_driven
from magjax.solve.motion import Scheme
from magjax.solve.steppers.langevin_solver import AbstractLangevinSolver
from magjax.solve.steppers.rotation_heun import RotationHeun
from magjax.system import AbstractPrepared

#: The angle, rad, by which the field, or the noise in its standard deviation, turns a spin in a step of our choice.
_ANGLE = 0.1
#: The angle beyond which averages come out wrong enough to be told.
_TOO_LARGE = 0.5
#: How often driven fields are looked at.
_LOOKS = 33


def langevin_scheme(
    prepared: AbstractPrepared,
    dynamics: Langevin,
    *,
    solver: diffrax.AbstractSolver | None,
    dt: float | None,
    dt_max: Array,
    end: Array,
    landmarks: Array | None,
) -> Scheme:
    """Fixed steps of `dt`, or of a length that turns spins by a tenth of a radian, with a solver that knows noise.

    - `prepared`: the system. `dynamics`: the equation. `solver`: one of ours for it; `mj.solvers.RotationHeun` unless
      given. `dt`: s. `dt_max`: the longest step that drives allow, s. `end`: the duration, s. `landmarks`:
      where drives jump, s.

    **Warns** with the right step where `dt` turns spins by more than half a radian.

    **Raises** `ValueError` for solvers that know no noise, and temperatures below 0 K.
    """
    solver = RotationHeun() if solver is None else solver
    if not isinstance(solver, AbstractLangevinSolver):
        raise ValueError(
            "Argument `solver` must know noise, as mj.solvers.RotationHeun(), NormalizedHeun() and SemiImplicit() do, "
            f"but got {solver!r}."
        )
    refuse_negative(dynamics, prepared, prepared.epoch + _looks(prepared, end, landmarks))
    term = langevin_term(dynamics, prepared)
    right = jnp.minimum(longest_step(prepared, dynamics, end, landmarks), dt_max)
    chosen = right if dt is None else jnp.asarray(dt, prepared.dtype)
    traced = isinstance(right, Tracer) or isinstance(dt, Tracer)
    if dt is not None and not traced and float(right) * _TOO_LARGE / _ANGLE < dt:
        warnings.warn(
            f"Argument `dt` = {dt:g} s turns spins by more than {_TOO_LARGE:g} rad in a step, by field or noise; "
            f"averages will be wrong. Use dt ≤ {float(right):.2g} s, or leave it out.",
            UserWarning,
            stacklevel=4,
        )
    return Scheme(term, solver, None, chosen, chosen, landmarks)


def longest_step(prepared: AbstractPrepared, dynamics: Langevin, end: Array, landmarks: Array | None = None) -> Array:
    """The step, s, in which neither the fields nor the noise turn a spin by more than a tenth of a radian.

    - `end`: the duration, s. Where anything is driven, the fields are looked at on the way, and at all `landmarks`, s.
    """

    def at(t: Array) -> Array:
        here = prepared.starting_at(prepared.epoch + t)
        zero = jnp.zeros((), prepared.dtype)
        gamma, alpha = here.coefficients(zero)
        speed = jnp.max(gamma * dynamics.relative_rate(alpha) / jnp.sqrt(1 + alpha**2))
        rate = here.fastest_rate() * jnp.max(dynamics.relative_rate(alpha)) + speed * here.nonlocal_bound()
        kick = jnp.max(dynamics.strength(here, zero)) * speed
        tiny = jnp.finfo(prepared.dtype).tiny
        return jnp.minimum(_ANGLE / jnp.maximum(rate, tiny), (_ANGLE / jnp.maximum(kick, 1e-12)) ** 2)

    if not is_driven((prepared.system, dynamics)):
        return lax.stop_gradient(at(jnp.zeros((), prepared.dtype)))
    return lax.stop_gradient(jnp.min(lax.map(at, lax.stop_gradient(_looks(prepared, end, landmarks)))))


def _looks(prepared: AbstractPrepared, end: Array, landmarks: Array | None) -> Array:
    """Times since the start, s, at which what is driven is looked at."""
    # Multiples of the golden section: looks at equal distances may all fall on the zeros of a sine.
    fractions = np.concatenate([[0.0, 1.0], np.arange(1, _LOOKS) * (np.sqrt(5) - 1) / 2 % 1])
    looks = jnp.asarray(fractions, prepared.dtype) * end
    if landmarks is not None:
        looks = jnp.concatenate([looks, jnp.clip(landmarks - prepared.epoch, 0, end)])
    return looks


def as_langevin(dynamics: Any) -> Langevin:
    """An equation without noise as one at 0 K, for solvers of the stochastic one.

    **Raises** `ValueError` for equations that are not the LLG's.
    """
    from magjax.dynamics.llg import LLG

    if isinstance(dynamics, Langevin):
        return dynamics
    if isinstance(dynamics, LLG) and dynamics.precession:
        return Langevin(0.0, form=dynamics.form)
    raise ValueError(
        f"Argument `solver` solves the LLG and Langevin equations, but `dynamics` is {type(dynamics).__name__}."
    )
