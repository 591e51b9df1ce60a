"""Waiting for an ensemble to come back to where it began."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array

from magjax.kinetics.frequencies.discrete import Discrete
from magjax.kinetics.frequencies.lorentzian import Lorentzian
from magjax.kinetics.frequencies.mixture import Mixture

#: Times looked at together.
_BLOCK = 1024


class Returns(eqx.Module):
    """What `returns` found.

    - `number`: how often M rose above 1 − ε again. `mean_time`: duration/number, s; infinite if never.
    - `highest`: the highest M after M had first fallen to 0: how near the ensemble came to where it began.

    >>> from magjax.kinetics import returns
    >>> from magjax.kinetics.frequencies import Discrete
    >>> found = returns(Discrete((1e9, 2e9)), tolerance=0.01, duration=1e-7, step=1e-11)
    >>> int(found.number), round(float(found.highest), 4)
    (15, 1.0)
    """

    number: Array
    mean_time: Array
    highest: Array


def returns(lines: Discrete, tolerance: Any, duration: float, step: float) -> Returns:
    """Turn the spins step by step and count how often their average M = Σ wᵢ cos ωᵢt returns to above 1 − ε.

    - `lines`: the frequencies. `tolerance`: ε. `duration`: for how long, s.
    - `step`: between looks, s; well below √ε/ω, or visits are missed.

    **Returns** `Returns`.

    **Raises** `ValueError` for durations and steps that are not positive, ε outside (0, 1).

    >>> from magjax.kinetics import returns
    >>> from magjax.kinetics.frequencies import equidistant
    >>> found = returns(equidistant(2e9, 1e9, 3), tolerance=0.01, duration=20e-9, step=1e-11)  # every 2π ns
    >>> int(found.number)
    3
    """
    if not (0 < step <= duration < float("inf")):
        raise ValueError(
            f"Arguments `step` and `duration` must be times with 0 < step ≤ duration, but got {step!r} s and "
            f"{duration!r} s."
        )
    if not isinstance(tolerance, Tracer) and not 0 < float(tolerance) < 1:
        raise ValueError(f"Argument `tolerance` must lie between 0 and 1, but got {tolerance!r}.")
    omega, weights = lines.nodes(1)
    blocks = -(-int(duration / step + 1e-9) // _BLOCK)
    tick, end = jnp.asarray(step, omega.dtype), jnp.asarray(duration, omega.dtype)
    number, highest = _counted(omega, weights, jnp.asarray(tolerance, omega.dtype), tick, end, jnp.asarray(blocks))
    return Returns(number, jnp.where(number > 0, end / jnp.maximum(number, 1), jnp.inf), highest)


@jax.jit
def _counted(
    omega: Array, weights: Array, tolerance: Array, step: Array, end: Array, blocks: Array
) -> tuple[Array, Array]:
    ticks = jnp.arange(1, _BLOCK + 1)

    def look(block: Array, found: tuple[Array, ...]) -> tuple[Array, ...]:
        number, above, left, highest = found
        k = block * _BLOCK + ticks
        t = k.astype(omega.dtype) * step
        over = t > end * (1 + 1e-6)
        mean = jnp.where(over, -1, jnp.cos(omega[:, None] * t[None]).T @ weights)
        inside = mean >= 1 - tolerance
        before = jnp.concatenate([above[None], inside[:-1]])
        gone = left | (jnp.cumsum(mean <= 0) > 0)
        highest = jnp.maximum(highest, jnp.max(jnp.where(gone, mean, -1)))
        return number + jnp.sum(inside & ~before), inside[-1], gone[-1], highest

    began = (jnp.asarray(0), jnp.asarray(True), jnp.asarray(False), jnp.asarray(-1.0, omega.dtype))
    number, _, _, highest = jax.lax.fori_loop(0, blocks, look, began)
    return number, highest


def coarse_grained(lines: Discrete, width: Any) -> Mixture:
    """The same lines seen without regard for what tells spins of one line apart: each a Lorentzian of half width Γ.

    Its revivals fade as e^{−Γt}. A width of the order of the spacing leaves none.

    - `lines`: sharp lines. `width`: Γ > 0, rad/s.

    >>> from magjax.kinetics import coarse_grained
    >>> from magjax.kinetics.frequencies import equidistant
    >>> blurred = coarse_grained(equidistant(5e9, 1e9, 10), width=1e9)
    >>> round(float(abs(blurred.characteristic(6.283185307e-9))), 4)  # e^{−2π}, where the sharp lines give 1
    0.0019
    """
    omega, weights = lines.nodes(1)
    return Mixture([Lorentzian(each, width) for each in omega], weights)
