"""What a transmission electron microscope sees of a sample: the phase of its wave, and images out of focus."""

import functools
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from magjax.analytic.electron_phase import STRENGTH, rectangle_kernel, wavelength
from magjax.mesh import Mesh
from magjax.observe.microscopy import finite_images, net_magnetisation
from magjax.system import AbstractSystem


def electron_phase(t: Any, m: Array, system: AbstractSystem, *, images: Sequence[float] | None = None) -> Array:
    """The phase that a sample gives to electrons which pass it along +z, behind the cells' centres, `(ny, nx)`, rad.

    φ = −(e/ħ) ∫A_z dz, exact for uniformly magnetised cells, stray field included. Where it rises along x by ħ∂φ/∂x,
    electrons are pushed that way: (e/ħ) ∫B_y dz. What the atoms add, the same for any texture, is left out.

    - `t`: time, s. `m`: unit vectors of a ferromagnet, or of sublattices, whose magnetisations add.
    - `system`: the system; the beam goes along z through its mesh.
    - `images`: copies of the sample on either side along x, y, z; 10 along periodic axes unless given.

    **Raises** `ValueError` for a mesh that is periodic along z, and images that are infinitely many or along axes that
    do not repeat.

    Source: M. Mansuripur, J. Appl. Phys. 69, 2455 (1991).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((64, 64, 1), (4e-9, 4e-9, 20e-9))
    >>> film = mj.System(mesh, Ms=8e5)
    >>> phase = mj.observe.electron_phase(0.0, mj.textures.vortex(mesh), film)
    >>> round(float(phase[32, 32] - phase[0, 0]), 2)  # a vortex is a lens
    -4.52
    """
    return _phase(_moment(t, m, system), system.mesh, _copies(system.mesh, images), (0, 0))


def lorentz(
    t: Any,
    m: Array,
    system: AbstractSystem,
    *,
    defocus: Any,
    voltage: Any = 300e3,
    divergence: Any = 0.0,
    images: Sequence[float] | None = None,
) -> Array:
    """The Fresnel image of a sample in a Lorentz microscope, `(ny, nx)`: intensity over that of the beam.

    I = |F⁻¹ exp(−iπλ Δf q²) F exp(iφ)|², with φ of `electron_phase` and q in waves per metre. Walls become bright or
    dark lines, which change places when the defocus changes sign.

    Around the mesh the wave is followed over half its size on each side, with the stray field's phase, and beyond it is
    mirrored. Electrons of any slope that the cells can hold move by λΔf/(2d) at most: keep that below the mesh's size.

    - `t`, `m`, `system`, `images`: as for `electron_phase`.
    - `defocus`: Δf, m: how far behind the sample the plane lies that is in focus. Positive is overfocus, negative is
      underfocus.
    - `voltage`: that accelerates the electrons, V.
    - `divergence`: of the beam, rad: standard deviation of its angles along x and along y, which blurs by Δf times it.

    **Raises** as `electron_phase` does, and `ValueError` for a defocus above 1 m, voltages below 1 kV (given in kV?),
    and a divergence below 0 or above 0.1.

    Source: J. N. Chapman, J. Phys. D 17, 623 (1984); M. De Graef, Y. Zhu (eds.), Magnetic Imaging and its Applications
    to Materials (2001).

    >>> import magjax as mj
    >>> mesh = mj.Mesh((64, 64, 1), (4e-9, 4e-9, 20e-9))
    >>> film = mj.System(mesh, Ms=8e5)
    >>> vortex = mj.textures.vortex(mesh)
    >>> over, under = (mj.observe.lorentz(0.0, vortex, film, defocus=s * 20e-6) for s in (1, -1))
    >>> bool(over[31:33, 31:33].mean() < 1 < under[31:33, 31:33].mean())  # its core
    True
    """
    _checked(defocus, "defocus", -1.0, 1.0, "m; did you give µm?")
    _checked(voltage, "voltage", 1e3, 1e8, "V; did you give kV?")
    _checked(divergence, "divergence", 0.0, 0.1, "rad; did you give mrad?")
    mesh = system.mesh
    nx, ny, _ = mesh.cells
    rim = (nx + 1) // 2, (ny + 1) // 2
    phase = _phase(_moment(t, m, system), mesh, _copies(mesh, images), rim)
    image = fresnel(phase, mesh.cell_size[:2], defocus, voltage, divergence)
    return image[rim[1] : rim[1] + ny, rim[0] : rim[0] + nx]


