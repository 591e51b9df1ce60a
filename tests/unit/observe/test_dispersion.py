"""The Fourier transform in space and time, against waves that are known."""

import numpy as np
import pytest

import magjax as mj
from magjax.observe import Dispersion, dispersion


def _wave(mesh: mj.Mesh, t: np.ndarray, period: float, f: float, axis: int = 0) -> np.ndarray:
    phase = 2 * np.pi * (mesh.centers()[axis][None] / period - f * t[:, None, None, None])
    m = np.zeros((len(t), 3, *mesh.shape))
    m[:, 1] = 1e-3 * np.sin(phase)
    return m


@pytest.mark.parametrize("sign", [1, -1])
def test_direction_of_travel(sign: int) -> None:
    """Waves with k > 0 go up the axis; a wave that fits into the mesh falls on one wave number."""
    mesh, t = mj.Mesh((32, 2, 3), (1e-9, 2e-9, 3e-9), periodic="x"), np.arange(64) * 1e-12
    found = dispersion(mesh, _wave(mesh, t, sign * 8e-9, 125e9), t)
    assert isinstance(found, Dispersion)
    row, column = np.unravel_index(found.power.argmax(), found.power.shape)
    assert found.k[column] == pytest.approx(sign * 2 * np.pi / 8e-9, rel=1e-6, abs=0)
    assert found.f[row] == pytest.approx(125e9, rel=1e-6, abs=0)
    others = np.delete(found.power, column, axis=1)
    assert others.max() < 1e-20 * found.power.max()


def test_another_axis() -> None:
    mesh, t = mj.Mesh((2, 3, 16), (1e-9, 2e-9, 3e-9), periodic="z"), np.arange(32) * 1e-12
    found = dispersion(mesh, _wave(mesh, t, 12e-9, 125e9, axis=2), t, along="z")
    assert found.k[found.power.max(axis=0).argmax()] == pytest.approx(2 * np.pi / 12e-9, rel=1e-6, abs=0)


def test_peaks_between_frequencies() -> None:
    """A Hann window is nearly a Gaussian, so a parabola through logarithms finds a peak to 2 % of the spacing."""
    mesh, t = mj.Mesh((8, 1, 1), 1e-9, periodic="x"), np.arange(200) * 1e-12
    f = 101.3e9
    found = dispersion(mesh, _wave(mesh, t, 8e-9, f), t)
    (column,) = np.flatnonzero(np.isclose(found.k, 2 * np.pi / 8e-9, atol=0))
    assert abs(found.peaks()[column] - f) < 0.02 * (found.f[1] - found.f[0])


@pytest.mark.parametrize("t", [np.arange(3.0), np.array([0.0, 1.0, 2.0, 4.0]), -np.arange(4.0)])
def test_times_that_do_not_serve(t: np.ndarray) -> None:
    mesh = mj.Mesh((2, 1, 1), 1e-9)
    with pytest.raises(ValueError, match=r"Argument `(states|t)` must"):
        dispersion(mesh, np.zeros((len(t), 3, 1, 1, 2)), t)
