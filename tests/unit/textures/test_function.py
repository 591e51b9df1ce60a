import numpy as np
import pytest

from magjax import textures
from magjax.mesh import Mesh

MESH = Mesh((4, 3, 2), (2e-9, 3e-9, 4e-9))


def test_components_are_normalised_and_spread() -> None:
    m = np.asarray(textures.from_function(MESH, lambda x, y, z: (0, x, 2 * x)))
    np.testing.assert_allclose(
        m, np.broadcast_to(np.array([0, 1, 2]).reshape(3, 1, 1, 1) / np.sqrt(5), m.shape), atol=1e-15
    )


def test_refusals() -> None:
    with pytest.raises(ValueError, match=r"at \(z, y, x\) = \(0, 0, 1\), and 1 such cells"):
        textures.from_function(
            MESH, lambda x, y, z: (np.where((abs(x - 3e-9) < 1e-12) & (y < 2e-9) & (z < 3e-9), 0, 1), 0, 0)
        )
    with pytest.raises(ValueError, match="a length in every cell"):
        textures.from_function(MESH, lambda x, y, z: (np.nan, 0, 0))
    with pytest.raises(ValueError, match="three components, but got 2"):
        textures.from_function(MESH, lambda x, y, z: (x, y))
    with pytest.raises(TypeError, match="must be a function"):
        textures.from_function(MESH, (1, 0, 0))  # type: ignore[arg-type]
