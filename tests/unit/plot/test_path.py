"""Pictures of paths: energies with their saddle, and states beside one another."""

import numpy as np

import magjax as mj
from magjax.plot.path import plot_images, plot_path


def test_energies_pass_through_the_saddle() -> None:
    """The curve does not go above it, and starts at zero whatever the first energy is."""
    s = np.linspace(0, np.pi, 8)
    axes = plot_path(s, 3e-19 + 1e-19 * np.sin(s) ** 2, (np.pi / 2, 4e-19)).axes[0]
    curve, images, saddle = (np.asarray(line.get_ydata()) for line in axes.lines)
    assert abs(curve[0]) < 1e-9
    assert np.isclose(saddle[0], 100.0, rtol=1e-9, atol=0)  # zJ
    assert curve.max() <= 100.0 + 1e-9
    assert len(images) == 8


def test_states_are_chosen_around_the_highest() -> None:
    """Seven of many, both ends among them, and the saddle; below one another where the mesh is a wire."""
    for cells, tall in (((6, 6, 1), False), ((30, 1, 1), True)):
        mesh = mj.Mesh(cells, 1e-9)
        states = np.stack([mj.textures.uniform(mesh, (np.sin(a), 0, np.cos(a))) for a in np.linspace(0, np.pi, 21)])
        figure = plot_images(mesh, states, states[8], 8)
        titles = [axes.get_title(loc="left") for axes in figure.axes[:7]]
        assert titles[0] == "0"
        assert titles[-1] == "20"
        assert titles.count("saddle") == 1
        width, height = figure.get_size_inches()
        assert (height > 0.5 * width) == tall
