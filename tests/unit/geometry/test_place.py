"""A shape without a place sits in the middle of the mesh; one with a place stays where it was put."""

import math
from collections.abc import Callable

import numpy as np
import pytest

import magjax as mj
from magjax.geometry import Regions, shapes
from magjax.geometry.shape import AbstractShape
from magjax.mesh import Mesh

# Other counts and edges along each axis, and a corner that is nowhere near the origin, nor is the middle.
CORNER = Mesh((13, 10, 9), (3e-9, 4e-9, 5e-9))
AWAY = Mesh((13, 10, 9), (3e-9, 4e-9, 5e-9), origin=(7e-9, -90e-9, 31e-9))
MESHES = pytest.mark.parametrize("mesh", [CORNER, AWAY], ids=["corner at 0", "corner elsewhere"])
PICTURE = np.random.default_rng(2).random((5, 7)) > 0.5

# Bodies that no symmetry of the mesh maps to themselves, each with an origin of its own.
SOLIDS: dict[str, Callable[..., AbstractShape]] = {
    "cuboid": lambda **place: shapes.cuboid((20e-9, 22e-9, 18e-9), **place),
    "ellipsoid": lambda **place: shapes.ellipsoid((30e-9, 25e-9, 20e-9), **place),
    "sphere": lambda **place: shapes.sphere(14e-9, **place),
    "cylinder": lambda **place: shapes.cylinder(13e-9, 17e-9, axis="y", **place),
    "cone": lambda **place: shapes.cone(15e-9, 30e-9, top_radius=4e-9, axis="x", **place),
    "torus": lambda **place: shapes.torus(12e-9, 6e-9, **place),
    "image": lambda **place: shapes.image_mask(PICTURE, (35e-9, 30e-9), **place),
    "half space": lambda **place: shapes.half_space((1, 2, -1), **({"point": place["center"]} if place else {})),
}
# What is drawn in the coordinates of the mesh is where its numbers say.
FIXED: dict[str, AbstractShape] = {
    "layer": shapes.layer(5e-9, 33e-9, axis="x"),
    "stacked layer": shapes.layers((4e-9, 33e-9))[1],
    "polygon": shapes.polygon([(0, -80e-9), (40e-9, -85e-9), (20e-9, 30e-9)]),
    "function": shapes.function(lambda x, y, z: x + y + z < 25e-9),
}

BALL, BLOCK = shapes.sphere(14e-9), shapes.cuboid((40e-9, 13e-9, 50e-9))
CHANGES: dict[str, Callable[[AbstractShape], AbstractShape]] = {
    "translated": lambda s: s.translate((6e-9, -5e-9, 4e-9)),
    "rotated": lambda s: s.rotate(0.4, "y"),
    "rotated about a point": lambda s: s.rotate(0.4, (1, 1, 0), about=(3e-9, 0, -4e-9)),
    "scaled": lambda s: s.scale((0.8, 1.1, 0.9)),
    "repeated": lambda s: s.scale(0.3).repeat((9e-9, 11e-9, 0), (3, 2, 1)),
    "turned off the middle": lambda s: s.translate((6e-9, 0, 0)).rotate(math.pi / 2),
    "complement": lambda s: ~s,
    "union": lambda s: s | shapes.cuboid((30e-9, 6e-9, 8e-9)),
    "difference": lambda s: s - shapes.cylinder(5e-9),
    "changed after joining": lambda s: (s ^ shapes.cuboid((30e-9, 6e-9, 8e-9))).rotate(0.3).scale(0.9),
}


def same(first: AbstractShape, second: AbstractShape, mesh: Mesh) -> None:
    """The same cells, neither all nor none of them, and the same parts of cells."""
    mask = first.mask(mesh)
    np.testing.assert_array_equal(mask, second.mask(mesh))
    assert not mask.all()
    np.testing.assert_array_equal(first.fraction(mesh, 2), second.fraction(mesh, 2))


def on_points(shape: AbstractShape, mesh: Mesh, middle: tuple[float, float, float]) -> np.ndarray:
    """The cells whose centres, as seen from `middle`, are in the shape as a user asks it."""
    return shape.contains(*(c - m for c, m in zip(mesh.centers(), middle, strict=True)))


