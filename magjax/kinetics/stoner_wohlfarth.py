"""A particle whose spins stay parallel, in a field at any angle to its easy axis (Stoner and Wohlfarth).

Everything is dimensionless here: energies in units of KV, fields in units of H_K = 2K/(μ0 Ms). The magnetisation is at
the angle δ from the end of the easy axis that the field h points away from, so that with the field's line at ψ to it

    e(δ) = sin²δ + k sin⁴δ + 2h cos(δ + ψ),  0 ≤ ψ ≤ π/2.

All extremes lie in the plane of axis and field. For h > 0 and k ≥ −½ the state is left at a single fold δ_c(ψ): below
its field h_sw there is one minimum in [0, δ_c] and one saddle in [δ_c, π/2], which is what makes the search for them
safe. In three dimensions, too, that saddle is the lowest way out.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.core import Tracer
from jaxtyping import Array

from magjax.kinetics.arguments import floats
from magjax.numerics.root import find_root

__all__ = ["barrier_exponent", "branch", "energy_barrier", "switching_field"]


def switching_field(psi: Any, k2: Any = 0.0) -> Array:
    """The field at which the state that it opposes vanishes: the astroid, for any second constant.

    h_sw = ½ √(f′² + f″²) at the fold δ_c, where f = sin²δ + k sin⁴δ and f″ sin(δ+ψ) = f′ cos(δ+ψ).

    - `psi`: angle between the field's line and the easy axis, 0 … π/2, rad. `k2`: K2/K1 ≥ −½.

    **Returns** h_sw in units of 2K1/(μ0 Ms); arguments broadcast. At exactly ψ = 0 and π/2 the curve has its cusps,
    whose derivative by ψ is given as 0.

    **Raises** `ValueError` for angles and ratios out of range.

    Source: E. C. Stoner, E. P. Wohlfarth, Phil. Trans. R. Soc. A 240, 599 (1948).

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import stoner_wohlfarth
    >>> stoner_wohlfarth.switching_field(jnp.radians(jnp.array([0.0, 45.0, 90.0]))).round(6).tolist()
    [1.0, 0.5, 1.0]
    """
    return _fold_field(*jnp.broadcast_arrays(*_checked(psi, k2)))


def energy_barrier(h: Any, psi: Any, k2: Any = 0.0) -> Array:
    """The barrier out of the state that a field h > 0 opposes, and that h < 0 supports.

    ΔE/KV = tan(d/2) sin²(d/2) [2(1+k) sin S − k (5 − 6 sin²(d/2)) sin 2S], d = δ_s − δ_m, S = δ_s + δ_m for saddle
    and minimum, which is their difference in energy with what cancels left out: exact to rounding up to h_sw, where it
    ends at 0. For −h > h_sw, where there is no other well, the height of the fold above the state.

    - `h`: field in units of 2K1/(μ0 Ms). `psi`: angle of its line to the easy axis, 0 … π/2, rad. `k2`: K2/K1 ≥ −½.

    **Returns** ΔE/(K1 V) ≥ 0; arguments broadcast.

    **Raises** `ValueError` for angles and ratios out of range.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import stoner_wohlfarth
    >>> round(float(stoner_wohlfarth.energy_barrier(0.3, 0.0)), 6)  # (1 − h)²
    0.49
    """
    h, psi, k2, limit, fold = _prepared(h, psi, k2)
    size, bound = _below(h, limit)
    saddle = _saddle(size, psi, k2, fold)
    saddle = jnp.where(bound, saddle, fold)
    state = _state(jnp.where(bound, size, jnp.abs(h)), psi, k2, fold, h >= 0)
    opposed = jnp.where((h >= 0) & bound, _difference(saddle, state, h >= 0, k2), 0)
    size = jnp.where(h >= 0, size, -h)
    supported = _energy(saddle, size, psi, k2) - _energy(state, size, psi, k2)
    return jnp.where(h >= 0, opposed, supported)


def barrier_exponent(h: Any, psi: Any, k2: Any = 0.0) -> Array:
    """The local exponent m = d ln ΔE / d ln(1 − h/h_sw) of the barrier.

    2 at all fields at exactly ψ = 0 and π/2; anywhere between it ends at 3/2 when h reaches h_sw, however small the
    misalignment (for |1 − h/h_sw| well below ψ^{2/3}, so that nearly aligned particles look like 2 in practice).

    - `h`: field, 0 … h_sw, in units of 2K1/(μ0 Ms); the limit is given from h_sw on. `psi`: angle of its line to the
      easy axis, 0 … π/2, rad. `k2`: K2/K1 ≥ −½.

    **Returns** m; arguments broadcast.

    **Raises** `ValueError` for fields < 0, angles and ratios out of range.

    >>> from magjax.kinetics import stoner_wohlfarth
    >>> round(float(stoner_wohlfarth.barrier_exponent(0.2, 0.0)), 6)
    2.0
    >>> round(float(stoner_wohlfarth.barrier_exponent(0.4999, 0.7853981634)), 3)
    1.5
    """
    if not isinstance(h, Tracer) and np.any(np.asarray(h) < 0):
        raise ValueError(f"Argument `h` must be ≥ 0, a field that opposes the state, but got {h!r}.")
    h, psi, k2, limit, fold = _prepared(h, psi, k2)
    size, bound = _below(h, limit)
    saddle, state = _saddle(size, psi, k2, fold), _state(size, psi, k2, fold, True)
    d, S = saddle - state, saddle + state
    slope = 4 * jnp.sin(S / 2 + psi) * jnp.sin(d / 2)
    inside = slope * (limit - size) / _difference(saddle, state, True, k2)
    # A fold of the energy is cubic; where symmetry makes it quartic, at the cusps, the barrier is a square.
    return jnp.where(bound, inside, jnp.where(_is_cusp(fold), 2.0, 1.5))


def branch(h: Any, psi: Any, k2: Any = 0.0) -> Array:
    """Component of m along the field in the state that h > 0 opposes (h < 0 supports).

    −cos(δ_m + ψ), from −1 at −∞ through −cos ψ at h = 0 up to the fold; beyond it, that of the other state.
    The other state is −branch(−h).

    - `h`: field in units of 2K1/(μ0 Ms). `psi`: angle of its line to the easy axis, 0 … π/2, rad. `k2`: K2/K1 ≥ −½.

    **Returns** m·ĥ; arguments broadcast.

    **Raises** `ValueError` for angles and ratios out of range.

    >>> from magjax.kinetics import stoner_wohlfarth
    >>> round(float(stoner_wohlfarth.branch(0.5, 1.5707963268)), 6)  # across the axis: m = h
    0.5
    """
    h, psi, k2, limit, fold = _prepared(h, psi, k2)
    size, bound = _below(h, limit)
    opposed = -jnp.cos(_state(size, psi, k2, fold, True) + psi)
    other = -jnp.cos(_state(jnp.abs(h), psi, k2, fold, False) + psi)
    return jnp.where(h < 0, -other, jnp.where(bound, opposed, other))


# ---------------------------------------------------------------------------------------------------- energy and roots
def _energy(delta: Array, h: Array, psi: Array, k2: Array) -> Array:
    square = jnp.sin(delta) ** 2
    return square + k2 * square**2 + 2 * h * jnp.cos(delta + psi)


def _slope(delta: Array, k2: Array) -> Array:
    """f′."""
    return jnp.sin(2 * delta) * (1 + 2 * k2 * jnp.sin(delta) ** 2)


def _torque(delta: Array, h: Array, psi: Array, k2: Array) -> Array:
    """e′, which rises through the minima."""
    return _slope(delta, k2) - 2 * h * jnp.sin(delta + psi)


def _negative_torque(delta: Array, h: Array, psi: Array, k2: Array) -> Array:
    """−e′, which rises through the saddle."""
    return -_torque(delta, h, psi, k2)


def _curvature(delta: Array, k2: Array) -> Array:
    """f″."""
    return 2 * jnp.cos(2 * delta) * (1 + 2 * k2 * jnp.sin(delta) ** 2) + 2 * k2 * jnp.sin(2 * delta) ** 2


def _fold_condition(delta: Array, psi: Array, k2: Array) -> Array:
    """It rises through zero where f′/sin(δ+ψ), the field of equilibrium at δ, is largest."""
    return _slope(delta, k2) * jnp.cos(delta + psi) - _curvature(delta, k2) * jnp.sin(delta + psi)


def _fold(psi: Array, k2: Array) -> Array:
    return find_root(_fold_condition, jnp.zeros_like(psi), jnp.full_like(psi, jnp.pi / 2), (psi, k2))


@jax.custom_jvp
def _fold_field(psi: Array, k2: Array) -> Array:
    fold = _fold(psi, k2)
    return jnp.hypot(_slope(fold, k2), _curvature(fold, k2)) / 2


@_fold_field.defjvp
def _fold_field_jvp(primals: Any, tangents: Any) -> tuple[Array, Array]:
    """The field of equilibrium is largest at the fold, so the fold's own motion does not count."""
    (psi, k2), (d_psi, d_k2) = primals, tangents
    fold, field = _fold(psi, k2), _fold_field(psi, k2)
    across = jnp.sin(fold + psi)
    safe = jnp.where(across > 0, across, 1)
    by_psi = jnp.where(_is_cusp(fold), 0, -field * jnp.cos(fold + psi) / safe)
    return field, by_psi * d_psi + jnp.sin(2 * fold) * jnp.sin(fold) ** 2 / safe * d_k2


