"""Gibbs' drop of ink, on the sphere of directions: stirred by precession, seen sharply and through coarse cells."""

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, PRNGKeyArray

from magjax.analytic.ink_drop import drop_entropy
from magjax.drive.arguments import known, leaf
from magjax.numerics.rotation import exponential
from magjax.numerics.sphere import cross, dot

#: What carries directions `(3, n)` along for a time, s.
Flow = Callable[[Array, Array], Array]


class Twist(eqx.Module):
    """Precession about an axis u at a rate that depends on the direction, ω = ω0 + ω1 m·u: exact, for any time.

    It is what a field ω0/γ and a uniaxial anisotropy 2K/Ms = ω1/γ along u do to a spin without damping. It has no
    divergence on the sphere, so it changes the shape of a drop and not its area.

    **Arguments**

    - `axis`: u `(3,)`; normalised. `rate`: ω0, rad/s. `shear`: ω1, rad/s.

    **Raises** `ValueError` for an axis without direction.

    >>> import jax.numpy as jnp
    >>> from magjax.kinetics import Twist
    >>> east, north = jnp.array([[1.0], [0.0], [0.0]]), jnp.array([[0.6], [0.0], [0.8]])
    >>> twist = Twist(axis=(0, 0, 1), shear=1e9)
    >>> [round(float(jnp.arctan2(*twist(m, 1e-9)[1::-1, 0])), 6) for m in (east, north)]
    [0.0, 0.8]
    """

    axis: Array
    rate: Array
    shear: Array

    def __init__(self, axis: Any = (0.0, 0.0, 1.0), rate: Any = 0.0, shear: Any = 0.0):
        self.axis, self.rate, self.shear = _direction("axis", axis), leaf("rate", rate), leaf("shear", shear)

    def __call__(self, m: Array, duration: Any) -> Array:
        """The directions `(3, n)` a time `duration` (s) later, or earlier if it is negative."""
        axis = (self.axis / jnp.linalg.norm(self.axis)).astype(m.dtype)
        rate = self.rate.astype(m.dtype) + self.shear.astype(m.dtype) * (axis @ m)
        return exponential(m, axis[:, None] * (rate * jnp.asarray(duration, m.dtype))[None])


class Stirred(eqx.Module):
    """What `stir` returns.

    - `points`: `(3, n)` the directions at the end. `t`: `(rounds + 1,)` times, s.
    - `fine`: `(rounds + 1,)` entropy S/k = −∫ρ ln ρ dΩ of the density, without what noise adds: measured by how the
      flow stretches areas.
    - `coarse`: `(rounds + 1,)` entropy of the density averaged over cells, S/k ≤ ln 4π.

    >>> import jax
    >>> from magjax.kinetics import Twist, drop, stir
    >>> ink = drop(jax.random.key(0), 5000, centre=(1, 0, 0), radius=0.4)
    >>> mixed = stir(ink, [Twist(shear=1e9)], duration=20e-9, rounds=3, radius=0.4)
    >>> (mixed.fine[-1] - mixed.fine[0]).round(6).item(), bool(mixed.coarse[-1] > mixed.coarse[0] + 1)
    (0.0, True)
    """

    points: Array
    t: Array
    fine: Array
    coarse: Array


def drop(key: PRNGKeyArray, number: int, centre: Any = (1.0, 0.0, 0.0), radius: Any = 0.4, dtype: Any = None) -> Array:
    """Directions spread evenly over a cap, `(3, number)`.

    - `centre`: its middle `(3,)`; normalised. `radius`: angle from there to its rim, rad, 0 < r ≤ π.

    **Raises** `ValueError` for a centre without direction and a radius out of range.

    >>> import jax
    >>> from magjax.kinetics import drop
    >>> ink = drop(jax.random.key(0), 1000, centre=(0, 0, 1), radius=0.1)
    >>> ink.shape, bool(ink[2].min() > 0.995)
    ((3, 1000), True)
    """
    centre = _direction("centre", centre)
    _check_radius(radius)
    dtype = jnp.result_type(float) if dtype is None else dtype
    u, v = jax.random.uniform(key, (2, number), dtype)
    # sin²(θ/2) is spread evenly; from it the sine of small angles keeps its digits.
    half = u * jnp.sin(jnp.asarray(radius, dtype) / 2) ** 2
    sine, phi = 2 * jnp.sqrt(half * (1 - half)), 2 * jnp.pi * v
    axis = jnp.broadcast_to((centre / jnp.linalg.norm(centre)).astype(dtype)[:, None], (3, number))
    first, second = _tangents(axis)
    return (1 - 2 * half)[None] * axis + sine[None] * (jnp.cos(phi)[None] * first + jnp.sin(phi)[None] * second)


