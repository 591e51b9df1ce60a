"""The convolution on a CPU, outside XLA: transforms that skip the zeros, fused with the product in cache.

The field is padded one axis at a time, so zeros are never transformed, and the spectrum of the last axis, the
largest array of all, never reaches the memory: block by block it is transformed, multiplied and transformed back
while it lies in the cache. Threads share the blocks.
"""

import collections
import dataclasses
import functools

import numpy as np

from magjax.numerics.fft_backend import Backend, Transforms, transforms
from magjax.numerics.host_product import Compiler, Coupling, Product, product
from magjax.numerics.threads import Scratch, in_threads, thread_count

# Bytes of a block of the field, at most and at least. Large blocks keep the interpreter out of the way, small ones
# stay in the cache and share out evenly; both limits are measured.
_LARGEST_BLOCK, _SMALLEST_BLOCK = 1_500_000, 150_000
# Blocks for each thread, where the field is large enough for as many.
_BLOCKS_PER_THREAD = 2
# Bytes of the half-transformed field that keep a thread busy for longer than it takes to wake it.
_WORTH_A_THREAD = 700_000
# Workspaces kept for the next call. More than one, because several programs may run at once.
_KEPT_WORKSPACES = 4


@dataclasses.dataclass(frozen=True)
class Plan:
    """What a convolution on one mesh looks like: `outer` and `fused` are the axes y and z, or the only one left.

    The array is seen as `(3, fused, outer, x)`. A film has only one axis beside x: it is the fused one.

    - `field`, `padded`, `kernel`: lengths `(fused, outer, x)` of the field, of the padded field, and of the kernel.
    - `couplings`: the off-diagonal entries.
    """

    field: tuple[int, ...]
    padded: tuple[int, ...]
    kernel: tuple[int, ...]
    couplings: tuple[Coupling, ...]

    @property
    def half(self) -> int:
        """Length of the x axis after its real transform."""
        return self.padded[2] // 2 + 1


@functools.lru_cache(maxsize=64)
def plan(cells: tuple[int, int, int], padded: tuple[int, int, int], components: tuple[str, ...]) -> Plan:
    """Lay out the convolution for a mesh; `x` and one more axis must have more than one cell.

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
            couplings.append(Coupling(entry, first, second, outer in (a, b), fused in (a, b)))
    return Plan(field, lengths, tuple(p // 2 + 1 for p in lengths), tuple(couplings))


def convolve(
    fields: np.ndarray,
    spectrum: np.ndarray,
    layout: Plan,
    *,
    backend: Backend | None = None,
    compiler: Compiler | None = None,
    threads: int | None = None,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """Convolve fields with a kernel.

    **Arguments**

    - `fields`: `(…, 3, nz, ny, nx)`, float32 or float64; leading axes are a batch.
    - `spectrum`: of the kernel, laid out as `DemagKernel.spectrum`, of the same dtype.
    - `layout`: the `plan` of this mesh.
    - `backend`: of the transforms, `"ducc"` or `"scipy"`; the fastest installed unless given.
    - `compiler`: of the product, `"numba"` or `"numpy"`; the fastest installed unless given.
    - `threads`: number of threads; as many of `thread_count()` as are worth waking unless given.
    - `out`: where the result goes; new memory unless given.

    **Returns** the same shape and dtype as `fields`.

    >>> import numpy as np, magjax as mj
    >>> from magjax.numerics.demag_kernel import demag_kernel
    >>> from magjax.numerics.host_fft import convolve, plan
    >>> kernel = demag_kernel(mj.Mesh((4, 4, 1), 5e-9), dtype=np.float32)
    >>> layout = plan(kernel.cells, kernel.padded, kernel.components)
    >>> convolve(np.ones((3, 1, 4, 4), np.float32), np.asarray(kernel.spectrum), layout).shape
    (3, 1, 4, 4)
    """
    result = np.empty_like(fields) if out is None else out
    kernel = spectrum.reshape(spectrum.shape[0], *layout.kernel)
    workspace = _borrow(layout, fields.dtype, threads or _worthwhile_threads(layout, fields.itemsize))
    try:
        for source, target in zip(_as_batch(fields, layout), _as_batch(result, layout), strict=True):
            _Run(transforms(backend), product(compiler), layout, kernel, source, target, workspace).execute()
    finally:
        _free.append(workspace)
    return result


def _worthwhile_threads(layout: Plan, itemsize: int) -> int:
    size = 3 * layout.field[0] * layout.padded[1] * layout.half * 2 * itemsize
    return max(1, min(thread_count(), size // _WORTH_A_THREAD))


def _as_batch(fields: np.ndarray, layout: Plan) -> np.ndarray:
    return fields.reshape(-1, 3, *layout.field)


@dataclasses.dataclass(frozen=True)
class _Run:
    """One field on its way through the three stages."""

    fft: Transforms
    product: Product
    layout: Plan
    kernel: np.ndarray
    source: np.ndarray
    target: np.ndarray
    workspace: "_Workspace"

    def execute(self) -> None:
        scratches = self.workspace.scratches
        planes, blocks = _planes(self), _blocks(self)
        in_threads(self.forward, planes, scratches)
        in_threads(self.fused, blocks, scratches)
        in_threads(self.inverse, planes, scratches)

    def forward(self, task: tuple[int, slice], scratch: Scratch) -> None:
        """Transform x, then the outer axis, of a few planes of one component."""
        (_, no, nx), (_, po, px) = self.layout.field, self.layout.padded
        source, target = self.source[task], self.workspace.spectrum[task]
        real = scratch.get("real", (len(source), no, px), source.dtype)
        real[..., :nx] = source
        # Scratch memory serves several stages: the padding has to be cleared each time.
        real[..., nx:] = 0
        if po == 1:
            self.fft.r2c(real, 2, target)
            return
        padded = scratch.get("padded", target.shape, target.dtype)
        self.fft.r2c(real, 2, padded[:, :no])
        padded[:, no:] = 0
        self.fft.c2c(padded, 1, True, target)

    def fused(self, task: tuple[slice, slice], scratch: Scratch) -> None:
        """Transform the fused axis of a block, multiply, transform back; the same for the block's mirror image."""
        outer, columns = task
        (nf, _, _), (pf, po, _) = self.layout.field, self.layout.padded
        shape = (3, pf, outer.stop - outer.start, columns.stop - columns.start)
        first, second = (scratch.get(name, shape, self.workspace.spectrum.dtype) for name in ("first", "second"))
        factor = self.product.load(self.kernel, outer, columns, scratch)
        # The outer indices 0 and half the length are their own mirror images; they come in blocks of their own.
        itself = outer.start == 0 or 2 * outer.start == po
        image = slice(po - outer.start, po - outer.stop, -1)
        for rows in (outer,) if itself else (outer, image):
            block = self.workspace.spectrum[:, :, rows, columns]
            first[:, :nf] = block
            first[:, nf:] = 0
            self.fft.c2c(first, 1, True, second)
            self.product.multiply(factor, second, first, self.layout.couplings, rows is image, scratch)
            self.fft.c2c(first, 1, False, second)
            block[...] = second[:, :nf]

    def inverse(self, task: tuple[int, slice], scratch: Scratch) -> None:
        """Transform back the outer axis, then x, of a few planes of one component."""
        (_, no, nx), (_, po, px) = self.layout.field, self.layout.padded
        spectrum, target = self.workspace.spectrum[task], self.target[task]
        if po > 1:
            padded = scratch.get("padded", spectrum.shape, spectrum.dtype)
            self.fft.c2c(spectrum, 1, False, padded)
            spectrum = padded[:, :no]
        real = scratch.get("real", (len(target), no, px), target.dtype)
        self.fft.c2r(spectrum, 2, px, real)
        target[...] = real[..., :nx]


