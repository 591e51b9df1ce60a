"""Small turns about a state: what the energy does to second order, in two angles for each spin."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax import constants
from magjax.numerics.sphere import component_axis, cross, largest_length, normalize, scalar_product, tangent
from magjax.solve.descent.preconditioner import Preconditioner
from magjax.solve.equilibrium import RELATIVE_TOLERANCE, smallest_torque, stiffness
from magjax.solve.given import spins
from magjax.solve.minimize import unfinished
from magjax.system import AbstractPrepared, AbstractSystem

#: Torque, relative to μ0 max Ms, above which a state is no equilibrium: it changes frequencies by about that part.
LARGEST_TORQUE = 100 * RELATIVE_TOLERANCE
#: Columns that a compiled operator takes at a time.
_COLUMNS = 16


class Linearised(eqx.Module):
    """A system near one state, as a symmetric operator on the angles of its magnetic spins.

    Spins turn by u = a e₁ + b e₂ with e₁×e₂ = m. The energy's second derivative in them is H u = w [(m·B) u − ∂B u]
    across the spins, times the largest Ms·V; w is Ms over its largest value.

    - `prepared`: the system. `m`: its spins. `first`, `second`: e₁ and e₂. `parallel`: m·B, T.
    - `moment`: Ms V of every spin, A·m², 0 for empty cells; `weight`: w. `bound`: of the operator's norm, T.
    - `sites`: where the magnetic spins are in the list of all.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.solve.linear.linearised import Linearised
    >>> mesh = mj.Mesh((1, 1, 1), 5e-9)
    >>> spin = mj.System(mesh, Ms=1e6, energy=mj.UniaxialAnisotropy(K=5e4, axis=(0, 0, 1)))
    >>> near = Linearised.about(spin, mj.textures.uniform(mesh, "z"))
    >>> [[round(b, 6) for b in row] for row in near.curvature(jnp.eye(2)).tolist()]  # 2K/Ms, T
    [[0.1, 0.0], [0.0, 0.1]]
    """

    prepared: AbstractPrepared
    m: Array
    first: Array
    second: Array
    parallel: Array
    moment: Array
    weight: Array
    bound: Array
    sites: np.ndarray = eqx.field(converter=np.asarray)

    @classmethod
    def about(cls, system: AbstractSystem, m: Array, t: Any = 0.0) -> "Linearised":
        """The system near the unit vectors `m` at time `t` (s)."""
        parts = _parts(system, m, jnp.asarray(t, m.dtype))
        (sites,) = np.nonzero(np.asarray(parts["weight"]).ravel() > 0)
        return cls(m=m, sites=sites, **parts)

    @property
    def unit(self) -> float:
        """The largest Ms V, A·m²."""
        return float(jnp.max(self.moment))

    @property
    def angles(self) -> int:
        """How many angles there are: two for each magnetic spin."""
        return 2 * self.sites.size

    def at_sites(self, values: Any) -> np.ndarray:
        """A scalar field, or a number, at each angle, `(angles,)`."""
        every = np.broadcast_to(np.asarray(values), self.parallel.shape).ravel()[self.sites]
        return np.concatenate([every, every])

    def turns(self, x: Array) -> Array:
        """The vectors u of angles `(n, angles)`, `(n, …, 3, nz, ny, nx)`."""
        a, b = (self._spread(part) for part in jnp.split(x, 2, axis=-1))
        return a * self.first[None] + b * self.second[None]

    def angles_of(self, u: Array) -> Array:
        """The angles `(n, angles)` of vectors u."""
        parts = [jnp.sum(u * e[None], axis=1 + component_axis(self.m.ndim)) for e in (self.first, self.second)]
        return jnp.concatenate([part.reshape(u.shape[0], -1)[:, self.sites] for part in parts], axis=-1)

    def curvature(self, x: Array) -> Array:
        """H of angles `(n, angles)`, T."""
        push = jax.linearize(lambda spins: self.prepared.field(jnp.zeros((), self.m.dtype), spins), self.m)[1]

        def apply(x: Array) -> Array:
            u = self.turns(x[None])[0]
            return self.angles_of((self.weight * (self.parallel * u - push(u)))[None])[0]

        return _each(apply, x)

    def smoothed(self, x: Array) -> Array:
        """An approximate inverse of H of angles `(n, angles)`, positive definite, 1/T."""
        inverse = Preconditioner(self.prepared)
        return _each(lambda x: self.angles_of(inverse(self.turns(x[None])[0])[None])[0], x)

    def _spread(self, part: Array) -> Array:
        flat = jnp.zeros((part.shape[0], self.parallel.size), part.dtype).at[:, self.sites].set(part)
        return flat.reshape(part.shape[0], *self.parallel.shape)


@eqx.filter_jit
def _parts(system: AbstractSystem, m: Array, t: Array) -> dict[str, Any]:
    prepared = system.prepare(m.dtype).starting_at(t)
    length = scalar_product(m, m)
    # The Cartesian axis least along m gives the first vector across it.
    axis = component_axis(m.ndim)
    least = jnp.argmin(jnp.abs(m), axis=axis)
    first = normalize(tangent(m, jnp.moveaxis(jnp.eye(3, dtype=m.dtype)[least], -1, axis)))
    first = jnp.where(length > 0, first, 0)
    Ms = system.magnetisation(t, m.dtype)
    relative = jnp.where(length > 0, jnp.broadcast_to(Ms / jnp.max(Ms), length.shape), 0)
    return {
        "prepared": prepared,
        "first": first,
        "second": cross(m, first),
        "parallel": scalar_product(m, prepared.field(jnp.zeros((), m.dtype), m)),
        "moment": relative * (jnp.max(Ms) * system.mesh.cell_volume),
        "weight": relative,
        "bound": stiffness(prepared),
    }


def _each(apply: Callable[[Array], Array], x: Array) -> Array:
    """One after the other on a CPU, whose caches that suits; many at a time elsewhere."""
    return jax.lax.map(apply, x, batch_size=None if jax.default_backend() == "cpu" else 16)


def on_host(apply: Callable[["Linearised", Array], Array], near: "Linearised", x: np.ndarray) -> np.ndarray:
    """A compiled operator on columns `(angles, n)` of real or complex numbers; the same program for any n."""
    parts = np.concatenate([np.real(x), np.imag(x)], axis=1) if np.iscomplexobj(x) else x
    count, found = parts.shape[1], []
    for i in range(0, count, _COLUMNS):
        some = np.zeros((_COLUMNS if count > 1 else 1, parts.shape[0]))
        width = min(_COLUMNS, count - i)
        some[:width] = parts[:, i : i + width].T
        found.append(np.asarray(apply(near, jnp.asarray(some, near.m.dtype)), np.float64)[:width])
    y = np.concatenate(found).T
    return y[:, : count // 2] + 1j * y[:, count // 2 :] if np.iscomplexobj(x) else y


@eqx.filter_jit
def curvature(near: Linearised, x: Array) -> Array:
    """`near.curvature(x)`, compiled."""
    return near.curvature(x)


@eqx.filter_jit
def smoothed(near: Linearised, x: Array) -> Array:
    """`near.smoothed(x)`, compiled."""
    return near.smoothed(x)


@eqx.filter_jit
def turns(near: Linearised, x: Array) -> Array:
    """`near.turns(x)`, compiled."""
    return near.turns(x)


def at_rest(system: AbstractSystem, state: Any, t: Any, tolerance: Any, name: str) -> tuple[Array, float]:
    """The unit vectors of an equilibrium, of a result whatever it says of itself; and the torque left in it, T.

    **Raises** `ValueError` where the largest torque is above `tolerance` (T; by default 1e-4 μ0 max Ms).
    """
    m = spins(unfinished(state), system)
    torque, usual = (float(x) for x in _torque(system, m, jnp.asarray(t, m.dtype)))
    limit = usual if tolerance is None else tolerance
    if isinstance(limit, str) or not float(limit) > 0:
        raise ValueError(f"Argument `torque` must be a number > 0 in T, but got {tolerance!r}.")
    if not torque <= float(limit):
        raise ValueError(
            f"Argument `{name}` must be an equilibrium, but a torque of {torque:.3g} T is left in it, above "
            f"{float(limit):.3g} T; `mj.minimize` finds the one nearby."
        )
    return m, torque


@eqx.filter_jit
def _torque(system: AbstractSystem, m: Array, t: Array) -> tuple[Array, Array]:
    """The largest torque, and how much of it is usually allowed, T."""
    Ms = jnp.max(system.magnetisation(t, m.dtype))
    usual = jnp.maximum(LARGEST_TORQUE * constants.MU0 * Ms, 10 * smallest_torque(system, t, m.dtype))
    return largest_length(cross(m, system.field(m, t))), usual
