"""Maps of a spectrum."""

import numpy as np
import pytest

from magjax.plot.spectrum import plot_spectrum


def test_limits_and_labels(tmp_path) -> None:
    k, f = np.linspace(-2e8, 2e8, 11), np.linspace(0, 5e10, 7)
    figure = plot_spectrum(k, f, np.ones((7, 11)), k_max=1e8, f_max=4e10, title="waves")
    axes = figure.axes[0]
    assert axes.get_xlim() == (-100, 100)
    assert axes.get_ylim() == (0, 40)
    assert axes.get_title(loc="left") == "waves"
    figure.savefig(tmp_path / "spectrum.png")


def test_silence_is_drawn() -> None:
    plot_spectrum(np.arange(3.0), np.arange(2.0), np.zeros((2, 3)))


def test_shape_must_fit() -> None:
    with pytest.raises(ValueError, match="Argument `power` must have shape"):
        plot_spectrum(np.arange(3.0), np.arange(2.0), np.zeros((3, 2)))
