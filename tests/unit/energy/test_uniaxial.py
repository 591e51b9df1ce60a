import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj


def test_energy_is_that_of_explicit_loops(bench):
    axis = bench.rng.normal(size=(3, 2, 3, 4))
    K, K2 = bench.rng.uniform(-1e5, 1e5, (2, 2, 3, 4))
    system = bench.system(mj.UniaxialAnisotropy(K=K, K2=K2, axis=axis), holes=True)
    m, Ms = np.asarray(bench.spins(system)), np.asarray(system.Ms)
    expected = 0.0
    for cell in np.ndindex(Ms.shape):
        u = axis[(slice(None), *cell)] / np.linalg.norm(axis[(slice(None), *cell)])
        sin2 = 1 - float(m[(slice(None), *cell)] @ u) ** 2
        expected += (K[cell] * sin2 + K2[cell] * sin2**2) * system.mesh.cell_volume * (Ms[cell] > 0)
    assert float(system.total_energy(jnp.asarray(m))) == pytest.approx(expected, rel=1e-13, abs=0)


@pytest.mark.parametrize("angle", [0.0, 30.0, 90.0, 180.0])
def test_uniform_states(angle, precision):
    """W = K sin²θ + K2 sin⁴θ, and 0 along the axis."""
    mesh = mj.Mesh((3, 2, 1), (1e-9, 2e-9, 3e-9))
    system = mj.System(mesh, Ms=8e5, energy=mj.UniaxialAnisotropy(K=5e5, K2=1e5, axis=(0, 0, 3)))
    theta = np.radians(angle)
    m = mj.textures.uniform(mesh, (np.sin(theta), 0, np.cos(theta)), dtype=precision.dtype)
    expected = 5e5 * np.sin(theta) ** 2 + 1e5 * np.sin(theta) ** 4
    density = system.energy_density(m)["uniaxial_anisotropy"]
    np.testing.assert_allclose(density, np.full(mesh.shape, expected), atol=precision.exact * 6e5)


def test_field_along_the_axis_is_the_anisotropy_field():
    """2K/Ms, which K2 does not change there."""
    mesh = mj.Mesh((1, 1, 1), 1e-9)
    system = mj.System(mesh, Ms=1e6, energy=mj.UniaxialAnisotropy(K=5e5, K2=7e5, axis=(0, 1, 0)))
    field = system.field(mj.textures.uniform(mesh, (0, -1, 0)))
    np.testing.assert_allclose(np.ravel(field), [0, -1, 0], atol=1e-15)


@pytest.mark.parametrize("axis", [(0, 0, 0), (0.0, 0.0, 0.0), np.zeros(3)])
def test_an_axis_needs_a_direction(axis):
    with pytest.raises(ValueError, match="`axis` must have a direction"):
        mj.UniaxialAnisotropy(K=1e5, axis=axis)


def test_a_constant_that_is_no_number_is_named():
    with pytest.raises(TypeError, match="`K` must hold real numbers"):
        mj.UniaxialAnisotropy(K=None, axis=(0, 0, 1))
    with pytest.raises(TypeError, match="`K` must hold real numbers"):
        mj.UniaxialAnisotropy(K=1j, axis=(0, 0, 1))


def test_a_region_without_axis_is_refused():
    with pytest.raises(ValueError, match="length zero"):
        mj.UniaxialAnisotropy(K=1e5, axis={"left": (0, 0, 1), "right": (0, 0, 0)})


@pytest.mark.parametrize(("text", "vector"), [("z", (0, 0, 1)), ("-x", (-1, 0, 0))])
def test_an_axis_may_be_named(text, vector):
    assert mj.UniaxialAnisotropy(K=5e5, axis=text).axis.tolist() == list(vector)


def test_an_unknown_axis_is_refused():
    with pytest.raises(ValueError, match=r"Argument `axis` must be 'x', 'y', 'z', .* but got 'w'"):
        mj.UniaxialAnisotropy(K=5e5, axis="w")
