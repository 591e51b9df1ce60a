import jax
import jax.numpy as jnp
import numpy as np
import pytest

from magjax.numerics.noise import normals, threefry


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_known_answers_of_the_cipher(key, counter, expected):
    found = threefry(*(tuple(jnp.uint32(word) for word in pair) for pair in (key, counter)))
    assert tuple(int(word) for word in found) == expected


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.float64])
def test_moments_of_normal_numbers(dtype):
    """Means of n numbers scatter by √(v/n): v = 1, 2, 15, 96 for x, x², x³, x⁴; held to five of that."""
    n = 1 << 18
    for x in normals(3, 1, 4, jnp.arange(n), dtype):
        assert x.dtype == dtype
        values = np.asarray(x, float)
        for power, (mean, variance) in enumerate([(0, 1), (1, 2), (0, 15), (3, 96)], start=1):
            assert abs((values**power).mean() - mean) < 5 * np.sqrt(variance / n)


def test_numbers_of_different_owners_are_independent():
    """Correlations of n independent pairs scatter by 1/√n."""
    n = 1 << 16
    index = jnp.arange(n)
    streams = [
        *normals(3, 1, 4, index, jnp.float32),
        normals(4, 1, 4, index, jnp.float32)[0],
        normals(3, 2, 4, index, jnp.float32)[0],
        normals(3, 1, 5, index, jnp.float32)[0],
        jnp.roll(normals(3, 1, 4, index, jnp.float32)[0], 1),
    ]
    correlation = np.corrcoef(np.asarray(streams))
    assert np.abs(correlation - np.eye(len(streams))).max() < 5 / np.sqrt(n)


@pytest.mark.slow
def test_a_number_does_not_depend_on_the_company_it_is_drawn_in():
    whole = normals(7, 0, 3, jnp.arange(1000), jnp.float64)
    part = jax.jit(lambda i: normals(7, 0, 3, i, jnp.float64))(jnp.arange(137, 141))
    batch = jax.vmap(lambda i: jnp.stack(normals(7, 0, 3, i, jnp.float64)))(jnp.arange(137, 141))
    assert np.allclose(np.stack(whole)[:, 137:141], np.stack(part), rtol=0, atol=1e-14)
    assert np.allclose(np.stack(whole)[:, 137:141], batch.T, rtol=0, atol=1e-14)
