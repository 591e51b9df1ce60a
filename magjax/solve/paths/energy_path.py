"""What `find_path` returns."""

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from magjax import constants
from magjax.mesh import Mesh
from magjax.results import Outcome
from magjax.solve.paths.escape import Name, escape_rate
from magjax.solve.paths.geodesic import distance
from magjax.solve.paths.nudged import Band
from magjax.system import AbstractSystem

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure


class EnergyPath(eqx.Module):
    """A path of least energy between two states, from `find_path`, with the saddle on it.

    - `states`: `(images, 3, nz, ny, nx)`. `energy`: `(images,)` of each, J. `position`: `(images,)` the length of the
      path up to each, rad: √Σ θ² over all spins.
    - `saddle`: the spins at the highest point, as exact as Newton's method makes them. `saddle_energy`: there, J.
    - `saddle_torque`: largest |m×B_eff| left there, T. `curvatures`: the lowest of the energy there, T per radian and
      the largest Ms V.
    - `force`: largest force left on the band, T. `outcome`: an `Outcome` code. `steps`: of the band.
    - `mesh`: the mesh. `t`: the time, s, at which driven parameters were taken.

    >>> import magjax as mj
    >>> mesh = mj.Mesh((1, 1, 1), 10e-9)
    >>> grain = mj.System(mesh, Ms=8e5, energy=mj.UniaxialAnisotropy(K=1e5, axis=(0, 0, 1)) + mj.Zeeman(B=(0, 0, 0.05)))
    >>> mj.find_path(grain, mj.textures.uniform(mesh, (0, 0, -1)), mj.textures.uniform(mesh, "z"), images=7)
    EnergyPath SUCCESS: 7 states over 3.14 rad
      barrier  6.4e-20 J (4636 K), back 1.44e-19 J
      saddle   order 1, torque ... T, softest curvatures ... T
    """

    states: Array
    energy: Array
    position: Array
    saddle: Array
    saddle_energy: Array
    saddle_torque: Array
    curvatures: Array
    force: Array
    outcome: Array
    steps: Array
    t: Array
    mesh: Mesh = eqx.field(static=True)

    @classmethod
    def of(
        cls, system: AbstractSystem, band: Band, summit: dict[str, Any], outcome: Outcome, steps: int, t: Any
    ) -> "EnergyPath":
        """The result from a band and its summit."""
        energy = jnp.stack([system.total_energy(m, t) for m in band.path])
        lengths = [float(distance(a, b)) for a, b in itertools.pairwise(band.path)]
        return cls(
            states=band.path,
            energy=energy,
            position=jnp.asarray(np.concatenate([[0.0], np.cumsum(lengths)]), energy.dtype),
            saddle=summit["m"],
            saddle_energy=system.total_energy(summit["m"], t),
            saddle_torque=jnp.asarray(summit["torque"]),
            curvatures=jnp.asarray(summit["curvatures"]),
            force=band.force,
            outcome=jnp.asarray(int(outcome)),
            steps=jnp.asarray(steps),
            t=jnp.asarray(t, energy.dtype),
            mesh=system.mesh,
        )

    @property
    def result(self) -> Outcome:
        """How the search ended."""
        return Outcome.worst(self.outcome)

    @property
    def barrier(self) -> float:
        """From the start up to the saddle, J; 0 where the path only goes down."""
        return float(self.saddle_energy - self.energy[0])

    @property
    def barrier_back(self) -> float:
        """From the end up to the saddle, J."""
        return float(self.saddle_energy - self.energy[-1])

    @property
    def top(self) -> int:
        """The number of the highest state."""
        return int(np.argmax(np.asarray(self.energy)))

    @property
    def valleys(self) -> tuple[int, ...]:
        """The numbers of inner states at the bottom of valleys: other minima that the path passes near."""
        E = np.asarray(self.energy, float)
        shallow = 1e-3 * (E.max() - E.min())
        inner = range(1, len(E) - 1)
        return tuple(i for i in inner if E[i - 1] > E[i] <= E[i + 1] and min(E[:i].max(), E[i:].max()) > E[i] + shallow)

    @property
    def order(self) -> int:
        """In how many directions the energy falls at the saddle: 1 on the lowest way over, 0 where there is no hill.

        More mean that a lower way is near: lead the first path past it with `via`. Directions are counted among the
        softest that are kept, above what is left of zero modes.
        """
        size = np.asarray(self.curvatures, float)
        return int(np.sum(size < -1e-6 * max(np.abs(size).max(initial=0.0), float(self.saddle_torque))))

    def barrier_near(self, system: AbstractSystem) -> Array:
        """The barrier, J, of a system that differs little from its own: exact to first order, for `mj.grad`.

        Energies of equilibria do not know, to first order, how these move.
        """
        start, saddle = (lax.stop_gradient(m) for m in (self.states[0], self.saddle))
        return system.total_energy(saddle, self.t) - system.total_energy(start, self.t)

    def rate(
        self,
        system: AbstractSystem,
        T: Any,
        *,
        alpha: Any = None,
        zero_modes: tuple[tuple[Name, ...], tuple[Name, ...]] = ((), ()),
    ) -> Array:
        """Rate of escape from the start over the saddle at a temperature (K), 1/s, as `escape_rate` defines it.

        **Raises** `ValueError`, besides what `escape_rate` refuses, for a path without a hill, one that has not
        converged, and one through a valley below the start: what leaves the start stays there first.
        """
        if not self.result.succeeded:
            raise ValueError(f"This path ended as {self.result.name}: a rate needs its saddle. {self.result.advice}")
        if not len(self.curvatures):
            raise ValueError("This path has no saddle that was refined: it has no hill, or was found without climbing.")
        deep = [i for i in self.valleys if self.energy[i] < self.energy[0]]
        if deep:
            raise ValueError(
                f"This path passes a valley at image {deep[0]} below its start: give the minimum there to `find_path` "
                "as the end, for the rate out of the start is that over the first pass."
            )
        return escape_rate(system, self.states[0], self.saddle, T, alpha=alpha, zero_modes=zero_modes, t=self.t)

    def plot(self) -> "Figure":
        """Show the energy along the path, from the start's on, with the saddle."""
        from magjax.plot.path import plot_path

        top, saddle = self.top, None
        if len(self.curvatures):
            near = [float(distance(self.states[top + i], self.saddle)) for i in (-1, 1)]
            first, last = float(self.position[top - 1]), float(self.position[top + 1])
            saddle = first + (last - first) * near[0] / max(sum(near), 1e-30), float(self.saddle_energy)
        return plot_path(self.position, self.energy, saddle)

    def to_xarray(self) -> "xr.Dataset":
        """States, energies and positions along `image`, and the saddle, with SI coordinates.

        Fields have the dimension `sublattice` where there are several.
        """
        import xarray as xr

        from magjax.io.xarray import field_array

        def field(values: Any, name: str) -> Any:
            values = np.asarray(values)
            if values.ndim == 4:
                return field_array(self.mesh, values, name=name)
            along = "image" if values.ndim > self.saddle.ndim else "sublattice"
            return xr.concat([field(part, name) for part in values], along)

        found = xr.Dataset(
            {
                "energy": ("image", np.asarray(self.energy), {"units": "J"}),
                "position": ("image", np.asarray(self.position), {"units": "rad"}),
                "saddle_energy": ((), np.asarray(self.saddle_energy), {"units": "J"}),
            }
        )
        return found.assign(states=field(self.states, "states"), saddle=field(self.saddle, "saddle"))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as netCDF (`.nc`) or zarr.

        **Raises** `ValueError` for another ending.
        """
        from magjax.io import netcdf, zarr

        suffix = Path(path).suffix.lower()
        if suffix not in (".nc", ".zarr"):
            raise ValueError(f"Argument `path` must end in .nc or .zarr, but got {os.fspath(path)!r}.")
        (netcdf if suffix == ".nc" else zarr).write(path, self.to_xarray())

    def __repr__(self) -> str:
        if not isinstance(self.energy, (np.ndarray, jnp.ndarray)):
            return "EnergyPath(traced)"
        soft = ", ".join(f"{c:.3g}" for c in np.asarray(self.curvatures))
        torque, kelvin = float(self.saddle_torque), self.barrier / constants.KB
        length = float(self.position[-1])
        passed = f", past valleys at {', '.join(map(str, self.valleys))}" if self.valleys else ""
        return "\n".join(
            [
                f"EnergyPath {self.result.name}: {len(self.energy)} states over {length:.3g} rad{passed}",
                f"  barrier  {self.barrier:.4g} J ({kelvin:.4g} K), back {self.barrier_back:.4g} J",
                f"  saddle   order {self.order}, torque {torque:.2g} T, softest curvatures {soft} T",
            ]
        )
