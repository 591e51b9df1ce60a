"""Shapes drawn in pictures."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from magjax.geometry import shapes
from magjax.mesh import Mesh

MESH = Mesh((6, 4, 2), (2e-9, 3e-9, 1e-9), origin=(-6e-9, -6e-9, 0))
PIXELS = np.random.default_rng(0).random((4, 6)) > 0.5
SIZE = (12e-9, 12e-9)


def test_the_first_row_is_the_top() -> None:
    mask = shapes.image_mask(PIXELS, SIZE).mask(MESH)
    np.testing.assert_array_equal(mask[0], PIXELS[::-1])
    np.testing.assert_array_equal(mask[1], mask[0])


def test_grey_levels_are_dark_inside_by_default() -> None:
    grey = np.where(PIXELS, 0.2, 0.8)
    np.testing.assert_array_equal(shapes.image_mask(grey, SIZE).mask(MESH)[0], PIXELS[::-1])
    np.testing.assert_array_equal(shapes.image_mask(grey, SIZE, inside="bright").mask(MESH)[0], ~PIXELS[::-1])


def test_a_file_is_read_and_transparent_pixels_are_white(tmp_path: Path) -> None:
    rgba = np.zeros((4, 6, 4), np.uint8)
    rgba[..., 3] = np.where(PIXELS, 255, 0)
    Image.fromarray(rgba).save(tmp_path / "mask.png")
    mask = shapes.image_mask(tmp_path / "mask.png", SIZE).mask(MESH)
    np.testing.assert_array_equal(mask[0], PIXELS[::-1])


def test_outside_the_picture_is_outside_the_shape() -> None:
    full = shapes.image_mask(np.ones((2, 2), bool), (4e-9, 6e-9))
    mask = full.mask(MESH)
    assert mask[0].sum() == 2 * 2


def test_refusals(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    with pytest.raises(ValueError, match="readable image file"):
        shapes.image_mask(tmp_path / "text.png", SIZE)
    with pytest.raises(ValueError, match="readable image file"):
        shapes.image_mask(tmp_path / "missing.png", SIZE)
    with pytest.raises(ValueError, match=r"did you give bytes \(0 … 255\)"):
        shapes.image_mask(np.array([[0.0, 255.0]]), SIZE)
    with pytest.raises(ValueError, match="shape \\(rows, columns\\)"):
        shapes.image_mask(np.zeros((2, 2, 3)), SIZE)
    with pytest.raises(ValueError, match="'dark' or 'bright'"):
        shapes.image_mask(PIXELS, SIZE, inside="black")  # type: ignore[arg-type]
