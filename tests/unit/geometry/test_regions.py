"""Named regions and the values spread over them."""

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from PIL import Image

from magjax.geometry import Regions, shapes
from magjax.mesh import Mesh

MESH = Mesh((8, 6, 3), (2e-9, 3e-9, 4e-9))
LEFT = shapes.layer(upper=8e-9, axis="x")
BOTTOM = shapes.layer(upper=4e-9)


def test_the_later_region_wins() -> None:
    regions = Regions(MESH, {"left": LEFT, "bottom": BOTTOM})
    assert regions.names == ("rest", "left", "bottom")
    np.testing.assert_array_equal(regions.mask("bottom"), BOTTOM.mask(MESH))
    np.testing.assert_array_equal(regions.mask("left"), LEFT.mask(MESH) & ~BOTTOM.mask(MESH))
    np.testing.assert_array_equal(regions.mask("rest"), ~LEFT.mask(MESH) & ~BOTTOM.mask(MESH))
    assert sum(regions.mask(name).sum() for name in regions.names) == MESH.n_cells


def test_a_background_that_nothing_is_left_of_is_no_region() -> None:
    assert Regions(MESH, {"left": LEFT, "right": ~LEFT}).names == ("left", "right")
    with pytest.raises(ValueError, match="in no region; name a background"):
        Regions(MESH, {"left": LEFT}, background=None)


def test_numbers_and_vectors_are_spread(dtype: np.dtype) -> None:
    regions = Regions(MESH, {"left": LEFT.mask(MESH)}, background="right")
    K = regions.values({"left": jnp.asarray(2, dtype), "right": jnp.asarray(1, dtype)})
    assert K.dtype == dtype
    np.testing.assert_array_equal(K, np.where(LEFT.mask(MESH), 2, 1))
    axis = regions.values({"right": (1.0, 0.0, 0.0), "left": (0.0, 0.0, 1.0)})
    assert axis.shape == (3, *MESH.shape)
    np.testing.assert_array_equal(axis[2], LEFT.mask(MESH))
    np.testing.assert_array_equal(regions.values(np.array([1.0, 2.0])), K)


def test_values_are_differentiable_and_batched() -> None:
    """The derivative of a sum over cells by a region's value is the number of its cells."""
    regions = Regions(MESH, {"left": LEFT})
    total = lambda values: regions.values(values).sum()  # noqa: E731
    slope = jax.jit(jax.grad(total))({"left": 1.0, "rest": 2.0})
    assert float(slope["left"]) == regions.mask("left").sum()
    batch = jax.vmap(lambda k: regions.values({"left": k, "rest": 0.0}).sum())(jnp.arange(3.0))
    np.testing.assert_array_equal(batch, np.arange(3) * regions.mask("left").sum())


def test_regions_are_a_pytree_with_static_names() -> None:
    regions = Regions(MESH, {"left": LEFT})
    again = jax.jit(lambda r: r)(regions)
    assert again.names == regions.names
    assert jax.tree.leaves(regions)[0].dtype == jnp.int32
    assert len(jax.tree.leaves(regions)) == 1


def test_regions_from_numbers() -> None:
    numbers = np.zeros(MESH.shape, np.uint8)
    numbers[:, :, 4:] = 7
    assert Regions(MESH, numbers).names == ("0", "7")
    named = Regions(MESH, numbers, names=("soft", "hard"))
    np.testing.assert_array_equal(named.mask("hard"), numbers == 7)
    with pytest.raises(ValueError, match="one name for each of the 2 numbers"):
        Regions(MESH, numbers, names=("soft",))
    with pytest.raises(ValueError, match="integers of shape"):
        Regions(MESH, np.zeros((2, 2, 2), int))
    with pytest.raises(ValueError, match="integers of shape"):
        Regions(MESH, np.zeros(MESH.shape))


def test_regions_painted_in_an_image(tmp_path: Path) -> None:
    picture = np.zeros((2, 2, 3), np.uint8)
    picture[0] = (250, 10, 10)  # the upper half, a slightly different red
    picture[1] = (0, 0, 255)
    Image.fromarray(picture).save(tmp_path / "map.png")
    regions = Regions.from_image(MESH, tmp_path / "map.png", {"soft": "#0000ff", "hard": (1.0, 0.0, 0.0)})
    np.testing.assert_array_equal(regions.mask("hard")[0], np.arange(6)[:, None] >= np.full((1, 8), 3))
    with pytest.raises(ValueError, match="must hold '#rrggbb'"):
        Regions.from_image(MESH, picture / 255, {"soft": "blue"})
    with pytest.raises(ValueError, match="Region 'green'"):
        Regions.from_image(MESH, picture / 255, {"soft": "#0000ff", "hard": "#ff0000", "green": "#00ff00"})


def test_unknown_and_missing_names_are_told() -> None:
    regions = Regions(MESH, {"left": LEFT})
    with pytest.raises(ValueError, match="did you mean 'left'"):
        regions.values({"lfet": 1.0, "rest": 1.0})
    with pytest.raises(ValueError, match="got none for 'rest'"):
        regions.values({"left": 1.0})
    with pytest.raises(ValueError, match="did you mean 'rest'"):
        regions.mask("Rest")
    with pytest.raises(ValueError, match="all numbers or all vectors"):
        regions.values({"left": 1.0, "rest": (1.0, 0.0, 0.0)})
    with pytest.raises(ValueError, match="one number or three for each of 2 regions"):
        regions.values(np.ones(3))


def test_empty_regions_are_refused() -> None:
    with pytest.raises(ValueError, match="Region 'dot' is empty"):
        Regions(MESH, {"dot": shapes.sphere(1e-9, center=(-50e-9, 0, 0))})
    with pytest.raises(ValueError, match="got none for 'left'; later regions cover"):
        Regions(MESH, {"left": LEFT, "all": np.ones(MESH.shape, bool)})
    with pytest.raises(ValueError, match="false everywhere"):
        Regions(MESH, {"none": np.zeros(MESH.shape, bool)})
    with pytest.raises(ValueError, match="must be a shape or booleans"):
        Regions(MESH, {"left": np.ones(MESH.shape)})
    with pytest.raises(ValueError, match="`background` must differ"):
        Regions(MESH, {"rest": LEFT})


def test_print_counts_cells() -> None:
    assert repr(Regions(MESH, {"left": LEFT})) == "Regions(rest: 72 cells, left: 72 cells)"
    assert "tracer" not in str(jax.eval_shape(lambda r: r, Regions(MESH, {"left": LEFT}))).lower()
