"""The dispersion of waves, from states along time."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from magjax.mesh import AXES, Axis, Mesh


@dataclasses.dataclass(frozen=True, eq=False)
class Dispersion:
    """How much of a motion goes with each wave.

    - `k`: `(nk,)` wave numbers in rising order, rad/m. `f`: `(nf,)` frequencies ≥ 0, Hz.
    - `power`: `(nf, nk)` |amplitude|²; k > 0 with f > 0 is a wave that travels towards the upper end of the axis.

    >>> import numpy as np
    >>> from magjax.observe import Dispersion
    >>> Dispersion(np.zeros(1), np.arange(4.0), np.array([[1.0], [10.0], [100.0], [10.0]])).peaks().tolist()
    [2.0]
    """

    k: np.ndarray
    f: np.ndarray
    power: np.ndarray

    def peaks(self) -> np.ndarray:
        """`(nk,)` frequency of the strongest motion at each wave number, Hz, by a parabola through three logarithms."""
        i = np.clip(np.argmax(self.power, axis=0), 1, len(self.f) - 2)
        tiny = np.finfo(float).tiny
        low, middle, high = (np.log(self.power[i + d, np.arange(len(self.k))] + tiny) for d in (-1, 0, 1))
        curvature = low - 2 * middle + high
        shift = np.where(curvature < 0, (low - high) / 2 / np.where(curvature < 0, curvature, -1), 0.0)
        return self.f[i] + np.clip(shift, -0.5, 0.5) * (self.f[1] - self.f[0])


def dispersion(mesh: Mesh, states: Sequence[Any], t: Any, *, component: Axis = "y", along: Axis = "x") -> Dispersion:
    """Fourier transform of one component in time and along one axis, averaged over the other two.

    P(f, k) = |Σ_t Σ_x w(t) (m_c(x, t) − ⟨m_c(x)⟩) exp(i(kx − 2πft))|². A Hann window in time, and along an axis that
    does not repeat one in space, keeps strong waves from covering weak ones.

    - `mesh`: the mesh. `states`: at least four arrays `(3, nz, ny, nx)`. `t`: `(n,)` their times, evenly spaced, s.
    - `component`: of m. `along`: the axis that the waves travel along.

    **Returns** a `Dispersion`.

    **Raises** `ValueError` for too few states, and times that are not evenly spaced.

    >>> import numpy as np, magjax as mj
    >>> from magjax.observe import dispersion
    >>> mesh, t = mj.Mesh((32, 1, 1), 1e-9, periodic="x"), np.arange(64) * 1e-12
    >>> phase = 2 * np.pi * (mesh.centers()[0][None] / 8e-9 - 125e9 * t[:, None, None, None])
    >>> found = dispersion(mesh, 1e-3 * np.stack([1 + 0 * phase, np.sin(phase), 0 * phase], axis=1), t)
    >>> row, column = np.unravel_index(found.power.argmax(), found.power.shape)
    >>> round(found.f[row] * 1e-9), round(2 * np.pi / found.k[column] * 1e9)  # GHz, nm
    (125, 8)
    """
    t = np.asarray(t, float)
    steps = np.diff(t)
    if len(t) < 4 or len(states) != len(t):
        raise ValueError(f"Argument `states` must hold at least 4 states, one for each time, but got {len(states)}.")
    if not np.allclose(steps, steps[0], rtol=1e-6) or steps[0] <= 0:
        raise ValueError("Argument `t` must be evenly spaced and rising.")
    i, c = AXES.index(along), AXES.index(component)
    others = tuple(axis for axis in range(3) if axis != 2 - i)
    lines = np.stack([np.asarray(m[c], float).mean(axis=others) for m in states])
    # What does not move is no wave.
    lines = lines - lines.mean(axis=0, keepdims=True)
    window = np.hanning(len(t) + 1)[:-1, None]
    if not mesh.is_periodic(along):
        window = window * np.hanning(lines.shape[1])[None]
    # exp(−2πi…) forwards in time and backwards in space: waves towards +x have k > 0.
    spectrum = np.fft.ifft(np.fft.rfft(window * lines, axis=0), axis=1)
    k = 2 * np.pi * np.fft.fftfreq(lines.shape[1], mesh.cell_size[i])
    f = np.fft.rfftfreq(len(t), steps[0])
    return Dispersion(np.fft.fftshift(k), f, np.fft.fftshift(np.abs(spectrum) ** 2, axes=1))
