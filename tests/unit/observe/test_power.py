"""Power spectra: where a swing is found, how much of it, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from magjax.observe import PowerSpectrum, power_spectrum


@given(st.floats(5.0, 30.0), st.floats(0.0, 6.2), st.floats(0.1, 10.0))
def test_a_swing_is_found_where_it_is(frequency: float, phase: float, size: float) -> None:
    """A cosine of any phase far from 0: to 3 % of a step, as a parabola through a Hann window's logarithm is.

    Its power is a²/4. Between two steps the window's maximum is missed by up to 1.42 dB in amplitude, 28 % in power.
    """
    t = np.arange(400) / 100.0  # steps of 0.25
    found = power_spectrum(t, size * np.cos(2 * np.pi * frequency * t + phase) + 3.0)
    assert found.peaks(1)[0] == pytest.approx(frequency, rel=0, abs=0.03 * 0.25)
    assert 0.7 * size**2 / 4 < found.power.max() < 1.01 * size**2 / 4


def test_many_are_averaged_and_peaks_come_in_order() -> None:
    t = np.linspace(0, 1e-9, 2000, endpoint=False)
    weak, strong = np.cos(2 * np.pi * 50e9 * t), 3 * np.sin(2 * np.pi * 20e9 * t)
    found = power_spectrum(t, np.stack([weak, strong], axis=1).reshape(2000, 2, 1))
    assert found.peaks(2) == pytest.approx([20e9, 50e9], rel=1e-3, abs=0)
    assert found.peaks(1) == pytest.approx([20e9], rel=1e-3, abs=0)
    assert found.power[[20, 50]] == pytest.approx([9 / 8, 1 / 8], rel=1e-6, abs=0)


def test_what_has_no_maximum_has_no_peaks() -> None:
    assert PowerSpectrum(np.arange(5.0), np.arange(5.0)).peaks(3).tolist() == []
    assert power_spectrum(np.arange(8.0), np.ones(8)).power.max() == 0


def test_bad_signals_are_refused() -> None:
    with pytest.raises(ValueError, match=r"n ≥ 4"):
        power_spectrum([0.0, 1.0], [0.0, 1.0])
    with pytest.raises(ValueError, match=r"\(5,\) and \(4,\)"):
        power_spectrum(np.arange(5.0), np.ones(4))
    with pytest.raises(ValueError, match="evenly spaced"):
        power_spectrum([0.0, 1.0, 3.0, 4.0], np.ones(4))
