"""Vortices: the sense they turn in, their core, and half a unit of topological charge."""

import numpy as np
import pytest

from magjax import textures
from magjax.mesh import Mesh

MESH = Mesh((61, 81, 2), (4e-9, 3e-9, 5e-9))


@pytest.mark.parametrize("circulation", [1, -1])
@pytest.mark.parametrize("polarity", [1, -1])
def test_circulation_and_polarity(circulation: int, polarity: int) -> None:
    m = np.asarray(textures.vortex(MESH, circulation, polarity, core_radius=20e-9))
    np.testing.assert_allclose(m[:, 0, 40, 30], (0, 0, polarity), atol=1e-12)
    np.testing.assert_allclose(m[:, 1, 40, 60], (0, circulation, 0), atol=1e-12)
    np.testing.assert_allclose(m[:, 1, 80, 30], (-circulation, 0, 0), atol=1e-12)


def test_core_profile_is_that_of_usov() -> None:
    m = np.asarray(textures.vortex(MESH, core_radius=24e-9))
    r = np.abs(np.arange(61) - 30) * 4e-9 / 24e-9
    wanted = np.where(r < 1, (1 - r**2) / (1 + r**2), 0)
    np.testing.assert_allclose(m[2, 0, 40], wanted, atol=1e-12)


def test_vortex_and_antivortex_wind_opposite_ways() -> None:
    """The in-plane angle grows by ±2π on the way round the edge of the mesh."""
    edge = [*[(0, i) for i in range(60)], *[(j, 60) for j in range(80)], *[(80, 60 - i) for i in range(60)]]
    edge += [(80 - j, 0) for j in range(81)]
    for texture, turns in ((textures.vortex, 1), (textures.antivortex, -1)):
        m = np.asarray(texture(MESH, core_radius=20e-9))
        angle = np.unwrap([np.arctan2(m[1, 0, j, i], m[0, 0, j, i]) for j, i in edge])
        assert (angle[-1] - angle[0]) / (2 * np.pi) == pytest.approx(turns, abs=1e-12)


def test_center_and_angle() -> None:
    m = np.asarray(textures.antivortex(MESH, center=(42e-9, 40.5e-9), angle=np.pi / 2))
    np.testing.assert_allclose(m[:, 0, 13, 10], (0, 0, 1), atol=1e-12)
    np.testing.assert_allclose(m[:, 0, 13, 60], (0, 1, 0), atol=1e-12)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="`circulation` must be 1 or -1"):
        textures.vortex(MESH, circulation=2)
    with pytest.raises(ValueError, match="`polarity` must be 1 or -1"):
        textures.antivortex(MESH, polarity=0)
    with pytest.raises(ValueError, match="`core_radius` must be a length > 0"):
        textures.vortex(MESH, core_radius=0)
    with pytest.raises(ValueError, match="`center` must hold x and y"):
        textures.vortex(MESH, center=(1e-9,))


def test_a_radius_with_a_unit_is_no_number():
    with pytest.raises(ValueError, match="`core_radius` must be a length > 0 in metres, but got '10 nm'"):
        textures.vortex(Mesh((4, 4, 1), 5e-9), core_radius="10 nm")  # type: ignore[arg-type]
