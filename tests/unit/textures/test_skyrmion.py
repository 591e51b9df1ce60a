"""Skyrmions: their topological charge counted on the lattice, their profile, their sense."""

import numpy as np
import pytest

from magjax import textures
from magjax.mesh import Mesh

MESH = Mesh((60, 48, 1), (2e-9, 2.5e-9, 3e-9))


def lattice_charge(m: np.ndarray) -> float:
    """Berg and Lüscher's charge of a film: solid angles of the two triangles of each square of cells, over 4π.

    It is a whole number for a periodic film whatever the mesh, because neighbouring triangles share their edges.
    """

    def solid_angle(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
        dot = lambda p, q: (p * q).sum(axis=0)  # noqa: E731
        return 2 * np.arctan2(dot(a, np.cross(b, c, axis=0)), 1 + dot(a, b) + dot(b, c) + dot(c, a))

    here = m[:, 0]
    right, up, across = np.roll(here, -1, 2), np.roll(here, -1, 1), np.roll(here, (-1, -1), (1, 2))
    return float((solid_angle(here, right, across) + solid_angle(here, across, up)).sum() / (4 * np.pi))


@pytest.mark.parametrize("kind", ["neel", "bloch"])
@pytest.mark.parametrize("polarity", [1, -1])
@pytest.mark.parametrize("chirality", [1, -1])
@pytest.mark.parametrize("winding", [1, -1, 2])
def test_topological_charge(kind: str, polarity: int, chirality: int, winding: int) -> None:
    m = np.asarray(textures.skyrmion(MESH, 18e-9, 5e-9, kind, polarity, chirality, winding))  # type: ignore[arg-type]
    assert lattice_charge(m) == pytest.approx(polarity * winding, abs=1e-9)


def test_the_count_can_fail() -> None:
    assert lattice_charge(np.asarray(textures.uniform(MESH, (1, 2, 3)))) == pytest.approx(0, abs=1e-12)


def test_profile_and_sense() -> None:
    """On the +x side at r = R the spins lie in the plane: outwards or inwards (Néel), along ±y (Bloch)."""
    mesh = Mesh((41, 31, 1), (2e-9, 3e-9, 1e-9))
    for kind, chirality, wanted in [
        ("neel", 1, (1, 0)),
        ("neel", -1, (-1, 0)),
        ("bloch", 1, (0, 1)),
        ("bloch", -1, (0, -1)),
    ]:
        m = np.asarray(textures.skyrmion(mesh, 20e-9, 4e-9, kind, -1, chirality))  # type: ignore[arg-type]
        np.testing.assert_allclose(m[:, 0, 15, 30], (*wanted, 0), atol=1e-12)
        np.testing.assert_allclose(m[:, 0, 15, 20], (0, 0, -1), atol=1e-12)
    r = np.arange(1, 21) * 2e-9
    theta = 2 * np.arctan(np.sinh(5) / np.sinh(r / 4e-9))
    np.testing.assert_allclose(m[2, 0, 15, 21:], np.cos(theta), atol=1e-12)


def test_extreme_ratios_do_not_overflow() -> None:
    m = np.asarray(textures.skyrmion(MESH, 20.1e-9, 1e-13))
    np.testing.assert_allclose(np.abs(m[2]), 1, atol=1e-9)


def test_a_skyrmion_on_the_seam_of_a_periodic_film_is_whole() -> None:
    torus = Mesh((60, 48, 1), (2e-9, 2.5e-9, 3e-9), periodic="xy")
    m = np.asarray(textures.skyrmion(torus, 18e-9, 5e-9, center=(0, 0)))
    assert lattice_charge(m) == pytest.approx(-1, abs=1e-9)
    middle = np.asarray(textures.skyrmion(torus, 18e-9, 5e-9))
    np.testing.assert_allclose(m, np.roll(middle, (24, 30), (2, 3)), atol=1e-9)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="`radius` must be a length > 0"):
        textures.skyrmion(MESH, 0, 5e-9)
    with pytest.raises(ValueError, match="`wall_width` must be a length > 0"):
        textures.skyrmion(MESH, 10e-9, -5e-9)
    with pytest.raises(ValueError, match="`winding` must be a whole number"):
        textures.skyrmion(MESH, 10e-9, 5e-9, winding=0)
    with pytest.raises(ValueError, match="`kind` must be"):
        textures.skyrmion(MESH, 10e-9, 5e-9, kind="hedgehog")  # type: ignore[arg-type]
