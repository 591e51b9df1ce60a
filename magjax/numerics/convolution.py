"""The magnetostatic convolution: one linear operation, two engines, one set of rules for derivatives and batches."""

import functools
import threading
from collections.abc import Callable, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import Array, Float

from magjax.numerics import host_fft
from magjax.numerics.demag_kernel import DemagKernel
from magjax.numerics.threads import Scratch

Engine = Literal["auto", "xla", "host"]
ENGINES: tuple[Engine, ...] = ("auto", "xla", "host")
#: Under this name (`jax.ad_checkpoint.checkpoint_name`) reverse mode keeps a value of a step that is computed again.
WORTH_KEEPING = "worth keeping"

# Padded points from which on the host engine gains more than its callback costs. The callback also keeps a program out
# of the persistent compilation cache, which small simulations feel most. Measured on two cores: level at 256×256×1 and
# 32×32×32 cells, 262 144 points padded; the host 1.3 … 1.8 times faster at twice as many.
_HOST_FROM_POINTS = 300_000


def magnetostatic_convolution(
    field: Float[Array, "3 nz ny nx"], kernel: DemagKernel, engine: Engine = "auto"
) -> Float[Array, "3 nz ny nx"]:
    """The demagnetising field B = −μ0 N ∗ M of a magnetisation, in T.

    It is linear in the magnetisation and its own transpose, because N is symmetric; so reverse mode, forward mode and
    `vmap` cost one convolution each. The kernel is data: no derivative flows into it.

    **Arguments**

    - `field`: magnetisation M in A/m, `(3, nz, ny, nx)`, exactly 0 in empty cells.
    - `kernel`: `demag_kernel` of the mesh; converted to the precision of `field`.
    - `engine`: `"xla"`, the compiler's FFT; `"host"`, on CPUs only, a callback into a faster FFT (elsewhere the
      same program uses the compiler's); `"auto"` takes the host where the padded mesh has three hundred thousand points
      or more.

    **Raises** `ValueError` when the shapes of field and kernel differ.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.numerics.convolution import magnetostatic_convolution
    >>> from magjax.numerics.demag_kernel import demag_kernel
    >>> kernel = demag_kernel(mj.Mesh((1, 1, 1), 5e-9))
    >>> B = magnetostatic_convolution(jnp.full((3, 1, 1, 1), 8e5), kernel)
    >>> print(f"{float(B[0, 0, 0, 0] / (4e-7 * jnp.pi * 8e5)):.6f}")
    -0.333333
    """
    if field.shape != (3, *kernel.cells[::-1]):
        raise ValueError(
            f"Argument `field` must have the shape (3, nz, ny, nx) = {(3, *kernel.cells[::-1])} of the kernel's mesh, "
            f"but got {field.shape}; is the kernel that of another mesh?"
        )
    spectrum = jax.lax.stop_gradient(jnp.asarray(kernel.spectrum, field.dtype))
    return convolution_p.bind(
        field,
        spectrum,
        cells=kernel.cells,
        padded=kernel.padded,
        components=kernel.components,
        on_host=_on_host(kernel.cells, kernel.padded, engine),
    )


def _on_host(cells: tuple[int, int, int], padded: tuple[int, int, int], engine: Engine) -> bool:
    if engine not in ENGINES:
        raise ValueError(f"Argument `engine` must be one of {', '.join(map(repr, ENGINES))}, but got {engine!r}.")
    # The host engine is built around a real transform along x and a fused one along another axis.
    able = cells[0] > 1 and (cells[1] > 1 or cells[2] > 1)
    large = engine == "host" or padded[0] * padded[1] * padded[2] >= _HOST_FROM_POINTS
    return able and large and engine != "xla"


# ----------------------------------------------------------------------------------------------------- the XLA engine
#: A field's transform and the axes, with their padded lengths, that hold negative wave numbers → the product.
Multiply = Callable[[Array, list[tuple[int, int]]], Array]


def in_fourier_space(field: Array, cells: Sequence[int], padded: Sequence[int], multiply: Multiply) -> Array:
    """Pad, transform, next axis; multiply; the same backwards with cropping. Axes of one cell are left out."""
    # Array axes of x, y, z are −1, −2, −3; the first of them to be transformed is transformed as real.
    active = [(axis, n, p) for axis, n, p in zip((-1, -2, -3), cells, padded, strict=True) if p > 1]
    transformed = field
    for i, (axis, _, p) in enumerate(active):
        transformed = (jnp.fft.fft if i else jnp.fft.rfft)(transformed, n=p, axis=axis)
    product = multiply(transformed, [(axis, p) for axis, _, p in active[1:]])
    for i, (axis, n, p) in reversed(list(enumerate(active))):
        product = jnp.fft.ifft(product, axis=axis) if i else jnp.fft.irfft(product, n=p, axis=axis)
        product = jax.lax.slice_in_dim(product, 0, n, axis=axis % product.ndim)
    return product


