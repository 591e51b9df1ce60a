"""The field of a current density on a mesh: Biot and Savart's law between cuboids, and its convolution."""

import functools
import math
from collections.abc import Sequence
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from magjax.constants import MU0
from magjax.mesh import AXES, Mesh
from magjax.numerics import kernel_cache
from magjax.numerics.cell_average import (
    Edges,
    arcsinh_over,
    arctan_over,
    by_distance,
    gauss_average,
    second_differences,
)
from magjax.numerics.coulomb_tail import gradient_tail
from magjax.numerics.demag_kernel import check_images, half_spectrum, padded_cells, spectrum_shape
from magjax.numerics.image_sum import image_sum
from magjax.numerics.padded_fft import arranged, in_fourier_space

# Raise it whenever the same mesh would give other numbers.
_VERSION = 1


class BiotSavartKernel(eqx.Module):
    """The spectrum of μ0 K on a mesh over i, in T per A/m²; real, and for wave numbers ≥ 0 only.

    - `spectrum`: `(3, Pz//2+1, Py//2+1, Px//2+1)` with P the padded lengths; K_a is odd along a, even otherwise.
    - `cells`, `padded`: cells and padded lengths of the axes x, y, z.

    >>> import magjax as mj
    >>> from magjax.numerics.biot_savart import biot_savart_kernel
    >>> kernel = biot_savart_kernel(mj.Mesh((4, 3, 1), 5e-9))
    >>> kernel.spectrum.shape, kernel.padded
    ((3, 1, 4, 5), (8, 6, 1))
    """

    spectrum: Any
    cells: tuple[int, int, int] = eqx.field(static=True)
    padded: tuple[int, int, int] = eqx.field(static=True)


def biot_savart_kernel(mesh: Mesh, images: Sequence[float] | None = None) -> BiotSavartKernel:
    """Compute, or read from the cache, the kernel of the field of currents on a mesh.

    - `mesh`: the mesh. `images`: copies on either side along x, y, z; endlessly many along periodic axes unless given.

    **Raises** `ValueError` for images along axes that do not repeat, and infinitely many along three.

    >>> import magjax as mj
    >>> from magjax.numerics.biot_savart import biot_savart_kernel
    >>> biot_savart_kernel(mj.Mesh((4, 4, 2), 5e-9, periodic="x")).padded
    (4, 8, 4)
    """
    if images is None:
        images = [math.inf if mesh.is_periodic(axis) else 0 for axis in AXES]
    copies = check_images(mesh, images)
    key = ("oersted", _VERSION, mesh.cells, mesh.cell_size, mesh.periodic, copies)
    shape = (3, *spectrum_shape(mesh)[1:])
    spectrum = kernel_cache.remember(key, shape, lambda: _spectrum(mesh, copies))
    with jax.ensure_compile_time_eval():
        array = jnp.asarray(spectrum, jnp.result_type(float))
    return BiotSavartKernel(array, mesh.cells, padded_cells(mesh))


def current_field(j: Float[Array, "3 nz ny nx"], kernel: BiotSavartKernel) -> Float[Array, "3 nz ny nx"]:
    """The field B = μ0 K ∗× j of a current density, averaged over each cell, T.

    - `j`: current density, A/m². `kernel`: of the mesh; used in the precision of `j`.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.numerics.biot_savart import biot_savart_kernel, current_field
    >>> kernel = biot_savart_kernel(mj.Mesh((1, 3, 1), 5e-9))
    >>> B = current_field(jnp.zeros((3, 1, 3, 1)).at[0].set(1e12), kernel)  # along x: counter-clockwise about x
    >>> [float(b) > 0 for b in B[2, 0, :, 0]]
    [False, False, True]
    """
    spectrum = jnp.asarray(kernel.spectrum, j.dtype)

    def multiply(waves: Array) -> Array:
        K = [arranged(spectrum[i], axis, kernel.cells, kernel.padded) for i, axis in enumerate(AXES)]
        x, y, z = waves
        return 1j * jnp.stack([K[1] * z - K[2] * y, K[2] * x - K[0] * z, K[0] * y - K[1] * x])

    return in_fourier_space(j, kernel.cells, kernel.padded, multiply) if max(kernel.padded) > 1 else jnp.zeros_like(j)


