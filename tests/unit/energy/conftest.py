"""A crooked little sample: cells of three different edges, random spins, a hole, two regions."""

import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

CELLS, CELL_SIZE = (4, 3, 2), (2e-9, 3e-9, 2.5e-9)


class Bench:
    """Meshes, samples and spins to try an energy on."""

    def __init__(self, rng: np.random.Generator):
        self.rng = rng

    def mesh(self, periodic: str = "") -> mj.Mesh:
        """4×3×2 cells, all edges different."""
        return mj.Mesh(CELLS, CELL_SIZE, origin=(-1e-9, 2e-9, 0.0), periodic=periodic)

    def regions(self, mesh: mj.Mesh) -> mj.Regions:
        """The left half, and the rest."""
        left = np.broadcast_to(np.arange(mesh.cells[0]) < 2, mesh.shape)
        return mj.Regions(mesh, {"left": left, "right": ~left})

    def Ms(self, *, holes: bool) -> np.ndarray | float:
        """One number, or a different one in each cell and two empty cells."""
        if not holes:
            return 8e5
        Ms = self.rng.uniform(5e5, 1e6, CELLS[::-1])
        Ms[0, 1, 2] = Ms[1, 0, 0] = 0
        return Ms

    def system(self, energy: mj.EnergyTerm, *, periodic: str = "", holes: bool = False) -> mj.System:
        """The sample with one energy."""
        mesh = self.mesh(periodic)
        return mj.System(mesh, Ms=self.Ms(holes=holes), alpha=0.1, energy=energy, regions=self.regions(mesh))

    def spins(self, system: mj.System, dtype: np.dtype | type = np.float64) -> jnp.ndarray:
        """Random unit vectors, zero in empty cells."""
        m = self.rng.normal(size=(3, *system.mesh.shape))
        m /= np.linalg.norm(m, axis=0)
        if system.occupied is not None:
            m = m * np.asarray(system.occupied.value)[None]
        return jnp.asarray(m, dtype)


@pytest.fixture
def bench(rng: np.random.Generator) -> Bench:
    """Meshes, samples and spins to try an energy on."""
    return Bench(rng)
