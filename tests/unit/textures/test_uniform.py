import numpy as np
import pytest

from magjax import textures
from magjax.mesh import Mesh

MESH = Mesh((4, 3, 2), (2e-9, 3e-9, 4e-9))


def test_direction_is_normalised_and_may_be_named() -> None:
    np.testing.assert_array_equal(textures.uniform(MESH, (0, 0, -7)), -np.asarray(textures.uniform(MESH, "z")))
    np.testing.assert_allclose(textures.uniform(MESH, (3, 4, 0))[:, 1, 2, 3], (0.6, 0.8, 0), atol=1e-15)


@pytest.mark.parametrize("direction", [(0, 0, 0), (1, 2), "w", (np.nan, 0, 0)])
def test_refusals(direction: object) -> None:
    with pytest.raises(ValueError, match="Argument `direction` must"):
        textures.uniform(MESH, direction)  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [1e-320, 1e-200, 1e300])
def test_vectors_of_any_length_that_a_number_can_have(length):
    m = textures.uniform(Mesh((1, 1, 1), 5e-9), (0, length, length))
    assert np.allclose(m[:, 0, 0, 0], (0, 0.5**0.5, 0.5**0.5), rtol=1e-4, atol=0)