@MESHES
@pytest.mark.parametrize("name", SOLIDS)
def test_a_solid_without_a_place_is_in_the_middle(name: str, mesh: Mesh) -> None:
    make = SOLIDS[name]
    assert make().floating
    same(make(), make().at(mesh.center), mesh)
    same(make(), make(center=mesh.center), mesh)
    np.testing.assert_array_equal(make().mask(mesh), on_points(make(), mesh, mesh.center))


@MESHES
@pytest.mark.parametrize("name", FIXED)
def test_what_is_drawn_in_the_coordinates_of_the_mesh_stays(name: str, mesh: Mesh) -> None:
    shape = FIXED[name]
    assert not shape.floating
    np.testing.assert_array_equal(shape.fraction(mesh, 1), on_points(shape, mesh, (0, 0, 0)))
    np.testing.assert_array_equal(shape.at(mesh.center).mask(mesh), on_points(shape, mesh, mesh.center))


def test_the_whole_of_a_body_is_kept() -> None:
    """The volume of an ellipsoid on a default mesh, where its eighth was kept once: counted to 1 %."""
    mesh = Mesh((30, 24, 20), (2e-9, 2.5e-9, 3e-9))
    system = mj.System(mesh, Ms=8e5, shape=shapes.ellipsoid((56e-9, 50e-9, 45e-9)))
    volume = float((np.asarray(system.sample().Ms) > 0).sum()) * mesh.cell_volume
    assert volume == pytest.approx(math.pi / 6 * 56e-9 * 50e-9 * 45e-9, rel=0.01, abs=0)


@pytest.mark.parametrize("name", [name for name in SOLIDS if name not in ("half space", "image")])
def test_a_given_place_is_absolute(name: str) -> None:
    """Zero too is a place: the corner of a default mesh."""
    make = SOLIDS[name]
    corner = make(center=(0.0, 0.0, 0.0))
    assert not corner.floating
    np.testing.assert_array_equal(corner.fraction(CORNER, 1), on_points(make(), CORNER, (0, 0, 0)))
    elsewhere = (12e-9, -60e-9, 50e-9)
    np.testing.assert_array_equal(make(center=elsewhere).mask(AWAY), on_points(make(), AWAY, elsewhere))


@MESHES
@pytest.mark.parametrize("change", CHANGES)
def test_changes_of_a_floating_shape_are_about_its_own_origin(change: str, mesh: Mesh) -> None:
    shape = CHANGES[change](BALL & BLOCK)
    assert shape.floating
    same(shape, shape.at(mesh.center), mesh)
    np.testing.assert_array_equal(shape.mask(mesh), on_points(shape, mesh, mesh.center))


@pytest.mark.parametrize("change", [name for name in CHANGES if name not in ("union", "difference")])
def test_changes_of_a_placed_shape_are_in_absolute_coordinates(change: str) -> None:
    """Where nothing floats, the cells are those whose centres the shape contains."""
    block = shapes.cuboid((30e-9, 6e-9, 8e-9), center=(9e-9, 8e-9, 7e-9))
    changes = {**CHANGES, "changed after joining": lambda s: (s ^ block).rotate(0.3).scale(0.9)}
    shape = changes[change]((BALL & BLOCK).at((16e-9, 15e-9, 14e-9)))
    assert not shape.floating
    np.testing.assert_array_equal(shape.fraction(CORNER, 1), on_points(shape, CORNER, (0, 0, 0)))


def test_shift_from_the_middle() -> None:
    moved = shapes.cuboid((9e-9, 12e-9, 15e-9)).translate((6e-9, 0, 0)).mask(AWAY)
    mean = [float(c[moved].mean()) for c in AWAY.centers()]
    middle = np.array(AWAY.center) + np.array([6e-9, 0, 0])
    # The block covers whole cells along x and z and, of ten along y, the three about the middle but for rounding.
    np.testing.assert_allclose(mean, middle, atol=2.1e-9)
    assert mean[0] == pytest.approx(middle[0], abs=1e-15)


