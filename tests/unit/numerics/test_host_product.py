import numpy as np
import pytest

from magjax.numerics import host_product
from magjax.numerics.host_product import Coupling, available, product
from magjax.numerics.threads import Scratch

# Odd along the outer axis, along the fused one, along both; a film in x and z, whose y stays alone.
VOLUME = (Coupling(3, 0, 1, True, False), Coupling(4, 0, 2, False, True), Coupling(5, 1, 2, True, True))
FILM = (Coupling(3, 0, 2, False, True),)


def summed(kernel, waves, couplings, image, outer, columns):
    """The product number by number."""
    out = np.zeros_like(waves)
    padded, length = waves.shape[1], kernel.shape[1]
    for k, r, j in np.ndindex(*waves.shape[1:]):
        row = k if k < length else padded - k
        entry = kernel[:, row, outer.start + r, columns.start + j]
        matrix = np.diag(entry[:3])
        for c in couplings:
            sign = (-1 if c.odd_outer and image else 1) * (-1 if c.odd_fused and k >= length else 1)
            matrix[c.first, c.second] = matrix[c.second, c.first] = sign * entry[c.entry]
        out[:, k, r, j] = matrix @ waves[:, k, r, j]
    return out


@pytest.mark.parametrize("compiler", available())
@pytest.mark.parametrize("couplings", [VOLUME, FILM], ids=["volume", "film"])
@pytest.mark.parametrize("padded", [6, 5, 1])
@pytest.mark.parametrize("image", [False, True])
def test_is_the_product_with_the_symmetric_matrix(compiler, couplings, padded, image, rng, precision):
    real = np.dtype(precision.dtype)
    kernel = rng.normal(size=(3 + len(couplings), padded // 2 + 1, 5, 7)).astype(real)
    outer, columns = slice(1, 4), slice(2, 6)
    waves = (rng.normal(size=(3, padded, 3, 4)) + 1j * rng.normal(size=(3, padded, 3, 4))).astype(
        np.result_type(real, np.complex64)
    )
    by, scratch, out = product(compiler), Scratch(), np.full_like(waves, np.nan)
    by.multiply(by.load(kernel, outer, columns, scratch), waves, out, couplings, image, scratch)
    expected = summed(kernel.astype(float), waves.astype(complex), couplings, image, outer, columns)
    np.testing.assert_allclose(out, expected, rtol=0, atol=8 * np.finfo(real).eps * np.abs(expected).max())


@pytest.mark.skipif("numba" not in available(), reason="needs numba")
def test_compiles_where_nothing_can_be_kept(monkeypatch):
    import numba

    kept = numba.njit

    def njit(**options):
        if options.get("cache"):
            raise RuntimeError("cannot cache function: no locator available")
        return kept(**options)

    monkeypatch.setattr(numba, "njit", njit)
    assert host_product._compiled(abs_of)(-2.0) == 2.0


def abs_of(x):
    return abs(x)
