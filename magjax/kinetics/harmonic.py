"""Rates over a saddle from second derivatives of the energy: transition-state theory, and Langer's with damping.

Spins deviate from a state by two angles each, along e1 and e2 with e1×e2 = m. At low temperature energies are quadratic
in these 2N angles, and the rate follows from how much room there is at the saddle and in the well.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.arguments import floats, not_negative, positive, temperature


def tangent_hessian(energy: Callable[[Array], Any], m: Any) -> Array:
    """Second derivatives of E by rotations of every spin about a minimum or saddle, `(2N, 2N)`, J/rad².

    **Arguments**

    - `energy`: a function of unit vectors `(N, 3)` that gives J. `m`: unit vectors `(N, 3)` where its torque vanishes.

    **Raises** `ValueError` for a shape that is not `(N, 3)`.

    >>> import jax.numpy as jnp, numpy as np
    >>> from magjax.kinetics import tangent_hessian
    >>> uniaxial = lambda m: -1e-19 * jnp.sum(m[:, 2] ** 2)
    >>> np.round(np.asarray(tangent_hessian(uniaxial, [(0.0, 0.0, 1.0)])) * 1e19, 9).tolist()
    [[2.0, 0.0], [0.0, 2.0]]
    """
    m = floats("m", m)
    if m.ndim != 2 or m.shape[1] != 3:
        raise ValueError(f"Argument `m` must be unit vectors of shape (N, 3), but got {m.shape}.")
    # The axis least along m gives a first vector across it.
    axis = jnp.eye(3, dtype=m.dtype)[jnp.argmin(jnp.abs(m), axis=1)]
    first = axis - m * jnp.sum(m * axis, axis=1, keepdims=True)
    first = first / jnp.linalg.norm(first, axis=1, keepdims=True)
    second = jnp.cross(m, first)

    def turned(angles: Array) -> Array:
        a, b = angles.reshape(-1, 2).T
        moved = m + a[:, None] * first + b[:, None] * second
        return energy(moved / jnp.linalg.norm(moved, axis=1, keepdims=True)) / constants.KB

    return constants.KB * jax.hessian(turned)(jnp.zeros(2 * m.shape[0], m.dtype))


def langer_rate(
    minimum: Any,
    saddle: Any,
    barrier: Any,
    T: Any,
    moments: Any,
    alpha: Any,
    gamma: Any = constants.GAMMA,
    *,
    zero_modes: tuple[int, int] = (0, 0),
    volumes: tuple[Any, Any] = (1.0, 1.0),
) -> Array:
    """Rate out of a minimum over a saddle, with damping: (λ₊/2π) √(det H_m/|det H_s|) exp(−ΔE/kT), 1/s.

    λ₊ is the rate at which the damped precession leaves the saddle. Along a zero mode, a direction in which nothing
    changes, angles range over a volume instead of √(2πkT/ε). Holds for ΔE ≫ kT and damping that is not very low.

    **Arguments**

    - `minimum`, `saddle`: Hessians `(2N, 2N)` of `tangent_hessian`, J/rad². `barrier`: ΔE, J. `T`: temperature, K.
    - `moments`: μ of every spin, `(N,)` or one number, A·m². `alpha`: Gilbert damping. `gamma`: |γ|, rad/(s·T).
    - `zero_modes`: how many the minimum has, and the saddle. `volumes`: what they range over, rad.

    **Raises** `ValueError` for Hessians that are no minimum or no saddle of first order, and numbers out of range.

    Source: J. S. Langer, Ann. Phys. 54, 258 (1969).

    >>> import numpy as np
    >>> from magjax.kinetics import langer_rate
    >>> minimum, saddle = np.diag([2e-19, 3e-19]), np.diag([-1e-19, 1e-19])
    >>> round(float(langer_rate(minimum, saddle, 1e-19, 300.0, moments=1e-18, alpha=0.5)), 3)
    0.201
    """
    T, minimum, saddle = temperature(T), *_hessians(minimum, saddle)
    alpha = not_negative("alpha", alpha, "a damping")
    flow = _flow(saddle, moments, alpha, gamma)
    growth = jnp.max(jnp.linalg.eigvals(flow).real)
    room = _log_room(saddle, T, zero_modes[1], 1, volumes[1]) - _log_room(minimum, T, zero_modes[0], 0, volumes[0])
    return growth / (2 * constants.PI) * jnp.exp(room - floats("barrier", barrier) / constants.KB / T)


def transition_state_rate(
    minimum: Any,
    saddle: Any,
    barrier: Any,
    T: Any,
    moments: Any,
    gamma: Any = constants.GAMMA,
    *,
    zero_modes: tuple[int, int] = (0, 0),
    volumes: tuple[Any, Any] = (1.0, 1.0),
) -> Array:
    """The same without damping, every passage through the saddle's plane counted as an escape, 1/s.

    (1/2π) √(Σ_j a_j²/ε_j) √(det H_m/Π_j ε_j) exp(−ΔE/kT), with ε_j > 0 of the saddle, whose modes carry spins across at
    the rates a_j. One spin: Langer's rate for α → 0, (γ/2πμ) √(c₁c₂) exp(−ΔE/kT). A little
    damping raises Langer's above it where the saddle falls more steeply than it rises; much lowers it.

    **Arguments** and what it raises are those of `langer_rate`.

    Source: P. F. Bessarab, V. M. Uzdin, H. Jónsson, Phys. Rev. B 85, 184409 (2012).

    >>> import numpy as np
    >>> from magjax.kinetics import transition_state_rate
    >>> minimum, saddle = np.diag([2e-19, 3e-19]), np.diag([-1e-19, 1e-19])
    >>> round(float(transition_state_rate(minimum, saddle, 1e-19, 300.0, moments=1e-18)), 3)
    0.225
    """
    T, minimum, saddle = temperature(T), *_hessians(minimum, saddle)
    scale = constants.KB * T
    values, vectors = jnp.linalg.eigh(saddle / scale)
    crossing = vectors[:, 0] @ _flow(saddle, moments, jnp.zeros((), saddle.dtype), gamma) @ vectors
    stiff = _kept(values, zero_modes[1], 1)
    speed = jnp.sqrt(jnp.sum(jnp.where(stiff, crossing**2 / jnp.where(stiff, values, 1), 0)))
    room = _log_room(saddle, T, zero_modes[1], 1, volumes[1]) - _log_room(minimum, T, zero_modes[0], 0, volumes[0])
    unstable = jnp.sqrt(-values[0])  # |det| holds the unstable mode, too
    return speed * unstable / (2 * constants.PI) * jnp.exp(room - floats("barrier", barrier) / constants.KB / T)


def _flow(saddle: Array, moments: Any, alpha: Array, gamma: Any) -> Array:
    """dx/dt = L x near the saddle, L = −γ/((1 + α²)μ) [[α, 1], [−1, α]] H, 1/s."""
    n = saddle.shape[0] // 2
    each = jnp.broadcast_to(positive("moments", moments, "moments in A·m²", "They are Ms times a volume."), (n,))
    block = alpha * jnp.eye(2, dtype=saddle.dtype) + jnp.asarray([[0, 1], [-1, 0]], saddle.dtype)
    turn = jnp.kron(jnp.eye(n, dtype=saddle.dtype), block)
    mobility = (gamma * (constants.KB / jnp.repeat(each, 2)) / (1 + alpha**2)).astype(saddle.dtype)
    return -mobility[:, None] * (turn @ (saddle / constants.KB))


def _kept(values: Array, zero_modes: int, negative: int) -> Array:
    """Which of the rising eigenvalues are stiff: not the first `negative`, and not the softest of the others."""
    softness = jnp.where(jnp.arange(values.size) < negative, jnp.inf, jnp.abs(values))
    rank = jnp.argsort(jnp.argsort(softness))
    return (rank >= zero_modes) & (jnp.arange(values.size) >= negative)


def _log_room(H: Array, T: Array, zero_modes: int, negative: int, volume: Any) -> Array:
    """Logarithm of what the angles range over: Π √(2πkT/|ε|), and the volume of zero modes."""
    values = jnp.linalg.eigvalsh(H / (constants.KB * T))
    counted = _kept(values, zero_modes, negative) | (jnp.arange(values.size) < negative)
    logs = jnp.where(counted, jnp.log(2 * constants.PI / jnp.where(counted, jnp.abs(values), 1)), 0)
    return jnp.sum(logs) / 2 + jnp.log(positive("volumes", volume, "what zero modes range over, in rad"))


def _hessians(minimum: Any, saddle: Any) -> tuple[Array, Array]:
    found = []
    for name, value, negative in (("minimum", minimum, 0), ("saddle", saddle, 1)):
        H = floats(name, value)
        if H.ndim != 2 or H.shape[0] != H.shape[1] or H.shape[0] % 2:
            raise ValueError(f"Argument `{name}` must be a Hessian of shape (2N, 2N), but got {H.shape}.")
        if not isinstance(H, Tracer):
            values = np.linalg.eigvalsh(np.asarray(H, float))
            below = int((values < -1e-6 * np.abs(values).max()).sum())
            if below != negative:
                wanted = "one direction" if negative else "no direction"
                raise ValueError(
                    f"Argument `{name}` must fall in {wanted}, but the energy falls in {below}: relax it further, or "
                    "look for another saddle."
                )
        found.append(H)
    if found[0].shape != found[1].shape:
        raise ValueError(
            f"Argument `saddle` must have as many angles as `minimum`, but got {found[1].shape} and {found[0].shape}."
        )
    return found[0], found[1]
