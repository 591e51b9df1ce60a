"""Statistics of what has switched and what has not yet."""

import dataclasses
from typing import Any

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Survival:
    """What `survival` returns.

    - `t`: `(k,)` times at which something switched, in rising order, s. `fraction`: the part that had not, just after.
    - `error`: the standard error of it.

    >>> from magjax.observe import survival
    >>> survival([1.0, 2.0, float("inf")], end=3.0).fraction.round(3).tolist()
    [0.667, 0.333]
    """

    t: np.ndarray
    fraction: np.ndarray
    error: np.ndarray

    def __call__(self, t: Any) -> np.ndarray:
        """The fraction at any times `t`, s; 1 before anything has switched."""
        steps = np.concatenate([[1.0], self.fraction])
        return steps[np.searchsorted(self.t, np.asarray(t), side="right")]


def survival(times: Any, end: Any) -> Survival:
    """The part that has not switched, against time: the estimate of Kaplan and Meier, with Greenwood's error.

    S(t) = Π_{t_i ≤ t} (1 − d_i/n_i), d_i of the n_i that were still watched switching at t_i;
    error² = S² Σ d_i/(n_i(n_i − d_i)).

    Those that did not switch count for as long as they were watched, which may differ.

    - `times`: when each switched, s, in any shape; infinite if it did not, NaN if it does not count.
    - `end`: until when each was watched, s: one number, or one for each.

    **Returns** `Survival`.

    **Raises** `ValueError` for negative times, times after `end`, and where nothing counts.

    Source: E. L. Kaplan, P. Meier, J. Am. Stat. Assoc. 53, 457 (1958).

    >>> from magjax.observe import survival
    >>> found = survival([1.0, float("inf"), 2.0, float("inf")], end=[3.0, 1.5, 3.0, 3.0])
    >>> found.fraction.round(3).tolist(), float(found(0.5))
    ([0.75, 0.375], 1.0)
    """
    times, end = _watched(times, end)
    switched = np.isfinite(times)
    t, died = np.unique(times[switched], return_counts=True)
    left = np.sort(np.minimum(times, end))
    watched = left.size - np.searchsorted(left, t, side="left")
    fraction = np.cumprod(1 - died / watched)
    rest = watched - died
    variance = np.cumsum(np.where(rest > 0, died / (watched * np.where(rest > 0, rest, 1)), 0))
    return Survival(t, fraction, fraction * np.sqrt(variance))


def switching_rate(times: Any, end: Any, after: float = 0.0) -> tuple[float, float]:
    """The rate of switching and its standard error, 1/s, if it is the same at all times later than `after`.

    Γ = k/Σ(min(t_i, end_i) − after) over those that had not switched by then, k of which did: the most likely one.
    Its error is Γ/√k, and the inverse of the sum where none switched.

    - `times`, `end`: as for `survival`. `after`: s; leave out what it takes to settle in a well.

    **Raises** `ValueError` as `survival` does, and where none is left after `after`.

    >>> from magjax.observe import switching_rate
    >>> rate, error = switching_rate([1e-9, 3e-9, float("inf"), float("inf")], end=3e-9)
    >>> round(rate * 1e-9, 3), round(error * 1e-9, 3)  # two in 10 ns
    (0.2, 0.141)
    """
    times, end = _watched(times, end)
    until = np.minimum(times, end)
    alive = until > after
    if not alive.any():
        raise ValueError(f"Argument `after` must leave something that has not switched, but got {after:g} s.")
    count = int((np.isfinite(times) & alive).sum())
    total = float((until[alive] - after).sum())
    return count / total, max(count, 1) ** 0.5 / total


def coercivity(fields: Any, quantile: float = 0.5) -> tuple[float, float]:
    """The field at which a part of an ensemble has switched, and its standard error.

    The error is half the way between the order statistics one standard deviation √(nq(1−q)) of the number of switched
    ones below and above: it supposes nothing about how the fields are distributed.

    - `fields`: at which each switched, in T or A/m, in any shape; infinite if it did not, NaN if it does not count.
    - `quantile`: the part, 0 … 1.

    **Returns** field and error, infinite where too few switched.

    **Raises** `ValueError` for fewer than four fields, and parts outside 0 … 1.

    >>> import numpy as np
    >>> from magjax.observe import coercivity
    >>> Hc, error = coercivity(np.random.default_rng(0).normal(1.0, 0.1, 10_000))
    >>> round(Hc, 2), round(error, 4)  # √(π/2) 0.1/√10000
    (1.0, 0.0013)
    """
    if not 0 < quantile < 1:
        raise ValueError(f"Argument `quantile` must be a part between 0 and 1, but got {quantile!r}.")
    fields = np.asarray(fields, float).ravel()
    fields = np.sort(fields[~np.isnan(fields)])
    n = fields.size
    if n < 4:
        raise ValueError(f"Argument `fields` must hold at least four fields to tell their scatter, but got {n}.")
    rank, spread = quantile * n - 0.5, np.sqrt(n * quantile * (1 - quantile))
    low, middle, high = (_at(fields, rank + step) for step in (-spread, 0.0, spread))
    return middle, (high - low) / 2 if np.isfinite(high) else np.inf


def _at(values: np.ndarray, rank: float) -> float:
    """The order statistic of a rank between 0 and n − 1, straight between whole ones."""
    rank = min(max(rank, 0.0), values.size - 1.0)
    i = min(int(rank), values.size - 2)
    if not np.isfinite(values[i + 1]):
        return float(values[i] if rank == i else values[i + 1])
    return float(values[i] + (rank - i) * (values[i + 1] - values[i]))


def _watched(times: Any, end: Any) -> tuple[np.ndarray, np.ndarray]:
    """Times and ends of those that count."""
    times = np.asarray(times, float)
    end = np.broadcast_to(np.asarray(end, float), times.shape)
    counts = ~np.isnan(times)
    times, end = times[counts], end[counts]
    if not times.size:
        raise ValueError("Argument `times` must hold at least one time, but got none that counts.")
    # In single precision a time at the very end may round to beyond it.
    late = np.isfinite(times) & (times > end * (1 + 1e-6))
    if (times < 0).any() or late.any():
        raise ValueError(
            f"Argument `times` must be ≥ 0 and at most `end`, but got {times[(times < 0) | late][0]:g} s; "
            "give those that have not switched as infinite."
        )
    return np.where(np.isfinite(times), np.minimum(times, end), times), end
