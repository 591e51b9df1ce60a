"""Biot and Savart's law between cells: its closed form, its rules, and its convolution."""

import functools
import itertools

import jax.numpy as jnp
import numpy as np
import pytest

from magjax.constants import MU0
from magjax.mesh import Mesh
from magjax.numerics.biot_savart import BiotSavartKernel, biot_savart_kernel, biot_savart_vector, current_field

CELL = (2e-9, 3e-9, 5e-9)


@pytest.mark.parametrize("cell", [(1, 1, 1), (2.5, 2.5, 3), (3, 5, 0.4), (1, 1, 10)], ids=str)
@pytest.mark.parametrize("offset", [(1, 0, 0), (1, 1, 0), (2, 1, 1), (0, 3, 1), (5, 0, 0), (30, 20, 1)], ids=str)
def test_the_mean_field_of_a_cuboid_is_its_integral(cell, offset):
    """K is the mean of ∇ 1/(4πr): one of the integrals along x is done by hand, the others by 200 Gauss nodes.

    Averaging ∂/∂x under a triangle leaves the difference of two means of 1/(4πr) over boxes; where cuboids touch, its
    integrand has a cusp, which 200 nodes see to 1e-5, elsewhere all digits.
    """
    edges = np.array(cell, float)
    at = np.array(offset) * edges
    nodes, weights = np.polynomial.legendre.leggauss(40)
    half, plain = (nodes + 1) / 2, weights / 2
    s = np.concatenate([-half, half])
    triangle = np.concatenate([plain, plain]) * (1 - np.abs(s))
    found = biot_savart_vector(*at.reshape(3, 1), cell)[:, 0]
    touching = all(n <= 1 for n in offset)
    for a in range(3):
        b, c = (a + 1) % 3, (a + 2) % 3
        u, v, w = np.meshgrid(half, s, s, indexing="ij")
        mass = plain[:, None, None] * triangle[None, :, None] * triangle[None, None, :]
        means = []
        for side in (0, -1):
            r2 = (at[a] + (u + side) * edges[a]) ** 2 + (at[b] + v * edges[b]) ** 2 + (at[c] + w * edges[c]) ** 2
            means.append(np.sum(mass / (4 * np.pi * np.sqrt(r2))))
        expected = (means[0] - means[1]) / edges[a] * np.prod(edges)
        assert found[a] == pytest.approx(expected, rel=0, abs=(3e-4 if touching else 1e-11) * np.abs(found).max())


def test_a_cell_has_no_mean_field_in_itself():
    assert np.abs(biot_savart_vector(*np.zeros((3, 1)), (1.0, 2.0, 0.3))).max() < 1e-18


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cells", "periodic"), [((4, 3, 2), ""), ((1, 5, 3), ""), ((6, 1, 1), ""), ((4, 3, 2), "x"), ((3, 4, 2), "yz")]
)
def test_the_convolution_is_the_sum_over_all_pairs(cells, periodic, rng, precision):
    """An image on either side along periodic axes; where two copies are equally near, half of each counts."""
    mesh = Mesh(cells, CELL, periodic=periodic)
    vector = functools.cache(lambda *at: biot_savart_vector(*(np.array(at) * CELL).reshape(3, 1), CELL)[:, 0])
    images = tuple(1 if axis in periodic else 0 for axis in "xyz")
    j = rng.normal(scale=1e12, size=(3, *mesh.shape))
    expected = np.zeros_like(j)
    for here, there in itertools.product(np.ndindex(mesh.shape), repeat=2):
        difference = np.array(here[::-1]) - np.array(there[::-1])
        choices = []
        for axis, n, d, s in zip("xyz", cells, difference, images, strict=True):
            nearest = (d + (n - 1) // 2) % n - (n - 1) // 2 if axis in periodic else d
            both = axis in periodic and 2 * abs(nearest) == n
            copies = [(nearest + k * n, 0.5 if both else 1.0) for k in range(-s, s + 1)]
            choices.append(copies + ([(-p, w) for p, w in copies] if both else []))
        for (x, wx), (y, wy), (z, wz) in itertools.product(*choices):
            expected[(slice(None), *here)] += wx * wy * wz * MU0 * _cross(vector(x, y, z), j[(slice(None), *there)])
    found = current_field(jnp.asarray(j, precision.dtype), biot_savart_kernel(mesh, images))
    assert found.dtype == precision.dtype
    np.testing.assert_allclose(found, expected, rtol=0, atol=precision.stencil * np.abs(expected).max())


def _cross(a, b):
    return np.array([a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]])


def test_a_single_cell_feels_nothing():
    kernel = biot_savart_kernel(Mesh((1, 1, 1), 5e-9))
    assert isinstance(kernel, BiotSavartKernel)
    assert not np.any(current_field(jnp.ones((3, 1, 1, 1)), kernel))