def coarse_entropy(points: Array, bands: int = 32, sectors: int = 64) -> Array:
    """Entropy of directions `(3, n)` counted in equal cells: S/k = −Σ p_c ln(p_c/Ω), Ω = 4π/(bands·sectors).

    Cells are equal intervals of m_z times equal intervals of the angle about z, and so of equal area. Counting few
    points misses (cells − 1)/2n on average where all cells are filled alike.

    - `bands`: how many intervals of m_z. `sectors`: how many of the angle.

    >>> import jax
    >>> from magjax.kinetics import coarse_entropy, drop
    >>> everywhere = drop(jax.random.key(0), 100_000, radius=3.141592653589793)
    >>> round(float(coarse_entropy(everywhere, 8, 16)), 2)  # ln 4π
    2.53
    """
    for name, value in (("bands", bands), ("sectors", sectors)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"Argument `{name}` must be a number of cells ≥ 1, but got {value!r}.")
    x, y, z = points
    band = jnp.clip(jnp.floor((z + 1) / 2 * bands).astype(int), 0, bands - 1)
    sector = jnp.floor(jnp.arctan2(y, x) / (2 * jnp.pi) * sectors).astype(int) % sectors
    p = jnp.bincount(band * sectors + sector, length=bands * sectors).astype(points.dtype) / points.shape[1]
    return jnp.log(4 * jnp.pi / (bands * sectors)) - jnp.sum(jnp.where(p > 0, p * jnp.log(jnp.where(p > 0, p, 1)), 0))


def stir(
    points: Array,
    flows: Sequence[Flow],
    duration: Any,
    rounds: int,
    *,
    radius: Any,
    cells: tuple[int, int] = (32, 64),
    noise: Any = 0.0,
    key: PRNGKeyArray | None = None,
) -> Stirred:
    """Carry a drop along, round after round, and watch both of its entropies.

    **Arguments**

    - `points`: directions `(3, n)`, as from `drop`. `radius`: of that drop, rad: its entropy at the start.
    - `flows`: one after the other in each round, such as `Twist`; or any function of directions and a time in s.
    - `duration`: of each flow in each round, s. A negative one, and the flows in reverse order, unmix the drop.
    - `rounds`: how many.
    - `cells`: bands and sectors of the coarse cells.
    - `noise`: after each round every direction turns at random, by a Gaussian angle of this standard deviation about
      each axis, rad; needs a `key`.

    **Returns** `Stirred`.

    **Raises** `ValueError` for points that are not `(3, n)`, no flows, fewer than one round, noise without a key.

    >>> import jax, jax.numpy as jnp
    >>> from magjax.kinetics import Twist, drop, stir
    >>> ink, twist = drop(jax.random.key(0), 1000, radius=0.4), [Twist(shear=1e9)]
    >>> mixed = stir(ink, twist, duration=10e-9, rounds=4, radius=0.4)
    >>> back = stir(mixed.points, twist, duration=-10e-9, rounds=4, radius=0.4)
    >>> round(float(jnp.abs(back.points - ink).max()), 9)
    0.0
    """
    if points.ndim != 2 or points.shape[0] != 3:
        raise ValueError(f"Argument `points` must be directions (3, n), but got shape {points.shape}.")
    if not flows:
        raise ValueError("Argument `flows` must hold at least one flow, but got none.")
    if isinstance(rounds, bool) or not isinstance(rounds, int) or rounds < 1:
        raise ValueError(f"Argument `rounds` must be a number of rounds ≥ 1, but got {rounds!r}.")
    noisy = isinstance(noise, Tracer) or float(noise) > 0
    if noisy and key is None:
        raise ValueError("Argument `noise` needs a `key`, such as jax.random.key(0), but got none.")
    _check_radius(radius)
    duration, noise = jnp.asarray(duration, points.dtype), jnp.asarray(noise, points.dtype)
    end, stretch, coarse = _stirred(points, tuple(flows), duration, rounds, cells, noise, key if noisy else None)
    fine = drop_entropy(jnp.asarray(radius, points.dtype)) + stretch
    t = jnp.arange(rounds + 1).astype(points.dtype) * duration * len(flows)
    return Stirred(end, t, fine, coarse)


