import colorsys

import numpy as np
import pytest

from magjax.plot.colors import color_wheel, luminance, spin_colors


def test_against_the_standard_librarys_hls(dtype, rng):
    m = rng.normal(size=(3, 5, 7))
    m = (m / np.linalg.norm(m, axis=0)[None]).astype(dtype)
    found = spin_colors(m)
    assert found.shape == (5, 7, 4)
    for at in np.ndindex(5, 7):
        x, y, z = m[(slice(None), *at)].astype(float)
        expected = colorsys.hls_to_rgb(np.arctan2(y, x) / (2 * np.pi) % 1, (1 + z) / 2, 1.0)
        # float32 spins are unit vectors up to 1e-7 only.
        np.testing.assert_allclose(found[at], (*expected, 1), atol=1e-6)


@pytest.mark.parametrize(
    ("m", "color"),
    [
        ((1, 0, 0), (1, 0, 0)),
        ((-1, 0, 0), (0, 1, 1)),
        ((np.cos(2 * np.pi / 3), np.sin(2 * np.pi / 3), 0), (0, 1, 0)),
        ((0, 0, 1), (1, 1, 1)),
        ((0, 0, -1), (0, 0, 0)),
        ((10, 0, 0), (1, 0, 0)),
        ((1e-9, 0, 0), (0.5, 0.5, 0.5)),
    ],
)
def test_known_directions(m, color):
    np.testing.assert_allclose(spin_colors(np.array(m)), (*color, 1), atol=1e-6)


def test_empty_cells_are_transparent():
    assert spin_colors(np.zeros((3, 2)))[:, 3].tolist() == [0, 0]


def test_component_comes_first():
    with pytest.raises(ValueError, match=r"shape \(3, …\).*component comes first"):
        spin_colors(np.zeros((2, 3)))


def test_wheel():
    wheel = color_wheel(101)
    half = 50 + 25
    np.testing.assert_allclose(wheel[50, half], (1, 0, 0, 1), atol=0.01)  # in the plane along +x
    np.testing.assert_allclose(wheel[half, 50, :3], spin_colors(np.array([0, 1, 0]))[:3], atol=0.01)
    np.testing.assert_allclose(wheel[50, 50], 1, atol=0.01)
    np.testing.assert_allclose(wheel[50, 99, :3], 0, atol=0.05)
    assert wheel[0, 0, 3] == 0


def test_luminance():
    np.testing.assert_allclose(luminance(np.array([[1, 1, 1, 1], [0, 0, 0, 1]])), [1, 0])
