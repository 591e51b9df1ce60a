"""The sample: everything an energy term needs to know of the place it acts in."""

from typing import Any

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from magjax.drive import AbstractDrive, Driven
from magjax.material.parameter import Parameter, in_space
from magjax.mesh import Mesh


class Sample(eqx.Module):
    """A mesh with its magnetisation at one instant, in one precision: it turns parameters into arrays.

    - `mesh`: the mesh.
    - `Ms`: saturation magnetisation, A/m; a number or `(nz, ny, nx)`, 0 in empty cells.
    - `occupied`: `(nz, ny, nx)` booleans, or `None` when every cell is magnetic.
    - `regions`: named regions, or `None`.
    - `t`: time in s at which time-dependent parameters are taken.
    - `dtype`: the precision everything is resolved in.
    - `gamma`: |γ|, rad/(s·T), a number or `(nz, ny, nx)`; `None` where nothing moves.

    >>> import jax.numpy as jnp, magjax as mj
    >>> film = mj.System(mj.Mesh((4, 2, 1), 5e-9), Ms=8e5)
    >>> film.sample(dtype=jnp.float32).value(lambda x, y, z: x).shape
    (1, 2, 4)
    """

    mesh: Mesh
    Ms: Array
    occupied: Array | None
    regions: Any
    t: Array
    dtype: Any = eqx.field(static=True)
    gamma: Any = None

    def value(self, parameter: Parameter) -> Array:
        """A scalar parameter here and now: `()` or `(nz, ny, nx)`."""
        return self._resolve(parameter, vector=False)

    def vector(self, parameter: Parameter) -> Array:
        """A vector parameter here and now: `(3, 1, 1, 1)` or `(3, nz, ny, nx)`."""
        return self._resolve(parameter, vector=True)

    def moving_with(self, gamma: Parameter) -> "Sample":
        """The same where spins turn with the gyromagnetic ratio `gamma`, rad/(s·T)."""
        return eqx.tree_at(lambda s: s.gamma, self, self.value(gamma), is_leaf=lambda x: x is None)

    def _resolve(self, parameter: Parameter, *, vector: bool) -> Array:
        def fixed(value: Any) -> Array:
            return in_space(value, mesh=self.mesh, regions=self.regions, dtype=self.dtype, vector=vector)

        if isinstance(parameter, Driven):
            return jnp.asarray(parameter.at(self.t, fixed), self.dtype)
        if isinstance(parameter, AbstractDrive):
            return fixed(parameter(self.t))
        return fixed(parameter)

    @property
    def inverse_Ms(self) -> Array:
        """1/Ms in m/A, and exactly 0 in empty cells."""
        magnetic = self.Ms != 0
        return jnp.where(magnetic, 1 / jnp.where(magnetic, self.Ms, 1), 0)

    def only_occupied(self, density: Array) -> Array:
        """A scalar field with exact zeros in empty cells."""
        density = jnp.broadcast_to(density, self.mesh.shape)
        return density if self.occupied is None else jnp.where(self.occupied, density, 0)
