"""Every solid: its volume, its place, its printed form, and what it refuses."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from magjax.geometry import shapes
from magjax.geometry.shape import AbstractShape
from magjax.mesh import Mesh

# Different counts and edges along x, y, z, so that no exchange of axes goes unnoticed. Spans ±60, ±66, ±72 nm.
MESH = Mesh((40, 33, 36), (3e-9, 4e-9, 4e-9), origin=(-60e-9, -66e-9, -72e-9))

# With 4³ probes in a cell (0.75 nm apart along x, 1 nm along y and z), faces along the mesh lie half-way between probes
# and are counted exactly, but for the ends of the cylinder along x: 0.4 %. Errors on other surfaces average out.
SAMPLES, VOLUME = 4, 0.005

SOLIDS: dict[str, tuple[Callable[[], AbstractShape], float]] = {
    "cuboid": (lambda: shapes.cuboid((90e-9, 60e-9, 30e-9)), 90e-9 * 60e-9 * 30e-9),
    "ellipsoid": (lambda: shapes.ellipsoid((110e-9, 90e-9, 60e-9)), math.pi / 6 * 110e-9 * 90e-9 * 60e-9),
    "sphere": (lambda: shapes.sphere(radius=50e-9), 4 / 3 * math.pi * 50e-9**3),
    "sphere by diameter": (lambda: shapes.sphere(diameter=100e-9), 4 / 3 * math.pi * 50e-9**3),
    "cylinder along x": (lambda: shapes.cylinder(45e-9, 80e-9, axis="x"), math.pi * 45e-9**2 * 80e-9),
    "cylinder along y": (lambda: shapes.cylinder(diameter=90e-9, height=50e-9, axis="y"), math.pi * 45e-9**2 * 50e-9),
    "endless cylinder": (lambda: shapes.cylinder(45e-9), math.pi * 45e-9**2 * 144e-9),
    "cone": (lambda: shapes.cone(50e-9, 100e-9), math.pi / 3 * 50e-9**2 * 100e-9),
    "truncated cone": (
        lambda: shapes.cone(50e-9, 100e-9, top_radius=25e-9, axis="y"),
        math.pi / 3 * 100e-9 * (50e-9**2 + 50e-9 * 25e-9 + 25e-9**2),
    ),
    "torus": (lambda: shapes.torus(38e-9, 15e-9, axis="y"), 2 * math.pi**2 * 38e-9 * 15e-9**2),
    "half space": (lambda: shapes.half_space((1, 1, 0)), 120e-9 * 132e-9 * 144e-9 / 2),
    "layer": (lambda: shapes.layer(-12e-9, 24e-9, axis="y"), 36e-9 * 120e-9 * 144e-9),
    "triangle": (
        lambda: shapes.polygon([(-50e-9, -40e-9), (50e-9, -40e-9), (0, 50e-9)], height=60e-9),
        0.5 * 100e-9 * 90e-9 * 60e-9,
    ),
    "function": (lambda: shapes.function(lambda x, y, z: z < 0.2 * x), 120e-9 * 132e-9 * 144e-9 / 2),
}


@pytest.mark.parametrize("name", SOLIDS)
def test_volume_is_that_of_the_closed_form(name: str) -> None:
    make, volume = SOLIDS[name]
    counted = make().fraction(MESH, samples=SAMPLES).sum() * MESH.cell_volume
    assert counted == pytest.approx(volume, rel=VOLUME, abs=0)


@pytest.mark.parametrize("name", [n for n in SOLIDS if n != "function"])
def test_printed_form_makes_the_same_shape(name: str) -> None:
    solid = SOLIDS[name][0]()
    namespace = {key: getattr(shapes, key) for key in shapes.__all__} | {"inf": math.inf}
    np.testing.assert_array_equal(eval(repr(solid), namespace).mask(MESH), solid.mask(MESH))


@pytest.mark.parametrize("axis", ["x", "y", "z"])
@pytest.mark.parametrize("name", ["cylinder", "cone", "torus"])
def test_axis_is_where_it_says(name: str, axis: str) -> None:
    """A solid along one axis is the solid along z with its coordinates renamed (cyclically)."""
    make = {
        "cylinder": lambda a: shapes.cylinder(20e-9, 50e-9, axis=a),
        "cone": lambda a: shapes.cone(20e-9, 50e-9, axis=a),
        "torus": lambda a: shapes.torus(20e-9, 5e-9, axis=a),
    }[name]
    points = np.random.default_rng(1).uniform(-30e-9, 30e-9, (3, 500))
    turns = {"z": 0, "x": 1, "y": 2}[axis]
    along_z = make("z").contains(*points)
    assert along_z.any()
    # A point (a, b, c) of the shape along z is at (c, a, b) along x and (b, c, a) along y.
    np.testing.assert_array_equal(make(axis).contains(*np.roll(points, turns, axis=0)), along_z)


def test_center_moves_the_shape() -> None:
    center = (15e-9, -8e-9, 20e-9)
    here = shapes.ellipsoid((60e-9, 50e-9, 40e-9), center=center).mask(MESH)
    mean = [float(c[here].mean()) for c in MESH.centers()]
    # Cells sit symmetrically about the centre only to within one cell.
    np.testing.assert_allclose(mean, center, atol=2e-9)
    moved = shapes.ellipsoid((60e-9, 50e-9, 40e-9)).at(center)
    np.testing.assert_array_equal(here, moved.mask(MESH))


def test_cone_points_along_its_axis_and_ends_at_its_tip() -> None:
    cone = shapes.cone(50e-9, 100e-9)
    assert cone.contains(np.array(45e-9), np.array(0.0), np.array(-49e-9))
    assert not cone.contains(np.array(45e-9), np.array(0.0), np.array(49e-9))
    assert not cone.contains(np.array(0.0), np.array(0.0), np.array(51e-9)), "no second cone beyond the tip"


def test_stacked_layers_share_no_cell_and_leave_none_out() -> None:
    mesh = Mesh((2, 3, 10), (1e-9, 2e-9, 0.7e-9))
    stack = shapes.layers((2.1e-9, 0.7e-9, 4.2e-9))
    masks = np.stack([layer.mask(mesh) for layer in stack])
    np.testing.assert_array_equal(masks.sum(axis=0), 1)
    assert [int(m[:, 0, 0].sum()) for m in masks] == [3, 1, 6]


def test_polygon_with_a_notch() -> None:
    """The even–odd rule handles corners that point inwards."""
    notched = shapes.polygon([(0, 0), (40e-9, 0), (40e-9, 40e-9), (20e-9, 10e-9), (0, 40e-9)])
    at = lambda x, y: bool(notched.contains(np.array(x), np.array(y), np.array(0.0)))  # noqa: E731
    assert at(20e-9, 5e-9)
    assert at(5e-9, 20e-9)
    assert not at(20e-9, 20e-9)


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "nm for m": (lambda: shapes.sphere(radius=50), "did you give nanometres"),
    "negative": (lambda: shapes.cylinder(-1e-9), "`radius` must be a length > 0"),
    "both": (lambda: shapes.cylinder(1e-9, diameter=2e-9), "Exactly one of `radius` and `diameter`"),
    "neither": (shapes.sphere, "Exactly one of `radius` and `diameter`"),
    "two sizes": (lambda: shapes.cuboid((1e-9, 1e-9)), "must hold 3 lengths"),
    "text": (lambda: shapes.cuboid(("a", 1e-9, 1e-9)), "must be a number"),
    "nan": (lambda: shapes.cuboid((math.nan, 1e-9, 1e-9)), "must be finite"),
    "axis": (lambda: shapes.cylinder(1e-9, axis="w"), "must be 'x', 'y' or 'z'"),  # type: ignore[arg-type]
    "normal": (lambda: shapes.half_space((0, 0, 0)), "must have a length"),
    "layer": (lambda: shapes.layer(2e-9, 1e-9), "must be below"),
    "corners": (lambda: shapes.polygon([(0, 0), (1e-9, 0)]), "three or more"),
    "no function": (lambda: shapes.function(3), "must be a function"),  # type: ignore[arg-type]
    "center in nm": (lambda: shapes.sphere(1e-9, center=(50, 0, 0)), "did you give nanometres"),
}


@pytest.mark.parametrize("case", BAD)
def test_refusals_name_the_argument_and_the_slip(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        make()
