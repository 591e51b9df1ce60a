"""A drop of ink on the sphere of directions: how much entropy it has, and how much mixing can give it."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike

__all__ = ["drop_entropy", "mixed_entropy", "sheared_entropy"]


def drop_entropy(radius: ArrayLike) -> Array:
    """S/k = ln[2π(1 − cos r)] of directions spread evenly over a cap: the logarithm of its solid angle.

    Every flow without divergence keeps this fine-grained entropy −∫ρ ln ρ dΩ for ever.

    - `radius`: angle r from the centre of the cap to its rim, rad.

    >>> from magjax.analytic import ink_drop
    >>> round(float(ink_drop.drop_entropy(3.141592653589793)), 6)  # the whole sphere: ln 4π
    2.531024
    """
    return jnp.log(4 * jnp.pi * jnp.sin(jnp.asarray(radius) / 2) ** 2)


def mixed_entropy(cells: int | None = None, points: int | None = None) -> Array:
    """S/k = ln 4π of directions spread evenly over the sphere, less what counting few points in many cells must miss.

    - `cells`, `points`: with both, the mean of the estimate from N points in C cells, ln 4π − (C − 1)/2N for C ≪ N.

    Source: G. A. Miller, in Information Theory in Psychology (Free Press, 1955), for the correction.

    >>> from magjax.analytic import ink_drop
    >>> round(float(ink_drop.mixed_entropy(cells=1001, points=100_000)), 6)
    2.526024
    """
    missed = 0.0 if cells is None or points is None else (cells - 1) / (2 * points)
    return jnp.log(4 * jnp.pi) - jnp.asarray(missed)


def sheared_entropy(radius: ArrayLike, polar: ArrayLike = jnp.pi / 2) -> Array:
    """Where mixing by one twist ends: S/k = −∫ p(z) ln[p(z)/2π] dz, the drop wound evenly about the axis of the twist.

    A twist keeps the component z along its axis, so its density p(z) = 2 arccos[(cos r − z cos β)/(√(1−z²) sin β)]/A
    stays, with A the solid angle of the cap: coarse-grained entropy stops short of ln 4π.

    - `radius`: angle r from the centre of the cap to its rim, rad. `polar`: angle β from the axis to its centre, rad,
      with r < β < π − r: no pole of the axis inside.

    >>> from magjax.analytic import ink_drop
    >>> round(float(ink_drop.sheared_entropy(0.4)), 3), round(float(ink_drop.mixed_entropy()), 3)
    (1.543, 2.531)
    """
    # With z = middle + half sin u the arccosine, a root at both rims, becomes smooth.
    nodes, weights = np.polynomial.legendre.leggauss(96)
    r, beta = jnp.asarray(radius), jnp.asarray(polar)
    u = jnp.asarray(nodes * np.pi / 2, r.dtype)
    low, high = jnp.cos(beta + r), jnp.cos(beta - r)
    z = (high + low) / 2 + (high - low) / 2 * jnp.sin(u)
    # That root itself is √((high − z)(z − low)): an arctangent of both keeps its digits where an arccosine is near 0.
    half_arc = jnp.arctan2((high - low) / 2 * jnp.cos(u), jnp.cos(r) - z * jnp.cos(beta))
    p = 2 * half_arc * jnp.exp(-drop_entropy(r))
    step = (high - low) / 2 * jnp.cos(u) * jnp.asarray(weights * np.pi / 2, r.dtype)
    return -jnp.sum(step * p * jnp.log(p / (2 * jnp.pi)))