def biot_savart_vector(x: np.ndarray, y: np.ndarray, z: np.ndarray, cell: Edges) -> np.ndarray:
    """The vector K between two equal cuboids a distance (x, y, z) apart: a current density j causes B = μ0 K × j.

    K = ⟨∇ 1/(4π r)⟩ V, averaged over both cuboids: the mean field of the one in the other.

    **Arguments**

    - `x`, `y`, `z`: distances between centres, of one shape, m, whole multiples of the cell.
    - `cell`: edge lengths of the cuboids, m.

    **Returns** float64, `(3, *x.shape)`, m.

    >>> import numpy as np
    >>> from magjax.numerics.biot_savart import biot_savart_vector
    >>> K = biot_savart_vector(np.array([10.0]), np.zeros(1), np.zeros(1), (1.0, 1.0, 1.0))
    >>> round(float(K[0, 0]) * 4 * np.pi * 10**2, 4)
    -1.0
    """
    return _averaged(np.stack([np.ravel(a) for a in (x, y, z)]), cell, "").reshape(3, *np.shape(x))


def _spectrum(mesh: Mesh, images: tuple[float, float, float]) -> np.ndarray:
    def evaluate(x: np.ndarray, y: np.ndarray, z: np.ndarray, tails: str) -> np.ndarray:
        points = np.stack([np.ravel(a) for a in (x, y, z)])
        return _averaged(points, mesh.cell_size, tails).reshape(3, *x.shape)

    half = image_sum(mesh, images, AXES, evaluate)
    return np.stack([half_spectrum(part, mesh, axis) for part, axis in zip(half, AXES, strict=True)]) * MU0


def _averaged(points: np.ndarray, cell: Edges, tails: str) -> np.ndarray:
    """K of two cells, or of a cell and what continues from there to infinity along `tails`, times its length in m."""
    scale = max(cell)
    edges = tuple(d / scale for d in cell)
    rule = gauss_average(functools.partial(gradient_tail, tails=tails) if tails else _gradient)
    volume = math.prod(edges)

    def averaged(some: np.ndarray, edges: Edges, nodes: tuple[int, ...]) -> np.ndarray:
        return rule(some, edges, nodes) * volume

    def closed(some: np.ndarray, edges: Edges) -> np.ndarray:
        # Rows of copies end several edges away, so that rules always serve there.
        return averaged(some, edges, (64, 64, 64)) if tails else _closed(some, edges)

    return by_distance(points / scale, edges, 3, closed, averaged) * scale ** (1 + len(tails))


def _gradient(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, ...]:
    r2 = x * x + y * y + z * z
    s = -1 / (4 * np.pi * r2 * np.sqrt(r2))
    return x * s, y * s, z * s


def _closed(points: np.ndarray, edges: Edges) -> np.ndarray:
    def functions(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, ...]:
        return _h(x, y, z), _h(y, z, x), _h(z, x, y)

    return -second_differences(functions, points, edges) / (4 * np.pi * math.prod(edges))


def _h(x: np.ndarray, y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """What ∂/∂x of 1/r is, integrated twice along each axis: Newell's f integrated along x; odd in x, even in y, z."""
    y, z = np.abs(y), np.abs(z)
    xx, yy, zz = x * x, y * y, z * z
    r = np.sqrt(xx + yy + zz)
    return (
        x * y / 6 * (3 * zz - xx) * arcsinh_over(y, xx + zz)
        + x * z / 6 * (3 * yy - xx) * arcsinh_over(z, xx + yy)
        + (6 * yy * zz - yy * yy - zz * zz) / 24 * arcsinh_over(x, yy + zz)
        - y * z * xx / 2 * arctan_over(y * z, x * r)
        - y * z * yy / 6 * arctan_over(x * z, y * r)
        - y * z * zz / 6 * arctan_over(x * y, z * r)
        + x * r * (2 * xx - 3 * yy - 3 * zz) / 24
    )
