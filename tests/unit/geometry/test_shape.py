"""What every shape can do: set algebra, moving, masks."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from magjax.geometry import shapes
from magjax.mesh import Mesh

MESH = Mesh((13, 11, 9), (3e-9, 4e-9, 5e-9), origin=(-19.5e-9, -22e-9, -22.5e-9))
A = shapes.sphere(radius=15e-9)
B = shapes.cuboid((20e-9, 30e-9, 10e-9), center=(6e-9, 4e-9, 3e-9))

points = st.lists(st.floats(-40e-9, 40e-9), min_size=3, max_size=3).map(np.array)


@given(points)
def test_operators_are_those_of_sets(p: np.ndarray) -> None:
    a, b = bool(A.contains(*p)), bool(B.contains(*p))
    assert bool((A | B).contains(*p)) == (a or b)
    assert bool((A & B).contains(*p)) == (a and b)
    assert bool((A - B).contains(*p)) == (a and not b)
    assert bool((A ^ B).contains(*p)) == (a != b)
    assert bool((~A).contains(*p)) == (not a)


@given(points, points)
def test_translation_moves_points(p: np.ndarray, shift: np.ndarray) -> None:
    # The point goes through p + s − s, which rounds: compare with the same rounding.
    assert bool(B.translate(shift).contains(*p)) == bool(B.contains(*(p - shift)))


@given(points, st.floats(-3, 3), st.sampled_from(["x", "y", "z"]))
def test_a_rotation_and_its_reverse_cancel(p: np.ndarray, angle: float, axis: str) -> None:
    slightly_larger = shapes.cuboid((20.001e-9, 30.001e-9, 10.001e-9), center=(6e-9, 4e-9, 3e-9))
    there_and_back = B.rotate(angle, axis, about=(1e-9, 2e-9, 3e-9)).rotate(-angle, axis, about=(1e-9, 2e-9, 3e-9))
    inner, outer = bool(there_and_back.contains(*p)), bool(slightly_larger.contains(*p))
    assert outer or not inner


@pytest.mark.parametrize(("axis", "start", "end"), [("z", 0, 1), ("x", 1, 2), ("y", 2, 0)])
def test_rotation_is_right_handed(axis: str, start: int, end: int) -> None:
    """A quarter turn about z takes +x to +y, about x takes +y to +z, about y takes +z to +x."""
    away = np.zeros(3)
    away[start] = 10e-9
    ball = shapes.sphere(radius=1e-9, center=away).rotate(math.pi / 2, axis)
    assert ball.contains(*np.roll(away, 1 if axis != "y" else -2))
    assert np.roll(away, 1)[end] == 10e-9


def test_rotation_about_a_vector() -> None:
    """A third of a turn about (1, 1, 1) takes x to y."""
    ball = shapes.sphere(radius=1e-9, center=(10e-9, 0, 0)).rotate(2 * math.pi / 3, (1, 1, 1))
    assert ball.contains(np.array(0.0), np.array(10e-9), np.array(0.0))


def test_scale_stretches() -> None:
    # No cell centre lies on this rim, where rounding would decide.
    ellipse = shapes.cylinder(10.3e-9).scale((2, 1, 1))
    wanted = shapes.ellipsoid((41.2e-9, 20.6e-9, 1e-3))
    np.testing.assert_array_equal(ellipse.mask(MESH), wanted.mask(MESH))


def test_repeat_is_centered_and_exact_for_shapes_off_their_origin() -> None:
    ball = shapes.sphere(radius=3e-9, center=(50e-9, 0, 0))
    row = ball.repeat(period=(20e-9, 0, 0), counts=(3, 1, 1))
    x = np.arange(10e-9, 95e-9, 0.5e-9)
    inside = row.contains(x, np.zeros_like(x), np.zeros_like(x))
    wanted = np.abs(x[:, None] - np.array([30e-9, 50e-9, 70e-9])[None]).min(axis=1) <= 3e-9
    # Points on the very surface may fall on either side by rounding.
    clear = np.abs(np.abs(x[:, None] - np.array([30e-9, 50e-9, 70e-9])[None]).min(axis=1) - 3e-9) > 1e-12
    np.testing.assert_array_equal(inside[clear], wanted[clear])


def test_mask_has_the_shape_of_the_mesh() -> None:
    mask = (A - B).mask(MESH)
    assert mask.shape == MESH.shape
    assert mask.dtype == bool
    assert shapes.function(lambda x, y, z: True).mask(MESH).shape == MESH.shape, "a scalar answer is spread"


def test_fraction_agrees_with_the_mask_away_from_edges() -> None:
    fraction, mask = A.fraction(MESH, samples=3), A.mask(MESH)
    assert (fraction[mask] > 0).all()
    assert ((fraction >= 0) & (fraction <= 1)).all()
    np.testing.assert_array_equal(A.fraction(MESH, samples=1), mask.astype(float))


def test_fraction_of_a_plane_is_linear() -> None:
    """A plane that cuts a quarter off each cell fills exactly three of four probes."""
    mesh = Mesh((1, 1, 4), (3e-9, 4e-9, 5e-9))
    np.testing.assert_array_equal(shapes.layer(0, 18.75e-9).fraction(mesh)[:, 0, 0], [1, 1, 1, 0.75])


@pytest.mark.parametrize(
    ("shape", "advice"),
    [
        (shapes.sphere(radius=10e-9, center=(-50e-9, 0, 0)), "check its place in these coordinates; check that it is"),
        (shapes.cuboid((8e-9, 8e-9, 8e-9), center=(0, 0, 0)), "check its place in these coordinates"),
        (
            shapes.torus(1.5e-9, 0.5e-9),
            "without a place it is in the middle; check that it is not smaller than a cell",
        ),
    ],
)
def test_an_empty_mask_says_what_to_do(shape: shapes.AbstractShape, advice: str) -> None:
    away = Mesh((13, 11, 9), (3e-9, 4e-9, 5e-9), origin=(5e-9, 5e-9, 5e-9))
    with pytest.raises(ValueError, match=advice) as error:
        shape.mask(away)
    assert repr(shape) in str(error.value)
    assert "spans x = " in str(error.value)


def test_printed_form_of_a_composition_makes_it_again() -> None:
    shape = ((A | B) - ~shapes.layer(0, 5e-9)).rotate(0.5).scale((1, 2, 3)).translate((1e-9, 0, 0))
    again = eval(repr(shape.repeat((5e-9, 0, 0), (2, 1, 1))), {k: getattr(shapes, k) for k in shapes.__all__})
    np.testing.assert_array_equal(again.mask(MESH), shape.repeat((5e-9, 0, 0), (2, 1, 1)).mask(MESH))


def test_refusals() -> None:
    with pytest.raises(ValueError, match="did you give degrees"):
        A.rotate(45)
    with pytest.raises(ValueError, match="`factor` must hold"):
        A.scale(0)
    with pytest.raises(ValueError, match="`counts` must hold three"):
        A.repeat((1e-9, 0, 0), (2, 0, 1))
    with pytest.raises(ValueError, match="`period` must be > 0"):
        A.repeat((0, 0, 0), (2, 1, 1))
    with pytest.raises(ValueError, match="`samples` must be"):
        A.fraction(MESH, samples=0)
    with pytest.raises(ValueError, match="`point` must hold three numbers"):
        A.at((0, 0))
    with pytest.raises(TypeError):
        A | 3  # type: ignore[operator]
