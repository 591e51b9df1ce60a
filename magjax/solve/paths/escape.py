"""Rates of escape over a saddle, with the modes named along which nothing changes."""

from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax import constants
from magjax.kinetics.harmonic import langer_rate, transition_state_rate
from magjax.mesh import AXES
from magjax.numerics.sphere import component_axis, cross
from magjax.solve.linear.linearised import Linearised, at_rest
from magjax.solve.paths.saddle import hessian
from magjax.system import AbstractSystem

Name = Literal["translation x", "translation y", "translation z", "rotation x", "rotation y", "rotation z"]

#: A zero mode bends the energy by less than this part of what the softest other one does.
_FLAT = 0.1
#: A direction that has this part of its square in the softest modes means them.
_MEANT = 0.9
#: One that curves by less than this part of the stiffest is no harmonic mode at any temperature.
_SOFT = 1e-9
#: Spins whose curvatures fit into memory as one matrix, several times.
_MOST = 5000


def escape_rate(
    system: AbstractSystem,
    minimum: Array,
    saddle: Array,
    T: Any,
    *,
    alpha: Any = None,
    zero_modes: tuple[tuple[Name, ...], tuple[Name, ...]] = ((), ()),
    t: Any = 0.0,
) -> Array:
    """Rate of escape from a minimum over a saddle at a temperature, harmonic about both, 1/s.

    Of several equal saddles one is counted. Transition-state theory without `alpha`; Langer's with it. The prefactor is
    the rate over exp(−ΔE/kT); it depends on temperature as √T for each zero mode that one of the states has more.

    Along a zero mode angles range over its whole length instead: a translation over ∫ √Σ|∂m/∂x|² dx round a periodic
    mesh, a rotation about an axis a over 2π √Σ|a×m|².

    - `minimum`, `saddle`: unit vectors, both at rest. `T`: temperature, K. `alpha`: Gilbert damping, one number.
    - `zero_modes`: names of those of the minimum, and of the saddle, such as `((), ("translation x",))`.

    All curvatures are computed: memory grows as the square, time as the cube of their number; 2000 spins take a minute.

    **Raises** `ValueError` for names that are none, modes along which the energy does change, zero modes that are not
    named, translations along an axis that is not periodic, and states that are no equilibria, no minimum and no saddle
    of first order; `TypeError` for a traced system.

    Source: P. F. Bessarab, V. M. Uzdin, H. Jónsson, Phys. Rev. B 85, 184409 (2012); J. S. Langer, Ann. Phys. 54, 258
    (1969).

    >>> import magjax as mj
    >>> from magjax.solve.paths.escape import escape_rate
    >>> mesh = mj.Mesh((1, 1, 1), 10e-9)
    >>> easy = mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1)) + mj.UniaxialAnisotropy(K=-5e4, axis=(1, 0, 0))
    >>> grain = mj.System(mesh, Ms=8e5, energy=easy)
    >>> z, y = mj.textures.uniform(mesh, "z"), mj.textures.uniform(mesh, "y")
    >>> f"{float(escape_rate(grain, z, y, 300.0)):.4g}"  # (γ/2π)(2/Ms) √(K (K + K′)) exp(−KV/kT), one saddle of two
    '0.2807'
    """
    if any(isinstance(x, Tracer) for x in jax.tree.leaves((system, minimum, saddle))):
        raise TypeError(
            "Argument `system` must hold numbers, but got traced ones: modes are counted on the host. Temperature and "
            "`alpha` may be traced; for the barrier there is `EnergyPath.barrier_near(system)`."
        )
    states = [at_rest(system, m, t, None, name)[0] for name, m in (("minimum", minimum), ("saddle", saddle))]
    if states[0].size > 3 * _MOST:
        raise ValueError(f"Argument `system` must have at most {_MOST} spins: all its curvatures are computed at once.")
    minimum, saddle = states
    near = [Linearised.about(system, m, t) for m in states]
    barrier = float(system.total_energy(saddle, t) - system.total_energy(minimum, t))
    matrices = [hessian(n) for n in near]
    volumes = [_volume(*parts) for parts in zip(("minimum", "saddle"), near, matrices, zero_modes, strict=True)]
    gamma = near[0].at_sites(near[0].prepared.coefficients(jnp.zeros((), near[0].m.dtype))[0])
    if np.ptp(gamma) > 0:
        raise ValueError("Argument `system` must have one γ for all spins in a rate, but it has several.")
    # One spin's two angles after the other, as the kinetics of single spins have them.
    H = [n.unit * _interleaved(matrix) for n, matrix in zip(near, matrices, strict=True)]
    moments = near[0].at_sites(near[0].moment)[: near[0].sites.size]
    counts = (len(zero_modes[0]), len(zero_modes[1]))
    common: dict[str, Any] = {"gamma": float(gamma[0]), "zero_modes": counts, "volumes": (volumes[0], volumes[1])}
    if alpha is None:
        return transition_state_rate(H[0], H[1], barrier, T, moments, **common)
    return langer_rate(H[0], H[1], barrier, T, moments, alpha, **common)