def completed(entry: Array, odd: str, mirrored: list[tuple[int, int]]) -> Array:
    """One component of a kernel's spectrum with the negative wave numbers along the `mirrored` axes.

    - `entry`: `(Pz//2+1, Py//2+1, Px//2+1)`. `odd`: the axes along which it is odd.
    """
    for axis, p in mirrored:
        image = jnp.flip(jax.lax.slice_in_dim(entry, 1, (p + 1) // 2, axis=axis % 3), axis=axis)
        entry = jnp.concatenate([entry, -image if "xyz"[-axis - 1] in odd else image], axis=axis)
    return entry


def _with_xla(field: Array, spectrum: Array, *, cells: Any, padded: Any, components: Any, on_host: bool) -> Array:
    """The convolution by the compiler's FFT."""

    def multiply(transformed: Array, mirrored: list[tuple[int, int]]) -> Array:
        """The symmetric 3×3 product."""
        entries = {}
        for i, name in enumerate(components):
            entry = completed(spectrum[i], name if name[0] != name[1] else "", mirrored)
            entries[name] = entries[name[::-1]] = entry.reshape((1,) * (transformed.ndim - 4) + entry.shape)
        parts = [transformed[..., b, :, :, :] for b in range(3)]
        rows = []
        for a in "xyz":
            terms = [entries[a + b] * parts["xyz".index(b)] for b in "xyz" if a + b in entries]
            rows.append(functools.reduce(jnp.add, terms))
        return jnp.stack(rows, axis=-4)

    return in_fourier_space(field, cells, padded, multiply)


# -------------------------------------------------------------------------------------------------------- the primitive
convolution_p = Primitive("magnetostatic_convolution")


@functools.lru_cache(maxsize=128)
def _compiled(cells: Any, padded: Any, components: Any, on_host: bool) -> Any:
    params = {"cells": cells, "padded": padded, "components": components, "on_host": on_host}
    return jax.jit(functools.partial(convolution_p.bind, **params))


@convolution_p.def_impl
def _run(field: Array, spectrum: Array, **params: Any) -> Array:
    return _compiled(**params)(field, spectrum)


@convolution_p.def_abstract_eval
def _shape(field: Any, spectrum: Any, **params: Any) -> Any:
    return field.update(shape=field.shape, dtype=field.dtype)


def _jvp(primals: Any, tangents: Any, **params: Any) -> Any:
    (field, spectrum), (tangent, _) = primals, tangents
    value = convolution_p.bind(field, spectrum, **params)
    if type(tangent) is ad.Zero:
        return value, ad.Zero(jax.typeof(value))
    return value, convolution_p.bind(tangent, spectrum, **params)


def _transpose(cotangent: Any, field: Any, spectrum: Any, **params: Any) -> Any:
    # ∫ u·(N ∗ v) = ∫ (N ∗ u)·v, cell by cell.
    if type(cotangent) is ad.Zero:
        return ad.Zero(field.aval), None
    return convolution_p.bind(cotangent, spectrum, **params), None


def _batch(arguments: Any, axes: Any, **params: Any) -> Any:
    (field, spectrum), (field_axis, spectrum_axis) = arguments, axes
    if spectrum_axis is None:
        return convolution_p.bind(jnp.moveaxis(field, field_axis, 0), spectrum, **params), 0
    # A batch of systems that carries a kernel in each of them.
    spectrum = jnp.moveaxis(spectrum, spectrum_axis, 0)
    if field_axis is None:
        return jax.lax.map(lambda s: convolution_p.bind(field, s, **params), spectrum), 0
    field = jnp.moveaxis(field, field_axis, 0)
    return jax.lax.map(lambda pair: convolution_p.bind(*pair, **params), (field, spectrum)), 0


_of_thread = threading.local()


def _results() -> Scratch:
    """This thread's memory for results."""
    if not hasattr(_of_thread, "results"):
        _of_thread.results = Scratch()
    return _of_thread.results


def _lower_on_cpu(ctx: Any, field: Any, spectrum: Any, *, on_host: bool, **layout_of: Any) -> Any:
    if not on_host:
        return _lower_with_xla(ctx, field, spectrum, on_host=on_host, **layout_of)
    layout = host_fft.plan(**layout_of)

    def call(field: np.ndarray, spectrum: np.ndarray) -> tuple[np.ndarray]:
        field = np.asarray(field)
        # The compiler copies the result before this thread can be called again, so that the memory can serve each time:
        # new memory costs a page fault every four kilobytes, a quarter of the time of a large convolution.
        out = _results().get("result", field.shape, field.dtype)
        return (host_fft.convolve(field, np.asarray(spectrum), layout, out=out),)

    # The arguments arrive as views of the compiler's own memory: neither field nor kernel is copied.
    results, _, _ = mlir.emit_python_callback(
        ctx, call, None, [field, spectrum], ctx.avals_in, ctx.avals_out, has_side_effect=False, returns_token=False
    )
    return results


_lower_with_xla = mlir.lower_fun(_with_xla, multiple_results=False)
ad.primitive_jvps[convolution_p] = _jvp
ad.primitive_transposes[convolution_p] = _transpose
batching.primitive_batchers[convolution_p] = _batch
mlir.register_lowering(convolution_p, _lower_with_xla)
mlir.register_lowering(convolution_p, _lower_on_cpu, platform="cpu")
