"""Domain walls: exact profiles, senses of rotation, refusals."""

import numpy as np
import pytest

from magjax import textures
from magjax.mesh import AXES, Mesh

MESH = Mesh((41, 31, 21), (2e-9, 3e-9, 4e-9), origin=(5e-9, -7e-9, 0))


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize("easy_axis", AXES)
@pytest.mark.parametrize("kind", ["bloch", "neel"])
@pytest.mark.parametrize("chirality", [1, -1])
def test_the_wall_is_exact(axis: str, easy_axis: str, kind: str, chirality: int) -> None:
    """The field is −tanh(u) ê + sech(u) ŵ, with ŵ along the axis (Néel) or along ê × axis (Bloch)."""
    if axis == easy_axis:
        return
    width, i, e = 9e-9, AXES.index(axis), np.eye(3)[AXES.index(easy_axis)]
    position = MESH.origin[i] + 0.4 * MESH.extent[i]
    m = np.asarray(textures.domain_wall(MESH, width, kind, position, chirality, axis, easy_axis))  # type: ignore[arg-type]
    u = (MESH.centers()[i] - position) / width
    middle = chirality * (np.eye(3)[i] if kind == "neel" else np.cross(e, np.eye(3)[i]))
    wanted = -np.tanh(u)[None] * e[:, None, None, None] + (1 / np.cosh(u))[None] * middle[:, None, None, None]
    np.testing.assert_allclose(m, wanted, atol=1e-14)


def test_two_domains_far_from_the_wall_and_in_it() -> None:
    m = np.asarray(textures.two_domains(MESH, "x", "y", (-1, 0, 1), width=1e-10, position=45e-9))
    np.testing.assert_allclose(m[:, 3, 4, 0], (1, 0, 0), atol=1e-14)
    np.testing.assert_allclose(m[:, 3, 4, -1], (-np.sqrt(0.5), 0, np.sqrt(0.5)), atol=1e-14)
    antiparallel = np.asarray(textures.two_domains(MESH, "x", "y", (-1, 0, 0), position=46e-9))
    np.testing.assert_allclose(antiparallel[:, 3, 4, 20], (0, 1, 0), atol=1e-12)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="use `two_domains` for head-to-head"):
        textures.domain_wall(MESH, 5e-9, axis="z", easy_axis="z")
    with pytest.raises(ValueError, match="`kind` must be"):
        textures.domain_wall(MESH, 5e-9, kind="ising")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`width` must be a length > 0"):
        textures.domain_wall(MESH, -5e-9)
    with pytest.raises(ValueError, match="`axis` must be"):
        textures.two_domains(MESH, "x", "y", "z", axis="w")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="a length in every cell"):
        textures.two_domains(MESH, "x", (-1, 0, 0), "x", position=46e-9)
