"""The field that a magnetised mesh causes in a plane above it: kernels at points, and their convolution.

Layers of cells do not see the plane alike, so that each has a kernel of its own in x and y; there Fourier transforms
convolve, and the layers add up.
"""

import functools
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.analytic.demag import prism_tensor
from magjax.constants import MU0, PI
from magjax.mesh import AXES, Mesh
from magjax.numerics.cell_average import BLOCK, Averaged, Edges, by_distance
from magjax.numerics.demag_kernel import padded_cells
from magjax.numerics.image_sum import image_sum

#: B, or the second derivative of B_z along z, which a magnetic tip feels.
Quantity = Literal["field", "curvature"]
#: Along which of x and y each component is odd: N_xx, N_yy, N_zz, N_xy, N_xz, N_yz, and the parts of the curvature.
_ODD: dict[Quantity, tuple[str, ...]] = {"field": ("", "", "", "xy", "x", "y"), "curvature": ("x", "y", "")}
#: Which of the six components couples B_a to M_b.
_ENTRY = ((0, 3, 4), (3, 1, 5), (4, 5, 2))


def above(M: Array, mesh: Mesh, height: float, images: tuple[float, float, float], quantity: Quantity) -> Array:
    """What a magnetisation causes at the points above the cells' centres, `height` above the top of the mesh.

    - `M`: A/m, `(3, nz, ny, nx)`. `height`: m. `images`: copies on either side along x, y, z, finitely many.

    **Returns** B in T, `(3, ny, nx)`, or ∂²B_z/∂z² in T/m², `(ny, nx)`. It is linear in `M`; no derivative flows into
    the kernel.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.numerics.plane_kernel import above
    >>> B = above(jnp.full((3, 1, 1, 1), 8e5), mj.Mesh((1, 1, 1), 10e-9), 95e-9, (0, 0, 0), "field")
    >>> [round(float(b) * 1e3, 4) for b in B[:, 0, 0]]  # of a dipole at 100 nm, mT
    [-0.08, -0.08, 0.16]
    """
    _, ny, nx = mesh.shape
    px, py, _ = padded_cells(mesh)
    with jax.ensure_compile_time_eval():
        kernel = jnp.asarray(_spectrum(mesh, height, images, quantity), jnp.result_type(M.dtype, jnp.complex64))
    waves = jnp.fft.rfft2(M, s=(py, px))
    if quantity == "field":
        rows = [sum((kernel[i] * waves[b] for b, i in enumerate(row)), start=jnp.zeros(())) for row in _ENTRY]
        found = jnp.stack([jnp.sum(row, axis=0) for row in rows])
    else:
        found = jnp.sum(kernel * waves, axis=(0, 1))
    return jnp.fft.irfft2(found, s=(py, px))[..., :ny, :nx].astype(M.dtype)


@functools.lru_cache(maxsize=4)
def _spectrum(mesh: Mesh, height: float, images: tuple[float, float, float], quantity: Quantity) -> np.ndarray:
    """Transforms of the layers' kernels, from the lowest: `(components, nz, Py, Px//2+1)`."""
    odd = _ODD[quantity]
    scale = max(mesh.cell_size)
    halves = tuple(d / scale / 2 for d in mesh.cell_size)
    closed, averaged = (_tensor, _dipole) if quantity == "field" else (_curvature, _dipole_curvature)

    def evaluate(x: np.ndarray, y: np.ndarray, z: np.ndarray, tails: str) -> np.ndarray:
        points = np.stack([np.ravel(a) / scale for a in (x, y, z + mesh.cell_size[2] / 2 + height)])
        # Between a point and a cuboid half the edges are what is between two cuboids the edges.
        return by_distance(points, halves, len(odd), closed, averaged).reshape(len(odd), *x.shape)

    kernel = image_sum(mesh, images, odd, evaluate)[:, ::-1]
    kernel = kernel * (-MU0 if quantity == "field" else MU0 / scale**2)
    for axis, i in ((-1, 0), (-2, 1)):
        signs = np.array([-1 if AXES[i] in name else 1 for name in odd]).reshape(-1, 1, 1, 1)
        kernel = _mirrored(kernel, axis, padded_cells(mesh)[i], signs)
    return np.fft.rfft2(kernel)


def _mirrored(half: np.ndarray, axis: int, length: int, signs: np.ndarray) -> np.ndarray:
    """A kernel for distances ≥ 0 along one axis, for all of them: negative ones from the end of `length` on."""
    count = min(half.shape[axis], (length + 1) // 2)
    behind = np.flip(np.take(half, range(1, count), axis), axis) * signs
    gap = list(half.shape)
    gap[axis] = length - half.shape[axis] - behind.shape[axis]
    return np.concatenate([half, np.zeros(gap), behind], axis=axis)


def _tensor(points: np.ndarray, halves: Edges) -> np.ndarray:
    x, y, z = points
    return prism_tensor(x, y, z, [2 * h for h in halves])


def _curvature(points: np.ndarray, halves: Edges) -> np.ndarray:
    """(1/4π) ∂_z³∂_a of ∫dV/R over a cuboid, a = x, y, z, for points above it."""
    total = np.zeros_like(points)
    for s in (-1, 1):
        for p in (-1, 1):
            for q in (-1, 1):
                u, v, w = points + np.array([[s], [p], [q]]) * np.array(halves)[:, None]
                a, b = u * u + w * w, v * v + w * w
                r = np.sqrt(a + v * v)
                total[0] -= s * p * q * _bent(v, w, a, r)
                total[1] -= s * p * q * _bent(u, w, b, r)
                slope = (w / r**2 + 2 * w / a + 2 * w / b) * (r * r + w * w)
                total[2] += s * p * q * u * v / (r * a * b) * (4 * w - slope)
    return total / (4 * PI)


def _bent(v: np.ndarray, w: np.ndarray, a: np.ndarray, r: np.ndarray) -> np.ndarray:
    """−∂²/∂w² arcsinh(v/√a), a = u² + w²."""
    return v / (r * a) * (1 - w * w / r**2 - 2 * w * w / a)


def _over_cuboid(points: np.ndarray, halves: Edges, nodes: tuple[int, ...], power: int) -> np.ndarray:
    """Gauss rules over a cuboid for the dipole's tensor, `power` = 3, or its curvature, 5; times its volume over 4π."""
    rules = [np.polynomial.legendre.leggauss(n) for n in nodes]
    shifts = np.meshgrid(*(h * u for h, (u, _) in zip(halves, rules, strict=True)), indexing="ij")
    weights = np.einsum("i,j,k->ijk", *(w for _, w in rules)).ravel() * np.prod(halves) / (4 * PI)
    parts = []
    step = max(1, BLOCK // weights.size)
    for start in range(0, points.shape[1], step):
        x, y, z = (p[start : start + step, None] + s.ravel()[None] for p, s in zip(points, shifts, strict=True))
        r2 = x * x + y * y + z * z
        if power == 3:
            c, f = r2**-1.5, 3 * r2**-2.5
            found = (c - x * x * f, c - y * y * f, c - z * z * f, -x * y * f, -x * z * f, -y * z * f)
        else:
            sideways = z * (105 * z * z / r2 - 45) * r2**-3.5
            found = (x * sideways, y * sideways, (105 * z**4 / r2**2 - 90 * z * z / r2 + 9) * r2**-2.5)
        parts.append(np.stack([each @ weights for each in found]))
    return np.concatenate(parts, axis=1)


_dipole: Averaged = functools.partial(_over_cuboid, power=3)
_dipole_curvature: Averaged = functools.partial(_over_cuboid, power=5)
