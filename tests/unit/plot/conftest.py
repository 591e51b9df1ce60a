import io

import numpy as np
import pytest
from PIL import Image

from magjax.mesh import Mesh


@pytest.fixture
def mesh() -> Mesh:
    """Every axis different, and a corner away from zero."""
    return Mesh(cells=(12, 7, 4), cell_size=(5e-9, 4e-9, 3e-9), origin=(-10e-9, 0.0, 2e-9))


@pytest.fixture
def spins(mesh: Mesh, dtype: np.dtype) -> np.ndarray:
    """A wall along x whose height changes along z, with an empty corner."""
    x, _, z = mesh.centers()
    angle = (x - x.min()) / 10e-9
    up = z / (2 * z.max())
    m = np.stack([np.cos(angle) * np.sqrt(1 - up**2), np.sin(angle) * np.sqrt(1 - up**2), up])
    m[:, :, :2, :3] = 0
    return m.astype(dtype)


@pytest.fixture
def rendered():
    """Pixels `(height, width, 3)` of a figure as a file would hold them."""

    def render(figure) -> np.ndarray:
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png")
        return np.asarray(Image.open(buffer).convert("RGB"))

    return render
