"""The demagnetisation kernel of a mesh: from the Newell tensor to the spectrum a convolution multiplies by."""

import collections
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
from magjax.numerics.newell import COMPONENTS, demag_tensor

# Raise it whenever the same mesh would give other numbers: cached files of an older version are then left alone.
_VERSION = 1
# Images on either side of a periodic axis unless told otherwise.
_DEFAULT_IMAGES = 10
# Offsets evaluated together; bounds the memory of the assembly to about 100 MB.
_SLAB = 1 << 17
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


def demag_kernel(mesh: Mesh, images: Sequence[int] | None = None, *, dtype: Any = None) -> DemagKernel:
    """Compute, or read from the cache, the demagnetisation kernel of a mesh.

    Along a periodic axis the tensors of `images` copies of the mesh on either side are added to that of the
    nearest copy of each cell; the convolution is circular there and needs no padding.

    **Arguments**

    - `mesh`: the mesh.
    - `images`: copies on either side along x, y, z; 10 along periodic axes unless given.
    - `dtype`: of the spectrum; float64 unless `jax_enable_x64` is off. The computation is in float64 always.

    **Raises** `ValueError` for negative images and for images along axes that do not repeat.

    >>> import magjax as mj
    >>> from magjax.numerics.demag_kernel import demag_kernel
    >>> demag_kernel(mj.Mesh((4, 4, 2), 5e-9, periodic="xy")).padded
    (4, 4, 4)
    """
    copies = check_images(mesh, images)
    dtype = jnp.result_type(float) if dtype is None else dtype
    if math.prod(_distances(mesh, copies)) < _WORTH_CACHING:
        spectrum = demag_spectrum(mesh, copies)
    else:
        key = (_VERSION, mesh.cells, mesh.cell_size, mesh.periodic, copies)
        spectrum = kernel_cache.remember(key, spectrum_shape(mesh), lambda: demag_spectrum(mesh, copies))
    # Under a trace, too, a kernel is data, never an equation of the program.
    with jax.ensure_compile_time_eval():
        array = jnp.asarray(spectrum, dtype)
    return DemagKernel(array, mesh.cells, padded_cells(mesh), components(mesh))


def demag_spectrum(mesh: Mesh, images: tuple[int, int, int]) -> np.ndarray:
    """Spectrum of −μ0 N in float64, laid out as `DemagKernel.spectrum`."""
    half = _half_tensor(mesh, images)
    result = []
    for name in components(mesh):
        part = half[COMPONENTS.index(name)]
        odd = [name[0] != name[1] and axis in name for axis in AXES]
        for array_axis, a in ((2, 0), (1, 1), (0, 2)):
            part = _transform(part, array_axis, padded_cells(mesh)[a], mesh.is_periodic(AXES[a]), odd[a])
        # Each of the two odd axes of an off-diagonal entry brings a factor −i.
        result.append(part if any(odd) else -part)
    return np.stack(result) * MU0


def check_images(mesh: Mesh, images: Sequence[int] | None) -> tuple[int, int, int]:
    """The number of images along x, y, z, checked against the mesh."""
    if images is None:
        x, y, z = (_DEFAULT_IMAGES if mesh.is_periodic(axis) else 0 for axis in AXES)
        return x, y, z
    given = tuple(images) if np.ndim(images) else (images,)
    if len(given) != 3 or any(isinstance(i, bool) or i != int(i) or i < 0 for i in given):
        raise ValueError(
            "Argument `images` must hold three whole numbers ≥ 0, the copies on either side along x, y, z, "
            f"but got {images!r}."
        )
    for axis, count in zip(AXES, given, strict=True):
        if count and not mesh.is_periodic(axis):
            raise ValueError(
                f"Argument `images` must be 0 along axes that do not repeat, but got {images!r} on a mesh with "
                f"periodic={mesh.periodic!r}; did you mean Mesh(…, periodic={''.join(sorted(mesh.periodic + axis))!r})?"
            )
    x, y, z = (int(i) for i in given)
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
    assembly = 8 * (6 * math.prod(mesh.cells) + 2 * kernel) + 800 * _SLAB
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


def _distances(mesh: Mesh, images: tuple[int, int, int]) -> tuple[int, int, int]:
    """Number of different |distances| along each axis, images included."""
    x, y, z = (
        n // 2 + s * n + 1 if mesh.is_periodic(axis) else n for axis, n, s in zip(AXES, mesh.cells, images, strict=True)
    )
    return x, y, z


def _half_tensor(mesh: Mesh, images: tuple[int, int, int]) -> np.ndarray:
    """N for distances 0, 1, … along each axis, images folded in: `(6, hz, hy, hx)`; the rest follows by symmetry."""
    folds = [
        _fold(n, s) if mesh.is_periodic(axis) else {i: [(i, 1)] for i in range(n)}
        for axis, n, s in zip(AXES, mesh.cells, images, strict=True)
    ]
    hx, hy, hz = (n // 2 + 1 if mesh.is_periodic(axis) else n for axis, n in zip(AXES, mesh.cells, strict=True))
    nx, ny, nz = _distances(mesh, images)
    dx, dy, dz = mesh.cell_size
    rows = max(1, _SLAB // nx)
    half = np.zeros((6, hz, hy, hx))
    for k in range(nz):
        plane = np.zeros((6, hy, hx))
        for j in range(0, ny, rows):
            some = np.arange(j, min(ny, j + rows))
            y, x = np.meshgrid(some * dy, np.arange(nx) * dx, indexing="ij")
            tensor = demag_tensor(x, y, np.full_like(x, k * dz), mesh.cell_size)
            slab = _gather(tensor, folds[0], hx) if mesh.is_periodic("x") else tensor
            for row, distance in enumerate(some):
                for target, sign in folds[1][int(distance)]:
                    plane[:, target] += slab[:, row] * _signs(1, sign)[:, None]
        for target, sign in folds[2][k]:
            half[:, target] += plane * _signs(2, sign)[:, None, None]
    return half


def _fold(n: int, images: int) -> dict[int, list[tuple[int, int]]]:
    """For each distance, the cells 0 … n//2 it is an image of, and the sign an odd entry takes there.

    The cell half a period away has an image on either side; for odd entries the two cancel: sign 0.
    """
    fold = collections.defaultdict(list)
    for i in range(n // 2 + 1):
        for s in range(-images, images + 1):
            distance = i + s * n
            fold[abs(distance)].append((i, 0 if 2 * i == n else 1 if distance >= 0 else -1))
    return fold


def _gather(tensor: np.ndarray, fold: dict[int, list[tuple[int, int]]], size: int) -> np.ndarray:
    """Fold the last axis, `(6, rows, distances)` to `(6, rows, size)`."""
    folded = np.zeros((*tensor.shape[:-1], size))
    for distance, targets in fold.items():
        for target, sign in targets:
            folded[..., target] += tensor[..., distance] * _signs(0, sign)[:, None]
    return folded


def _signs(axis: int, sign: int) -> np.ndarray:
    """`sign` for the entries that are odd along an axis, 1 for the others; `(6,)`."""
    letter = AXES[axis]
    return np.array([sign if name[0] != name[1] and letter in name else 1 for name in COMPONENTS])


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
