"""The Hopf index of textures that have one, and of some that have none."""

import equinox as eqx
import jax
import numpy as np
import pytest

import magjax as mj
from magjax.observe import hopf_index

measure = eqx.filter_jit(hopf_index)


def index(mesh, m, **options):
    return float(measure(0.0, m, mj.System(mesh, Ms=8e5, **options)))


@pytest.mark.slow
@pytest.mark.parametrize(("sign", "background"), [(1, 1), (-1, 1), (1, -1)])
def test_a_hopfion_has_index_one_to_second_order_in_the_cells(sign, background):
    """A ring of radius 10 nm in a box of 48 nm: 1.5 % too much with cells of 3 nm, and 1/4 of it with halves.

    Squares see solid angles exactly, but their fluxes stand for the field in their middles to second order only.
    """
    errors = []
    for n in (16, 32):
        mesh = mj.Mesh((n, n, n), 48e-9 / n)
        m = mj.textures.hopfion(mesh, radius=10e-9, wall_width=5e-9, index=sign, background=background)
        errors.append(abs(sign * index(mesh, m) - 1))
    assert errors[0] < 0.02
    assert errors[1] < errors[0] / 3.5


def test_cells_of_any_edges_and_both_precisions(precision):
    mesh = mj.Mesh((32, 40, 24), (1.5e-9, 1.2e-9, 2e-9))
    m = mj.textures.hopfion(mesh, radius=10e-9, wall_width=4e-9, dtype=precision.dtype)
    found = measure(0.0, m, mj.System(mesh, Ms=8e5))
    assert found.dtype == precision.dtype
    assert float(found) == pytest.approx(1, abs=0.01)


@pytest.mark.slow
def test_it_does_not_see_turns_of_all_spins_nor_shifts(rng):
    """A rotation of all spins changes no solid angle; a shift on a periodic mesh none but its place."""
    mesh = mj.Mesh((24, 24, 24), 2e-9, periodic="xyz")
    m = mj.textures.hopfion(mesh, radius=9e-9, wall_width=4e-9)
    rotation, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    rotation *= np.linalg.det(rotation)
    turned = np.einsum("ab,bzyx->azyx", rotation, np.roll(np.asarray(m), (5, 9, 14), axis=(1, 2, 3)))
    assert index(mesh, jax.numpy.asarray(turned)) == pytest.approx(index(mesh, m), abs=1e-10)


@pytest.mark.slow
def test_two_hopfions_add_up_and_opposite_ones_cancel():
    """Side by side along x, each in a box of its own."""
    mesh, half = mj.Mesh((48, 24, 24), 2e-9), mj.Mesh((24, 24, 24), 2e-9)
    one, other = (mj.textures.hopfion(half, radius=8e-9, wall_width=3e-9, index=i) for i in (1, -1))
    assert index(mesh, jax.numpy.concatenate([one, one], axis=-1)) == pytest.approx(2, abs=0.06)
    assert index(mesh, jax.numpy.concatenate([one, other], axis=-1)) == pytest.approx(0, abs=1e-3)


def test_a_skyrmion_tube_links_nothing():
    """Straight lines of flux, all parallel, whose net flux is left out."""
    mesh = mj.Mesh((24, 24, 6), 2e-9, periodic="xyz")
    assert abs(index(mesh, mj.textures.skyrmion(mesh, radius=10e-9, wall_width=3e-9))) < 1e-12


@pytest.mark.slow
def test_empty_cells_and_gradients():
    """Empty cells hold no flux. The index is no function of small changes: its derivative is that of its error."""
    mesh = mj.Mesh((20, 20, 20), 2e-9)
    ball = mj.shapes.ellipsoid((38e-9, 38e-9, 38e-9))
    m = mj.textures.masked(mj.textures.hopfion(mesh, radius=8e-9, wall_width=2e-9), ball.mask(mesh))
    system = mj.System(mesh, Ms=8e5, shape=ball)
    assert float(hopf_index(0.0, m, system)) == pytest.approx(1, abs=0.1)
    slope = jax.grad(lambda m: hopf_index(0.0, m, system))(m)
    assert np.all(np.isfinite(slope))
