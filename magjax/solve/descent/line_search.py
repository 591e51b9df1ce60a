"""A line search on a product of spheres that needs slopes only."""

from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.numerics.sphere import cross, dot, largest_length, normalize

#: Steps are too short while the slope is still below this fraction of the first one.
STEEP = 0.9
#: Steps are too long once the slope has turned upwards by more than this fraction of the first one.
UPHILL = 0.8
#: Largest turn of any spin in one step, rad: no step jumps over an energy barrier wider than that.
MAX_TURN = 0.2
_TRIALS = 20


class Point(eqx.Module):
    """A state with what one evaluation of the field tells about it.

    - `m`: the spins. `slope`: gradient of the energy on the spheres, per Ms·V of the reference, T; `(3, nz, ny, nx)`.
    - `torque`: largest |m×B_eff|, T.
    """

    m: Array
    slope: Array
    torque: Array


class Search(eqx.Module):
    """The state of a line search: the last point tried, its step, and the bracket."""

    point: Point
    step: Array
    low: Array
    low_slope: Array
    high: Array
    high_slope: Array
    trials: Array
    accepted: Array


def inner(a: Array, b: Array) -> Array:
    """Σ a·b over the cells."""
    return jnp.sum(dot(a, b))


def fall(m: Array, B: Array) -> Array:
    """−m×(m×B): the part of a field that turns the spins; exactly 0 in empty cells."""
    return -cross(m, cross(m, B))


def along(start: Point, direction: Array, step: Array) -> Array:
    """The spins a step along a tangent direction: (m + s d)/|m + s d|."""
    return normalize(start.m + step * direction)


def search(
    evaluate: Callable[[Array], Point], start: Point, direction: Array, first: Array
) -> tuple[Point, Array, Array]:
    """A point along `direction` that satisfies Hager and Zhang's approximate Wolfe conditions.

    0.9 φ'(0) ≤ φ'(s) ≤ −0.8 φ'(0),  φ(s) = E(normalize(m + s d)).

    The right one is Armijo's condition with the energies replaced by what slopes say about them: near a minimum
    energies agree in all their digits long before slopes do, in single precision most of all.

    - `first`: the first step to try.

    **Returns** the point, the step, and whether the search succeeded; the start, when it did not.

    Source: W. W. Hager and H. Zhang, SIAM J. Optim. 16, 170 (2005).
    """
    zero = jnp.zeros((), start.m.dtype)
    slope0 = inner(start.slope, direction)
    longest = MAX_TURN / jnp.maximum(largest_length(direction), jnp.finfo(zero.dtype).tiny)
    square = dot(direction, direction)

    def running(s: Search) -> Array:
        return ~s.accepted & (s.trials < _TRIALS) & (slope0 < 0)

    def attempt(s: Search) -> Search:
        point = evaluate(along(start, direction, s.step))
        # dm/ds = (d − s d² m)/(1 + s² d²)^(3/2), and the slope is tangent: what is left of it.
        weight = lax.rsqrt(1 + s.step * s.step * square)
        slope = jnp.sum(dot(point.slope, direction) * weight)
        short, long = slope < STEEP * slope0, ~(slope <= -UPHILL * slope0)
        accepted = ~long & (~short | (s.step >= longest * 0.999))
        low, low_slope = _pick(short, (s.step, slope), (s.low, s.low_slope))
        high, high_slope = _pick(long, (s.step, slope), (s.high, s.high_slope))
        step = jnp.where(
            jnp.isfinite(high),
            _inside(low, low_slope, high, high_slope),
            jnp.minimum(_beyond(s.low, s.low_slope, s.step, slope), longest),
        )
        step = jnp.where(accepted, s.step, step)
        return Search(point, step, low, low_slope, high, high_slope, s.trials + 1, accepted)

    begin = Search(
        start,
        jnp.minimum(first, longest),
        zero,
        slope0,
        jnp.full_like(zero, jnp.inf),
        zero,
        jnp.zeros((), jnp.int32),
        jnp.zeros((), bool),
    )
    end = lax.while_loop(running, attempt, begin)
    point = jax.tree_util.tree_map(lambda new, old: jnp.where(end.accepted, new, old), end.point, start)
    return point, end.trials, end.accepted


def _pick(condition: Array, new: tuple[Array, Array], old: tuple[Array, Array]) -> tuple[Array, Array]:
    return jnp.where(condition, new[0], old[0]), jnp.where(condition, new[1], old[1])


def _inside(low: Array, low_slope: Array, high: Array, high_slope: Array) -> Array:
    """Where the secant through two slopes vanishes, kept off the bracket's ends; its middle where nothing is known."""
    width = high - low
    fraction = -low_slope / (high_slope - low_slope)
    fraction = jnp.where(jnp.isfinite(fraction), jnp.clip(fraction, 0.1, 0.9), 0.5)
    return low + fraction * width


def _beyond(low: Array, low_slope: Array, step: Array, slope: Array) -> Array:
    """Where the secant through two negative slopes vanishes, two to ten times as far as the last step."""
    further = step - slope * (step - low) / (slope - low_slope)
    bent = slope > low_slope
    return jnp.clip(jnp.where(bent, further, 10 * step), 2 * step, 10 * step)
