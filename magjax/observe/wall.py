"""Where a domain wall is, how wide, and which way its spins point."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.mesh import AXES, Axis
from magjax.numerics.stencil import array_axis
from magjax.system import AbstractSystem


class Wall(eqx.Module):
    """A straight wall across an axis, as a function of time, spins and system: for `observe=`, or to be called.

    The component along the easy axis, averaged over each cross-section, passes zero in a wall. There the profile
    −tanh((x − q)/Δ) is a straight line in artanh m: interpolated so, position and width are exact for the wall of
    exchange and uniaxial anisotropy, however few cells it spans.

    - `component`: along the easy axis. `axis`: across the wall.
    - `rising`: look for a wall where the component rises, `False` where it falls, `None` for either.
    - `near`: of several walls take the one nearest to this place, m; by default the first from the lower end.

    What it returns is NaN where there is no wall. Of walls on a ring, the one through the seam is not seen.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((100, 4, 1), 1e-9)
    >>> film = mj.System(mesh, Ms=8e5)
    >>> m = mj.textures.domain_wall(mesh, width=5e-9, kind="bloch", position=42.3e-9)
    >>> found = mj.observe.Wall()(0.0, m, film)
    >>> [round(float(found[key]), 12) for key in ("position", "width", "angle")]  # m, m, rad
    [4.23e-08, 5e-09, 1.570796326795]
    """

    component: Axis = eqx.field(static=True, default="z")
    axis: Axis = eqx.field(static=True, default="x")
    rising: bool | None = eqx.field(static=True, default=None)
    near: Any = None

    def __check_init__(self) -> None:
        for name in ("component", "axis"):
            if getattr(self, name) not in AXES:
                raise ValueError(f"Argument `{name}` must be 'x', 'y' or 'z', but got {getattr(self, name)!r}.")

    def __call__(self, t: Any, m: Array, system: AbstractSystem) -> dict[str, Array]:
        """The wall's `position`, m, `width` Δ, m, and `angle`, rad: by name.

        The angle is that of the spins in the wall about the easy axis, from `axis` (0 or π: Néel, ±π/2: Bloch), or
        from the next of x, y, z where the easy axis is `axis` itself (head to head).

        - `t`: time, s; of no influence. `m`: unit vectors `(3, nz, ny, nx)`. `system`: the system.
        """
        mesh, i = system.mesh, AXES.index(self.axis)
        others = tuple(k for k in range(1, 4) if k != 4 + array_axis(self.axis))
        occupied = jnp.ones(mesh.shape, m.dtype) if system.occupied is None else system.occupied.value
        count = jnp.sum(jnp.asarray(occupied, m.dtype), axis=tuple(k - 1 for k in others))
        line = jnp.sum(m, axis=others) / jnp.maximum(count, 1)[None]  # (3, n)
        along = line[AXES.index(self.component)]
        here, there = along[:-1], along[1:]
        passes = (here * there < 0) | ((here == 0) & (there != 0))
        if self.rising is not None:
            passes = passes & ((there > here) == self.rising)
        first = jnp.asarray(mesh.origin[i] + mesh.cell_size[i] / 2, m.dtype)
        wanted = first if self.near is None else jnp.asarray(self.near, m.dtype)
        places = first + mesh.cell_size[i] * (jnp.arange(along.shape[0] - 1) + 0.5).astype(m.dtype)
        cell = jnp.argmin(jnp.where(passes, jnp.abs(places - wanted), jnp.inf))
        low, high = _artanh(here[cell]), _artanh(there[cell])
        span = jnp.where(high == low, 1, high - low)
        share = -low / span
        found = jnp.any(passes)
        b, c = self._across()
        parts = (1 - share) * line[:, cell] + share * line[:, cell + 1]
        values = {
            "position": first + mesh.cell_size[i] * (cell + share),
            "width": mesh.cell_size[i] / jnp.abs(span),
            "angle": jnp.arctan2(parts[c], parts[b]),
        }
        return {name: jnp.where(found, value, jnp.nan) for name, value in values.items()}

    def _across(self) -> tuple[int, int]:
        """The direction in which the angle is 0, and that in which it is π/2: right-handed with the easy axis."""
        easy, normal = AXES.index(self.component), AXES.index(self.axis)
        zero = normal if normal != easy else (easy + 1) % 3
        return zero, 3 - easy - zero

    def position(self, t: Any, m: Array, system: AbstractSystem) -> Array:
        """The position alone, m: a column for `observe=`."""
        return self(t, m, system)["position"]


def _artanh(m: Array) -> Array:
    """Finite at ±1."""
    limit = 1 - 4 * jnp.finfo(m.dtype).eps
    return jnp.arctanh(jnp.clip(m, -limit, limit))
