"""Quasi-static loops of particles that turn coherently, without temperature."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.kinetics.arguments import floats
from magjax.kinetics.stoner_wohlfarth import branch, switching_field


class LoopCurve(eqx.Module):
    """Magnetisation along the field, in one field after the other.

    - `h`: `(n,)` fields, in whatever unit they were given. `m`: `(n,)` M/Ms along the field.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import LoopCurve
    >>> loop = LoopCurve(jnp.array([1.0, 0.0, -1.0]), jnp.array([0.9, 0.6, -0.6]))
    >>> round(float(loop.coercivity()), 6), round(float(loop.remanence()), 6)
    (0.5, 0.6)
    """

    h: Array
    m: Array

    def coercivity(self) -> Array:
        """|h| where m first changes its sign, by straight lines; NaN if it never does."""
        return jnp.abs(_first_crossing(self.m, self.h))

    def remanence(self) -> Array:
        """The moment where h first changes its sign or touches zero; NaN if it never does."""
        return _first_crossing(self.h, self.m)


def static_loop(
    h: Any, psi: Any, weights: Any = None, *, k2: Any = 0.0, scale: Any = 1.0, start: float = 1.0
) -> LoopCurve:
    """Stoner and Wohlfarth's loop, or any path of fields.

    Each particle stays in its state, and turns in it, up to the field of its astroid.
    Minor loops, and remanence curves, are paths of fields, too; a field between two of the path is not seen.

    - `h`: `(n,)` fields in units of one H_K = 2K1/(μ0 Ms), in their order.
    - `psi`: angles to the axes, 0 … π/2, rad; `(p,)` for an ensemble, with its `weights` `(p,)`.
    - `k2`: K2/K1 ≥ −½. `scale`: H_K of each particle in that unit. Both `()` or `(p,)`.
    - `start`: state before the first field: 1 for saturated along h > 0, −1 for the other, or a number for each.

    **Returns** `LoopCurve`.

    **Raises** `ValueError` for angles and ratios out of range.

    Source: E. C. Stoner, E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948).

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import random_axes, static_loop
    >>> loop = static_loop(jnp.linspace(1.2, -1.2, 121), *random_axes(400))
    >>> round(float(loop.remanence()), 3), round(float(loop.coercivity()), 2)
    (0.5, 0.48)
    """
    h, psi, k2, scale = (floats(name, x) for name, x in (("h", h), ("psi", psi), ("k2", k2), ("scale", scale)))
    psi, k2, scale, sign = (jnp.atleast_1d(x) for x in jnp.broadcast_arrays(psi, k2, scale, jnp.sign(start)))
    shares = jnp.full(psi.shape, 1 / psi.size) if weights is None else floats("weights", weights)
    limit = switching_field(psi, k2) * scale
    reduced = h[:, None] / scale[None]
    minus = branch(reduced, psi[None], k2[None])
    plus = -branch(-reduced, psi[None], k2[None])

    def follow(sign: Array, field: Array) -> tuple[Array, Array]:
        sign = jnp.where(-sign * field >= limit, -sign, sign)
        return sign, sign

    _, signs = lax.scan(follow, sign.astype(limit.dtype), h.astype(limit.dtype))
    m = jnp.where(signs > 0, plus, minus)
    return LoopCurve(h, jnp.sum(shares[None] * m, axis=1))


def rotational_loss(h: Any) -> Array:
    """Energy lost in one turn of the field about a particle, W/(KV), in a plane that holds its axis.

    Twice the energy that is freed when a field of the strength h leaves the astroid, at sin 2ψ = 2 (xy)^{3/2},
    xy = (h^{−2} − 1)/(3 h^{−2/3}), on its far side. None below h = ½, where there is no switching, nor above 1.

    - `h`: strength of the field in units of H_K = 2K/(μ0 Ms); any shape.

    Source: E. C. Stoner, E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948).

    >>> from magjax.kinetics import rotational_loss
    >>> [round(float(rotational_loss(h)), 4) for h in (0.4, 0.5001, 0.99, 1.1)]
    [0.0, 2.5463, 0.0006, 0.0]
    """
    h = floats("h", h)
    lossy = (h > 0.5) & (h < 1)
    inside = jnp.where(lossy, h, 0.75)
    product = (inside**-2 - 1) / (3 * inside ** (-2 / 3))
    psi = (jnp.pi - jnp.arcsin(jnp.clip(2 * product**1.5, 0, 1))) / 2
    fold = jnp.arctan(jnp.cbrt(jnp.tan(psi)))
    before = jnp.sin(fold) ** 2 + 2 * inside * jnp.cos(fold + psi)
    # Where the state has gone, its moment along the field tells its energy.
    along = -branch(-inside, psi)
    angle = psi - jnp.arccos(jnp.clip(along, -1, 1))
    after = jnp.sin(angle) ** 2 - 2 * inside * along
    return jnp.where(lossy, 2 * (before - after), 0)


def _first_crossing(values: Array, result: Array) -> Array:
    """`result` where `values` first passes zero."""
    crossing = (values[:-1] > 0) != (values[1:] > 0)
    i = jnp.argmax(crossing)
    step = values[i + 1] - values[i]
    part = -values[i] / jnp.where(step != 0, step, 1)
    found = result[i] + part * (result[i + 1] - result[i])
    return jnp.where(jnp.any(crossing), found, jnp.nan)
