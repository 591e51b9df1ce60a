import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

KC1, KC2, KC3 = 4.8e4, -2e4, 3e4


def test_energy_is_that_of_explicit_loops(bench):
    axis1, axis2 = np.array([0.3, -0.5, 0.8]), np.array([1.0, 0.2, 0.0])
    term = mj.CubicAnisotropy(Kc1=KC1, Kc2=KC2, Kc3=KC3, axis1=tuple(axis1), axis2=tuple(axis2))
    system = bench.system(term, holes=True)
    m, Ms = np.asarray(bench.spins(system)), np.asarray(system.Ms)
    c1 = axis1 / np.linalg.norm(axis1)
    c2 = axis2 - c1 * (c1 @ axis2)
    c2 /= np.linalg.norm(c2)
    expected = 0.0
    for cell in np.ndindex(Ms.shape):
        a, b, c = (float(m[(slice(None), *cell)] @ axis) ** 2 for axis in (c1, c2, np.cross(c1, c2)))
        w = KC1 * (a * b + b * c + c * a) + KC2 * a * b * c + KC3 * (a**2 * b**2 + b**2 * c**2 + c**2 * a**2)
        expected += w * system.mesh.cell_volume * (Ms[cell] > 0)
    assert float(system.total_energy(jnp.asarray(m))) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize(
    ("direction", "density"),
    [
        ((0, 0, -1), 0.0),
        ((1, 1, 0), KC1 / 4 + KC3 / 16),
        ((1, -1, 1), KC1 / 3 + KC2 / 27 + KC3 / 27),
    ],
)
def test_uniform_states(direction, density, precision):
    mesh = mj.Mesh((3, 2, 1), (1e-9, 2e-9, 3e-9))
    system = mj.System(mesh, Ms=1.7e6, energy=mj.CubicAnisotropy(Kc1=KC1, Kc2=KC2, Kc3=KC3))
    m = mj.textures.uniform(mesh, direction, dtype=precision.dtype)
    found = system.energy_density(m)["cubic_anisotropy"]
    np.testing.assert_allclose(found, np.full(mesh.shape, density), atol=precision.exact * KC1)


def test_crystal_turned_with_the_spins_has_the_same_energy(rng):
    """A rotation of axes and spins together changes nothing."""
    mesh = mj.Mesh((1, 1, 1), 1e-9)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    direction = rng.normal(size=3)
    straight = mj.System(mesh, Ms=1e6, energy=mj.CubicAnisotropy(Kc1=KC1, Kc2=KC2, Kc3=KC3))
    axes = {"axis1": tuple(rotation[:, 0]), "axis2": tuple(rotation[:, 1])}
    turned = mj.System(mesh, Ms=1e6, energy=mj.CubicAnisotropy(Kc1=KC1, Kc2=KC2, Kc3=KC3, **axes))
    before = straight.total_energy(mj.textures.uniform(mesh, tuple(direction)))
    after = turned.total_energy(mj.textures.uniform(mesh, tuple(rotation @ direction)))
    assert float(after) == pytest.approx(float(before), rel=1e-12, abs=0)


def test_axes_need_a_direction():
    with pytest.raises(ValueError, match="`axis2` must have a direction"):
        mj.CubicAnisotropy(Kc1=1e4, axis2=(0, 0, 0))


def test_parallel_axes_are_refused():
    """They span no crystal, and a vanishing third axis would pass for a weaker anisotropy."""
    with pytest.raises(ValueError, match="parallel"):
        mj.CubicAnisotropy(Kc1=KC1, axis1=(1, 2, 0), axis2=(-2, -4, 0))