@MESHES
def test_each_part_of_a_mixture_keeps_its_place(mesh: Mesh) -> None:
    x0, y0, z0 = mesh.origin
    hole = shapes.cylinder(9e-9, center=(x0 + 8e-9, y0 + 10e-9, z0))
    in_middle, in_corner = BALL.at(mesh.center).mask(mesh), hole.mask(mesh)
    for mixed, cells in {
        BALL | hole: in_middle | in_corner,
        hole | BALL: in_middle | in_corner,
        BALL & hole: in_middle & in_corner,
        BALL - hole: in_middle & ~in_corner,
        hole - BALL: in_corner & ~in_middle,
        BALL ^ hole: in_middle ^ in_corner,
        ~(BALL | hole): ~(in_middle | in_corner),
        ~BALL & ~hole: ~(in_middle | in_corner),
        ~BALL - hole: ~(in_middle | in_corner),
    }.items():
        assert not mixed.floating
        assert cells.any()
        np.testing.assert_array_equal(mixed.mask(mesh), cells, err_msg=repr(mixed))
    thickness = 18e-9
    cut = BALL & shapes.layer(z0, z0 + thickness)
    np.testing.assert_array_equal(cut.mask(mesh), in_middle & (mesh.centers()[2] < z0 + thickness))


@pytest.mark.parametrize("change", ["translated", "rotated", "rotated about a point", "scaled", "repeated"])
def test_a_mixture_is_changed_as_one_body(change: str) -> None:
    """Its floating parts are laid down first, and then all of it moves in the coordinates of the mesh."""
    stick = shapes.cuboid((6e-9, 30e-9, 30e-9), center=(12e-9, 14e-9, 10e-9))
    floats, stands = CHANGES[change](BALL | stick), CHANGES[change](BALL.at(CORNER.center) | stick)
    same(floats, stands, CORNER)


def test_at_places_a_mixture_as_seen_from_its_own_origin() -> None:
    """The parts' distances are those they are drawn with: one rigid body about the point."""
    slice_of_ball = BALL - shapes.layer(0, 8e-9)
    placed = slice_of_ball.at(AWAY.center)
    np.testing.assert_array_equal(placed.mask(AWAY), on_points(slice_of_ball, AWAY, AWAY.center))


def test_centred_meshes_need_no_places() -> None:
    """With the origin in the middle, floating and absolute are one."""
    size = CORNER.extent
    mesh = Mesh(CORNER.cells, CORNER.cell_size, origin=[-length / 2 for length in size])
    assert mesh.center == (0, 0, 0)
    for make in SOLIDS.values():
        np.testing.assert_array_equal(make().mask(mesh), make(center=(0, 0, 0)).mask(mesh))
    for change in CHANGES.values():
        np.testing.assert_array_equal(change(BALL).mask(mesh), on_points(change(BALL), mesh, (0, 0, 0)))


def test_regions_follow() -> None:
    regions = Regions(AWAY, {"ball": BALL, "core": shapes.sphere(7e-9)})
    core = shapes.sphere(7e-9).at(AWAY.center).mask(AWAY)
    np.testing.assert_array_equal(regions.mask("core"), core)
    np.testing.assert_array_equal(regions.mask("ball"), BALL.at(AWAY.center).mask(AWAY) & ~core)


def test_print_tells_a_place_from_none() -> None:
    names = {key: getattr(shapes, key) for key in shapes.__all__}
    for shape in (
        BALL,
        BALL.at((0, 0, 0)),
        shapes.half_space("x"),
        shapes.half_space("x", point=(25e-9, 0, 0)),
        BALL.translate((4e-9, 0, 0)) - BALL.at((20e-9, 20e-9, 20e-9)).rotate(0.1),
    ):
        again = eval(repr(shape), names)
        assert again == shape
        same(again, shape, CORNER)
    assert repr(shapes.sphere(1e-9, center=(0, 0, 0))) == "ellipsoid(size=(2e-09, 2e-09, 2e-09)).at((0.0, 0.0, 0.0))"