def _is_cusp(fold: Array) -> Array:
    """Whether the fold is where symmetry puts it; its angle there is of the order of the cube root of rounding."""
    return jnp.sin(2 * fold) <= 2 * float(jnp.finfo(fold.dtype).eps) ** (1 / 3)


def _moving_fold(psi: Array, k2: Array) -> Array:
    """δ_c with its derivatives, which are infinite, and left out, at the cusps."""
    fold = lax.stop_gradient(_fold(psi, k2))
    cusp = _is_cusp(fold)
    return jnp.where(cusp, fold, _fold(jnp.where(cusp, jnp.pi / 4, psi), jnp.where(cusp, 0, k2)))


def _saddle(h: Array, psi: Array, k2: Array, fold: Array) -> Array:
    return find_root(_negative_torque, fold, jnp.full_like(fold, jnp.pi / 2), (h, psi, k2))


def _state(h: Array, psi: Array, k2: Array, fold: Array, opposed: Any) -> Array:
    low, high = jnp.where(opposed, 0, jnp.pi - psi), jnp.where(opposed, fold, jnp.pi)
    return find_root(_torque, low, high, (h, psi, k2))


def _difference(saddle: Array, state: Array, opposed: Any, k2: Array) -> Array:
    # Of the supported state the angles may be π apart, where the tangent is infinite.
    d, S = jnp.where(opposed, saddle - state, 1), saddle + state
    square = jnp.sin(d / 2) ** 2
    return jnp.tan(d / 2) * square * (2 * (1 + k2) * jnp.sin(S) - k2 * jnp.sin(2 * S) * (5 - 6 * square))


