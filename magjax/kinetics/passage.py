"""What integrals tell of an axial Fokker–Planck equation: equilibrium, correlation time, times of first passage."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax.kinetics.arguments import floats
from magjax.kinetics.fokker_planck import AbstractFokkerPlanck
from magjax.kinetics.panels import Panels


def equilibrium_average(
    equation: AbstractFokkerPlanck, f: Callable[[Array], Array], t: Any = 0.0, *, panels: int = 32
) -> Array:
    """⟨f(s)⟩ = ∫ f exp(−E/kT) ds / ∫ exp(−E/kT) ds.

    - `equation`: an axial equation. `f`: function of s that works on arrays. `t`: the moment, s, if there are drives.
    - `panels`: of 16 nodes each.

    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy, equilibrium_average
    >>> free = FokkerPlanck(UniaxialEnergy(0.0), moment=1e-18, T=300.0, alpha=0.1)
    >>> round(float(equilibrium_average(free, lambda s: s**2)), 6)
    0.333333
    """
    grid = Panels.make(equation.span, panels, equation.pace(t).dtype)
    boltzmann = _boltzmann(equation, grid, t)
    return grid.whole(boltzmann * f(grid.nodes)) / grid.whole(boltzmann)


def correlation_time(equation: AbstractFokkerPlanck, t: Any = 0.0, *, panels: int = 32) -> Array:
    """Integral time ∫₀^∞ C dt / C(0) of the equilibrium correlation C(t) = ⟨s(0) s(t)⟩ − ⟨s⟩², s.

    T_c = ∫ exp(v) Φ²/D ds / (pace · Z · C(0)),   Φ = ∫_a^s exp(−v) (s′ − ⟨s⟩) ds′.

    It is near 1/λ₁ without a bias field, and far below it in one that empties the upper well.

    - `equation`: an axial equation. `t`: the moment, s, if there are drives. `panels`: of 16 nodes each.

    Source: D. A. Garanin, Phys. Rev. E 54, 3250 (1996).

    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy, correlation_time
    >>> free = FokkerPlanck(UniaxialEnergy(0.0), moment=1e-18, T=300.0, alpha=0.1)
    >>> round(float(correlation_time(free) / free.free_time()), 9)
    1.0
    """
    grid = Panels.make(equation.span, panels, equation.pace(t).dtype)
    boltzmann = _boltzmann(equation, grid, t)
    s = grid.nodes
    Z = grid.whole(boltzmann)
    U, V = grid.from_left(boltzmann), grid.from_right(boltzmann)
    # −Φ Z = U V (mean right of s − mean left of s): every factor is positive.
    gap = grid.from_right(boltzmann * s) / V - grid.from_left(boltzmann * s) / U
    mean = grid.whole(boltzmann * s) / Z
    variance = grid.whole(boltzmann * (s - mean) ** 2) / Z
    area = grid.whole((U * V * gap / Z) ** 2 / (boltzmann * equation.diffusivity(s)))
    return area / (Z * variance * equation.pace(t))


def first_passage_time(
    equation: AbstractFokkerPlanck, start: Any, end: Any, t: Any = 0.0, *, panels: int = 32
) -> Array:
    """Mean time after which a spin that starts at s = `start` first arrives at s = `end`, s.

    T = ∫_start^end exp(v)/D ∫_a^s exp(−v) ds′ ds / pace for end > start, and its mirror image for end < start; the
    far end of the interval reflects. From well to well across a high barrier it is the inverse of the rate of that
    transition, which passes the top of the barrier in half that time.

    - `equation`: an axial equation. `start`, `end`: values of s = cos θ. `t`: the moment, s, if there are drives.
    - `panels`: of 16 nodes each.

    **Raises** `ValueError` outside the interval, and where `start` equals `end`.

    Source: P. Hänggi, P. Talkner, M. Borkovec, Rev. Mod. Phys. 62, 251 (1990), Eq. 7.9.

    >>> from magjax.kinetics import FokkerPlanck, UniaxialEnergy, first_passage_time, relaxation_rate
    >>> particle = FokkerPlanck(UniaxialEnergy(8e-20), moment=1e-18, T=300.0, alpha=0.1)
    >>> up = 1 / first_passage_time(particle, -1.0, 1.0)
    >>> round(float(2 * up / relaxation_rate(particle)), 4)  # there and back
    1.0
    """
    start, end = floats("start", start), floats("end", end)
    _check_ends(equation, start, end)
    pace = equation.pace(t)
    wall = jnp.where(end > start, equation.span[0], equation.span[1])
    # On the way down both intervals have negative lengths, and so both integrals negative signs.
    before = Panels.make((wall, start), panels, pace.dtype)
    way = Panels.make((start, end), panels, pace.dtype)
    u, v = equation.potential(before.nodes, t), equation.potential(way.nodes, t)
    low = lax.stop_gradient(jnp.minimum(jnp.min(u), jnp.min(v)))
    reservoir = before.whole(jnp.exp(low - u))
    behind = reservoir + way.from_left(jnp.exp(low - v))
    return way.whole(jnp.exp(v - low) * behind / equation.diffusivity(way.nodes)) / pace


def _boltzmann(equation: AbstractFokkerPlanck, grid: Panels, t: Any) -> Array:
    v = equation.potential(grid.nodes, t)
    return jnp.exp(lax.stop_gradient(jnp.min(v)) - v)


def _check_ends(equation: AbstractFokkerPlanck, start: Array, end: Array) -> None:
    """Raise `ValueError` for ends that are known to be wrong."""
    low, high = equation.span
    for name, value in (("start", start), ("end", end)):
        if not isinstance(value, Tracer) and not low <= float(value) <= high:
            raise ValueError(
                f"Argument `{name}` must be s = cos θ between {low:g} and {high:g}, but got {float(value):g}. Did you "
                "give an angle?"
            )
    if not isinstance(start, Tracer) and not isinstance(end, Tracer) and np.asarray(start) == np.asarray(end):
        raise ValueError(f"Argument `end` must differ from `start`, but both are {float(start):g}.")
