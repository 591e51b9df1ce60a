"""Precession in a static field and one that rotates about it: the exact motion behind magnetic resonance."""

import jax.numpy as jnp
from jaxtyping import Array, ArrayLike

from magjax import constants
from magjax.analytic.arguments import floats

__all__ = ["precession"]


def precession(
    t: ArrayLike,
    start: ArrayLike,
    B_static: ArrayLike,
    B_rotating: ArrayLike,
    omega: ArrayLike,
    gamma: ArrayLike = constants.GAMMA,
) -> Array:
    """The vector with dR/dt = −γ R×B in B(t) = (B₁ cos ωt, B₁ sin ωt, B₀), however fast the field rotates.

    In the frame of the rotating field it turns about (γB₁, 0, γB₀ − ω) at that constant rate.

    - `t`: times, s, any shape. `start`: R `(3,)` at t = 0, in any unit. `B_static`: B₀, T. `B_rotating`: B₁, T.
    - `omega`: ω, rad/s, either sign. `gamma`: |γ|, rad/(s·T).

    **Returns** R, `(*t.shape, 3)`.

    Source: I. I. Rabi, N. F. Ramsey, J. Schwinger, Rev. Mod. Phys. 26, 167 (1954).

    >>> from magjax.analytic import rotating_field
    >>> R = rotating_field.precession(3.141592653589793, (0, 0, 1.0), 5.0, 1.0, omega=5.0, gamma=1.0)
    >>> [round(abs(float(x)), 6) for x in R]  # a π pulse at resonance
    [0.0, 0.0, 1.0]
    """
    t, start, B0, B1, omega, gamma = floats(t, start, B_static, B_rotating, omega, gamma)
    rate = jnp.stack([gamma * B1, jnp.zeros_like(gamma * B1), gamma * B0 - omega])
    square = jnp.sum(rate**2)
    speed = jnp.sqrt(jnp.where(square > 0, square, 1))
    axis = rate / speed
    angle = jnp.where(square > 0, speed, 0) * t
    start, beside, along = (
        v.reshape(*(1,) * t.ndim, 3) for v in (start, jnp.cross(axis, start), axis * jnp.sum(axis * start))
    )
    cos, sin = jnp.cos(angle)[..., None], jnp.sin(angle)[..., None]
    x, y, z = jnp.moveaxis(along + cos * (start - along) + sin * beside, -1, 0)
    turn_cos, turn_sin = jnp.cos(omega * t), jnp.sin(omega * t)
    return jnp.stack([turn_cos * x - turn_sin * y, turn_sin * x + turn_cos * y, z], axis=-1)
