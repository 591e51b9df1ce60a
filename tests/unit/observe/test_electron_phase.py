"""`electron_phase` and `lorentz`: closed forms, sums over cells, gratings whose images are known, weak phases."""

import functools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import jv

import magjax as mj
from magjax.analytic import electron_phase as exact
from magjax.observe.electron_phase import fresnel

MS = 8e5
DIRECTION = np.array([0.3, -0.5, 0.8]) / np.linalg.norm([0.3, -0.5, 0.8])
MESH = mj.Mesh((7, 5, 3), (4e-9, 3e-9, 2.5e-9), origin=(1e-9, -2e-9, 3e-9))


def _places(mesh):
    """X and y of the cells' centres from the middle of the mesh, m."""
    x, y, _ = mesh.centers()
    return x[0] - mesh.center[0], y[0] - mesh.center[1]


def test_uniform_cuboid() -> None:
    """Cells of a uniform cuboid add up to the closed form of a rectangle; sums of 105 cells keep 13 digits."""
    found = mj.observe.electron_phase(0.0, mj.textures.uniform(MESH, DIRECTION), mj.System(MESH, Ms=MS))
    lx, ly, lz = MESH.extent
    expected = exact.rectangle(*_places(MESH), (lx, ly), MS * lz * DIRECTION[:2])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


@pytest.mark.slow
def test_uniform_disk() -> None:
    """The phase behind a disk, and in its stray field; at the rim a staircase of 40 cells across is worth 3 %."""
    mesh = mj.Mesh((60, 48, 2), (2e-9, 2.5e-9, 4e-9))
    disk = mj.System(mesh, Ms=MS, shape=mj.shapes.cylinder(radius=40e-9))
    m = jnp.where(disk.occupied.value[None], mj.textures.uniform(mesh, (0.6, 0.8, 0)), 0)
    found = mj.observe.electron_phase(0.0, m, disk)
    expected = np.asarray(exact.disk(*_places(mesh), 40e-9, (MS * 8e-9 * 0.6, MS * 8e-9 * 0.8)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.03 * np.abs(expected).max())


@pytest.mark.parametrize("periodic", ["", "x", "xy"])
def test_any_texture_with_empty_cells(periodic, rng) -> None:
    """One pair of a cell and a point at a time: random spins, Ms and holes, dx≠dy≠dz, and copies of them."""
    mesh = mj.Mesh((5, 3, 2), (4e-9, 3e-9, 2.5e-9), periodic=periodic)
    Ms = rng.uniform(5e5, 1e6, mesh.shape)
    Ms[0, 1, 2] = Ms[1, 0, 0] = Ms[1, 2, 3] = 0
    m = rng.normal(size=(3, *mesh.shape))
    m = np.where(Ms > 0, m / np.linalg.norm(m, axis=0), 0)
    images = tuple(2 if axis in periodic else 0 for axis in "xyz")
    found = mj.observe.electron_phase(0.0, jnp.asarray(m), mj.System(mesh, Ms=Ms), images=images)
    moment = (Ms * m)[:2].sum(1) * 2.5e-9
    x, y = _places(mesh)
    expected = np.zeros_like(x)
    for j, i in np.ndindex(x.shape):
        for p in range(-images[0], images[0] + 1):
            for q in range(-images[1], images[1] + 1):
                away = x - x[j, i] - p * 20e-9, y - y[j, i] - q * 9e-9
                expected += exact.rectangle(*away, (4e-9, 3e-9), moment[:, j, i])
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * np.abs(expected).max())


@pytest.mark.slow
def test_image_of_a_grating() -> None:
    """Exp(iε cos kx) = Σ iⁿ J_n(ε) exp(inkx), and each wave turns by exp(−iπλΔf q²): the image in closed form.

    Cosines are what mirrors leave as it is. A divergence σ takes exp(−2(πσΔf q)²) from each wave of the intensity.
    """
    nx, ny, dx, dy, order, strength = 48, 3, 4e-9, 7e-9, 5, 0.9
    defocus, voltage, sigma = -150e-6, 200e3, 1e-4
    theta = np.pi * order * (np.arange(nx) + 0.5) / nx
    q = order / (2 * nx * dx)
    n = np.arange(-25, 26)
    waves = 1j**n * jv(n, strength) * np.exp(-1j * np.pi * float(exact.wavelength(voltage)) * defocus * (n * q) ** 2)
    phase = np.broadcast_to(strength * np.cos(theta), (ny, nx))
    sharp = np.abs(np.exp(1j * theta[:, None] * n) @ waves) ** 2
    found = fresnel(jnp.asarray(phase), (dx, dy), defocus, voltage)
    # Waves beyond those that cells hold, |n| ≥ 10, are J_10(0.9) = 1e-10 strong.
    np.testing.assert_allclose(found, np.broadcast_to(sharp, (ny, nx)), rtol=0, atol=1e-8)
    blurred = fresnel(jnp.asarray(phase), (dx, dy), defocus, voltage, sigma)
    pairs = waves[:, None] * waves.conj()[None]
    damped = pairs * np.exp(-2 * (np.pi * sigma * defocus * q * (n[:, None] - n[None])) ** 2)
    expected = np.einsum("xa,ab,xb->x", np.exp(1j * theta[:, None] * n), damped, np.exp(-1j * theta[:, None] * n)).real
    np.testing.assert_allclose(blurred, np.broadcast_to(expected, (ny, nx)), rtol=0, atol=1e-8)
    assert np.ptp(blurred) < 0.9 * np.ptp(found)


