import numpy as np
import pytest

from magjax import textures
from magjax.geometry import shapes
from magjax.mesh import Mesh

MESH = Mesh((8, 6, 2), (2e-9, 3e-9, 4e-9))


@pytest.mark.slow
def test_outside_is_exactly_zero(dtype: np.dtype) -> None:
    mask = shapes.cylinder(7e-9, center=MESH.center).mask(MESH)
    m = textures.masked(textures.random(MESH, 0, dtype), mask)
    assert m.dtype == dtype
    np.testing.assert_array_equal(np.asarray(m)[:, ~mask], 0)
    np.testing.assert_array_equal(np.asarray(m)[:, mask], np.asarray(textures.random(MESH, 0, dtype))[:, mask])


def test_refusals() -> None:
    m = textures.uniform(MESH, "x")
    with pytest.raises(ValueError, match="`mask` must hold booleans of shape"):
        textures.masked(m, np.ones(MESH.shape))
    with pytest.raises(ValueError, match="`mask` must hold booleans of shape"):
        textures.masked(m, np.ones((2, 2, 2), bool))
