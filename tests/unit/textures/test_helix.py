"""Helices: handedness, pitch, cone."""

import numpy as np
import pytest

from magjax import textures
from magjax.mesh import AXES, Mesh

MESH = Mesh((24, 20, 16), (1e-9, 1.5e-9, 2e-9), periodic="xyz")


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("handedness", [1, -1])
def test_a_helix_is_a_beltrami_field(axis: str, handedness: int) -> None:
    """∇×m = −handedness · k m for a helix about its own direction; the lattice derivative gives sin(k a)/a for k."""
    i = AXES.index(axis)
    period, a = MESH.extent[i], MESH.cell_size[i]
    m = np.asarray(textures.helix(MESH, period, axis, handedness=handedness, phase=0.7))  # type: ignore[arg-type]
    trailing = 3 - i
    slope = (np.roll(m, -1, trailing) - np.roll(m, 1, trailing)) / (2 * a)
    e = np.eye(3)[i]
    curl = np.cross(e, slope, axisb=0).transpose(3, 0, 1, 2)
    k = np.sin(2 * np.pi * a / period) / a
    np.testing.assert_allclose(curl, -handedness * k * m, atol=1e-12 * k)


def test_a_cycloid_turns_in_the_plane_of_its_direction() -> None:
    m = np.asarray(textures.helix(MESH, 24e-9, "x", normal="y"))
    np.testing.assert_allclose(m[1], 0, atol=1e-15)
    # A quarter period on, z has turned about +y into +x.
    np.testing.assert_allclose(m[0, 0, 0, 6], m[2, 0, 0, 0], atol=1e-12)


def test_a_cone_has_a_constant_part_along_its_normal() -> None:
    m = np.asarray(textures.helix(MESH, 40e-9, (1, 1, 0), cone_angle=0.4))
    np.testing.assert_allclose((m[0] + m[1]) / np.sqrt(2), np.cos(0.4), atol=1e-14)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="`period` must be a length > 0"):
        textures.helix(MESH, 0)
    with pytest.raises(ValueError, match="did you give degrees"):
        textures.helix(MESH, 10e-9, cone_angle=90)
    with pytest.raises(ValueError, match="`handedness` must be 1 or -1"):
        textures.helix(MESH, 10e-9, handedness=0)
