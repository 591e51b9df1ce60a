import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from magjax.analytic.demag import cylinder_factors, ellipsoid_factors, prism_factors, prism_tensor, uniform_energy

# Aspect ratios up to 100, at which the prism's formula still has 12 digits in double precision.
lengths = st.floats(0.1, 10)


@pytest.mark.parametrize("factors", [prism_factors, ellipsoid_factors])
@given(sizes=st.tuples(lengths, lengths, lengths), scale=st.floats(1e-9, 1e3))
def test_factors_add_up_to_one_and_follow_the_shape_only(factors, sizes, scale):
    N = factors(sizes)
    assert sum(N) == pytest.approx(1, abs=1e-11)
    assert all(0 < n < 1 for n in N)
    np.testing.assert_allclose(factors([s * scale for s in sizes]), N, atol=1e-11)
    np.testing.assert_allclose(factors(sizes[::-1]), N[::-1], atol=1e-11)


@pytest.mark.parametrize("factors", [prism_factors, ellipsoid_factors])
def test_a_cube_and_a_sphere_have_a_third_each(factors):
    assert factors((2e-9, 2e-9, 2e-9)) == pytest.approx((1 / 3,) * 3, abs=1e-14)


def test_prism_against_its_definition_as_a_double_integral_over_the_charged_faces():
    # N_z = [I(0) − I(c)] / (2π V), where I(h) integrates 1/|r − r'| over two equal rectangles a height h apart. The
    # distance of two uniform points of an edge has the density 2 (1 − u/a)/a. I(0) is singular: subtracting two
    # configurations that share it leaves a regular integral for N_z(c1) c1 − N_z(c2) c2.
    a, b = 1.0, 2.0
    nodes, weights = np.polynomial.legendre.leggauss(60)
    u, w = (nodes + 1) / 2, weights / 2
    x, y = np.meshgrid(a * u, b * u, indexing="ij")
    density = np.outer(2 * (1 - u) * w, 2 * (1 - u) * w)

    def mean_inverse_distance(h):
        return np.sum(density / np.sqrt(x * x + y * y + h * h))

    c1, c2 = 1.5, 3.0
    difference = a * b * (mean_inverse_distance(c1) - mean_inverse_distance(c2)) / (2 * math.pi)
    N1, N2 = prism_factors((a, b, c1))[2], prism_factors((a, b, c2))[2]
    assert c2 * N2 - c1 * N1 == pytest.approx(difference, abs=1e-12)


def test_needles_and_plates_tend_to_their_limits():
    # The corrections fall like the aspect ratio, for the plate with a logarithm.
    np.testing.assert_allclose(prism_factors((1, 1, 1e4)), (0.5, 0.5, 0), atol=1e-4)
    np.testing.assert_allclose(prism_factors((1e4, 1e4, 1)), (0, 0, 1), atol=1e-3)


@pytest.mark.parametrize("ratio", [1.5, 3.0, 10.0])
def test_spheroids_against_their_elementary_formula(ratio):
    # Osborn (1945), Eq. 2.16 and 2.20: prolate along z, oblate with z short.
    root = math.sqrt(ratio**2 - 1)
    prolate = (ratio / (2 * root) * math.log((ratio + root) / (ratio - root)) - 1) / (ratio**2 - 1)
    assert ellipsoid_factors((1, 1, ratio))[2] == pytest.approx(prolate, abs=1e-12)
    oblate = ratio**2 / (ratio**2 - 1) * (1 - math.asin(root / ratio) / root)
    assert ellipsoid_factors((ratio, ratio, 1))[2] == pytest.approx(oblate, abs=1e-12)


def test_a_cylinder_is_the_limit_of_a_long_ellipsoid():
    np.testing.assert_allclose(ellipsoid_factors((3, 1, 1e4)), cylinder_factors((3, 1)), atol=1e-6)


def test_the_energy_weighs_the_factors_with_the_direction():
    cube, volume = (1 / 3, 1 / 3, 1 / 3), 8e-24
    expected = 4e-7 * math.pi / 6 * 8e5**2 * volume
    for direction in ((1, 0, 0), (1, 2, 3), (0, -5, 0)):
        assert uniform_energy(cube, direction, 8e5, volume) == pytest.approx(expected, rel=1e-14, abs=0)
    assert uniform_energy((0.2, 0.3, 0.5), (0, 0, 2), 8e5, volume) == pytest.approx(1.5 * expected, rel=1e-14, abs=0)


@pytest.mark.parametrize("bad", [(1, 1, 0), (1, -1, 1), (1, 1), (1, 1, math.nan), (1, 1, math.inf)])
def test_refuses_lengths_that_are_none(bad):
    for factors in (prism_factors, ellipsoid_factors):
        with pytest.raises(ValueError, match="must hold 3 lengths > 0, but got"):
            factors(bad)


def test_refuses_a_direction_of_length_zero():
    with pytest.raises(ValueError, match="Argument `direction` must not be of length zero"):
        uniform_energy((0, 0, 1), (0, 0, 0), 8e5, 1e-24)


def test_prism_tensor_is_that_of_its_charges() -> None:
    """A prism's magnetisation along an axis leaves charges ±M on two faces; H is the sum of their Coulomb fields.

    Gauss rules of 60 nodes on faces half an edge away leave rounding: 1e-12. The trace is 0 outside and 1 inside.
    """
    lengths, point = np.array([4.0, 3.0, 2.5]), np.array([1.3, -0.7, 2.9])
    nodes, weights = np.polynomial.legendre.leggauss(60)
    found = np.zeros((3, 3))
    for b in range(3):
        i, j = ((1, 2), (2, 0), (0, 1))[b]
        for side in (1, -1):
            at = np.zeros((60, 60, 3))
            at[..., i], at[..., j] = nodes[:, None] * lengths[i] / 2, nodes[None, :] * lengths[j] / 2
            at[..., b] = side * lengths[b] / 2
            r = point - at
            area = weights[:, None] * weights[None, :] * lengths[i] * lengths[j] / 4
            found[:, b] -= side * np.einsum("ij,ijk->k", area / np.linalg.norm(r, axis=-1) ** 3, r) / (4 * np.pi)
    N = prism_tensor(*point, lengths)
    expected = [found[0, 0], found[1, 1], found[2, 2], found[0, 1], found[0, 2], found[1, 2]]
    assert np.allclose(N, expected, rtol=0, atol=1e-12)
    assert N[:3].sum() == pytest.approx(0, rel=0, abs=1e-14)
    assert prism_tensor(1.9, -1.4, 1.2, lengths)[:3].sum() == pytest.approx(1, rel=1e-14, abs=0)
    with pytest.raises(ValueError, match="`lengths` must hold 3 lengths > 0"):
        prism_tensor(0.0, 0.0, 0.0, (1.0, 0.0, 1.0))
