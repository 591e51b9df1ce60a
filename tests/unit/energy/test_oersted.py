"""Fields of currents: what the terms ask for, and what they cost."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj

MESH = mj.Mesh((5, 4, 3), (2e-9, 3e-9, 5e-9))
M = mj.textures.random(MESH, 1)


def test_a_driven_current_is_convolved_once():
    """What follows the drive is a product: no Fourier transform is left in the right-hand side."""
    pulse = mj.drive.sin(frequency=1e9) * (1e12, 0, 0) + (0, 2e11, 0)
    system = mj.System(MESH, Ms=8e5, energy=mj.Oersted(MESH, j=pulse))
    prepared = system.prepare()
    assert "fft" in str(jax.make_jaxpr(system.field)(M))
    assert "fft" not in str(jax.make_jaxpr(lambda m: prepared.local_field(0.25e-9, m))(M))
    np.testing.assert_allclose(prepared.local_field(0.25e-9, M), system.field(M, 0.25e-9), rtol=0, atol=1e-15)
    still = mj.System(MESH, Ms=8e5, energy=mj.Oersted(MESH, j=(1e12, 2e11, 0)))
    np.testing.assert_allclose(still.field(M), system.field(M, 0.25e-9), rtol=0, atol=1e-15)


@pytest.mark.slow
def test_the_current_is_a_parameter_with_a_gradient():
    """The energy is linear in j: dE/dj · j = E."""
    system = mj.System(MESH, Ms=8e5, energy=mj.Oersted(MESH, j=(1e12, -3e11, 2e11)))
    slope = mj.grad(lambda s: s.total_energy(M) * 1e20)(system)["oersted"].j
    assert float(slope @ system["oersted"].j) == pytest.approx(float(system.total_energy(M)) * 1e20, rel=1e-12, abs=0)


def test_currents_in_empty_cells_act_and_empty_cells_feel_nothing():
    wire = np.zeros((3, *MESH.shape))
    wire[0, 0] = 1e12
    Ms = np.where(np.arange(3)[:, None, None] == 2, 8e5, 0.0) * np.ones(MESH.shape)
    B = mj.System(MESH, Ms=Ms, energy=mj.Oersted(MESH, j=wire)).field(M * (Ms > 0)[None])
    assert not np.any(B[:, :2])
    assert np.all(np.asarray(B[1, 2]) < 0)


def test_a_pillar_along_any_axis_and_anywhere(precision):
    """Around its middle: linear inside, 2e-7 I/ρ outside, always counter-clockwise about the current."""
    mesh = mj.Mesh((5, 4, 3), (2e-9, 3e-9, 5e-9), origin=(-7e-9, 2e-9, 0.0))
    for i, axis in enumerate("xyz"):
        term = mj.OerstedPillar(I=2e-3, radius=5e-9, axis=axis, center=(-2e-9, 7e-9, 4e-9))
        B = mj.System(mesh, Ms=8e5, energy=term).field(M.astype(precision.dtype))
        assert B.dtype == precision.dtype
        rho = np.stack(mesh.centers()) - np.array([-2e-9, 7e-9, 4e-9])[:, None, None, None]
        rho[i] = 0
        r = np.sqrt((rho**2).sum(0))
        size = np.where(r < 5e-9, 2e-7 * 2e-3 * r / 25e-18, 2e-7 * 2e-3 / np.maximum(r, 1e-30))
        around = np.cross(np.eye(3)[i], rho, axisc=0, axisb=0) / np.maximum(r, 1e-30)
        # μ0 is no longer exactly 4π 1e-7: 2e-10 of it.
        np.testing.assert_allclose(B, size * around, rtol=0, atol=(precision.exact + 1e-9) * size.max())


@pytest.mark.parametrize(("periodic", "axis"), [("xy", "z"), ("y", "x"), ("xyz", "y")])
def test_a_pillar_on_a_periodic_mesh_is_the_nearest_one(periodic, axis):
    """Moved by whole cells, across the border too, its field moves along, as the nearest copy's does.

    Odd numbers of cells, so that none is as far from two copies. In the middle it is that of a mesh that ends.
    """
    cells, size = np.array((5, 3, 7)), np.array((2e-9, 3e-9, 5e-9))
    mesh, ends = (mj.Mesh(tuple(cells), tuple(size), origin=(-7e-9, 2e-9, 0), periodic=p) for p in (periodic, ""))
    m = mj.textures.uniform(mesh, "z")

    def field(on, move=(0, 0, 0)):
        term = mj.OerstedPillar(I=2e-3, radius=4e-9, axis=axis, center=np.add(mesh.center, np.multiply(move, size)))
        return np.asarray(mj.System(on, Ms=8e5, energy=term).field(m))

    middle = field(ends)
    np.testing.assert_allclose(field(mesh), middle, rtol=0, atol=1e-14 * np.abs(middle).max())
    for move in ((1, 0, 0), (-2, 1, 3), (4, -1, 9), (5, 3, 7)):
        repeated = [n if "xyz"[i] in periodic else 0 for i, n in enumerate(move)]
        expected = np.roll(middle, repeated[::-1], (1, 2, 3))
        np.testing.assert_allclose(field(mesh, repeated), expected, rtol=0, atol=1e-13 * np.abs(middle).max())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: mj.Oersted(MESH, j=(1e17, 0, 0)), "Argument `j` must be a current density in A/m²"),
        (lambda: mj.Oersted(MESH, j=(1, 0, 0), images=(1, 0, 0)), "Argument `images` must be 0 along axes"),
        (lambda: mj.OerstedPillar(I=1e5, radius=1e-8), "Argument `I` must be in A, .* did you give mA"),
        (lambda: mj.OerstedPillar(I=1e-3, radius=0.0), "Argument `radius` must be a length > 0"),
        (lambda: mj.OerstedPillar(I=1e-3, radius=50.0), "did you give nm"),
        (lambda: mj.OerstedPillar(I=1e-3, radius=1e-8, axis="w"), "Argument `axis` must be"),
        (lambda: mj.OerstedPillar(I=1e-3, radius=1e-8, center=(0, 0)), "Argument `center` must hold three"),
    ],
)
def test_bad_arguments(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_refuses_a_system_on_another_mesh():
    term = mj.Oersted(MESH, j=(1e12, 0, 0))
    other = mj.Mesh((5, 4, 2), (2e-9, 3e-9, 5e-9))
    with pytest.raises(ValueError, match="Argument `mesh` of `Oersted` must be the mesh of the system"):
        term.prepare(mj.System(other, Ms=8e5).sample())


def test_magnetic_systems_of_several_sublattices_feel_it():
    """A field acts on each sublattice as on a ferromagnet: the energy is that of the net magnetisation."""
    term = mj.OerstedPillar(I=1e-3, radius=5e-9)
    assert term.of_magnetisation
    m = jnp.asarray(M)
    one = mj.System(MESH, Ms=8e5, energy=term)
    assert float(one.total_energy(m)) == pytest.approx(-float(one.total_energy(-m)), rel=1e-12, abs=0)
