import numpy as np
import pytest
from PIL import Image

from magjax.plot.animation import animate


@pytest.mark.slow
@pytest.mark.parametrize("component", [None, "x"])
def test_frames_differ_and_last(tmp_path, mesh, spins, component):
    frames = np.stack([spins, np.roll(spins, 5, axis=-1), -spins])
    path = tmp_path / "films" / "m.gif"
    animate(mesh, frames, [0, 1e-12, 2e-12], path, fps=10, component=component)
    with Image.open(path) as film:
        assert film.n_frames == 3
        assert film.info["duration"] == 100
        pictures = []
        for i in range(3):
            film.seek(i)
            pictures.append(np.asarray(film.convert("RGB")).astype(float))
    for a, b in ((0, 1), (1, 2), (0, 2)):
        assert np.abs(pictures[a] - pictures[b]).mean() > 2
    assert list(path.parent.iterdir()) == [path]


def test_bad_arguments(tmp_path, mesh, spins):
    with pytest.raises(ValueError, match="a frame per time"):
        animate(mesh, spins[None], [0, 1], tmp_path / "m.gif")
    with pytest.raises(ValueError, match="at least one"):
        animate(mesh, spins[:0], [], tmp_path / "m.gif")
    with pytest.raises(ValueError, match="`fps`"):
        animate(mesh, spins[None], [0], tmp_path / "m.gif", fps=0)
    assert not list(tmp_path.iterdir())
