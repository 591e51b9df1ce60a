import hypothesis.strategies as st
import mpmath
import numpy as np
import pytest
from hypothesis import given

from magjax.numerics.cell_average import triangle_rule
from magjax.numerics.newell import averaged_dipole, demag_tensor, newell_tensor

# What the module promises relative to the largest entry at each distance; measured: 5e-12.
ACCURACY = 2e-11
# The same on machines whose long double is a double: needles lose digits where they overlap sideways.
ACCURACY_CLOSED_FORM = 1e-8 if np.finfo(np.longdouble).eps > 1e-17 else ACCURACY

CELLS = [(1, 1, 1), (2.5, 2.5, 3), (3, 5, 0.4), (1, 1, 10), (50, 50, 0.5), (1, 1, 100), (20, 3, 1)]
# Touching, near, at the crossovers, and far; as numbers of cells.
OFFSETS = [
    (0, 0, 0),
    (1, 0, 0),
    (1, 1, 0),
    (1, 1, 1),
    (0, 2, 0),
    (2, 1, 0),
    (3, 1, 1),
    (0, 3, 1),
    (5, 0, 0),
    (0, 0, 7),
    (4, 10, 5),
    (30, 0, 0),
    (22, 5, 5),
    (0, 60, 3),
    (150, 0, 0),
    (700, 90, 1),
    (2000, 3000, 40),
]


def reference(offset, cell):
    """Newell's closed form in 60 digits, of which the farthest distance here loses forty."""
    mp = mpmath.mp
    mp.dps = 60

    def ratio(function, a, b):
        return function(a / b) if b else mp.mpf(0)

    def f(x, y, z):
        x, y, z = abs(x), abs(y), abs(z)
        r = mp.sqrt(x * x + y * y + z * z)
        return (
            y / 2 * (z * z - x * x) * ratio(mp.asinh, y, mp.sqrt(x * x + z * z))
            + z / 2 * (y * y - x * x) * ratio(mp.asinh, z, mp.sqrt(x * x + y * y))
            - x * y * z * ratio(mp.atan, y * z, x * r)
            + (2 * x * x - y * y - z * z) * r / 6
        )

    def g(x, y, z):
        z = abs(z)
        r = mp.sqrt(x * x + y * y + z * z)
        return (
            x * y * z * ratio(mp.asinh, z, mp.sqrt(x * x + y * y))
            + y / 6 * (3 * z * z - y * y) * ratio(mp.asinh, x, mp.sqrt(y * y + z * z))
            + x / 6 * (3 * z * z - x * x) * ratio(mp.asinh, y, mp.sqrt(x * x + z * z))
            - z**3 / 6 * ratio(mp.atan, x * y, z * r)
            - z * y * y / 2 * ratio(mp.atan, x * z, y * r)
            - z * x * x / 2 * ratio(mp.atan, y * z, x * r)
            - x * y * r / 3
        )

    cell = [mp.mpf(d) for d in cell]
    total = [mp.mpf(0)] * 6
    weights = {-1: -1, 0: 2, 1: -1}
    for i, wi in weights.items():
        for j, wj in weights.items():
            for k, wk in weights.items():
                x, y, z = ((n + s) * d for n, s, d in zip(offset, (i, j, k), cell, strict=True))
                values = f(x, y, z), f(y, x, z), f(z, y, x), g(x, y, z), g(x, z, y), g(y, z, x)
                total = [t + wi * wj * wk * v for t, v in zip(total, values, strict=True)]
    return np.array([float(t / (4 * mp.pi * cell[0] * cell[1] * cell[2])) for t in total])


def tensor(offset, cell):
    cell = tuple(float(d) for d in cell)
    return demag_tensor(*(np.array([n * d]) for n, d in zip(offset, cell, strict=True)), cell)[:, 0]


