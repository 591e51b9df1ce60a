from pathlib import Path

import numpy as np
import pytest

from magjax import textures
from magjax.io import ovf
from magjax.mesh import Mesh

MESH = Mesh((5, 4, 3), (2e-9, 3e-9, 4e-9))


def test_a_magnetisation_in_any_unit_comes_back(tmp_path: Path) -> None:
    m = np.array(textures.random(MESH, 0))
    m[:, 0, 1, 2] = 0
    ovf.write(tmp_path / "M.ovf", MESH, 8e5 * m, units="A/m")
    again = textures.from_file(MESH, tmp_path / "M.ovf")
    np.testing.assert_allclose(again, m, atol=1e-15)
    np.testing.assert_array_equal(again[:, 0, 1, 2], 0)


def test_refusals(tmp_path: Path) -> None:
    ovf.write(tmp_path / "m.ovf", MESH, np.ones((3, *MESH.shape)))
    with pytest.raises(ValueError, match=r"vectors on \(5, 4, 2\) cells"):
        textures.from_file(Mesh((5, 4, 2), 1e-9), tmp_path / "m.ovf")
    ovf.write(tmp_path / "scalar.ovf", MESH, np.ones(MESH.shape))
    with pytest.raises(ValueError, match=r"got 1 component\(s\)"):
        textures.from_file(MESH, tmp_path / "scalar.ovf")
