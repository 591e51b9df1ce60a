"""Drives measured or computed elsewhere: tables of time and value."""

import os
from pathlib import Path
from typing import Any, Literal

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array

from magjax.drive.arguments import known, leaf, like
from magjax.drive.base import AbstractWaveform

#: Steps end wherever the values have gone this fraction of their range, 1/64, so that none of their features is missed.
_MARKS = 64


class Table(AbstractWaveform):
    """Interpolation between given values.

    "cubic" is the Hermite interpolant with three-point slopes: smooth (C¹), exact for parabolas, each value felt only
    within two intervals.

    **Arguments**

    - `times`: shape `(n,)`, rising, s.
    - `values`: shape `(n,)`.
    - `interpolation`: "linear" or "cubic".
    - `outside`: before the first and after the last time, "hold" the value there, or "zero".

    **Raises** `ValueError` for times that do not rise, lengths that differ, too few points (2; 3 for "cubic").

    >>> import magjax as mj
    >>> field = mj.drive.table(times=(0.0, 1e-9, 3e-9), values=(0.0, 1.0, 0.0))
    >>> round(float(field(2e-9)), 6), float(field(9e-9))
    (0.5, 0.0)
    """

    times: Array
    values: Array
    interpolation: str = eqx.field(static=True)
    outside: str = eqx.field(static=True)

    def __init__(
        self,
        times: Any,
        values: Any,
        interpolation: Literal["linear", "cubic"] = "linear",
        outside: Literal["hold", "zero"] = "hold",
    ):
        if interpolation not in ("linear", "cubic"):
            raise ValueError(f"Argument `interpolation` must be 'linear' or 'cubic', but got {interpolation!r}.")
        if outside not in ("hold", "zero"):
            raise ValueError(f"Argument `outside` must be 'hold' or 'zero', but got {outside!r}.")
        self.times, self.values = leaf("times", times, ndim=1), leaf("values", values, ndim=1)
        check_times(self.times, self.values, fewest=3 if interpolation == "cubic" else 2)
        self.interpolation, self.outside = interpolation, outside

    def __call__(self, t: Any) -> Array:
        """The value at time `t`, s."""
        t, times, values = like(t, self.times, self.values)
        within = jnp.clip(t, times[0], times[-1])
        i = jnp.clip(jnp.searchsorted(times, within, side="right") - 1, 0, times.size - 2)
        step = times[i + 1] - times[i]
        s = (within - times[i]) / step
        value = (1 - s) * values[i] + s * values[i + 1]
        if self.interpolation == "cubic":
            chord = values[i + 1] - values[i]
            left, right = (_slope(times, values, j) * step - chord for j in (i, i + 1))
            # What a cubic with these slopes adds to the chord; it vanishes at both ends.
            value = value + s * (1 - s) * ((1 - s) * left - s * right)
        return value if self.outside == "hold" else jnp.where(t == within, value, 0)

    def landmarks(self) -> tuple[Array, ...]:
        """The times between which the values go far; a smooth curve of many points does not slow a run down."""
        way = jnp.concatenate([jnp.zeros(1, self.values.dtype), jnp.cumsum(jnp.abs(jnp.diff(self.values)))])
        span = jnp.max(self.values) - jnp.min(self.values)
        mark = jnp.floor(lax.stop_gradient(way) * (_MARKS / lax.stop_gradient(jnp.where(span > 0, span, 1))))
        far = jnp.concatenate([jnp.zeros(1, bool), jnp.diff(mark) > 0, jnp.zeros(1, bool)])
        chosen = far[1:] | far[:-1]
        if self.outside == "zero":
            chosen = chosen.at[jnp.asarray([0, -1])].set(True)
        return (jnp.where(chosen, self.times, jnp.inf),)

    def longest_step(self) -> Array:
        """Any."""
        return jnp.asarray(jnp.inf)


def read_table(
    path: str | os.PathLike[str],
    *,
    columns: tuple[int, int] = (0, 1),
    interpolation: Literal["linear", "cubic"] = "linear",
    outside: Literal["hold", "zero"] = "hold",
) -> Table:
    """A table from a text file of numbers, separated by commas, semicolons, tabs or spaces.

    Empty lines, lines that begin with `#` and one line of headings are passed over.

    **Arguments**

    - `path`: the file.
    - `columns`: which columns, from 0 on, hold the time (s) and the value.
    - `interpolation`, `outside`: as for `table`.

    **Raises** `ValueError` naming the line that cannot be read, and whatever `table` raises; `OSError` without a file.

    >>> import magjax as mj
    >>> from pathlib import Path
    >>> _ = Path("pulse.csv").write_text("t (s), B (T)\\n0, 0\\n1e-9, 0.5\\n")
    >>> float(mj.drive.read_table("pulse.csv")(0.5e-9))
    0.25
    """
    rows, headed = [], False
    for number, line in enumerate(Path(path).read_text(encoding="utf-8-sig").splitlines(), start=1):
        cells = line.replace(",", " ").replace(";", " ").split()
        if not cells or cells[0].startswith("#"):
            continue
        try:
            rows.append([float(cells[column]) for column in columns])
        except (ValueError, IndexError):
            if rows or headed:
                raise ValueError(
                    f"Line {number} of {str(path)!r} must hold numbers in columns {columns}, but got {line!r}."
                ) from None
            headed = True
    times, values = np.array(rows).reshape(-1, 2).T
    return Table(times, values, interpolation, outside)


def check_times(times: Array, values: Array, fewest: int) -> None:
    """Raise `ValueError` unless there are enough times, they rise, and each has a value."""
    if times.shape != values.shape:
        raise ValueError(
            f"Argument `values` must have one number for each time, but got {values.size} for {times.size} times."
        )
    if times.size < fewest:
        raise ValueError(f"Argument `times` must hold at least {fewest}, but got {times.size}.")
    if known(times):
        steps = np.diff(np.asarray(times))
        if not (steps > 0).all():
            where = int(np.argmin(steps > 0))
            raise ValueError(
                f"Argument `times` must rise, but got {float(times[where])!r} followed by {float(times[where + 1])!r}."
            )


def _slope(times: Array, values: Array, j: Array) -> Array:
    """The slope at point j of the parabola through it and its neighbours (its two nearest at an end)."""
    c = jnp.clip(j, 1, times.size - 2)
    before = (values[c] - values[c - 1]) / (times[c] - times[c - 1])
    after = (values[c + 1] - values[c]) / (times[c + 1] - times[c])
    curvature = (after - before) / (times[c + 1] - times[c - 1])
    return before + curvature * (2 * times[j] - times[c - 1] - times[c])
