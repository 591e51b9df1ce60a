"""The convolution on a CPU, outside XLA: transforms that skip the zeros, fused with the product in cache.

The field is padded one axis at a time, so zeros are never transformed, and the spectrum of the last axis, the
largest array of all, never reaches the memory: block by block it is transformed, multiplied and transformed back
while it lies in the cache. Threads share the blocks. ducc0 computes the transforms where it is installed, scipy
otherwise.
"""

import collections
import dataclasses
import functools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

# Bytes of a block of the field, at most and at least. Large blocks keep the interpreter out of the way, small ones
# stay in the cache and share out evenly; both limits are measured.
_LARGEST_BLOCK, _SMALLEST_BLOCK = 1_500_000, 150_000
# Blocks for each thread, where the field is large enough for as many.
_BLOCKS_PER_THREAD = 4
# Workspaces kept for the next call. More than one, because several programs may run at once.
_KEPT_WORKSPACES = 4


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a convolution on one mesh looks like: `outer` and `fused` are the axes y and z, or the only one left.

    The array is seen as `(3, fused, outer, x)`. A film has only one axis beside x: it is the fused one.

    - `field`, `padded`, `kernel`: lengths `(fused, outer, x)` of the field, of the padded field, and of the kernel.
    - `couplings`: for each off-diagonal entry `(kernel entry, its two components, odd in outer, odd in fused)`.
    """

    field: tuple[int, int, int]
    padded: tuple[int, int, int]
    kernel: tuple[int, int, int]
    couplings: tuple[tuple[int, slice, bool, bool], ...]

    @property
    def half(self) -> int:
        """Length of the x axis after its real transform."""
        return self.padded[2] // 2 + 1


@functools.lru_cache(maxsize=64)
def plan(cells: tuple[int, int, int], padded: tuple[int, int, int], components: tuple[str, ...]) -> Plan:
    """Lay out the convolution for a mesh.

    >>> from magjax.numerics.host_fft import plan
    >>> plan((8, 4, 1), (16, 8, 1), ("xx", "yy", "zz", "xy")).padded
    (8, 1, 16)
    """
    fused, outer = ("z", "y") if cells[2] > 1 else ("y", "z")
    order = ["xyz".index(axis) for axis in (fused, outer, "x")]
    field, lengths = (tuple(sizes[a] for a in order) for sizes in (cells, padded))
    couplings = []
    for entry, (a, b) in enumerate(components):
        if a != b:
            first, second = "xyz".index(a), "xyz".index(b)
            pair = slice(first, second + 1, second - first)
            couplings.append((entry, pair, outer in (a, b), fused in (a, b)))
    return Plan(field, lengths, tuple(p // 2 + 1 for p in lengths), tuple(couplings))  # type: ignore[arg-type]


def convolve(field: np.ndarray, spectrum: np.ndarray, layout: Plan, backend: str | None = None) -> np.ndarray:
    """Convolve one field with a kernel.

    **Arguments**

    - `field`: `(3, nz, ny, nx)`, float32 or float64.
    - `spectrum`: of the kernel, laid out as `DemagKernel.spectrum`, of the same dtype.
    - `layout`: the `plan` of this mesh.
    - `backend`: `"ducc"` or `"scipy"`; the best there is unless given.

    **Returns** the same shape and dtype as `field`.

    >>> import numpy as np, magjax as mj
    >>> from magjax.numerics.demag_kernel import demag_kernel
    >>> from magjax.numerics.host_fft import convolve, plan
    >>> kernel = demag_kernel(mj.Mesh((4, 4, 1), 5e-9), dtype=np.float32)
    >>> layout = plan(kernel.cells, kernel.padded, kernel.components)
    >>> convolve(np.ones((3, 1, 4, 4), np.float32), np.asarray(kernel.spectrum), layout).shape
    (3, 1, 4, 4)
    """
    fft = _backend(backend)
    nf, no, nx = layout.field
    source = field.reshape(3, nf, no, nx)
    result = np.empty_like(source)
    kernel = spectrum.reshape(spectrum.shape[0], *layout.kernel)
    workspace = _borrow(layout, field.dtype)
    try:
        planes = _planes(layout, field.itemsize)
        _in_threads(planes, lambda task, scratch: _forward(fft, layout, source, task, workspace, scratch), workspace)
        _in_threads(_blocks(layout, field.itemsize), lambda task, scratch: _fused(fft, layout, kernel, task, workspace, scratch), workspace)
        _in_threads(planes, lambda task, scratch: _inverse(fft, layout, result, task, workspace, scratch), workspace)
    finally:
        _give_back(workspace)
    return result.reshape(field.shape)


def convolve_many(fields: np.ndarray, spectrum: np.ndarray, layout: Plan, backend: str | None = None) -> np.ndarray:
    """Convolve fields `(…, 3, nz, ny, nx)` with one kernel, one after the other.

    >>> import numpy as np, magjax as mj
    >>> from magjax.numerics.demag_kernel import demag_kernel
    >>> from magjax.numerics.host_fft import convolve_many, plan
    >>> kernel = demag_kernel(mj.Mesh((4, 4, 1), 5e-9), dtype=np.float32)
    >>> layout = plan(kernel.cells, kernel.padded, kernel.components)
    >>> convolve_many(np.ones((5, 3, 1, 4, 4), np.float32), np.asarray(kernel.spectrum), layout).shape
    (5, 3, 1, 4, 4)
    """
    if fields.ndim == 4:
        return convolve(fields, spectrum, layout, backend)
    result = np.empty_like(fields)
    for index in np.ndindex(fields.shape[:-4]):
        result[index] = convolve(fields[index], spectrum, layout, backend)
    return result


# ------------------------------------------------------------------------------------------------- the three stages
def _forward(fft: Any, layout: Plan, source: np.ndarray, task: Any, workspace: "_Workspace", scratch: Any) -> None:
    """Transform x, then the outer axis, of a few planes."""
    c, planes = task
    count = planes.stop - planes.start
    _, no, nx = layout.field
    _, po, px = layout.padded
    real = scratch("real", (count, no, px), source.dtype)
    real[..., :nx] = source[c, planes]
    # Scratch memory serves several stages: the padding has to be cleared each time.
    real[..., nx:] = 0
    target = workspace.spectrum[c, planes]
    if po == 1:
        fft.r2c(real, 2, target)
        return
    padded = scratch("padded", (count, po, layout.half), target.dtype)
    fft.r2c(real, 2, padded[:, :no])
    padded[:, no:] = 0
    fft.c2c(padded, 1, True, target)


def _fused(fft: Any, layout: Plan, kernel: np.ndarray, task: Any, workspace: "_Workspace", scratch: Any) -> None:
    """Transform the fused axis of a block, multiply by the kernel, transform back; then the same for its mirror image."""
    outer, columns = task
    nf, pf, lf = layout.field[0], layout.padded[0], layout.kernel[0]
    po = layout.padded[1]
    shape = (outer.stop - outer.start, columns.stop - columns.start)
    size = shape[0] * shape[1]
    first, second = (scratch(name, (3, pf, *shape), workspace.spectrum.dtype) for name in ("first", "second"))
    factor, product = (a.view(kernel.dtype).reshape(3, pf, 2 * size) for a in (second, first))
    # Real and imaginary parts meet the same number: with each number doubled the product is one of real arrays.
    doubled = scratch("kernel", (kernel.shape[0], lf, *shape, 2), kernel.dtype)
    doubled[..., 0] = doubled[..., 1] = kernel[:, :, outer, columns]
    doubled = doubled.reshape(kernel.shape[0], lf, 2 * size)
    mirrored = doubled[:, pf - lf : 0 : -1]
    # The outer indices 0 and half the length are their own mirror images; they come in blocks of their own.
    itself = outer.start == 0 or 2 * outer.start == po
    image = slice(po - outer.start, po - outer.stop, -1)
    for rows in (outer,) if itself else (outer, image):
        block = workspace.spectrum[:, :, rows, columns]
        first[:, :nf] = block
        first[:, nf:] = 0
        fft.c2c(first, 1, True, second)
        _multiply(layout, doubled, factor[:, :lf], product[:, :lf], rows is image, False, scratch)
        if mirrored.shape[1]:
            _multiply(layout, mirrored, factor[:, lf:], product[:, lf:], rows is image, True, scratch)
        fft.c2c(first, 1, False, second)
        block[...] = second[:, :nf]


def _inverse(fft: Any, layout: Plan, result: np.ndarray, task: Any, workspace: "_Workspace", scratch: Any) -> None:
    """Transform back the outer axis, then x, of a few planes."""
    c, planes = task
    count = planes.stop - planes.start
    _, no, nx = layout.field
    _, po, px = layout.padded
    spectrum = workspace.spectrum[c, planes]
    if po > 1:
        padded = scratch("padded", (count, po, layout.half), spectrum.dtype)
        fft.c2c(spectrum, 1, False, padded)
        spectrum = padded[:, :no]
    real = scratch("real", (count, no, px), result.dtype)
    fft.c2r(spectrum, 2, px, real)
    result[c, planes] = real[..., :nx]


def _multiply(
    layout: Plan, kernel: np.ndarray, factor: np.ndarray, product: np.ndarray, outer: bool, fused: bool, scratch: Any
) -> None:
    """Symmetric 3×3 product; `outer` and `fused` say which axes are mirrored, where odd entries change sign."""
    np.multiply(kernel[:3], factor, out=product)
    summand = scratch("summand", (2, *factor.shape[1:]), factor.dtype)
    for entry, pair, odd_outer, odd_fused in layout.couplings:
        np.multiply(kernel[entry][None], factor[pair][::-1], out=summand)
        combine = np.subtract if (odd_outer and outer) != (odd_fused and fused) else np.add
        combine(product[pair], summand, out=product[pair])


# ------------------------------------------------------------------------------------------------ blocks and threads
def _planes(layout: Plan, itemsize: int) -> list[tuple[int, slice]]:
    """Tasks of the first and last stage: a component and a few planes of it."""
    nf, plane = layout.field[0], layout.padded[1] * layout.half * 2 * itemsize
    size = max(1, _block_bytes(3 * nf * plane) // plane)
    return [(c, planes) for c in range(3) for planes in _slices(0, nf, size)]


def _blocks(layout: Plan, itemsize: int) -> list[tuple[slice, slice]]:
    """Tasks of the fused stage: a slice of the outer axis (its mirror image goes with it) and one of columns."""
    po, lo, half = layout.padded[1], layout.kernel[1], layout.half
    column = 3 * layout.padded[0] * 2 * itemsize
    # Whole SIMD vectors of columns, and blocks of about even size.
    columns = max(1, _block_bytes(column * half * po) // column)
    width = half if columns >= half else max(8, columns // 8 * 8)
    singles = [slice(0, 1)] + ([slice(po // 2, po // 2 + 1)] if po > 1 and po % 2 == 0 else [])
    groups = _slices(1, lo - (len(singles) - 1), max(1, columns // half))
    return [(outer, some) for outer in singles + groups for some in _slices(0, half, width)]


def _block_bytes(total: int) -> int:
    return min(_LARGEST_BLOCK, max(_SMALLEST_BLOCK, total // (_BLOCKS_PER_THREAD * thread_count())))


def _slices(start: int, stop: int, size: int) -> list[slice]:
    return [slice(i, min(i + size, stop)) for i in range(start, stop, size)]


def _in_threads(tasks: list[Any], work: Callable[[Any, Any], None], workspace: "_Workspace") -> None:
    """Do the tasks in all threads, this one included; whoever is free takes the next."""
    queue = iter(tasks)
    lock = threading.Lock()

    def serve(index: int) -> None:
        scratch = workspace.scratch(index)
        while True:
            with lock:
                task = next(queue, None)
            if task is None:
                return
            work(task, scratch)

    helpers = [_pool().submit(serve, i) for i in range(1, min(thread_count(), len(tasks)))]
    serve(0)
    for helper in helpers:
        # One that has not begun has nothing left to do; waiting for it could mean waiting for another program.
        if not helper.cancel():
            helper.result()


@functools.cache
def thread_count() -> int:
    """Threads a convolution uses: `MAGJAX_THREADS`, or the processors this process may run on."""
    given = os.environ.get("MAGJAX_THREADS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_count(), thread_name_prefix="magjax-fft")


class _Workspace:
    """The memory of one running convolution: the half-transformed field, and scratch arrays for each thread."""

    def __init__(self, layout: Plan, dtype: np.dtype):
        self.key = (layout, dtype)
        self.spectrum = np.empty(
            (3, layout.field[0], layout.padded[1], layout.half), np.complex64 if dtype == np.float32 else np.complex128
        )
        self._scratch: dict[tuple[int, str], np.ndarray] = {}

    def scratch(self, index: int) -> Callable[[str, tuple[int, ...], Any], np.ndarray]:
        """The scratch arrays of one thread, by name; grown when asked for more."""

        def get(name: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
            size = int(np.prod(shape)) * np.dtype(dtype).itemsize
            have = self._scratch.get((index, name))
            if have is None or have.size < size:
                have = self._scratch[index, name] = np.empty(size, np.uint8)
            return have[:size].view(dtype).reshape(shape)

        return get


_free: collections.deque[_Workspace] = collections.deque(maxlen=_KEPT_WORKSPACES)


def _borrow(layout: Plan, dtype: np.dtype) -> _Workspace:
    # Rotating past others and popping are atomic each; at worst two callers make a workspace each.
    for _ in range(len(_free)):
        try:
            workspace = _free.popleft()
        except IndexError:
            break
        if workspace.key == (layout, dtype):
            return workspace
        _free.append(workspace)
    return _Workspace(layout, dtype)


def _give_back(workspace: _Workspace) -> None:
    _free.append(workspace)


# --------------------------------------------------------------------------------------------------------- backends
class _Ducc:
    """Transforms by ducc0, straight into given arrays."""

    def __init__(self) -> None:
        import ducc0

        self._fft = ducc0.fft

    def r2c(self, a: np.ndarray, axis: int, out: np.ndarray) -> None:
        self._fft.r2c(a, axes=(axis,), out=out)

    def c2c(self, a: np.ndarray, axis: int, forward: bool, out: np.ndarray) -> None:
        self._fft.c2c(a, axes=(axis,), forward=forward, inorm=0 if forward else 2, out=out)

    def c2r(self, a: np.ndarray, axis: int, n: int, out: np.ndarray) -> None:
        self._fft.c2r(a, axes=(axis,), lastsize=n, forward=False, inorm=2, out=out)


class _Scipy:
    """Transforms by scipy.fft, which has no output arrays: the results are copied."""

    def __init__(self) -> None:
        import scipy.fft

        self._fft = scipy.fft

    def r2c(self, a: np.ndarray, axis: int, out: np.ndarray) -> None:
        out[...] = self._fft.rfft(a, axis=axis)

    def c2c(self, a: np.ndarray, axis: int, forward: bool, out: np.ndarray) -> None:
        out[...] = (self._fft.fft if forward else self._fft.ifft)(a, axis=axis)

    def c2r(self, a: np.ndarray, axis: int, n: int, out: np.ndarray) -> None:
        out[...] = self._fft.irfft(a, n, axis=axis)


@functools.cache
def _backend(name: str | None) -> Any:
    if name == "scipy":
        return _Scipy()
    try:
        return _Ducc()
    except ImportError:
        if name == "ducc":
            raise
        return _Scipy()