@eqx.filter_jit
def _stirred(
    points: Array,
    flows: tuple[Flow, ...],
    duration: Array,
    rounds: int,
    cells: tuple[int, int],
    noise: Array,
    key: PRNGKeyArray | None,
) -> tuple[Array, Array, Array]:
    """The directions at the end, the mean logarithm of how areas were stretched, and the coarse entropy."""

    def one_round(carried: tuple[Array, Array], k: Array) -> tuple[tuple[Array, Array], tuple[Array, Array]]:
        m, stretch = carried
        for flow in flows:
            m, factor = _carry(flow, m, duration)
            stretch = stretch + jnp.mean(jnp.log(factor))
        if key is not None:
            m = _jolt(jax.random.fold_in(key, k), m, noise)
        return (m, stretch), (stretch, coarse_entropy(m, *cells))

    none = jnp.zeros((), points.dtype)
    (end, _), (stretch, coarse) = jax.lax.scan(one_round, (points, none), jnp.arange(rounds))
    before = coarse_entropy(points, *cells)
    return end, jnp.concatenate([none[None], stretch]), jnp.concatenate([before[None], coarse])


def _carry(flow: Flow, m: Array, duration: Array) -> tuple[Array, Array]:
    """Where a flow carries directions, and by how much it stretches the area around each."""
    first, second = _tangents(m)
    end, left = jax.jvp(lambda m: flow(m, duration), (m,), (first,))
    _, right = jax.jvp(lambda m: flow(m, duration), (m,), (second,))
    return end, dot(end, cross(left, right))


def _tangents(m: Array) -> tuple[Array, Array]:
    """Two unit vectors that form a right-handed frame with each direction."""
    # The coordinate axis farthest from m.
    x, z = jnp.asarray([1.0, 0, 0], m.dtype)[:, None], jnp.asarray([0, 0, 1.0], m.dtype)[:, None]
    aside = jnp.where(jnp.abs(m[:1]) < 0.7, x, z)
    first = cross(aside, m)
    first = first / jnp.sqrt(dot(first, first))[None]
    return first, cross(m, first)


def _jolt(key: PRNGKeyArray, m: Array, noise: Any) -> Array:
    """A small random rotation of each direction."""
    angle = jnp.asarray(noise, m.dtype) * jax.random.normal(key, m.shape, m.dtype)
    moved = m + cross(angle, m)
    return moved / jnp.sqrt(dot(moved, moved))[None]


def _direction(name: str, value: Any) -> Array:
    vector = leaf(name, value, ndim=1)
    if vector.shape != (3,) or (known(vector) and not np.any(np.asarray(vector))):
        raise ValueError(f"Argument `{name}` must be a direction (x, y, z), but got {value!r}.")
    return vector


def _check_radius(radius: Any) -> None:
    if not isinstance(radius, Tracer) and not 0 < float(radius) <= np.pi * (1 + 1e-6):
        raise ValueError(
            f"Argument `radius` must be an angle in rad, 0 < r ≤ π, but got {radius!r}. Did you give degrees?"
        )
