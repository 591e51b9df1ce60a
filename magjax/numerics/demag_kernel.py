"""The demagnetisation kernel of a mesh: from the Newell tensor to the spectrum a convolution multiplies by."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from magjax.constants import MU0
from magjax.mesh import AXES, Mesh
from magjax.numerics import kernel_cache
from magjax.numerics.cell_average import by_distance, gauss_average
from magjax.numerics.coulomb_tail import dipole_tail
from magjax.numerics.image_sum import image_sum, rows
from magjax.numerics.newell import COMPONENTS, demag_tensor

# Raise it whenever the same mesh would give other numbers: cached files of an older version are then left alone.
_VERSION = 1
# Images on either side of a periodic axis unless told otherwise.
_DEFAULT_IMAGES = 10
# Temporaries of the assembly, bytes: a slab of offsets with all that its evaluation needs.
_ASSEMBLY = 100 << 20
# Quicker to compute than to look up.
_WORTH_CACHING = 20_000


class DemagKernel(eqx.Module):
    """The spectrum of −μ0 N on a mesh, in T per A/m: real, symmetric, and only what is independent of it.

    - `spectrum`: `(components, Pz//2+1, Py//2+1, Px//2+1)` with P the padded lengths. The other octants follow: N_ab is
      odd in k_a and k_b and even otherwise.
    - `cells`, `padded`: cells and padded lengths of the axes x, y, z.
    - `components`: which entries of the tensor are stored, in order; the others vanish (a film has no xz and yz).

    >>> import magjax as mj
    >>> from magjax.numerics.demag_kernel import demag_kernel
    >>> kernel = demag_kernel(mj.Mesh((4, 3, 1), 5e-9))
    >>> kernel.spectrum.shape, kernel.padded, kernel.components
    ((4, 1, 4, 5), (8, 6, 1), ('xx', 'yy', 'zz', 'xy'))
    """

    spectrum: Any
    cells: tuple[int, int, int] = eqx.field(static=True)
    padded: tuple[int, int, int] = eqx.field(static=True)
    components: tuple[str, ...] = eqx.field(static=True)


def demag_kernel(mesh: Mesh, images: Sequence[float] | None = None, *, dtype: Any = None) -> DemagKernel:
    """Compute, or read from the cache, the demagnetisation kernel of a mesh.

    Along a periodic axis the tensors of `images` copies of the mesh on either side are added to that of the
    nearest copy of each cell; the convolution is circular there and needs no padding.

    **Arguments**

    - `mesh`: the mesh.
    - `images`: copies on either side along x, y, z, `math.inf` for endlessly many; 10 along periodic axes unless given.
    - `dtype`: of the spectrum; float64 unless `jax_enable_x64` is off. The computation is in float64 always.

    **Raises** `ValueError` for negative images, images along axes that do not repeat, and infinitely many along three.

    >>> import magjax as mj
    >>> from magjax.numerics.demag_kernel import demag_kernel
    >>> demag_kernel(mj.Mesh((4, 4, 2), 5e-9, periodic="xy")).padded
    (4, 4, 4)
    """
    copies = check_images(mesh, images)
    dtype = jnp.result_type(float) if dtype is None else dtype
    if _evaluations(mesh, copies) < _WORTH_CACHING:
        spectrum = demag_spectrum(mesh, copies)
    else:
        key = (_VERSION, mesh.cells, mesh.cell_size, mesh.periodic, copies)
        spectrum = kernel_cache.remember(key, spectrum_shape(mesh), lambda: demag_spectrum(mesh, copies))
    # Under a trace, too, a kernel is data, never an equation of the program.
    with jax.ensure_compile_time_eval():
        array = jnp.asarray(spectrum, dtype)
    return DemagKernel(array, mesh.cells, padded_cells(mesh), components(mesh))


def demag_spectrum(mesh: Mesh, images: tuple[float, float, float]) -> np.ndarray:
    """Spectrum of −μ0 N in float64, laid out as `DemagKernel.spectrum`."""
    odd = tuple("" if name[0] == name[1] else name for name in COMPONENTS)
    half = image_sum(mesh, images, odd, functools.partial(_pair_tensor, mesh))
    result = []
    for name in components(mesh):
        part = half[COMPONENTS.index(name)]
        axes = name if name[0] != name[1] else ""
        # Each of the two odd axes of an off-diagonal entry brings a factor −i.
        result.append(half_spectrum(part, mesh, axes) * (1 if axes else -1))
    return np.stack(result) * MU0


def check_images(mesh: Mesh, images: Sequence[float] | None) -> tuple[float, float, float]:
    """The number of images along x, y, z, checked against the mesh; `math.inf` for endlessly many."""
    if images is None:
        x, y, z = (_DEFAULT_IMAGES if mesh.is_periodic(axis) else 0 for axis in AXES)
        return x, y, z
    given = tuple(images) if np.ndim(images) else (images,)
    if len(given) != 3 or any(isinstance(i, bool) or i < 0 or (i != math.inf and i != int(i)) for i in given):
        raise ValueError(
            "Argument `images` must hold three whole numbers ≥ 0, the copies on either side along x, y, z, or inf, "
            f"but got {images!r}."
        )
    for axis, count in zip(AXES, given, strict=True):
        if count and not mesh.is_periodic(axis):
            raise ValueError(
                f"Argument `images` must be 0 along axes that do not repeat, but got {images!r} on a mesh with "
                f"periodic={mesh.periodic!r}; did you mean Mesh(…, periodic={''.join(sorted(mesh.periodic + axis))!r})?"
            )
    if given.count(math.inf) == 3:
        raise ValueError(
            "Argument `images` must be finite along one axis at least, but got inf along all three: the field of "
            "a sample that fills all space depends on the shape of its far surface."
        )
    x, y, z = (i if i == math.inf else int(i) for i in given)
    return x, y, z


def components(mesh: Mesh) -> tuple[str, ...]:
    """Entries of the tensor that do not vanish: an off-diagonal one needs an extent along both its axes."""
    extended = {axis for axis, n in zip(AXES, mesh.cells, strict=True) if n > 1}
    return tuple(name for name in COMPONENTS if name[0] == name[1] or extended.issuperset(name))


def padded_cells(mesh: Mesh) -> tuple[int, int, int]:
    """Padded lengths of the axes x, y, z: at least 2n − 1 and quick to transform; n itself along periodic axes."""
    x, y, z = (
        n if n == 1 or mesh.is_periodic(axis) else _quick_length(2 * n - 1)
        for axis, n in zip(AXES, mesh.cells, strict=True)
    )
    return x, y, z


def spectrum_shape(mesh: Mesh) -> tuple[int, int, int, int]:
    """Shape of `DemagKernel.spectrum`."""
    px, py, pz = padded_cells(mesh)
    return (len(components(mesh)), pz // 2 + 1, py // 2 + 1, px // 2 + 1)


def memory_estimate(mesh: Mesh, dtype: Any = np.float64) -> int:
    """Bytes the demagnetisation of a mesh needs at its peak: kernel, assembly of the kernel, one convolution.

    >>> import magjax as mj
    >>> from magjax.numerics.demag_kernel import memory_estimate
    >>> memory_estimate(mj.Mesh((128, 128, 64), 5e-9)) < 1e9
    True
    """
    itemsize = np.dtype(dtype).itemsize
    kernel = math.prod(spectrum_shape(mesh))
    px, py, pz = padded_cells(mesh)
    # Assembly: six entries on the half axes, their transforms, and the slab. Convolution on a CPU: the half-transformed
    # field and its result; on an accelerator the padded spectrum twice.
    assembly = 8 * (6 * math.prod(mesh.cells) + 2 * kernel) + _ASSEMBLY
    convolution = itemsize * (6 * 2 * (px // 2 + 1) * py * pz + 6 * mesh.n_cells)
    return itemsize * kernel + max(assembly, convolution)


def _quick_length(n: int) -> int:
    """Smallest even length ≥ n whose prime factors are at most 7."""
    length = n + n % 2
    while True:
        rest = length
        for prime in (2, 3, 5, 7):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 2


def _evaluations(mesh: Mesh, images: tuple[float, float, float]) -> int:
    """Number of distances at which the tensor is computed, copies included."""
    along = (rows(mesh, axis, images[i]) for i, axis in enumerate(AXES))
    return math.prod(sum(len(row.distances) for row in each) for each in along)


def _pair_tensor(mesh: Mesh, x: np.ndarray, y: np.ndarray, z: np.ndarray, tails: str) -> np.ndarray:
    """N of two cells, or of a cell and what continues from there to infinity along `tails`, times its length in m."""
    if not tails:
        return demag_tensor(x, y, z, mesh.cell_size)
    scale = max(mesh.cell_size)
    edges = tuple(d / scale for d in mesh.cell_size)
    points = np.stack([np.ravel(a) / scale for a in (x, y, z)])
    averaged = gauss_average(lambda x, y, z: dipole_tail(x, y, z, tails))
    # Rows of copies end several edges away, so that the first rule is never asked for more than it has.
    found = by_distance(points, edges, 6, lambda some, edges: averaged(some, edges, (64, 64, 64)), averaged)
    return found.reshape(6, *x.shape) * (math.prod(edges) * scale ** len(tails))


def half_spectrum(half: np.ndarray, mesh: Mesh, odd: str) -> np.ndarray:
    """The Fourier transform of a kernel given for distances ≥ 0, for wave numbers ≥ 0; times i for each odd axis.

    - `half`: `(hz, hy, hx)`, as from `image_sum`. `odd`: the axes along which it is odd; it is even along the others.
    """
    for array_axis, i in ((2, 0), (1, 1), (0, 2)):
        half = _transform(half, array_axis, padded_cells(mesh)[i], mesh.is_periodic(AXES[i]), AXES[i] in odd)
    return half


def _transform(half: np.ndarray, axis: int, length: int, periodic: bool, odd: bool) -> np.ndarray:
    """Real Fourier transform of an even or odd sequence given by its half, along one axis."""
    if length == 1:
        return half
    half = np.moveaxis(half, axis, -1)
    full = np.zeros((*half.shape[:-1], length))
    n = half.shape[-1]
    full[..., :n] = half
    mirrored = half[..., 1 : (length + 1) // 2] if periodic else half[..., 1:]
    full[..., length - mirrored.shape[-1] :] = (-mirrored if odd else mirrored)[..., ::-1]
    spectrum = np.fft.rfft(full, axis=-1)
    return np.moveaxis(spectrum.imag if odd else spectrum.real, -1, axis)
