"""The product with the kernel on a CPU: one pass over a block where numba compiles it, several of numpy's otherwise."""

import functools
import importlib.util
import inspect
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from magjax.numerics.threads import Scratch

Compiler = Literal["numba", "numpy"]


class Coupling(NamedTuple):
    """An off-diagonal entry of the kernel: its place there, its two components, and the axes along which it is odd."""

    entry: int
    first: int
    second: int
    odd_outer: bool
    odd_fused: bool


Couplings = tuple[Coupling, ...]


class Product(Protocol):
    """The symmetric 3×3 product of a block of waves, and of the block at the mirrored outer wave numbers."""

    def load(self, kernel: np.ndarray, outer: slice, columns: slice, scratch: Scratch) -> Any:
        """What both will be multiplied by; `kernel` is `(entries, fused, outer, x)` of wave numbers ≥ 0."""
        ...

    def multiply(
        self,
        loaded: Any,
        waves: np.ndarray,
        out: np.ndarray,
        couplings: tuple[Coupling, ...],
        image: bool,
        scratch: Any,
    ) -> None:
        """Multiply waves `(3, padded, outer, columns)` of all fused wave numbers; `image` says whether mirrored."""
        ...


def available() -> tuple[Compiler, ...]:
    """What is installed, the fastest first.

    >>> from magjax.numerics.host_product import available
    >>> "numpy" in available()
    True
    """
    return ("numba", "numpy") if importlib.util.find_spec("numba") else ("numpy",)


@functools.cache
def product(compiler: Compiler | None = None) -> Product:
    """The product by one compiler, the fastest installed unless named.

    >>> import numpy as np
    >>> from magjax.numerics.host_product import product
    >>> from magjax.numerics.threads import Scratch
    >>> scratch, kernel = Scratch(), np.full((3, 2, 1, 1), 3.0)
    >>> waves, out = np.ones((3, 2, 1, 1), complex), np.empty((3, 2, 1, 1), complex)
    >>> by = product("numpy")
    >>> by.multiply(by.load(kernel, slice(0, 1), slice(0, 1), scratch), waves, out, (), False, scratch)
    >>> out[0].ravel().real.tolist()
    [3.0, 3.0]
    """
    return _Numba() if (compiler or available()[0]) == "numba" else _Numpy()


def _signs(coupling: Coupling, image: bool) -> tuple[int, int]:
    """Signs of an entry at fused wave numbers ≥ 0, and at the mirrored ones."""
    sign = -1 if coupling.odd_outer and image else 1
    return sign, -sign if coupling.odd_fused else sign


class _Numpy:
    """A pass for every factor and every sum."""

    def load(self, kernel: np.ndarray, outer: slice, columns: slice, scratch: Scratch) -> np.ndarray:
        # Real and imaginary parts meet the same number: with each number doubled the product is one of real arrays.
        block = kernel[:, :, outer, columns]
        doubled = scratch.get("kernel", (*block.shape, 2), kernel.dtype)
        doubled[..., 0] = doubled[..., 1] = block
        return doubled.reshape(*block.shape[:2], -1)

    def multiply(
        self,
        loaded: Any,
        waves: np.ndarray,
        out: np.ndarray,
        couplings: tuple[Coupling, ...],
        image: bool,
        scratch: Any,
    ) -> None:
        padded, length = waves.shape[1], loaded.shape[1]
        factor, target = (a.view(loaded.dtype).reshape(3, padded, -1) for a in (waves, out))
        for part, (some, kernel) in enumerate(
            ((slice(length), loaded), (slice(length, padded), loaded[:, padded - length : 0 : -1]))
        ):
            if kernel.shape[1]:
                signs = [_signs(coupling, image)[part] for coupling in couplings]
                self._part(kernel, factor[:, some], target[:, some], couplings, signs, scratch)

    def _part(
        self,
        kernel: np.ndarray,
        factor: np.ndarray,
        out: np.ndarray,
        couplings: Any,
        signs: list[int],
        scratch: Scratch,
    ) -> None:
        np.multiply(kernel[:3], factor, out=out)
        summand = scratch.get("summand", (2, *factor.shape[1:]), factor.dtype)
        for coupling, sign in zip(couplings, signs, strict=True):
            pair = slice(coupling.first, coupling.second + 1, coupling.second - coupling.first)
            np.multiply(kernel[coupling.entry][None], factor[pair][::-1], out=summand)
            (np.add if sign > 0 else np.subtract)(out[pair], summand, out=out[pair])


