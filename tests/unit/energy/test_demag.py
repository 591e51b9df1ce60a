import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.constants import MU0
from magjax.energy.demag import Demag
from magjax.material.derived import Derived

CELL = (2e-9, 3e-9, 5e-9)
MESH = mj.Mesh((5, 4, 3), CELL)


def system(mesh=MESH, Ms=8e5, **options):
    return mj.System(mesh, Ms=Ms, energy=Demag(mesh, **options))


def spins(rng, mesh, dtype):
    m = rng.normal(size=(3, *mesh.shape))
    return jnp.asarray(m / np.linalg.norm(m, axis=0), dtype)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["xla", "host"])
@pytest.mark.parametrize("mesh", [MESH, mj.Mesh((4, 6, 1), CELL), mj.Mesh((4, 5, 2), CELL, periodic="xy")], ids=str)
def test_the_field_is_minus_the_slope_of_the_energy(mesh, engine, rng, precision):
    Ms = jnp.asarray(rng.uniform(1e5, 2e6, mesh.shape), precision.dtype)
    film = system(mesh, Ms, engine=engine, images=None if not mesh.periodic else (1, 1, 0))
    m = spins(rng, mesh, precision.dtype)
    # In units of μ0 Ms² V, so that single precision does not underflow.
    scale = MU0 * 1e12 * mesh.cell_volume
    slope = jax.grad(lambda m: film.total_energy(m) / scale)(m)
    expected = -slope * (scale / mesh.cell_volume) / Ms[None]
    field = film.field(m)
    assert field.dtype == precision.dtype
    np.testing.assert_allclose(field, expected, rtol=0, atol=precision.gradient * float(jnp.abs(expected).max()))


def test_the_energy_is_half_the_sum_over_its_own_field(rng, precision):
    film, m = system(), spins(rng, MESH, precision.dtype)
    density = -0.5 * 8e5 * jnp.sum(m * film.field(m), axis=0)
    np.testing.assert_allclose(film.energy_density(m)["demag"], density, rtol=0, atol=precision.stencil * 1e6)
    assert float(film.total_energy(m)) > 0


def test_empty_cells_neither_feel_nor_make_a_field(rng):
    Ms = np.full(MESH.shape, 8e5)
    Ms[:, :, 3:] = 0
    with_hole, small = system(Ms=Ms), system(mj.Mesh((3, 4, 3), CELL))
    m = spins(rng, MESH, float) * jnp.asarray(Ms > 0)[None]
    field = with_hole.field(m)
    np.testing.assert_allclose(field[..., :3], small.field(m[..., :3]), rtol=0, atol=1e-13)
    assert not np.any(field[..., 3:])


def test_the_gradient_with_respect_to_Ms_is_exact(rng):
    # E is quadratic in Ms: dE/dMs = 2 E / Ms.
    film, m = system(), spins(rng, MESH, float)
    gradient = mj.grad(lambda s: s.total_energy(m))(film)
    assert float(gradient.Ms) == pytest.approx(2 * float(film.total_energy(m)) / 8e5, rel=1e-12, abs=0)


def test_the_kernel_is_derived_data_and_not_printed():
    term = Demag(MESH)
    assert isinstance(term.kernel, Derived)
    assert "0." not in repr(term.kernel)
    assert len(repr(term)) < 1000


def test_the_field_never_exceeds_its_bound(rng):
    film = system()
    prepared = film.energy.terms[0].prepare(film.sample(dtype=jnp.float64))
    m = spins(rng, MESH, float)
    # Power iteration towards the largest eigenvalue.
    for _ in range(30):
        field = prepared(m)
        m = field / jnp.linalg.norm(field)
    assert 0.5 * float(prepared.bound()) < float(jnp.linalg.norm(prepared(m))) <= float(prepared.bound())


def test_a_multirate_solver_can_tell_that_it_is_nonlocal():
    assert Demag.is_nonlocal
    assert Demag(MESH).name == "demag"


def test_travels_through_jit_as_an_argument(rng):
    m = spins(rng, MESH, float)
    field = eqx.filter_jit(lambda s, m: s.field(m))
    np.testing.assert_allclose(field(system(), m), system().field(m), rtol=0, atol=1e-14)


def test_refuses_a_system_on_another_mesh(rng):
    other = mj.Mesh((5, 4, 2), CELL)
    with pytest.raises(ValueError, match=r"mesh"):
        mj.System(other, Ms=8e5, energy=Demag(MESH))
    sample = mj.System(other, Ms=8e5).sample()
    with pytest.raises(ValueError, match=r"Argument `mesh` of `Demag` must be the mesh of the system"):
        Demag(MESH).prepare(sample)


def test_refuses_unknown_engines_and_images():
    with pytest.raises(ValueError, match="Argument `engine` must be one of 'auto', 'xla', 'host', but got 'cuda'"):
        Demag(MESH, engine="cuda")
    with pytest.raises(ValueError, match="Argument `images` must be 0 along axes that do not repeat"):
        Demag(MESH, images=(1, 0, 0))