def fresnel(phase: Array, cell_size: Sequence[float], defocus: Any, voltage: Any, divergence: Any = 0.0) -> Array:
    """The intensity of a wave exp(iφ) at a distance behind it, mirrored at the edges; arguments as in `lorentz`.

    >>> import jax.numpy as jnp
    >>> from magjax.observe.electron_phase import fresnel
    >>> float(jnp.abs(fresnel(jnp.full((4, 6), 0.3), (1e-9, 2e-9), 1e-3, 300e3) - 1).max()) < 1e-5
    True
    """
    ny, nx = phase.shape
    dtype = phase.dtype
    # In cells, so that no number leaves the range of single precision.
    unit = min(cell_size)
    q = [np.fft.fftfreq(2 * n, d / unit) for n, d in zip((ny, nx), reversed(cell_size), strict=True)]
    square = jnp.asarray(q[0][:, None] ** 2 + q[1][None, :] ** 2, dtype)
    distance = jnp.asarray(defocus, dtype) / unit
    chirp = np.pi * (wavelength(jnp.asarray(voltage, dtype)) / unit) * distance * square
    both = jnp.concatenate([phase, phase[::-1]], axis=0)
    both = jnp.concatenate([both, both[:, ::-1]], axis=1)
    wave = jnp.fft.ifft2(jnp.fft.fft2(jnp.exp(1j * both)) * jnp.exp(-1j * chirp))
    image = jnp.real(wave) ** 2 + jnp.imag(wave) ** 2
    blur = jnp.exp(-2 * np.pi**2 * (jnp.asarray(divergence, dtype) * distance) ** 2 * square)
    return jnp.real(jnp.fft.ifft2(jnp.fft.fft2(image) * blur))[:ny, :nx].astype(dtype)


def _checked(value: Any, name: str, least: float, most: float, unit: str) -> None:
    if not isinstance(value, Tracer) and not least <= float(value) <= most:
        raise ValueError(f"Argument `{name}` must be between {least:g} and {most:g}, but got {value!r} {unit}")


def _copies(mesh: Mesh, images: Sequence[float] | None) -> tuple[int, int]:
    if mesh.is_periodic("z"):
        raise ValueError(
            f"Argument `system` must have an end along z, but its mesh is periodic there (periodic={mesh.periodic!r}): "
            "the beam would never leave it."
        )
    return finite_images(mesh, images)[:2]


def _moment(t: Any, m: Array, system: AbstractSystem) -> Array:
    """∫M dz of all sublattices together along x and y, `(2, ny, nx)`, A."""
    M = net_magnetisation(t, m, system)
    return jnp.sum(M[:2], axis=1) * system.mesh.cell_size[2]


def _phase(moment: Array, mesh: Mesh, copies: tuple[int, int], rim: tuple[int, int]) -> Array:
    """The phase on the mesh and `rim` more cells to either side along x and y."""
    nx, ny, _ = mesh.cells
    with jax.ensure_compile_time_eval():
        kernel = jnp.asarray(_spectrum(mesh, copies, rim), jnp.result_type(moment.dtype, jnp.complex64))
    size = _size(ny, rim[1]), _size(nx, rim[0])
    waves = jnp.fft.rfft2(moment, s=size)
    found = jnp.fft.irfft2(kernel[0] * waves[1] - kernel[1] * waves[0], s=size)
    # Circular sums are whole from the last cell on.
    return found[ny - 1 : 2 * ny - 1 + 2 * rim[1], nx - 1 : 2 * nx - 1 + 2 * rim[0]].astype(moment.dtype)


def _size(n: int, rim: int) -> int:
    """Of a sum over n cells at n + 2 rim places: as many as there are distances, and a quick transform."""
    from scipy.fft import next_fast_len

    length: Any = next_fast_len(2 * n - 1 + 2 * rim, real=True)
    return int(length)


@functools.lru_cache(maxsize=4)
def _spectrum(mesh: Mesh, copies: tuple[int, int], rim: tuple[int, int]) -> np.ndarray:
    """Transforms of (eμ0/2πħ) ∫∫ r/r² d²r of a cell, `(2, Py, Px//2+1)`, rad/A."""
    (nx, ny, _), (dx, dy, _) = mesh.cells, mesh.cell_size
    (lx, ly, _) = mesh.extent
    x = dx * np.arange(1 - nx - rim[0], nx + rim[0])[None, :]
    y = dy * np.arange(1 - ny - rim[1], ny + rim[1])[:, None]
    kernel = np.zeros((2, y.size, x.size))
    for i in range(-copies[0], copies[0] + 1):
        for j in range(-copies[1], copies[1] + 1):
            kernel += rectangle_kernel(x - i * lx, y - j * ly, (dx, dy))
    return np.fft.rfft2(STRENGTH * kernel, s=(_size(ny, rim[1]), _size(nx, rim[0])))
