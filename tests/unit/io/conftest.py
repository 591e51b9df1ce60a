import numpy as np
import pytest

from magjax.mesh import Mesh


@pytest.fixture
def mesh() -> Mesh:
    """Every axis different, and a corner away from zero, so that no swapped axis stays unseen."""
    return Mesh(cells=(5, 4, 3), cell_size=(2.5e-9, 3.7e-9, 1.1e-9), origin=(-6.25e-9, 1e-9, 0.0))


@pytest.fixture
def spins(mesh: Mesh, dtype: np.dtype, rng: np.random.Generator) -> np.ndarray:
    """Random unit vectors with one empty cell."""
    m = rng.normal(size=(3, *mesh.shape))
    m /= np.linalg.norm(m, axis=0)[None]
    m[:, 1, 2, 3] = 0.0
    return m.astype(dtype)
