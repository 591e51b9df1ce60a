"""How strongly something swings at each frequency."""

import dataclasses
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class PowerSpectrum:
    """The power of a motion by frequency.

    - `f`: `(nf,)` frequencies ≥ 0 in even steps, Hz. `power`: `(nf,)`, the square of what swings.

    >>> import numpy as np
    >>> from magjax.observe import PowerSpectrum
    >>> PowerSpectrum(np.arange(6.0), np.array([0.0, 1.0, 10.0, 1.0, 2.0, 1.0])).peaks(2).tolist()
    [2.0, 4.0]
    """

    f: np.ndarray
    power: np.ndarray

    def peaks(self, count: int) -> np.ndarray:
        """The frequencies of the `count` strongest maxima (or fewer, if there are), rising, Hz.

        Each by a parabola through three logarithms: of a line that is alone, right to some hundredths of a step.
        """
        p = self.power
        (inside,) = np.nonzero((p[1:-1] > p[:-2]) & (p[1:-1] >= p[2:]))
        best = np.sort(inside[np.argsort(-p[1 + inside], kind="stable")][:count] + 1)
        low, middle, high = (np.log(p[best + d] + np.finfo(float).tiny) for d in (-1, 0, 1))
        bend = low - 2 * middle + high
        shift = np.where(bend < 0, (low - high) / 2 / np.where(bend < 0, bend, -1), 0.0)
        return self.f[best] + np.clip(shift, -0.5, 0.5) * (self.f[1] - self.f[0])


def power_spectrum(t: Any, signal: Any) -> PowerSpectrum:
    """The power of a signal, or of many averaged, by frequency.

    P(f) = ⟨|Σ_t w(t) (s(t) − ⟨s⟩) exp(−2πift)|²⟩ / (Σ_t w)²

    with a Hann window w. Averaged over cells it shows modes that an average over the sample is blind to: opposite
    swings cancel in ⟨m⟩, but not in power. A swing a cos 2πft has the power a²/4 at its frequency.

    - `t`: `(n,)` at least four evenly spaced times, s. `signal`: `(n, …)`, such as one component of m in every cell.

    **Returns** a `PowerSpectrum` of steps 1/(n Δt), up to 1/(2Δt).

    **Raises** `ValueError` for times that are not evenly spaced, and lengths that do not fit.

    >>> import numpy as np
    >>> from magjax.observe import power_spectrum
    >>> t = np.linspace(0, 10e-9, 1000, endpoint=False)
    >>> opposite = np.cos(2 * np.pi * 3.21e9 * t)[:, None] * np.array([1.0, -1.0])
    >>> found = power_spectrum(t, opposite)
    >>> [round(float(f) / 1e9, 2) for f in found.peaks(1)], float(power_spectrum(t, opposite.mean(axis=1)).power.max())
    ([3.21], 0.0)
    """
    t, s = np.asarray(t, float), np.asarray(signal, float)
    if t.ndim != 1 or len(t) < 4 or s.shape[:1] != t.shape:
        raise ValueError(
            f"Arguments `t` and `signal` must be (n,) and (n, …) with n ≥ 4, but got {t.shape} and {s.shape}."
        )
    steps = np.diff(t)
    if not (np.all(steps > 0) and np.ptp(steps) <= 1e-6 * steps.mean()):
        raise ValueError("Argument `t` must hold evenly spaced, increasing times.")
    s = s.reshape(len(t), -1)
    window = np.hanning(len(t) + 1)[:-1]
    # What does not move is no swing.
    swings = np.fft.rfft(window[:, None] * (s - s.mean(axis=0, keepdims=True)), axis=0) / window.sum()
    return PowerSpectrum(np.fft.rfftfreq(len(t), steps.mean()), np.mean(np.abs(swings) ** 2, axis=1))
