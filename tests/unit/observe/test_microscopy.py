"""`stray_field` and `mfm`: fields above samples, from `prism_tensor` of one cuboid and by adding cells one by one."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import magjax as mj
from magjax.analytic.demag import prism_tensor
from magjax.constants import MU0

MS = 8e5
DIRECTION = np.array([0.3, -0.5, 0.8]) / np.linalg.norm([0.3, -0.5, 0.8])
ENTRIES = ((0, 3, 4), (3, 1, 5), (4, 5, 2))
MESH = mj.Mesh((6, 5, 3), (4e-9, 3e-9, 2.5e-9), origin=(1e-9, -2e-9, 3e-9))


def prism_field(x, y, z, lengths, M):
    """B of one cuboid, T, `(3, …)`."""
    N = prism_tensor(x, y, z, lengths)
    return -MU0 * np.stack([sum(N[i] * M[b] for b, i in enumerate(row)) for row in ENTRIES])


def cell_by_cell(M, mesh, height, copies=0):
    """B above every cell, T, one pair of a cell and a point at a time; `copies` along x beside the nearest of each."""
    nx, _, nz = mesh.cells
    total = np.zeros((3, *mesh.shape[1:]))
    for j, i in np.ndindex(mesh.shape[1:]):
        for k, q, n in np.ndindex(mesh.shape):
            across = (i - n + nx // 2) % nx - nx // 2 if copies else i - n
            z = (nz - k - 0.5) * mesh.cell_size[2] + height
            for shift in range(-copies, copies + 1):
                x, y = (across + shift * nx) * mesh.cell_size[0], (j - q) * mesh.cell_size[1]
                total[:, j, i] += prism_field(x, y, z, mesh.cell_size, M[:, k, q, n])
    return total


@pytest.mark.parametrize("height", [0.1e-9, 2e-9, 30e-9])
def test_uniform_cuboid(height) -> None:
    """Cells of a uniform cuboid add up to its closed form, near (by closed forms) and far (by Gauss rules).

    Heights of a twenty-fifth of a cell, one cell and more than the sample. Rules are good to 1e-13 of each cell's
    field, and of the cuboid's closed form rounding leaves (distance/length)³ of 1e-16: 1e-12 has room for both.
    """
    system = mj.System(MESH, Ms=MS)
    found = mj.observe.stray_field(0.0, mj.textures.uniform(MESH, DIRECTION), system, height=height)
    x, y, _ = (np.broadcast_to(a - c, MESH.shape)[0] for a, c in zip(MESH.centers(), MESH.center, strict=True))
    exact = prism_field(x, y, np.full_like(x, height + MESH.extent[2] / 2), MESH.extent, MS * DIRECTION)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-12 * np.abs(exact).max())


@pytest.mark.parametrize("height", [5e-6, 50e-6])
def test_dipole_far_away(height) -> None:
    """B = μ0/4π [3 (μ·r) r/r⁵ − μ/r³] and its second derivative; what is left falls off as (24 nm/r)².

    Points are up to 12 nm off the axis, which is in the formula; extents enter with (extent/r)² ≤ 1e-5 and factors of
    about 10: 1e-4 and, ten times as far, 1e-6.
    """
    system = mj.System(MESH, Ms=MS)
    m = mj.textures.uniform(MESH, DIRECTION)
    x, y, _ = (np.broadcast_to(a - c, MESH.shape)[0] for a, c in zip(MESH.centers(), MESH.center, strict=True))
    mu = MS * math.prod(MESH.extent) * DIRECTION
    r = np.stack([x, y, np.full_like(x, height + MESH.extent[2] / 2)])
    z, size = r[2], np.sqrt((r * r).sum(0))
    B = MU0 / (4 * np.pi) * (3 * np.tensordot(mu, r, 1) * r / size**5 - mu[:, None, None] / size**3)
    sideways = (mu[0] * x + mu[1] * y) * z * (105 * z * z / size**9 - 45 / size**7)
    upwards = mu[2] * (105 * z**4 / size**9 - 90 * z * z / size**7 + 9 / size**5)
    curvature = MU0 / (4 * np.pi) * (sideways + upwards)
    tolerance = 1e-4 * (5e-6 / height) ** 2
    field, image = (f(0.0, m, system, height=height) for f in (mj.observe.stray_field, mj.observe.mfm))
    np.testing.assert_allclose(field, B, rtol=0, atol=tolerance * np.abs(B).max())
    np.testing.assert_allclose(image, curvature, rtol=0, atol=tolerance * np.abs(curvature).max())


@pytest.mark.parametrize("periodic", ["", pytest.param("x", marks=pytest.mark.slow)])
def test_any_texture_with_empty_cells(periodic, rng) -> None:
    """Random spins, Ms and holes, dx≠dy≠dz, and two copies on either side of the nearest of each cell."""
    mesh = mj.Mesh((5, 3, 2), (4e-9, 3e-9, 2.5e-9), periodic=periodic)
    Ms = rng.uniform(5e5, 1e6, mesh.shape)
    Ms[0, 1, 2] = Ms[1, 0, 0] = Ms[1, 2, 3] = 0
    m = rng.normal(size=(3, *mesh.shape))
    m = np.where(Ms > 0, m / np.linalg.norm(m, axis=0), 0)
    system = mj.System(mesh, Ms=Ms)
    images = (2, 0, 0) if periodic else None
    found = mj.observe.stray_field(0.0, jnp.asarray(m), system, height=1.5e-9, images=images)
    exact = cell_by_cell(Ms * m, mesh, 1.5e-9, 2 if periodic else 0)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-12 * np.abs(exact).max())


@pytest.mark.slow
@pytest.mark.parametrize("periodic", ["", "xy"])
@pytest.mark.parametrize("height", [0.5e-9, 3e-9, 40e-9])
def test_mfm_is_the_curvature_of_the_field(height, periodic, rng) -> None:
    """Central differences of sixth order in steps h of a fiftieth of the height.

    They err by a few h⁶ B⁽⁸⁾ ≈ (1/50)⁶ · 8!/560 ≈ 5e-9, and rounding by 1e-13 · 50²: 1e-7.
    """
    mesh = mj.Mesh((4, 3, 2), (4e-9, 3e-9, 2.5e-9), periodic=periodic)
    system = mj.System(mesh, Ms=MS)
    m = rng.normal(size=(3, *mesh.shape))
    m = jnp.asarray(m / np.linalg.norm(m, axis=0))
    h = height / 50
    weights = {0: -49 / 18, 1: 3 / 2, 2: -3 / 20, 3: 1 / 90}
    differences = sum(
        weights[abs(k)] * np.asarray(mj.observe.stray_field(0.0, m, system, height=height + k * h)[2]) / h**2
        for k in range(-3, 4)
    )
    found = mj.observe.mfm(0.0, m, system, height=height)
    np.testing.assert_allclose(found, differences, rtol=0, atol=1e-7 * np.abs(differences).max())


def test_precision_gradient_and_compilation(precision) -> None:
    """Linear in Ms, so that the derivative by it is the value over it; under jit; in the precision of the spins."""
    image = functools.partial(mj.observe.mfm, height=5e-9)
    m = mj.textures.uniform(MESH, DIRECTION, dtype=precision.dtype)

    @jax.jit
    def above_corner(Ms):
        return image(0.0, m, mj.System(MESH, Ms=Ms))[0, 0]

    value, slope = jax.value_and_grad(above_corner)(jnp.asarray(MS, precision.dtype))
    assert value.dtype == precision.dtype
    assert float(slope) * MS == pytest.approx(float(value), rel=100 * precision.stencil, abs=0)
    exact = image(0.0, m.astype(jnp.float64), mj.System(MESH, Ms=MS))[0, 0]
    assert float(value) == pytest.approx(float(exact), rel=100 * precision.stencil, abs=0)


def test_sublattices_add() -> None:
    """Nothing is seen of a compensated antiferromagnet, and of a ferrimagnet what is left."""
    one, other = (mj.System(MESH, Ms=Ms) for Ms in (MS, MS / 4))
    ferrimagnet = mj.Sublattices({"a": one, "b": other}, coupling=mj.Coupling(J=1e7))
    up = mj.textures.uniform(MESH, "z")
    both = mj.observe.stray_field(0.0, jnp.stack([up, -up]), ferrimagnet, height=5e-9)
    single = mj.observe.stray_field(0.0, up, one, height=5e-9)
    np.testing.assert_allclose(both, 0.75 * single, rtol=0, atol=1e-12 * float(jnp.abs(single).max()))


@pytest.mark.parametrize(
    ("periodic", "options", "error", "message"),
    [
        ("", {"height": 0.0}, ValueError, "`height` must be > 0"),
        ("", {"height": 30}, ValueError, "did you give nm"),
        ("", {"height": float("nan")}, ValueError, "`height` must be > 0"),
        ("z", {"height": 1e-9}, ValueError, "periodic along z"),
        ("x", {"height": 1e-9, "images": (math.inf, 0, 0)}, ValueError, "`images` must be finite"),
        ("", {"height": 1e-9, "images": (1, 0, 0)}, ValueError, "axes that do not repeat"),
    ],
)
def test_wrong_arguments_are_named(periodic, options, error, message) -> None:
    mesh = mj.Mesh((2, 2, 1), 2e-9, periodic=periodic)
    for observe in (mj.observe.stray_field, mj.observe.mfm):
        with pytest.raises(error, match=message):
            observe(0.0, mj.textures.uniform(mesh, "z"), mj.System(mesh, Ms=MS), **options)


def test_heights_are_not_traced() -> None:
    system = mj.System(MESH, Ms=MS)
    with pytest.raises(TypeError, match="`height` must be a number"):
        jax.jit(lambda h: mj.observe.mfm(0.0, mj.textures.uniform(MESH, "z"), system, height=h))(1e-9)