class _Numba:
    """One pass over waves and kernel."""

    def __init__(self) -> None:
        self._three, self._one = _compiled(_three), _compiled(_one)

    def load(self, kernel: np.ndarray, outer: slice, columns: slice, scratch: Scratch) -> tuple[np.ndarray, int, int]:
        return kernel, outer.start, columns.start

    def multiply(
        self,
        loaded: Any,
        waves: np.ndarray,
        out: np.ndarray,
        couplings: tuple[Coupling, ...],
        image: bool,
        scratch: Any,
    ) -> None:
        kernel = loaded[0]
        factor, target = waves.view(kernel.dtype), out.view(kernel.dtype)
        signs = np.asarray([_signs(coupling, image) for coupling in couplings], kernel.dtype)
        if len(couplings) == 3:
            self._three(*loaded, factor, target, signs)
        else:
            (coupling,) = couplings
            alone = 3 - coupling.first - coupling.second
            self._one(*loaded, factor, target, signs, coupling.first, coupling.second, alone)


def _compiled(function: Any) -> Any:
    import numba

    # Without what checks its types while tests run: there is nothing in it to compile.
    function = inspect.unwrap(function)
    try:
        return numba.njit(nogil=True, cache=True)(function)
    except RuntimeError:
        # Nowhere to keep what is compiled.
        return numba.njit(nogil=True)(function)


def _three(kernel: Any, outer: int, column: int, waves: Any, out: Any, signs: Any) -> None:
    """All six entries: of a volume. Real and imaginary parts of the waves alternate along the last axis."""
    length = kernel.shape[1]
    for k in range(waves.shape[1]):
        mirrored = 1 if k >= length else 0
        row = waves.shape[1] - k if mirrored else k
        xy_sign, xz_sign, yz_sign = signs[0, mirrored], signs[1, mirrored], signs[2, mirrored]
        for r in range(waves.shape[2]):
            for j in range(waves.shape[3] // 2):
                xx = kernel[0, row, outer + r, column + j]
                yy = kernel[1, row, outer + r, column + j]
                zz = kernel[2, row, outer + r, column + j]
                xy = kernel[3, row, outer + r, column + j] * xy_sign
                xz = kernel[4, row, outer + r, column + j] * xz_sign
                yz = kernel[5, row, outer + r, column + j] * yz_sign
                for i in (2 * j, 2 * j + 1):
                    x, y, z = waves[0, k, r, i], waves[1, k, r, i], waves[2, k, r, i]
                    out[0, k, r, i] = xx * x + xy * y + xz * z
                    out[1, k, r, i] = xy * x + yy * y + yz * z
                    out[2, k, r, i] = xz * x + yz * y + zz * z


def _one(
    kernel: Any, outer: int, column: int, waves: Any, out: Any, signs: Any, first: int, second: int, alone: int
) -> None:
    """Two components that are coupled, and one alone: of a film."""
    length = kernel.shape[1]
    for k in range(waves.shape[1]):
        mirrored = 1 if k >= length else 0
        row = waves.shape[1] - k if mirrored else k
        sign = signs[0, mirrored]
        for r in range(waves.shape[2]):
            for j in range(waves.shape[3] // 2):
                both = kernel[3, row, outer + r, column + j] * sign
                for i in (2 * j, 2 * j + 1):
                    a, b = waves[first, k, r, i], waves[second, k, r, i]
                    out[first, k, r, i] = kernel[first, row, outer + r, column + j] * a + both * b
                    out[second, k, r, i] = both * a + kernel[second, row, outer + r, column + j] * b
                    out[alone, k, r, i] = kernel[alone, row, outer + r, column + j] * waves[alone, k, r, i]
