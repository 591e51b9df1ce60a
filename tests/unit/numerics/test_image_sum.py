"""Endless rows and planes of copies, against sums that can be done otherwise."""

import math

import numpy as np
import pytest

from magjax.constants import MU0
from magjax.mesh import Mesh
from magjax.numerics.cell_average import gauss_average
from magjax.numerics.coulomb_tail import dipole_tail, gradient_tail
from magjax.numerics.demag_kernel import check_images, demag_spectrum
from magjax.numerics.image_sum import end_weights, rows

CELL = (2e-9, 3e-9, 5e-9)
INF = math.inf
# Copies of a sample: the last digits of the sum over 39 of them along each axis.
EXACT = 5e-12


def N(mesh, images):
    """The tensor at each wave number."""
    return -demag_spectrum(mesh, images) / MU0


def test_weights_at_the_end_correct_the_integral():
    """Σ_{s≥0} e^(−a(s + ½)) = 1/(2 sinh(a/2)): ten whole terms, then the correction and ∫ e^(−as) ds = e^(−10a)/a."""
    a, weights = 0.3, end_weights(7)
    s = np.arange(10 + 7)
    each = np.where(s < 3, 1.0, np.concatenate([np.ones(3), weights]))
    found = np.sum(each * np.exp(-a * (s + 0.5))) + math.exp(-10 * a) / a
    assert found == pytest.approx(1 / (2 * math.sinh(a / 2)), rel=1e-13, abs=0)


def test_rows_without_end_stop_farther_away_than_the_longest_edge():
    copies, tail = rows(Mesh((1, 1, 1), (1e-9, 1e-9, 100e-9), periodic="x"), "x", INF)
    assert tail.tail
    assert tail.distances.min() > 200e-9
    assert len(copies.distances) == len(copies.fold)


@pytest.mark.parametrize("function", [dipole_tail, gradient_tail])
@pytest.mark.parametrize("tails", ["x", "y", "z", "xy", "xz", "yz"])
def test_tails_fall_off_as_what_they_integrate(function, tails):
    """−∂/∂a of a tail along a is the tail along the others, by central differences: h² = 1e-8 of the second order."""
    at, h = np.array([3.0, 4.0, -2.0]) * np.array([1, 1, -1]), 1e-4
    for axis in tails:
        step = h * np.array([axis == a for a in "xyz"])
        up, down = (np.array(function(*(at + s * step), tails)) for s in (1, -1))
        rest = tails.replace(axis, "")
        x, y, z = at
        r = np.linalg.norm(at)
        entries = (-1 / r**3 + 3 * np.array([x * x, y * y, z * z, x * y, x * z, y * z]) / r**5) * -1
        entries[3:] -= 1 / r**3
        bare = entries if function is dipole_tail else -at / r**3
        expected = np.array(function(*at, rest)) if rest else bare / (4 * np.pi)
        np.testing.assert_allclose(-(up - down) / (2 * h), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("tails", ["x", "yz"])
def test_tails_are_harmonic(tails):
    """The trace of the dipole tensor vanishes wherever it is integrated."""
    xx, yy, zz, *_ = dipole_tail(np.array(3.0), np.array(4.0), np.array(2.0), tails)
    assert abs(xx + yy + zz) < 1e-16


def test_a_gauss_average_is_exact_for_polynomials():
    """⟨(x + u)² (y + v)²⟩ = (x² + dx²/6)(y² + dy²/6)."""
    averaged = gauss_average(lambda x, y, z: (x**2 * y**2,))
    found = averaged(np.array([[3.0], [1.0], [0.0]]), (1.0, 2.0, 1.0), (2, 2, 1))
    assert found[0, 0] == pytest.approx((9 + 1 / 6) * (1 + 4 / 6), rel=1e-14, abs=0)


@pytest.mark.slow
def test_an_endless_film_and_an_endless_rod():
    """A film has N_zz = 1 and no other; a rectangular rod no N_xx, and N_zz in closed form (p the ratio of its edges).

    N_zz = [(1 − p²)/(2p) ln(1 + p²) + p ln p + 2 arctan(1/p)]/π: two sheets of charges, integrated twice.
    """
    film = N(Mesh((3, 2, 1), CELL, periodic="xy"), (INF, INF, 0))[:3, 0, 0, 0]
    np.testing.assert_allclose(film, [0, 0, 1], atol=EXACT)
    rod = N(Mesh((3, 1, 1), CELL, periodic="x"), (INF, 0, 0))[:3, 0, 0, 0]
    p = CELL[2] / CELL[1]
    across = ((1 - p**2) / (2 * p) * math.log(1 + p**2) + p * math.log(p) + 2 * math.atan(1 / p)) / math.pi
    np.testing.assert_allclose(rod, [0, 1 - across, across], atol=EXACT)


@pytest.mark.slow
@pytest.mark.parametrize(("axis", "images"), [("x", (INF, 0, 0)), ("y", (0, INF, 0)), ("z", (0, 0, INF))])
def test_explicit_images_converge_to_the_endless_row(axis, images):
    """What s images leave out falls off as (s + ½)⁻²; with that removed from 30 and 120 of them, 1e-7 is left."""
    mesh = Mesh((3, 2, 2), CELL, periodic=axis)
    few, many = (N(mesh, tuple(s if i else 0 for i in images)) for s in (30, 120))
    ratio = (120.5 / 30.5) ** 2
    exact = N(mesh, images)
    assert 1e-6 < np.abs(many - exact).max() < np.abs(few - exact).max() / 12
    np.testing.assert_allclose((ratio * many - few) / (ratio - 1), exact, atol=3e-7)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("periodic", "images", "twice"),
    [("x", (INF, 0, 0), (2, 1, 1)), ("xy", (INF, INF, 0), (2, 1, 1)), ("yz", (0, INF, INF), (1, 2, 2))],
)
def test_two_periods_are_as_good_as_one(periodic, images, twice):
    """The same endless sample described by twice the mesh: its even wave numbers are those of the single one."""
    cells = (3, 4, 2)
    one = N(Mesh(cells, CELL, periodic=periodic), images)
    two = N(Mesh(tuple(n * t for n, t in zip(cells, twice, strict=True)), CELL, periodic=periodic), images)
    even = two[:, :: twice[2], :: twice[1], :: twice[0]]
    np.testing.assert_allclose(even[tuple(slice(n) for n in one.shape)], one, atol=EXACT)


def test_long_cells_in_short_periods():
    """A needle along z, repeated every 2 nm: the plate it makes has N_yy + N_zz = 1, and the closed form above."""
    mesh = Mesh((1, 1, 1), (2e-9, 3e-9, 300e-9), periodic="x")
    found = N(mesh, (INF, 0, 0))[:3, 0, 0, 0]
    p = 100.0
    across = ((1 - p**2) / (2 * p) * math.log(1 + p**2) + p * math.log(p) + 2 * math.atan(1 / p)) / math.pi
    np.testing.assert_allclose(found, [0, 1 - across, across], atol=EXACT)


def test_a_sample_that_fills_all_space_is_refused():
    mesh = Mesh((2, 2, 2), CELL, periodic="xyz")
    assert check_images(mesh, (INF, 3, INF)) == (INF, 3, INF)
    with pytest.raises(ValueError, match="Argument `images` must be finite along one axis at least, but got inf along"):
        check_images(mesh, (INF, INF, INF))
