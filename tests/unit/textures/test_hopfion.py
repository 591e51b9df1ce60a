"""A hopfion: where it is, what it is made of, and what is refused."""

import numpy as np
import pytest

import magjax as mj

MESH = mj.Mesh((21, 25, 19), (2e-9, 1.6e-9, 2.2e-9), origin=(-3e-9, 5e-9, 0.0))


@pytest.mark.parametrize("background", [1, -1])
def test_a_ring_in_a_background(background):
    """On the ring, in the middle and far away m_z is known; everywhere spins are unit vectors."""
    m = np.asarray(mj.textures.hopfion(MESH, radius=10e-9, wall_width=2e-9, background=background))
    np.testing.assert_allclose(np.sqrt((m**2).sum(0)), 1, atol=1e-14)
    assert m[2, 9, 12, 10] * background == pytest.approx(1, abs=1e-12)  # in the middle
    assert m[2, 9, 12, 15] * background == pytest.approx(-1, abs=1e-12)  # 10 nm from it along x
    assert np.all(m[2, :, 0] * background > 0.95)


def test_it_is_put_anywhere_and_wraps_round():
    """Across periodic axes the nearest copy counts, so that moving by whole cells is rolling."""
    mesh = mj.Mesh((20, 16, 18), (2e-9, 2.5e-9, 2e-9), periodic="xyz")
    x, y, z = mesh.center
    middle = mj.textures.hopfion(mesh, radius=8e-9, wall_width=3e-9)
    moved = mj.textures.hopfion(mesh, radius=8e-9, wall_width=3e-9, center=(x + 14e-9, y - 10e-9, z + 4e-9))
    np.testing.assert_allclose(moved, np.roll(np.asarray(middle), (7, -4, 2), axis=(3, 2, 1)), atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"radius": 0.0}, "Argument `radius` must be a length > 0"),
        ({"wall_width": -1e-9}, "Argument `wall_width` must be a length > 0"),
        ({"index": 2}, "Argument `index` must be 1 or -1"),
        ({"background": 0}, "Argument `background` must be 1 or -1"),
        ({"center": (0, 0)}, "Argument `center` must hold x, y and z"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        mj.textures.hopfion(MESH, **{"radius": 1e-8, "wall_width": 3e-9, **arguments})