def test_little_out_of_focus_the_image_is_the_phases_curvature() -> None:
    """I = 1 − (λΔf/2π) ∇²φ: a dark and a bright wall, exchanged by the sign of the defocus; dx ≠ dy.

    A Bloch wall of 10 nm in each direction; ∇²φ = (e/ħ)(∂_x B_y − ∂_y B_x) t is μ0 Ms t times the slope of m but for
    stray fields, which have no curl in the plane. What is left is of second order in the contrast of half a percent.
    """
    mesh = mj.Mesh((96, 40, 2), (2e-9, 5e-9, 5e-9))
    film = mj.System(mesh, Ms=MS)
    x = mesh.centers()[0]
    s = np.tanh((x - 60e-9) / 10e-9) - np.tanh((x - 130e-9) / 10e-9) - 1
    m = np.stack([0 * s, s, np.sqrt(np.maximum(1 - s**2, 0))])
    m = jnp.asarray(m / np.linalg.norm(m, axis=0))
    options = {"voltage": 300e3, "defocus": 10e-6}
    over = np.asarray(mj.observe.lorentz(0.0, m, film, **options))
    under = np.asarray(mj.observe.lorentz(0.0, m, film, **{**options, "defocus": -10e-6}))
    slope = np.gradient(np.asarray(m)[1, 0], 2e-9, axis=1)
    bend = mj.constants.E_CHARGE / mj.constants.HBAR * mj.constants.MU0 * MS * 10e-9 * slope
    expected = -float(exact.wavelength(300e3)) * 10e-6 / (2 * np.pi) * bend
    inner = np.s_[10:-10, 12:-12]
    contrast = np.abs(expected).max()
    assert 2e-3 < contrast < 0.05
    np.testing.assert_allclose((over - under)[inner] / 2, expected[inner], rtol=0, atol=0.03 * contrast)
    np.testing.assert_allclose((over + under)[inner] / 2, 1, rtol=0, atol=0.05 * contrast)


@pytest.mark.slow
def test_precision_gradient_and_compilation(precision) -> None:
    """The phase is linear in Ms, so that the derivative by it is the value over it; images follow under jit."""
    m = mj.textures.uniform(MESH, DIRECTION, dtype=precision.dtype)

    @jax.jit
    def corner(Ms):
        return mj.observe.electron_phase(0.0, m, mj.System(MESH, Ms=Ms))[0, 0]

    value, slope = jax.value_and_grad(corner)(jnp.asarray(MS, precision.dtype))
    assert value.dtype == precision.dtype
    assert float(slope) * MS == pytest.approx(float(value), rel=100 * precision.stencil, abs=0)
    image = functools.partial(mj.observe.lorentz, 0.0, m, mj.System(MESH, Ms=jnp.asarray(100 * MS, precision.dtype)))
    found, expected = jax.jit(lambda d: image(defocus=d))(2e-6), mj.observe.lorentz(
        0.0, m.astype(jnp.float64), mj.System(MESH, Ms=100 * MS), defocus=2e-6
    )  # fmt: skip
    assert found.dtype == precision.dtype
    np.testing.assert_allclose(found, expected, rtol=0, atol=100 * precision.stencil)
    blur, there = (jax.grad(lambda d: image(defocus=d * 1e-6)[2, 3])(x) for x in (2.0, 2.0))
    assert np.isfinite(blur)
    assert blur == there


def test_sublattices_add() -> None:
    """Nothing is seen of a compensated antiferromagnet, and of a ferrimagnet what is left."""
    one, other = (mj.System(MESH, Ms=Ms) for Ms in (MS, MS / 4))
    ferrimagnet = mj.Sublattices({"a": one, "b": other}, coupling=mj.Coupling(J=1e7))
    side = mj.textures.uniform(MESH, "x")
    both = mj.observe.electron_phase(0.0, jnp.stack([side, -side]), ferrimagnet)
    single = mj.observe.electron_phase(0.0, side, one)
    np.testing.assert_allclose(both, 0.75 * single, rtol=0, atol=1e-12 * float(jnp.abs(single).max()))


@pytest.mark.parametrize(
    ("periodic", "options", "message"),
    [
        ("z", {}, "periodic there"),
        ("x", {"images": (math.inf, 0, 0)}, "`images` must be finite"),
        ("", {"images": (1, 0, 0)}, "axes that do not repeat"),
        ("", {"defocus": 100}, "`defocus` must be between .* did you give µm"),
        ("", {"defocus": 1e-6, "voltage": 300}, "`voltage` must be between .* did you give kV"),
        ("", {"defocus": 1e-6, "divergence": 0.2}, "`divergence` must be between .* did you give mrad"),
        ("", {"defocus": float("nan")}, "`defocus` must be between"),
    ],
)
def test_wrong_arguments_are_named(periodic, options, message) -> None:
    mesh = mj.Mesh((2, 2, 1), 2e-9, periodic=periodic)
    m, system = mj.textures.uniform(mesh, "x"), mj.System(mesh, Ms=MS)
    with pytest.raises(ValueError, match=message):
        mj.observe.lorentz(0.0, m, system, **{"defocus": 1e-6, **options})
    if not {"defocus", "voltage", "divergence"} & set(options):
        with pytest.raises(ValueError, match=message):
            mj.observe.electron_phase(0.0, m, system, **options)
