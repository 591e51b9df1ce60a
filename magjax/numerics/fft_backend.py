"""One-axis Fourier transforms into given arrays, by ducc0 where it is installed and by scipy otherwise."""

import functools
import importlib.util
from typing import Literal, Protocol

import numpy as np

Backend = Literal["ducc", "scipy"]


class Transforms(Protocol):
    """Transforms along one axis; the backward ones are normalised."""

    def r2c(self, a: np.ndarray, axis: int, out: np.ndarray) -> None:
        """Real to complex."""
        ...

    def c2c(self, a: np.ndarray, axis: int, forward: bool, out: np.ndarray) -> None:
        """Complex to complex."""
        ...

    def c2r(self, a: np.ndarray, axis: int, n: int, out: np.ndarray) -> None:
        """Complex to real, of length n."""
        ...


def available() -> tuple[Backend, ...]:
    """The backends that are installed, the fastest first.

    >>> from magjax.numerics.fft_backend import available
    >>> "scipy" in available()
    True
    """
    return ("ducc", "scipy") if importlib.util.find_spec("ducc0") else ("scipy",)


@functools.cache
def transforms(backend: Backend | None = None) -> Transforms:
    """The transforms of a backend, the fastest installed unless named.

    >>> import numpy as np
    >>> from magjax.numerics.fft_backend import transforms
    >>> out = np.empty(3, complex)
    >>> transforms("scipy").r2c(np.array([1.0, 0.0, 0.0, 0.0]), 0, out)
    >>> out.real
    array([1., 1., 1.])
    """
    name = available()[0] if backend is None else backend
    return _Ducc() if name == "ducc" else _Scipy()


class _Ducc:
    """ducc0 writes straight into the given arrays. One thread each: the caller shares out the work."""

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
    """scipy has no output arrays: its results are copied."""

    def __init__(self) -> None:
        import scipy.fft

        self._fft = scipy.fft

    def r2c(self, a: np.ndarray, axis: int, out: np.ndarray) -> None:
        out[...] = self._fft.rfft(a, axis=axis)

    def c2c(self, a: np.ndarray, axis: int, forward: bool, out: np.ndarray) -> None:
        out[...] = (self._fft.fft if forward else self._fft.ifft)(a, axis=axis)

    def c2r(self, a: np.ndarray, axis: int, n: int, out: np.ndarray) -> None:
        out[...] = self._fft.irfft(a, n, axis=axis)