def _planes(run: _Run) -> list[tuple[int, slice]]:
    """Tasks of the first and last stage: a component and a few planes of it."""
    plane = run.workspace.spectrum[0, 0].nbytes
    size = max(1, _block_bytes(run.workspace) // plane)
    return [(c, planes) for c in range(3) for planes in _slices(0, run.layout.field[0], size)]


def _blocks(run: _Run) -> list[tuple[slice, slice]]:
    """Tasks of the fused stage: a slice of the outer axis (its mirror image goes with it) and one of columns."""
    (pf, po, _), (_, lo, _), half = run.layout.padded, run.layout.kernel, run.layout.half
    columns = _block_bytes(run.workspace) // (3 * pf * run.workspace.spectrum.itemsize)
    # Whole SIMD vectors of columns.
    width = half if columns >= half else max(8, columns // 8 * 8)
    singles = [slice(0, 1)] + ([slice(po // 2, po // 2 + 1)] if po > 1 and po % 2 == 0 else [])
    groups = _slices(1, lo - len(singles) + 1, max(1, columns // half))
    return [(outer, some) for outer in singles + groups for some in _slices(0, half, width)]


def _block_bytes(workspace: "_Workspace") -> int:
    share = workspace.spectrum.nbytes // (_BLOCKS_PER_THREAD * len(workspace.scratches))
    return min(_LARGEST_BLOCK, max(_SMALLEST_BLOCK, share))


def _slices(start: int, stop: int, size: int) -> list[slice]:
    return [slice(i, min(i + size, stop)) for i in range(start, stop, size)]


class _Workspace:
    """The memory of one running convolution: the half-transformed field, and scratch arrays for each thread."""

    def __init__(self, layout: Plan, dtype: np.dtype, threads: int):
        self.key = (layout, dtype, threads)
        shape = (3, layout.field[0], layout.padded[1], layout.half)
        self.spectrum = np.empty(shape, np.complex64 if dtype == np.float32 else np.complex128)
        self.scratches = [Scratch() for _ in range(threads)]


# Workspaces nobody uses at the moment; the oldest goes when there are too many.
_free: collections.deque[_Workspace] = collections.deque(maxlen=_KEPT_WORKSPACES)


def _borrow(layout: Plan, dtype: np.dtype, threads: int) -> _Workspace:
    # Taking one out and putting it back are atomic each: whatever others do meanwhile, no two callers share one.
    for _ in range(len(_free)):
        try:
            workspace = _free.popleft()
        except IndexError:
            break
        if workspace.key == (layout, dtype, threads):
            return workspace
        _free.append(workspace)
    return _Workspace(layout, dtype, threads)
