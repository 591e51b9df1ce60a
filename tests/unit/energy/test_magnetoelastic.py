"""Magnetoelastic energy against explicit sums, and against the anisotropies that strains are."""

import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

B1, B2 = -8.8e6, 5.2e6
STRAIN, SHEAR = (1e-3, -4e-4, 2e-4), (3e-4, -2e-4, 5e-4)


def test_energy_is_that_of_explicit_loops(bench):
    strain = bench.rng.uniform(-1e-3, 1e-3, (3, 2, 3, 4))
    shear = bench.rng.uniform(-1e-3, 1e-3, (3, 2, 3, 4))
    system = bench.system(mj.Magnetoelastic(B1, B2, strain=strain, shear=shear), holes=True)
    m = np.asarray(bench.spins(system))
    expected = 0.0
    for cell in np.ndindex(system.mesh.shape):
        a, (xx, yy, zz), (xy, xz, yz) = (field[(slice(None), *cell)] for field in (m, strain, shear))
        tensor = B1 * np.diag([xx, yy, zz]) + B2 * np.array([[0, xy, xz], [xy, 0, yz], [xz, yz, 0]])
        expected += a @ tensor @ a * system.mesh.cell_volume
    assert float(system.total_energy(jnp.asarray(m))) == pytest.approx(expected, rel=1e-12, abs=0)


def test_a_stretch_along_any_axis_is_a_uniaxial_anisotropy(bench):
    """In an isotropic body (B1 = B2) the strain ε n⊗n gives B1 ε (m·n)²: K = −B1 ε about n, up to a constant."""
    n = np.array([0.6, -0.48, 0.64])
    xx, yy, zz, xy, xz, yz = 1e-3 * np.array([n[0] ** 2, n[1] ** 2, n[2] ** 2, n[0] * n[1], n[0] * n[2], n[1] * n[2]])
    stretched = bench.system(mj.Magnetoelastic(B1, B1, strain=(xx, yy, zz), shear=(xy, xz, yz)))
    uniaxial = bench.system(mj.UniaxialAnisotropy(K=-B1 * 1e-3, axis=tuple(n)))
    m = bench.spins(stretched)
    np.testing.assert_allclose(stretched.field(m), uniaxial.field(m), rtol=0, atol=1e-14)


def test_a_swelling_turns_nothing(bench):
    """The same strain along all axes adds the constant B1 ε."""
    system = bench.system(mj.Magnetoelastic(B1, strain=(2e-4, 2e-4, 2e-4)))
    m = bench.spins(system)
    assert np.abs(np.cross(np.asarray(m), np.asarray(system.field(m)), axis=0)).max() < 1e-15
    np.testing.assert_allclose(system.energy_density(m)["magnetoelastic"], B1 * 2e-4, rtol=1e-12)


def test_strains_anywhere_in_space_and_time(bench):
    wave = mj.drive.sin(frequency=1e9) * (lambda x, y, z: (1e-3 * jnp.cos(1e8 * x), 0 * y, 0 * z))
    system = bench.system(mj.Magnetoelastic(B1, strain=wave))
    still = bench.system(mj.Magnetoelastic(B1, strain=lambda x, y, z: (1e-3 * np.cos(1e8 * x), 0 * y, 0 * z)))
    m = bench.spins(system)
    np.testing.assert_allclose(system.field(m, 0.25e-9), still.field(m), rtol=0, atol=1e-12)
    by_region = bench.system(mj.Magnetoelastic(B1, strain={"left": (0, 0, 0), "right": STRAIN}))
    assert not np.any(by_region.field(m)[..., :2])
    assert np.any(by_region.field(m)[..., 2:])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"B1": 1e7}, "Argument `strain` or `shear` of `Magnetoelastic` must be given"),
        ({"B1": 1e7, "strain": (0.2, 0, 0)}, "Argument `strain` must hold strains, .* but got 0.2; did you give %"),
        ({"B1": 1e7, "shear": (0, 500, 0)}, "Argument `shear` must hold strains"),
        ({"B1": 1e11, "strain": STRAIN}, "Argument `B1` must be in J/m³"),
        ({"B1": 1e7, "B2": np.nan, "shear": SHEAR}, "Argument `B2` must be finite"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        mj.Magnetoelastic(**arguments)