@pytest.mark.parametrize("cell", CELLS, ids=str)
@pytest.mark.parametrize("offset", OFFSETS, ids=str)
def test_agrees_with_the_closed_form_in_sixty_digits(offset, cell):
    exact = reference(offset, cell)
    error = np.abs(tensor(offset, cell) - exact).max() / np.abs(exact).max()
    touching = max(offset) <= 3
    assert error < (ACCURACY_CLOSED_FORM if touching else ACCURACY)


lengths = st.floats(0.2, 5)
steps = st.integers(-40, 40)


@given(st.tuples(steps, steps, steps), st.tuples(lengths, lengths, lengths))
def test_has_trace_one_at_home_and_zero_beyond(offset, cell):
    expected = 0.0 if any(offset) else 1.0
    N = tensor(offset, cell)
    assert abs(N[:3].sum() - expected) <= ACCURACY * np.abs(N).max()


@given(st.tuples(steps, steps, steps), st.tuples(lengths, lengths, lengths), st.sampled_from("xyz"))
def test_is_even_along_an_axis_but_for_the_entries_that_mix_it(offset, cell, axis):
    a = "xyz".index(axis)
    mirrored = tuple(-n if i == a else n for i, n in enumerate(offset))
    signs = np.array(
        [-1 if axis in name and name[0] != name[1] else 1 for name in ("xx", "yy", "zz", "xy", "xz", "yz")]
    )
    N = tensor(offset, cell)
    np.testing.assert_allclose(tensor(mirrored, cell), signs * N, rtol=0, atol=ACCURACY * np.abs(N).max())


@given(st.tuples(steps, steps, steps), st.tuples(lengths, lengths, lengths))
def test_does_not_depend_on_the_names_of_the_axes(offset, cell):
    N = tensor(offset, cell)
    turned = tensor((*offset[1:], offset[0]), (*cell[1:], cell[0]))
    np.testing.assert_allclose(turned[[2, 0, 1, 4, 5, 3]], N, rtol=0, atol=ACCURACY * np.abs(N).max())


@given(st.tuples(steps, steps, steps), st.tuples(lengths, lengths, lengths))
def test_depends_on_ratios_of_lengths_only(offset, cell):
    N = tensor(offset, cell)
    small = tensor(offset, tuple(d * 1e-9 for d in cell))
    np.testing.assert_allclose(small, N, rtol=0, atol=ACCURACY * np.abs(N).max())


def test_the_two_methods_agree_where_both_are_accurate():
    points, edges = np.array([[4.0, 3.0, 5.0], [1.0, 3.0, 0.0], [0.0, 2.0, 3.0]]), (1.0, 0.8, 0.5)
    np.testing.assert_allclose(averaged_dipole(points, edges, (16, 16, 16)), newell_tensor(points, edges), atol=1e-12)


def test_a_large_set_of_points_keeps_its_shape_and_order(rng):
    x, y, z = rng.integers(-30, 30, (3, 5, 7, 11)) * 2.0
    N = demag_tensor(x, y, z, (2.0, 2.0, 2.0))
    assert N.shape == (6, 5, 7, 11)
    one = demag_tensor(x[3:4, 2, 8], y[3:4, 2, 8], z[3:4, 2, 8], (2.0, 2.0, 2.0))
    np.testing.assert_allclose(N[:, 3, 2, 8], one[:, 0], rtol=1e-12, atol=0)


@pytest.mark.parametrize("n", [1, 2, 3, 5, 16, 64])
def test_the_rule_integrates_polynomials_under_a_triangle_exactly(n):
    nodes, weights = triangle_rule(n)
    for power in range(min(2 * n, 40)):
        # ∫ s^p (1 − |s|) ds over [−1, 1]
        exact = 0.0 if power % 2 else 2 / ((power + 1) * (power + 2))
        assert np.sum(weights * nodes**power) == pytest.approx(exact, abs=1e-14)
    assert np.all(weights > 0)
    assert np.all(np.abs(nodes) < 1)