def _below(h: Array, limit: Array) -> tuple[Array, Array]:
    """|h|, replaced by a harmless field where there is no barrier left, and whether there is one."""
    size = jnp.where(h >= 0, h, -h)  # at 0 the derivative is that of h > 0
    bound = size < limit
    return jnp.where(bound, size, limit / 2), bound


def _prepared(h: Any, psi: Any, k2: Any) -> tuple[Array, Array, Array, Array, Array]:
    """Broadcast arguments with h_sw and δ_c, which are found before the field makes many of one angle."""
    (h,) = _alike(floats("h", h), psi, k2)[:1]
    psi, k2 = jnp.broadcast_arrays(*_checked(psi, k2, h.dtype))
    limit, fold = _fold_field(psi, k2), _moving_fold(psi, k2)
    h, psi, k2, limit, fold = jnp.broadcast_arrays(h, psi, k2, limit, fold)
    return h, psi, k2, limit, fold


def _checked(psi: Any, k2: Any, dtype: Any = None) -> tuple[Array, Array]:
    psi, k2 = _alike(floats("psi", psi), floats("k2", k2))
    check(psi, k2)
    return psi.astype(dtype or psi.dtype), k2.astype(dtype or k2.dtype)


def check(psi: Array, k2: Array, lowest: float = -0.5) -> None:
    """Raise `ValueError` for known angles outside 0 … π/2 and ratios K2/K1 below the lowest."""
    if not isinstance(psi, Tracer) and not ((np.asarray(psi) >= 0) & (np.asarray(psi) <= np.pi / 2 + 1e-6)).all():
        raise ValueError(
            f"Argument `psi` must be 0 … π/2 rad, an angle between two lines, but got {psi}. Did you give degrees?"
        )
    if not isinstance(k2, Tracer) and not (np.asarray(k2) >= lowest).all():
        raise ValueError(f"Argument `k2` must be K2/K1 ≥ {lowest:.3g}, so that the axis alone is easy, but got {k2}.")


def _alike(*values: Any) -> tuple[Array, ...]:
    """Arrays of the type that they have in common."""
    dtype = jnp.result_type(*values)
    return tuple(jnp.asarray(value, dtype) for value in values)
