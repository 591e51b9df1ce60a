"""The magnetostatic convolution: one linear operation, two engines, one set of rules for derivatives and batches."""

import functools
import threading
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir
from jaxtyping import Array, Float

from magjax.numerics import host_fft
from magjax.numerics.demag_kernel import DemagKernel
from magjax.numerics.padded_fft import arranged, in_fourier_space, scaled
from magjax.numerics.threads import Scratch

Engine = Literal["auto", "xla", "host"]
ENGINES: tuple[Engine, ...] = ("auto", "xla", "host")
#: Under this name (`jax.ad_checkpoint.checkpoint_name`) reverse mode keeps a value of a step that is computed again.
WORTH_KEEPING = "worth keeping"

# Padded points from which on the host engine gains more than its callback costs. The callback also keeps a program out
# of the persistent compilation cache, which small simulations feel most. Measured on two cores: level at 256×256×1 and
# 32×32×32 cells, 262 144 points padded; the host 1.3 … 1.8 times faster at twice as many.
_HOST_FROM_POINTS = 300_000


class Convolution(eqx.Module):
    """B = −μ0 N ∗ M with a kernel laid out once, in one precision, for the engine that will multiply by it.

    It is linear in the magnetisation and its own transpose, because N is symmetric; so reverse mode, forward mode and
    `vmap` cost one convolution each. The kernel is data: no derivative flows into it.

    - `kernel`: `demag_kernel` of the mesh. `engine`: see `magnetostatic_convolution`. `dtype`: of the fields to come.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.numerics.convolution import Convolution
    >>> from magjax.numerics.demag_kernel import demag_kernel
    >>> convolve = Convolution(demag_kernel(mj.Mesh((1, 1, 1), 5e-9)), "auto", jnp.float32)
    >>> print(f"{float(convolve(jnp.full((3, 1, 1, 1), 8e5, 'float32'))[0, 0, 0, 0]):.5f} T")
    -0.33510 T
    """

    spectrum: Array
    cells: tuple[int, int, int] = eqx.field(static=True)
    padded: tuple[int, int, int] = eqx.field(static=True)
    components: tuple[str, ...] = eqx.field(static=True)
    on_host: bool = eqx.field(static=True)

    def __init__(self, kernel: DemagKernel, engine: Engine, dtype: Any):
        self.cells, self.padded, self.components = kernel.cells, kernel.padded, kernel.components
        self.on_host = _on_host(kernel.cells, kernel.padded, engine)
        spectrum = jax.lax.stop_gradient(jnp.asarray(kernel.spectrum, dtype))
        self.spectrum = spectrum if self.on_host else _arranged(spectrum, **self._layout())

    def _layout(self) -> dict[str, Any]:
        return {"cells": self.cells, "padded": self.padded, "components": self.components}

    def __call__(self, field: Float[Array, "3 nz ny nx"]) -> Float[Array, "3 nz ny nx"]:
        """The field in T of a magnetisation in A/m, `(3, nz, ny, nx)`, exactly 0 in empty cells."""
        shape = (3, *self.cells[::-1])
        if field.shape != shape:
            raise ValueError(
                f"Argument `field` must have the shape (3, nz, ny, nx) = {shape} of the kernel's mesh, but got "
                f"{field.shape}; is the kernel that of another mesh?"
            )
        return convolution_p.bind(field, self.spectrum, **self._layout(), on_host=self.on_host)


def magnetostatic_convolution(
    field: Float[Array, "3 nz ny nx"], kernel: DemagKernel, engine: Engine = "auto"
) -> Float[Array, "3 nz ny nx"]:
    """The demagnetising field B = −μ0 N ∗ M of a magnetisation, in T; where there are many, make a `Convolution` once.

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
    return Convolution(kernel, engine, field.dtype)(field)


def _on_host(cells: tuple[int, int, int], padded: tuple[int, int, int], engine: Engine) -> bool:
    if engine not in ENGINES:
        raise ValueError(f"Argument `engine` must be one of {', '.join(map(repr, ENGINES))}, but got {engine!r}.")
    # The host engine is built around a real transform along x and a fused one along another axis.
    able = cells[0] > 1 and (cells[1] > 1 or cells[2] > 1)
    large = engine == "host" or padded[0] * padded[1] * padded[2] >= _HOST_FROM_POINTS
    return able and large and engine != "xla"


# ----------------------------------------------------------------------------------------------------- the XLA engine
@functools.partial(jax.jit, static_argnames=("cells", "padded", "components"))
def _arranged(spectrum: Array, *, cells: Any, padded: Any, components: Any) -> Array:
    """The spectrum as the compiler's FFT meets it; see `padded_fft`."""
    entries = zip(components, spectrum, strict=True)
    return jnp.stack([arranged(half, name if name[0] != name[1] else "", cells, padded) for name, half in entries])


def _with_xla(
    field: Array, spectrum: Array, *, cells: Any, padded: Any, components: Any, on_host: bool, in_cache: bool = False
) -> Array:
    """The convolution by the compiler's FFT."""
    if on_host:
        # Laid out for the host, but the program runs elsewhere.
        spectrum = _arranged(spectrum, cells=cells, padded=padded, components=components)

    def multiply(waves: Array) -> Array:
        """The symmetric 3×3 product."""
        entries = dict(zip(components, spectrum, strict=True))
        entries |= {name[::-1]: entry for name, entry in entries.items()}
        parts = {b: waves[..., i, :, :, :] for i, b in enumerate("xyz")}
        rows = []
        for a in "xyz":
            terms = [_times(entries[a + b], parts[b]) for b in "xyz" if a + b in entries]
            rows.append(functools.reduce(jnp.add, terms))
        return jnp.stack(rows, axis=-4)

    return in_fourier_space(field, cells, padded, multiply, in_cache=in_cache)


def _times(entry: Array, part: Array) -> Array:
    entry = entry.reshape((1,) * (part.ndim - 3) + entry.shape)
    # Of a single cell nothing is transformed.
    return scaled(entry, part) if jnp.iscomplexobj(part) else entry * part


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
        return _lower_with_xla(ctx, field, spectrum, on_host=on_host, in_cache=True, **layout_of)
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
