"""The emergent field: quantised flux on any mesh, second order in the cells, and its own derivative."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax import constants
from magjax.observe import emergent_field

# Compiled once for each mesh: operation by operation it takes longer.
emergent = eqx.filter_jit(emergent_field)
FLUX_QUANTUM = constants.PLANCK / constants.E_CHARGE


@pytest.mark.slow
@pytest.mark.parametrize(("polarity", "winding"), [(1, 1), (-1, 1), (1, -1), (1, 2)])
@pytest.mark.parametrize("plane", ["xy", "yz", "zx"])
def test_flux_is_quantised(plane: str, polarity: int, winding: int) -> None:
    """h/e for each unit of topological charge, to rounding, on coarse cells that are not cubic, in any plane.

    On a periodic mesh the solid angles between neighbours cover the sphere a whole number of times.
    """
    mesh = mj.Mesh((24, 20, 1), (1e-9, 1.4e-9, 3e-9), periodic="xy")
    m = mj.textures.skyrmion(mesh, 6e-9, 2e-9, polarity=polarity, winding=winding)
    normal = {"xy": 2, "yz": 0, "zx": 1}[plane]
    shift = normal - 2
    # Turn axes and components alike: x → y → z → x.
    m = jnp.roll(m, shift, axis=0).transpose(0, *(1 + np.roll([2, 1, 0], shift)[::-1]))
    sizes = tuple(np.roll(mesh.cell_size, shift))
    turned = mj.Mesh(tuple(np.roll(mesh.cells, shift)), sizes, periodic="xyz")
    assert m.shape == (3, *turned.shape)
    B = emergent(0.0, m, mj.System(turned, Ms=8e5))
    area = 1e-9 * 1.4e-9
    assert float(B[normal].sum()) * area / FLUX_QUANTUM == pytest.approx(polarity * winding, rel=1e-10, abs=0)
    others = [k for k in range(3) if k != normal]
    np.testing.assert_allclose(B[jnp.asarray(others)], 0, atol=1e-12 * float(jnp.abs(B).max()))


@pytest.mark.slow
def test_field_of_a_smooth_texture() -> None:
    """Against (ħ/2e) m·(∂x m × ∂y m) by derivatives of a function of position; the error falls as the cell squared."""
    k = 2 * np.pi / 40e-9

    def direction(x, y):
        theta, phi = 1.2 + 0.5 * jnp.sin(k * x), 0.7 * jnp.cos(k * y) + 0.4 * jnp.sin(k * (x + y))
        return jnp.stack([jnp.sin(theta) * jnp.cos(phi), jnp.sin(theta) * jnp.sin(phi), jnp.cos(theta)])

    def exact(x, y):
        along_x, along_y = (jax.jacfwd(direction, argnums=i)(x, y) for i in (0, 1))
        return constants.HBAR / (2 * constants.E_CHARGE) * jnp.dot(direction(x, y), jnp.cross(along_x, along_y))

    errors = []
    for n in (20, 40):
        mesh = mj.Mesh((n, n, 1), 40e-9 / n, periodic="xy")
        x, y, _ = (jnp.asarray(c) for c in mesh.centers())
        found = emergent(0.0, direction(x, y), mj.System(mesh, Ms=8e5))[2, 0]
        expected = jax.vmap(jax.vmap(exact))(x[0], y[0])
        errors.append(float(jnp.abs(found - expected).max() / jnp.abs(expected).max()))
    assert errors[1] < 0.03
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.25, abs=0)


@pytest.mark.slow
def test_free_edges_and_empty_cells_are_silent() -> None:
    """Beyond an edge there is no square, next to an empty cell no angle; derivatives stay finite."""
    mesh = mj.Mesh((3, 3, 1), 1e-9)
    film = mj.System(mesh, Ms=8e5)
    m = jnp.zeros((3, 1, 3, 3)).at[2].set(1.0).at[:, 0, 0, 0].set(0.0).at[:, 0, 2, 2].set(jnp.asarray([0, 0, -1.0]))
    np.testing.assert_array_equal(emergent(0.0, m, film), 0)
    slope = jax.grad(lambda m: emergent(0.0, m, film)[2].sum())(m)
    assert bool(jnp.isfinite(slope).all())
