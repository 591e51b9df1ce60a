import jax.numpy as jnp
import numpy as np
import pytest

from magjax.numerics.padded_fft import arranged, in_fourier_space, scaled

SHAPES = [(5, 4, 3), (6, 3, 1), (4, 1, 5), (1, 3, 4), (7, 1, 1), (1, 4, 1), (1, 1, 1)]


@pytest.mark.parametrize("periodic", ["", "y"])
@pytest.mark.parametrize("cells", SHAPES, ids=str)
def test_a_product_there_is_a_convolution_here(cells, periodic, rng):
    # Any kernel that is even along x and z and odd along y, given by its values; summed up by hand.
    padded = tuple(n if n == 1 or axis in periodic else 2 * n for n, axis in zip(cells, "xyz", strict=True))
    field = rng.normal(size=(2, *cells[::-1]))
    kernel = rng.normal(size=padded[::-1])
    for axis, sign in ((-1, 1), (-2, -1), (-3, 1)):
        kernel = kernel + sign * np.roll(np.flip(kernel, axis), 1, axis)
    odd = "y" if padded[1] > 1 else ""
    spectrum = np.fft.fftn(kernel)
    spectrum = spectrum.imag if odd else spectrum.real
    half = jnp.asarray(spectrum[tuple(slice(0, p // 2 + 1) for p in padded[::-1])])

    def multiply(waves):
        return waves * arranged(half, odd, cells, padded)[None] * (1j if odd else 1)

    found = in_fourier_space(jnp.asarray(field), cells, padded, multiply)
    expected = np.zeros_like(field)
    for to in np.ndindex(*cells[::-1]):
        for of in np.ndindex(*cells[::-1]):
            distance = tuple((a - b) % p for a, b, p in zip(to, of, padded[::-1], strict=True))
            expected[(slice(None), *to)] += kernel[distance] * field[(slice(None), *of)]
    np.testing.assert_allclose(np.real(found), expected, rtol=0, atol=1e-12 * np.abs(kernel).max() * field.size)


def test_rows_of_four_kilobytes_are_cropped_alike(rng):
    # 256 cells in single precision: the rows that the processor's cache makes us put elsewhere first.
    cells, padded = (3, 256, 1), (6, 512, 1)
    field = jnp.asarray(rng.normal(size=(2, *cells[::-1])), jnp.float32)
    kernel = jnp.asarray(rng.normal(size=(1, 4, 512)), jnp.float32)
    here, there = (
        in_fourier_space(field, cells, padded, lambda waves: scaled(kernel[None], waves), in_cache=in_cache)
        for in_cache in (True, False)
    )
    assert here.dtype == jnp.float32
    # Both are the same operations, fused in other ways.
    np.testing.assert_allclose(here, there, rtol=0, atol=1e-6 * float(jnp.max(jnp.abs(there))))


def test_a_real_factor_scales_both_parts():
    found = scaled(jnp.asarray([2.0, -0.5], jnp.float32), jnp.asarray([1 + 2j, 4 - 2j], jnp.complex64))
    np.testing.assert_array_equal(found, np.asarray([2 + 4j, -2 + 1j], np.complex64))
    assert found.dtype == jnp.complex64
