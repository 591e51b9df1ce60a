import pytest

from magjax.plot.plane import cells_shown, layer_at


@pytest.mark.parametrize(
    ("index", "position", "expected"),
    [(None, None, 2), (0, None, 0), (-1, None, 3), (None, 2e-9, 0), (None, 5.1e-9, 1), (None, 14e-9, 3)],
)
def test_layer(mesh, index, position, expected):
    assert layer_at(mesh, "z", index, position) == expected


def test_cells(mesh):
    assert cells_shown(mesh, "x", None, None) == slice(0, 12)
    assert cells_shown(mesh, "x", 3, (0.0, 1.0)) == slice(3, 4)
    assert cells_shown(mesh, "x", None, (0.0, 20e-9)) == slice(2, 6)
    with pytest.raises(ValueError, match="did you give nm"):
        cells_shown(mesh, "y", None, (0, 1e-9))
