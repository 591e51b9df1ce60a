import numpy as np
import pytest

from magjax.io.field import components, names_of_components


def test_types_and_shapes(mesh, spins):
    assert components(mesh, spins).dtype == spins.dtype
    assert components(mesh, spins[0]).shape == (1, *mesh.shape)
    assert components(mesh, np.ones(mesh.shape, int)).dtype == np.float64
    assert components(mesh, np.ones(mesh.shape, np.float16)).dtype == np.float64


def test_names():
    assert names_of_components(3, None, "") == (("m_x", "m_y", "m_z"), ("", "", ""))
    assert names_of_components(1, "e", "J") == (("e",), ("J",))
    assert names_of_components(2, None, ("J", "T")) == (("value_1", "value_2"), ("J", "T"))
    with pytest.raises(ValueError, match="`units`"):
        names_of_components(3, None, ("J",))
