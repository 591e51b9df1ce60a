import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import observe
from magjax.observe.emergent import solid_angle
from magjax.observe.topology import derivative

MESH = mj.Mesh((48, 40, 2), (1e-9, 1.25e-9, 2e-9), periodic="xy")
FILM = mj.System(MESH, Ms=8e5)


def skyrmion(**options) -> jax.Array:
    return mj.textures.skyrmion(MESH, **({"radius": 9e-9, "wall_width": 2.5e-9} | options))


@pytest.mark.slow
@pytest.mark.parametrize(("polarity", "winding"), [(-1, 1), (1, 1), (-1, -1), (1, 2)])
def test_skyrmion_number_is_whole(polarity, winding) -> None:
    """Solid angles give the whole number to rounding, differences to second order in the cell over the wall's width."""
    m = skyrmion(polarity=polarity, winding=winding)
    charge = polarity * winding
    assert float(observe.skyrmion_number(0.0, m, FILM)) == pytest.approx(charge, abs=1e-9)
    density = observe.skyrmion_density(0.0, m, FILM)
    assert density.shape == MESH.shape
    assert float(density.sum()) / 2 * 1.25e-18 == pytest.approx(charge, abs=0.06 * abs(charge) ** 2)
    assert float(solid_angle(m, "x", "y", MESH).sum()) / 2 == pytest.approx(4 * np.pi * charge, abs=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("center", [(24e-9, 25e-9), (1.3e-9, 48.6e-9), (30.2e-9, 11.7e-9)])
def test_position_on_a_torus(center) -> None:
    """To a thousandth of a cell, also across the seam; a skyrmion drawn there is cut, so it is rolled to it."""
    shift = [round(center[0] / 1e-9), round(center[1] / 1.25e-9)]
    rest = (center[0] - shift[0] * 1e-9, center[1] - shift[1] * 1.25e-9)
    m = skyrmion(center=(24e-9 + rest[0], 25e-9 + rest[1]))
    m = jnp.roll(m, (shift[1] - 20, shift[0] - 24), axis=(2, 3))
    found = np.asarray(observe.skyrmion_position(0.0, m, FILM))
    assert found == pytest.approx(center, abs=2e-12)


def test_position_needs_a_skyrmion() -> None:
    assert np.all(np.isnan(observe.skyrmion_position(0.0, mj.textures.uniform(MESH, "z"), FILM)))


@pytest.mark.slow
@pytest.mark.parametrize("polarity", [-1, 1])
def test_radius_and_kind(polarity) -> None:
    for radius in (6.1e-9, 9.0e-9, 11.6e-9):
        found = observe.skyrmion_radius(0.0, skyrmion(radius=radius, polarity=polarity), FILM)
        # The line m_z = 0 is straight within a cell to (cell/radius)².
        assert float(found) == pytest.approx(radius, abs=0.03e-9)
    kinds = {("neel", 1): 0.0, ("neel", -1): np.pi, ("bloch", 1): np.pi / 2, ("bloch", -1): -np.pi / 2}
    for (kind, chirality), angle in kinds.items():
        found = observe.helicity(0.0, skyrmion(kind=kind, chirality=chirality, polarity=polarity), FILM)
        expected = angle if polarity == -1 else angle + np.pi
        assert np.exp(1j * float(found)) == pytest.approx(np.exp(1j * expected), abs=1e-9)


def test_uniform_states_have_no_radius() -> None:
    assert float(observe.skyrmion_radius(0.0, mj.textures.uniform(MESH, "z"), FILM)) == 0


@pytest.mark.slow
def test_core_of_a_vortex(dtype) -> None:
    mesh = mj.Mesh((40, 32, 1), 2.5e-9)
    system = mj.System(mesh, Ms=8e5)
    for center in ((50e-9, 40e-9), (43.1e-9, 52.4e-9)):
        m = mj.textures.vortex(mesh, core_radius=9e-9, center=center, dtype=dtype)
        # A parabola through three cells of a core of 9 nm.
        assert np.asarray(observe.core_position(0.0, m, system)) == pytest.approx(center, abs=0.2e-9)


def test_derivative_at_edges_and_holes() -> None:
    """Where a neighbour is missing the cell's own value stands for it; a linear profile shows half the slope."""
    mesh = mj.Mesh((6, 1, 1), 2e-9)
    m = jnp.zeros((3, 1, 1, 6)).at[0, 0, 0].set(jnp.arange(6.0))
    slope = derivative(m, "x", mj.System(mesh, Ms=8e5))[0, 0, 0]
    assert np.allclose(slope, [0.25e9, *[0.5e9] * 4, 0.25e9], rtol=1e-12, atol=0)
    hole = mj.System(mesh, Ms=np.array([1, 1, 1, 0, 1, 1]).reshape(1, 1, 6) * 8e5)
    assert float(derivative(m, "x", hole)[0, 0, 0, 2]) == pytest.approx(0.25e9, rel=1e-12, abs=0)


def test_velocity() -> None:
    t = np.linspace(0, 1e-9, 11)
    path = np.stack([(40e-9 + 100 * t) % 50e-9, -20 * t], axis=1)
    assert np.allclose(observe.velocity(t, path, period=50e-9), [100.0, -20.0], rtol=1e-9, atol=1e-9)
    with pytest.raises(ValueError, match="at least two times"):
        observe.velocity([0.0], [1.0])


def test_thiele_tensors() -> None:
    """D of a thin wall, G = 4πQ Ms d/γ, in a film of two layers; the same per layer however many there are."""
    m = skyrmion(radius=10e-9, wall_width=2.5e-9)
    found = observe.thiele_tensors(0.0, m, FILM)
    D = np.asarray(found["dissipation"])
    # Central differences lose (cell/width)²/… of a slope: 3 % here.
    assert np.allclose(D, 2 * np.pi * (4 + 0.25) * np.eye(2), rtol=0.08, atol=0.3)
    scale = 8e5 * 4e-9 / mj.constants.GAMMA
    assert float(found["G"]) == pytest.approx(-4 * np.pi * scale, rel=1e-9, abs=0)
    assert np.asarray(found["D"]) == pytest.approx(D * scale, rel=1e-9, abs=1e-12 * scale)
