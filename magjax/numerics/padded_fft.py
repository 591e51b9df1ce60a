"""Linear convolutions by Fourier transforms of zero-padded fields, in the compiler's own operations.

The compiler transforms last axes only. So each axis, once transformed, stays last, and what multiplies the transformed
field is laid out in that order from the start: nothing is turned back before the inverse. On a CPU, turning large
arrays costs as much as transforming them.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

# Rows a multiple of this many bytes apart share one set of a processor's first cache: columns of them push one another
# out.
_SAME_SET = 4096


class _Axis(NamedTuple):
    """One axis on its way: its place among the last three as they lie when its turn comes, cells, padded length."""

    name: str
    place: int
    cells: int
    padded: int


def _active(cells: Sequence[int], padded: Sequence[int]) -> list[_Axis]:
    """The axes to transform, in order; those of one cell are left alone. The first is transformed as real."""
    order = ["z", "y", "x"]
    found = []
    for name, n, p in zip("xyz", cells, padded, strict=True):
        if p > 1:
            place = order.index(name)
            order.append(order.pop(place))
            found.append(_Axis(name, place - 3, n, p))
    return found


def in_fourier_space(
    field: Float[Array, "... nz ny nx"],
    cells: Sequence[int],
    padded: Sequence[int],
    multiply: Callable[[Array], Array],
    *,
    in_cache: bool = False,
) -> Float[Array, "... nz ny nx"]:
    """Pad, transform, next axis; multiply; the same backwards with cropping.

    - `cells`, `padded`: cells and padded lengths of the axes x, y, z.
    - `multiply`: what to do in Fourier space. The last three axes lie there as in what `arranged` returns.
    - `in_cache`: whether the program is for a processor whose caches decide how fast arrays are turned.

    >>> import jax.numpy as jnp
    >>> from magjax.numerics.padded_fft import in_fourier_space
    >>> in_fourier_space(jnp.ones((1, 2, 3)), (3, 2, 1), (6, 4, 1), lambda waves: waves).shape
    (1, 2, 3)
    """
    axes = _active(cells, padded)
    waves = field
    for i, axis in enumerate(axes):
        waves = jnp.moveaxis(waves, axis.place, -1)
        waves = (jnp.fft.fft if i else jnp.fft.rfft)(waves, n=axis.padded)
    waves = multiply(waves)
    for i, axis in reversed(list(enumerate(axes))):
        waves = jnp.fft.ifft(waves) if i else jnp.fft.irfft(waves, n=axis.padded)
        waves = _cropped(waves, axis.cells) if i and in_cache else waves[..., : axis.cells]
        waves = jnp.moveaxis(waves, -1, axis.place)
    return waves


def _cropped(waves: Array, cells: int) -> Array:
    """The first elements of the last axis; rows that would share a set of the cache are first put at other distances.

    It makes a convolution of 256² cells a tenth faster in single precision. Double precision, whose elements fill the
    lines of the cache sooner, gains nothing.
    """
    wide = cells + 4
    if waves.dtype.itemsize > 8 or waves.shape[-1] * waves.dtype.itemsize % _SAME_SET or wide > waves.shape[-1]:
        return waves[..., :cells]
    # Either branch gives the same. The compiler cannot know which it will be, and so does not turn the array at once.
    first = jnp.ravel(waves)[0].real > 0
    return jax.lax.cond(first, lambda w: w[..., :wide], lambda w: w[..., :wide] + 0, waves)[..., :cells]


def arranged(
    half: Float[Array, "Lz Ly Lx"], odd: str, cells: Sequence[int], padded: Sequence[int]
) -> Float[Array, "..."]:
    """A kernel's spectrum as `in_fourier_space` meets it: with negative wave numbers, the axes in the order it leaves.

    - `half`: for wave numbers ≥ 0 along each axis, `(Pz//2+1, Py//2+1, Px//2+1)`.
    - `odd`: the axes along which it is odd; it is even along the others.

    >>> import jax.numpy as jnp
    >>> from magjax.numerics.padded_fft import arranged
    >>> print(arranged(jnp.asarray([[[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]]), "y", (1, 2, 1), (2, 4, 1))[0])
    [[ 0.  2.  4. -2.]
     [ 1.  3.  5. -3.]]
    """
    for i, axis in enumerate(_active(cells, padded)):
        half = jnp.moveaxis(half, axis.place, -1)
        if i:
            image = half[..., 1 : (axis.padded + 1) // 2][..., ::-1]
            half = jnp.concatenate([half, -image if axis.name in odd else image], axis=-1)
    return half


def scaled(factor: Float[Array, "..."], waves: Array) -> Array:
    """A real number times a complex one: two products, where promotion would make it four."""
    return jax.lax.complex(factor * waves.real, factor * waves.imag)
