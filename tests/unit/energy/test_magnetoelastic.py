"""Magnetoelastic energy against explicit sums, and against the anisotropies that strains are."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

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


def _tensor(strain, shear):
    (xx, yy, zz), (xy, xz, yz) = strain, shear
    return np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])


def _parts(tensor):
    return np.diag(tensor), tensor[[0, 0, 1], [1, 2, 2]]


@eqx.filter_jit
def _energy_and_field(m, strain, shear, axis1, axis2):
    mesh = mj.Mesh((4, 3, 2), (2e-9, 3e-9, 2.5e-9))
    term = mj.Magnetoelastic(B1, B2, strain=strain, shear=shear, axis1=axis1, axis2=axis2)
    system = mj.System(mesh, Ms=8e5, energy=term)
    return system.total_energy(m) / mesh.cell_volume, system.field(m)


@given(
    turn=st.tuples(*[st.floats(-np.pi, np.pi)] * 3),
    strain=st.lists(st.floats(-1e-3, 1e-3), min_size=6, max_size=6),
)
@settings(max_examples=15)
def test_a_turned_crystal_is_the_unturned_one_in_turned_coordinates(turn, strain):
    """The energy of m under ε in a crystal with the axes R x, R y, R z is that of Rᵀm under RᵀεR in one along the mesh.

    Exact but for rounding: some tens of products of numbers up to 1e-3 · 9e6 J/m³ in 24 cells; fields are over Ms.
    """
    R = Rotation.from_rotvec(turn).as_matrix()
    m = np.random.default_rng(5).normal(size=(3, 2, 3, 4))
    m /= np.linalg.norm(m, axis=0)
    tensor = _tensor(strain[:3], strain[3:])
    there = [jnp.asarray(x) for x in (*_parts(R.T @ tensor @ R), *np.eye(3)[:2])]
    here = [jnp.asarray(x) for x in (*_parts(tensor), R[:, 0], R[:, 1] + 0.3 * R[:, 0])]
    turned, field = _energy_and_field(jnp.asarray(m), *here)
    straight, expected = _energy_and_field(jnp.asarray(np.tensordot(R.T, m, 1)), *there)
    scale = 1e-3 * abs(B1) * 24
    assert abs(float(turned) - float(straight)) <= 1e-14 * scale
    np.testing.assert_allclose(field, np.tensordot(R, expected, 1), rtol=0, atol=1e-14 * scale / 8e5)


def test_a_stretch_of_a_crystal_turned_by_an_angle(bench, precision):
    """A film with its crystal turned by φ about z, stretched by ε along x.

    With a, b = m along the crystal's axes w = ε [B1 (cos²φ a² + sin²φ b²) − 2 B2 sin φ cos φ ab], by ε' = RᵀεR. Single
    precision keeps 1e-7 of each product.
    """
    phi, eps = 0.4, 7e-4
    c, s = np.cos(phi), np.sin(phi)
    term = mj.Magnetoelastic(B1, B2, strain=(eps, 0, 0), axis1=(2 * c, 2 * s, 0), axis2=(-s, c, 0))
    system = bench.system(term, periodic="xy")
    m = bench.spins(system, precision.dtype)
    x, y, _ = np.asarray(m, float)
    a, b = c * x + s * y, -s * x + c * y
    expected = eps * (B1 * (c**2 * a**2 + s**2 * b**2) - 2 * B2 * s * c * a * b)
    found = system.energy_density(m)["magnetoelastic"]
    assert found.dtype == precision.dtype
    np.testing.assert_allclose(found, expected, rtol=0, atol=precision.exact * eps * abs(B1))


def test_an_isotropic_body_has_no_axes(bench):
    """B1 = B2: turning the crystal, differently in each cell, changes nothing."""
    axes = {"axis1": bench.rng.normal(size=(3, 2, 3, 4)), "axis2": bench.rng.normal(size=(3, 2, 3, 4))}
    turned = bench.system(mj.Magnetoelastic(B1, B1, strain=STRAIN, shear=SHEAR, **axes), holes=True)
    straight = bench.system(mj.Magnetoelastic(B1, B1, strain=STRAIN, shear=SHEAR))
    m = bench.spins(turned)
    full = np.asarray(turned.occupied.value)
    Ms = np.where(full, turned.Ms, 1.0)
    expected = np.asarray(straight.field(m)) * full * 8e5 / Ms
    np.testing.assert_allclose(turned.field(m), expected, rtol=0, atol=1e-14)


def test_axes_of_which_one_is_given(bench):
    """The other is that of the mesh, made perpendicular; both given as those of the mesh are none."""
    m = bench.spins(bench.system(mj.Magnetoelastic(B1, B2, strain=STRAIN, shear=SHEAR)))

    def field(**axes):
        return np.asarray(bench.system(mj.Magnetoelastic(B1, B2, strain=STRAIN, shear=SHEAR, **axes)).field(m))

    np.testing.assert_allclose(field(axis1="x", axis2="y"), field(), rtol=0, atol=1e-15)
    np.testing.assert_array_equal(field(axis1=(1, 1, 0)), field(axis1=(1, 1, 0), axis2=(0, 1, 0)))
    np.testing.assert_array_equal(field(axis2=(0, 1, 1)), field(axis1="x", axis2=(0, 1, 1)))
    assert np.abs(field(axis1=(1, 1, 0)) - field()).max() > 1e-3


@pytest.mark.parametrize("periodic", ["x", "yz", "xyz"])
def test_a_periodic_mesh_changes_nothing(bench, periodic):
    """Cells do not see one another: the same field as of a sample that ends, wherever the border is laid."""
    strain, shear = (bench.rng.uniform(-1e-3, 1e-3, (3, 2, 3, 4)) for _ in range(2))
    m = bench.spins(bench.system(mj.Magnetoelastic(B1, strain=strain)))

    def field(move, periodic):
        moved = [np.roll(part, move, (1, 2, 3)) for part in (strain, shear, np.asarray(m))]
        term = mj.Magnetoelastic(B1, B2, strain=moved[0], shear=moved[1], axis1=(1, 2, 0))
        return np.asarray(bench.system(term, periodic=periodic).field(jnp.asarray(moved[2])))

    np.testing.assert_array_equal(field((0, 0, 0), periodic), field((0, 0, 0), ""))
    np.testing.assert_array_equal(field((1, 2, 3), periodic), np.roll(field((0, 0, 0), ""), (1, 2, 3), (1, 2, 3)))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"B1": 1e7}, "Argument `strain` or `shear` of `Magnetoelastic` must be given"),
        ({"B1": 1e7, "strain": (0.2, 0, 0)}, "Argument `strain` must hold strains, .* but got 0.2; did you give %"),
        ({"B1": 1e7, "B2": 1e7, "shear": (0, 500, 0)}, "Argument `shear` must hold strains"),
        ({"B1": 1e11, "strain": STRAIN}, "Argument `B1` must be in J/m³"),
        ({"B1": 1e7, "shear": SHEAR}, "Argument `B2` must be given with `shear`"),
        ({"B1": 1e7, "strain": STRAIN, "axis1": (1, 1, 0)}, "Argument `B2` must be given with `axis1` or `axis2`"),
        ({"B1": 1e7, "B2": 1e7, "strain": STRAIN, "axis1": "y"}, "Argument `axis2` must not be parallel to `axis1`"),
        ({"B1": 1e7, "B2": 1e7, "strain": STRAIN, "axis2": (0, 0, 0)}, "Argument `axis2`"),
        ({"B1": 1e7, "B2": np.nan, "shear": SHEAR}, "Argument `B2` must be finite"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        mj.Magnetoelastic(**arguments)
