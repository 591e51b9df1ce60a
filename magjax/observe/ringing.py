"""Frequencies and decay rates of what rings."""

from typing import Any, NamedTuple

import numpy as np


class Ringing(NamedTuple):
    """A sum of rotations z(t) = Σ c exp((iω − λ) t), the strongest first.

    - `omega`: `(n,)` angular frequencies, rad/s, negative where z turns clockwise. `rate`: `(n,)` λ, 1/s.
    - `amplitude`: `(n,)` |c| at the first time.

    >>> import numpy as np
    >>> from magjax.observe import ringing
    >>> t = np.linspace(0, 1, 50)
    >>> found = ringing(t, np.exp(20j * t) + 0.5 * np.exp(-15j * t - t), count=2)
    >>> found.omega.round(6).tolist(), abs(found.rate.round(6)).tolist()
    ([20.0, -15.0], [0.0, 1.0])
    """

    omega: np.ndarray
    rate: np.ndarray
    amplitude: np.ndarray


def ringing(t: Any, z: Any, *, count: int) -> Ringing:
    """The frequencies of a signal that is a sum of few rotations, far below the 1/T of a Fourier transform.

    For spins, z = m_x + i m_y tells modes that turn either way apart. Samples shifted by one belong to the same few
    rotations, each turned by its own angle: the eigenvalues of a matrix pencil.

    - `t`: `(n,)` evenly spaced times, s. `z`: `(n,)` real or complex. `count`: how many rotations; a cosine is two.

    **Returns** a `Ringing`.

    **Raises** `ValueError` for times that are not evenly spaced, and fewer than three times as many samples as
    rotations.

    Source: Y. Hua and T. K. Sarkar, IEEE Trans. Acoust. Speech Signal Process. 38, 814 (1990).

    >>> import numpy as np
    >>> from magjax.observe import ringing
    >>> t = np.linspace(0, 1e-9, 60)
    >>> round(float(ringing(t, np.cos(2e10 * t), count=2).omega[0]) / 1e10, 9) in (2.0, -2.0)
    True
    """
    t, z = np.asarray(t, float), np.asarray(z, complex)
    if t.ndim != 1 or z.shape != t.shape or len(t) < 3 * count:
        raise ValueError(
            f"Arguments `t` and `z` must be arrays of at least 3·count = {3 * count} samples, but got {t.shape} and "
            f"{z.shape}."
        )
    steps = np.diff(t)
    if not (np.all(steps > 0) and np.ptp(steps) <= 1e-6 * steps.mean()):
        raise ValueError("Argument `t` must hold evenly spaced, increasing times.")
    dt, half = (t[-1] - t[0]) / (len(t) - 1), len(t) // 2
    rows = np.lib.stride_tricks.sliding_window_view(z, half + 1)
    _, _, vectors = np.linalg.svd(rows, full_matrices=False)
    space = vectors[:count].T
    turns = np.linalg.eigvals(np.linalg.lstsq(space[:-1], space[1:], rcond=None)[0])
    exponents = np.log(turns) / dt
    waves = np.exp(np.outer(t - t[0], exponents))
    amplitude = np.abs(np.linalg.lstsq(waves, z, rcond=None)[0])
    order = np.argsort(-amplitude, kind="stable")
    return Ringing(exponents.imag[order], -exponents.real[order], amplitude[order])
