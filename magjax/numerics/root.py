"""Roots of functions of one number, within a bracket."""

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

# A bracket halves at least every second step: enough to reach the spacing of double precision from anywhere.
_MAX_STEPS = 120


class _Search(NamedTuple):
    low: Array
    high: Array
    x: Array
    step: Array
    before: Array
    done: Array
    n: Array


@functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
def find_root(function: Callable[..., Array], low: Array, high: Array, args: tuple[Any, ...] = ()) -> Array:
    """Where functions that rise through zero do so, each within its own bracket: Newton's steps, guarded by bisection.

    x with f(x) = 0, f(low) ≤ 0 ≤ f(high), to the rounding of x. Derivatives follow dx = −(∂f/∂p) dp / (∂f/∂x) at the
    root, and do not depend on the bracket. Where f has no zero inside, the end that it points to comes out.

    **Arguments**

    - `function`: f(x, *args), elementwise in x; ±∞ is allowed away from the root.
    - `low`, `high`: ends of the brackets, one shape. `args`: pytrees of numbers.

    **Returns** x, of that shape.

    >>> import jax, jax.numpy as jnp
    >>> from magjax.numerics.root import find_root
    >>> root = lambda a: find_root(lambda x, a: x**2 - a, jnp.zeros(()), jnp.asarray(4.0), (a,))
    >>> round(float(root(2.0)), 5), round(float(jax.grad(root)(2.0)), 5)
    (1.41421, 0.35355)
    """
    eps = float(jnp.finfo(low.dtype).eps)
    # A root at zero has no relative precision: that of the bracket must do, with a margin.
    floor = 1e-3 * eps * jnp.maximum(jnp.abs(low), jnp.abs(high))

    def body(s: _Search) -> _Search:
        value, slope = jax.jvp(lambda x: function(x, *args), (s.x,), (jnp.ones_like(s.x),))
        low, high = jnp.where(value < 0, s.x, s.low), jnp.where(value < 0, s.high, s.x)
        newton = -value / jnp.where(slope != 0, slope, 1)
        # A step that is not half of the one before the last would let a bracket shrink too slowly.
        good = (slope > 0) & (s.x + newton >= low) & (s.x + newton <= high) & (jnp.abs(newton) <= s.before / 2)
        step = jnp.where(s.done, 0, jnp.where(good, newton, (low + high) / 2 - s.x))
        x = s.x + step
        size = jnp.abs(step)
        # Newton's error is the square of its step: rounding, long before steps are as small as that.
        done = s.done | (good & (size <= eps**0.75 * jnp.abs(x) + floor)) | (high - low <= eps * jnp.abs(x) + floor)
        return _Search(low, high, x, size, s.step, done, s.n + 1)

    width = high - low
    start = _Search(low, high, (low + high) / 2, width, width, jnp.zeros(low.shape, bool), jnp.zeros((), jnp.int32))
    return lax.while_loop(lambda s: ~jnp.all(s.done) & (s.n < _MAX_STEPS), body, lax.stop_gradient(start)).x


@find_root.defjvp
def _find_root_jvp(function: Callable[..., Array], primals: Any, tangents: Any) -> tuple[Array, Array]:
    low, high, args = primals
    x = find_root(function, low, high, args)
    _, slope = jax.jvp(lambda x: function(x, *args), (x,), (jnp.ones_like(x),))
    _, change = jax.jvp(lambda *args: function(x, *args), args, tangents[2]) if args else (x, jnp.zeros_like(x))
    return x, -change / slope