def _interleaved(H: np.ndarray) -> np.ndarray:
    n = len(H) // 2
    order = np.stack([np.arange(n), np.arange(n, 2 * n)], axis=1).ravel()
    return H[np.ix_(order, order)]


def _volume(state: str, near: Linearised, H: np.ndarray, names: tuple[Name, ...]) -> float:
    """What the zero modes of a state range over, in rad to the power of their number."""
    values, vectors = np.linalg.eigh(H)
    order = np.argsort(np.abs(values))
    sizes, softest = np.abs(values[order]), order[: len(names)]
    stiff = float(sizes[min(len(names), len(H) - 1)])
    # The softest modes are those that rates leave out: a name must be one of them.
    soft = values[softest], vectors[:, softest]
    lengths = [_length(near, H, name, stiff, soft) for name in names]
    if stiff < max(_SOFT, 20 * float(jnp.finfo(near.m.dtype).eps)) * sizes[-1]:
        raise ValueError(
            f"Argument `zero_modes` must name every way that changes nothing, but the {state} has another: it curves "
            f"by {stiff:.2g} T, the stiffest by {sizes[-1]:.2g} T. Is it a rotation about an axis, or a translation?"
        )
    return float(np.prod(lengths))


def _length(near: Linearised, H: np.ndarray, name: str, stiff: float, soft: tuple[np.ndarray, np.ndarray]) -> float:
    """How far, in rad, a zero mode goes until the state is there again.

    - `soft`: curvatures and directions of as many softest modes as are named. The others are `stiff`, T, or more.
    """
    kind, _, axis = name.partition(" ")
    if kind not in ("translation", "rotation") or axis not in AXES:
        raise ValueError(
            f"Argument `zero_modes` must hold names such as 'translation x' or 'rotation z', but got {name!r}."
        )
    mesh, m = near.prepared.system.mesh, near.m
    i = AXES.index(axis)
    if kind == "translation":
        if not mesh.is_periodic(axis):
            raise ValueError(
                f"Argument `zero_modes` must name ways that change nothing, but got {name!r}, and the mesh is not "
                f"periodic along {axis}."
            )
        way, whole = (jnp.roll(m, -1, -1 - i) - jnp.roll(m, 1, -1 - i)) / (2 * mesh.cell_size[i]), mesh.extent[i]
    else:
        shape = [1] * m.ndim
        shape[component_axis(m.ndim)] = 3
        way = cross(jnp.broadcast_to(jnp.eye(3, dtype=m.dtype)[i].reshape(shape), m.shape), m)
        whole = 2 * constants.PI
    x = np.asarray(near.angles_of(way[None])[0], np.float64)
    size = float(np.linalg.norm(x))
    bend = float(x @ H @ x) / size**2 if size > 0 else np.inf
    part = soft[1].T @ x
    if part @ part > _MEANT * size**2:
        # A slope over cells of finite size is the mode but for a little of stiff ones.
        bend = float(part @ (soft[0] * part)) / float(part @ part)
    if abs(bend) > _FLAT * stiff:
        raise ValueError(
            f"Argument `zero_modes` must name ways that change nothing, but got {name!r}, and the energy is not flat "
            f"along it: it curves by {bend:.3g} T, the softest of the other modes by {stiff:.3g} T."
        )
    return size * whole
