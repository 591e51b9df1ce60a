import numpy as np
import pytest

import magjax as mj


def test_the_second_sublattice_is_the_opposite_of_the_first(rng):
    m = mj.textures.random(mj.Mesh((3, 2, 1), 5e-9), key=1)
    both = mj.textures.antiparallel(m)
    np.testing.assert_array_equal(both[0], m)
    np.testing.assert_array_equal(both[1], -m)


def test_what_is_no_texture_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3, nz, ny, nx\), but got \(2, 3, 1, 1, 1\)"):
        mj.textures.antiparallel(np.zeros((2, 3, 1, 1, 1)))
