"""Demagnetisation of bodies whose factors are known in closed form."""

import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic.demag import ellipsoid_factors, prism_factors, uniform_energy

MS = 8e5

PRISMS = [
    # cells, cell size in nm
    ((1, 1, 1), (3, 5, 7)),
    ((12, 10, 8), (1, 1, 1)),
    ((7, 5, 3), (2, 3, 5)),
    ((40, 10, 1), (2.5, 2.5, 3)),
    ((20, 30, 2), (3, 5, 0.4)),
    ((1, 1, 60), (4, 4, 1)),
    ((9, 1, 11), (1, 8, 2)),
    ((3, 4, 5), (1, 1, 10)),
    ((6, 6, 2), (50, 50, 0.5)),
]


@pytest.mark.parametrize(("cells", "nanometres"), PRISMS, ids=str)
@pytest.mark.parametrize("direction", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 2, 3)], ids=str)
def test_uniform_prisms_have_the_energy_of_the_closed_form(cells, nanometres, direction):
    """Energy of a uniformly magnetised rectangular prism against Aharoni's magnetometric factors.

    **Theory.** E = ½ μ0 Ms² V Σ N_i u_i² with N from A. Aharoni, J. Appl. Phys. 83, 3432 (1998).

    **Layout.** One prism cut into cells in many ways: cubes, plates, needles, dx ≠ dy ≠ dz, a single cell.

    **Unbiased because** the tensor is averaged over both cells: the sum over the cells of a prism is the prism's own
    factor exactly, however it is cut. Nothing is discretised.

    **Tolerance** 1e-10: the entries of the tensor are good to 2e-11 of the largest at their distance, and the sums of
    those have no preferred sign. Measured: below 1e-12 everywhere.
    """
    mesh = mj.Mesh(cells, tuple(d * 1e-9 for d in nanometres))
    body = mj.System(mesh, Ms=MS, energy=mj.Demag(mesh))
    energy = float(body.total_energy(mj.textures.uniform(mesh, direction, dtype=jnp.float64)))
    volume = mesh.cell_volume * mesh.n_cells
    scale = uniform_energy((1, 1, 1), direction, MS, volume)
    exact = uniform_energy(prism_factors(mesh.extent), direction, MS, volume)
    assert abs(energy - exact) / scale < 1e-10


@pytest.mark.parametrize("engine", ["xla", "host"])
def test_single_precision_keeps_six_digits_of_a_prisms_energy(engine):
    """The same in single precision, kernel and transforms included.

    **Tolerance** 2e-6: an FFT of 2¹² numbers rounds to a few eps = 1.2e-7 of the largest term.
    """
    mesh = mj.Mesh((32, 16, 4), (2e-9, 3e-9, 5e-9))
    body = mj.System(mesh, Ms=MS, energy=mj.Demag(mesh, engine=engine))
    energy = float(body.total_energy(mj.textures.uniform(mesh, (1, 2, 3), dtype=jnp.float32)))
    volume = mesh.cell_volume * mesh.n_cells
    exact = uniform_energy(prism_factors(mesh.extent), (1, 2, 3), MS, volume)
    assert energy == pytest.approx(exact, rel=2e-6, abs=0)


@pytest.mark.parametrize("axes", [(1.0, 1.0, 1.0), (1.0, 1.0, 2.0), (2.0, 1.5, 1.0)], ids=str)
def test_a_staircase_ellipsoid_tends_to_osborns_factors(axes):
    """The mean field of an ellipsoid of cells against the elliptic integrals.

    **Theory.** J. A. Osborn, Phys. Rev. 67, 351 (1945): the field of a uniformly magnetised ellipsoid is uniform.

    **Layout.** An ellipsoid with a volume of about 13 000 cells, dx ≠ dy ≠ dz.

    **Tolerance** 6e-3: about a fifth of the cells lie at the rough surface, where charges on the steps pull their
    factors some way towards ⅓: a few per cent of a fifth. Measured: at most 3.7e-3, falling like cell/size.
    """
    cell = np.array([1.0, 1.1, 0.9]) * 1e-9
    radii = np.array(axes) / np.prod(axes) ** (1 / 3) * 14.6e-9
    cells = tuple(int(n) for n in np.ceil(2 * radii / cell))
    mesh = mj.Mesh(cells, tuple(cell))
    x, y, z = (c - o for c, o in zip(mesh.centers(), mesh.center, strict=True))
    inside = (x / radii[0]) ** 2 + (y / radii[1]) ** 2 + (z / radii[2]) ** 2 < 1
    body = mj.System(mesh, Ms=np.where(inside, MS, 0.0), energy=mj.Demag(mesh))
    for a in range(3):
        direction = np.eye(3)[a][:, None, None, None] * inside[None]
        field = body.field(jnp.asarray(direction))
        factor = -float(jnp.sum(field[a])) / (mj.constants.MU0 * MS * inside.sum())
        assert factor == pytest.approx(ellipsoid_factors(axes)[a], abs=6e-3)


def test_the_far_field_is_that_of_a_dipole():
    """The stray field of one magnetised cell far away, which shows that the far expansion joins on without a step.

    **Theory.** B = μ0 V Ms (3 (u·r̂) r̂ − u)/(4π r³), corrections relative (cell/r)².

    **Layout.** One corner cell of a long flat mesh is magnetic; the field is read at the opposite end, 150 cells away.

    **Tolerance** 1e-4 of the field there: (1/150)² is 4e-5; the transform rounds to 1e-16 of the
    self-field, 1e-10 of this one.
    """
    mesh = mj.Mesh((160, 8, 2), (2e-9, 2.5e-9, 3e-9))
    Ms = np.zeros(mesh.shape)
    Ms[0, 0, 0] = MS
    body = mj.Demag(mesh).prepare(mj.System(mesh, Ms=Ms).sample(dtype=jnp.float64))
    u = np.array([0.6, 0.0, 0.8])
    m = np.zeros((3, *mesh.shape))
    m[:, 0, 0, 0] = u
    field = np.asarray(body(jnp.asarray(m)))[:, 1, 7, 150]
    r = np.array([c[1, 7, 150] - c[0, 0, 0] for c in mesh.centers()])
    distance = np.linalg.norm(r)
    n = r / distance
    dipole = mj.constants.MU0 * mesh.cell_volume * MS * (3 * (u @ n) * n - u) / (4 * np.pi * distance**3)
    np.testing.assert_allclose(field, dipole, rtol=0, atol=1e-4 * np.abs(dipole).max())
