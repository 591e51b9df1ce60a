"""A shape of a configuration is the shape of the same name in Python, at the same place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from magjax.config.geometry import SHAPES
from magjax.config.parameter import Site
from magjax.geometry import shapes
from magjax.geometry.shape import AbstractShape
from magjax.mesh import Mesh

MESH = Mesh((13, 10, 9), (3e-9, 4e-9, 5e-9), origin=(7e-9, -30e-9, -11e-9))
BALL = {"shape": "sphere", "radius": "12 nm"}
SLAB = {"shape": "layer", "lower": "-6 nm", "upper": "12 nm"}
ball, slab = shapes.sphere(12e-9), shapes.layer(-6e-9, 12e-9)
DARK = np.random.default_rng(2).random((5, 7)) > 0.5

SAME: dict[str, tuple[dict[str, Any], Callable[[Path], AbstractShape]]] = {
    "cuboid": ({"size": ["20 nm", "22 nm", "18 nm"]}, lambda _: shapes.cuboid((20e-9, 22e-9, 18e-9))),
    "ellipsoid": (
        {"size": ["30 nm", "25 nm", "20 nm"], "scale": [1, 1.2, 1], "rotate": {"angle": "0.5 rad", "axis": "x"}},
        lambda _: shapes.ellipsoid((30e-9, 25e-9, 20e-9)).scale((1, 1.2, 1)).rotate(0.5, "x"),
    ),
    "sphere": (
        {"diameter": "8 nm", "repeat": {"period": ["10 nm", "12 nm", 0], "counts": [3, 2, 1]}},
        lambda _: shapes.sphere(diameter=8e-9).repeat((10e-9, 12e-9, 0), (3, 2, 1)),
    ),
    "cylinder": (
        {"radius": "13 nm", "height": "17 nm", "axis": "y", "center": ["20 nm", "-12 nm", "9 nm"]},
        lambda _: shapes.cylinder(13e-9, 17e-9, axis="y", center=(20e-9, -12e-9, 9e-9)),
    ),
    "cone": ({"radius": "15 nm", "height": "30 nm", "axis": "x"}, lambda _: shapes.cone(15e-9, 30e-9, axis="x")),
    "torus": ({"radius": "12 nm", "tube_radius": "6 nm"}, lambda _: shapes.torus(12e-9, 6e-9)),
    "polygon": (
        {"vertices": [["8 nm", "-25 nm"], ["40 nm", "-20 nm"], ["20 nm", "5 nm"]]},
        lambda _: shapes.polygon([(8e-9, -25e-9), (40e-9, -20e-9), (20e-9, 5e-9)]),
    ),
    "image": (
        {"file": "dark.png", "size": ["30 nm", "35 nm"]},
        lambda folder: shapes.image_mask(folder / "dark.png", (30e-9, 35e-9)),
    ),
    "half_space": ({"normal": [1, 2, -1]}, lambda _: shapes.half_space((1, 2, -1))),
    "layer": ({"lower": "-6 nm", "upper": "12 nm"}, lambda _: slab),
    "union": ({"of": [BALL, SLAB]}, lambda _: ball | slab),
    "intersection": ({"of": [BALL, SLAB]}, lambda _: ball & slab),
    "difference": ({"of": [BALL, SLAB]}, lambda _: ball - slab),
    "complement": ({"of": BALL}, lambda _: ~ball),
}


@pytest.mark.parametrize("name", SHAPES)
def test_a_table_is_the_call_of_its_name(name: str, tmp_path: Path) -> None:
    Image.fromarray(np.where(DARK, 0, 255).astype(np.uint8)).save(tmp_path / "dark.png")
    keys, make = SAME[name]
    mask = SHAPES[name].model_validate({"shape": name, **keys}).build(Site(MESH, tmp_path)).mask(MESH)
    np.testing.assert_array_equal(mask, make(tmp_path).mask(MESH))
    assert not mask.all()


@pytest.mark.parametrize("name", ["cuboid", "ellipsoid", "sphere", "cone", "torus", "image"])
def test_a_table_without_a_center_is_in_the_middle(name: str, tmp_path: Path) -> None:
    Image.fromarray(np.where(DARK, 0, 255).astype(np.uint8)).save(tmp_path / "dark.png")
    table, site = {"shape": name, **SAME[name][0]}, Site(MESH, tmp_path)
    there = SHAPES[name].model_validate({**table, "center": list(MESH.center)}).build(site)
    here = SHAPES[name].model_validate(table).build(site)
    np.testing.assert_array_equal(here.mask(MESH), there.mask(MESH))
