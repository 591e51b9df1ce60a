import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.observe import Wall

MESH = mj.Mesh((60, 3, 2), (2e-9, 3e-9, 4e-9), origin=(-20e-9, 0, 0))
FILM = mj.System(MESH, Ms=8e5)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "angle"),
    [
        ({"kind": "neel"}, 0.0),
        ({"kind": "neel", "chirality": -1}, np.pi),
        ({"kind": "bloch"}, np.pi / 2),
        ({"kind": "bloch", "chirality": -1}, -np.pi / 2),
    ],
)
def test_exact_for_the_wall_of_exchange_and_anisotropy(options, angle) -> None:
    """The profile is a straight line in artanh m, so nothing but rounding is left."""
    m = mj.textures.domain_wall(MESH, width=5e-9, position=31.7e-9, **options)
    found = Wall()(0.0, m, FILM)
    assert float(found["position"]) == pytest.approx(31.7e-9, rel=1e-12, abs=0)
    assert float(found["width"]) == pytest.approx(5e-9, rel=1e-9, abs=0)
    assert abs(float(found["angle"])) == pytest.approx(abs(angle), abs=1e-12)
    assert np.sign(float(found["angle"])) == np.sign(angle) or angle in (0.0, np.pi)


@pytest.mark.slow
@pytest.mark.parametrize("axis", ["y", "z"])
def test_other_axes(axis) -> None:
    mesh = mj.Mesh((2, 40, 1), 2e-9) if axis == "y" else mj.Mesh((1, 2, 40), 2e-9)
    easy = "x"
    m = mj.textures.domain_wall(mesh, width=6e-9, position=33e-9, axis=axis, easy_axis=easy, kind="neel")
    found = Wall(component=easy, axis=axis)(0.0, m, mj.System(mesh, Ms=8e5))
    assert float(found["position"]) == pytest.approx(33e-9, rel=1e-12, abs=0)
    assert float(found["angle"]) == pytest.approx(0.0, abs=1e-12)


def test_head_to_head() -> None:
    m = mj.textures.two_domains(MESH, "x", "y", (-1, 0, 0), position=10e-9, width=7e-9)
    found = Wall(component="x")(0.0, m, FILM)
    assert float(found["position"]) == pytest.approx(10e-9, rel=1e-9, abs=0)
    assert float(found["angle"]) == pytest.approx(0.0, abs=1e-12)


def test_several_walls_and_none() -> None:
    """The first, the nearest, the one that rises; NaN without any."""
    x = MESH.centers()[0]
    pair = jnp.asarray(np.stack([0 * x, 0 * x, np.where((x > 0) & (x < 40e-9), -1.0, 1.0)]))
    assert float(Wall().position(0.0, pair, FILM)) == pytest.approx(0.0, abs=1e-12)
    assert float(Wall(near=60e-9).position(0.0, pair, FILM)) == pytest.approx(40e-9, rel=1e-9, abs=0)
    assert float(Wall(rising=True).position(0.0, pair, FILM)) == pytest.approx(40e-9, rel=1e-9, abs=0)
    assert np.isnan(Wall().position(0.0, mj.textures.uniform(MESH, "z"), FILM))


@pytest.mark.slow
def test_empty_cells_do_not_count(dtype) -> None:
    """A strip that fills half of the mesh has its wall where it is, in either precision."""
    strip = mj.System(MESH, Ms=8e5 * (MESH.centers()[1] > 4e-9))
    m = jnp.where(strip.occupied.value, mj.textures.domain_wall(MESH, 5e-9, position=22.5e-9, dtype=dtype), 0)
    found = Wall()(0.0, m, strip)
    assert found["position"].dtype == dtype
    assert float(found["position"]) == pytest.approx(22.5e-9, rel=1e-5, abs=0)
    assert float(found["width"]) == pytest.approx(5e-9, rel=1e-4, abs=0)


@pytest.mark.slow
def test_position_can_be_differentiated() -> None:
    """As the spins move to one side, so does the position."""
    m = mj.textures.domain_wall(MESH, width=5e-9, position=31.7e-9)
    slope = jax.grad(lambda m: Wall().position(0.0, m, FILM))(m)
    assert np.all(np.isfinite(slope))
    shifted = mj.textures.domain_wall(MESH, width=5e-9, position=31.8e-9)
    assert float(jnp.sum(slope * (shifted - m))) == pytest.approx(0.1e-9, rel=0.05, abs=0)


def test_unknown_axes() -> None:
    with pytest.raises(ValueError, match="`component` must be"):
        Wall(component="w")
