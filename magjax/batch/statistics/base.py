"""What a statistic is: something that grows as members go along and never keeps their trajectories."""

import abc
import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import equinox as eqx
import numpy as np
from jaxtyping import Array

#: What is followed: a part of the average, or a function `f(t, m, system)` of a member.
Followed = str | Callable[..., Any]
#: Parts of the average by name, as indices into it.
PARTS = {"m": slice(None), "m_x": 0, "m_y": 1, "m_z": 2}


class Frame(eqx.Module):
    """What a statistic knows before it starts.

    - `points`: number of points. `saves`: of save times.
    - `point`: `(n,)` the point of each member of the chunk. `real`: `(n,)` False for members that only fill it up.
    """

    point: Array
    real: Array
    points: int = eqx.field(static=True)
    saves: int = eqx.field(static=True)


class Moment(eqx.Module):
    """A save.

    - `t`, `t_before`: its time and that of the save before, s since the start. `index`: its number.
    - `frame`: as at the start, with `real` False also for members that have failed.
    """

    t: Array
    t_before: Array
    index: Array
    frame: Frame


@dataclasses.dataclass(frozen=True)
class Joined:
    """What all members' parts came to.

    - `states`: each leaf `(points, replicas, …)`, or `(…)` of a statistic that is a sum.
    - `failed`: `(points, replicas)`. `t`: `(saves,)` s.
    """

    states: Any
    failed: np.ndarray
    t: np.ndarray


@dataclasses.dataclass(frozen=True)
class Column:
    """A result of a statistic.

    - `values`: `(points, …)`. `dims`: of the axes after the first. `name`: what is appended to the statistic's name.
    - `unit`: of the values; "same" is that of what is followed. `meaning`: in words.
    - `coordinates`: values, unit and meaning of the axes that have any.
    """

    values: np.ndarray
    dims: tuple[str, ...]
    name: str
    unit: str
    meaning: str
    coordinates: dict[str, tuple[np.ndarray, str, str]] = dataclasses.field(default_factory=dict)


class AbstractStatistic(eqx.Module):
    """A statistic of what is followed at each save, its memory independent of the number of steps.

    Parts of different chunks join exactly, in whatever order they are computed: either the state is one row for each
    member, put in the order of their numbers (`summed` is False), or whole numbers that are added (`summed` is True).

    - `of`: what is followed: `"m_x"`, `"m_y"`, `"m_z"`, `"m"` of the average, or a function `f(t, m, system)` that
      gives a number or a list of them for one member.
    """

    summed: ClassVar[bool]

    of: eqx.AbstractVar[Followed]

    @abc.abstractmethod
    def numbers(self, saves: int) -> int:
        """About how many numbers it keeps for each member in a run with so many saves."""

    @abc.abstractmethod
    def start(self, x: Array, frame: Frame) -> Any:
        """The state at time 0, from what is followed: `(n, c)`."""

    @abc.abstractmethod
    def update(self, state: Any, x: Array, now: Moment) -> Any:
        """The state after a save; `x` is NaN for members that have failed."""

    @abc.abstractmethod
    def result(self, joined: Joined) -> list[Column]:
        """What it comes to."""


def check_of(of: Followed) -> None:
    """Refuse what cannot be followed.

    **Raises** `ValueError` for unknown names.
    """
    if not callable(of) and of not in PARTS:
        raise ValueError(f"Argument `of` must be one of {list(PARTS)} or a function f(t, m, system), but got {of!r}.")


def scattered(totals: Array, frame: Frame, rows: Array) -> Array:
    """`(points, …)` with each member's row added at its point.

    - `totals`: whole numbers. `rows`: `(n, …)`, 0 where a member does not count.
    """
    if frame.points == 1:
        return totals + rows.sum(0, dtype=totals.dtype)[None]
    return totals.at[frame.point].add(rows.astype(totals.dtype))


def parts_dims(values: np.ndarray, axis: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Values without the axis of components where there is one only; the name of that axis.

    >>> import numpy as np
    >>> from magjax.batch.statistics.base import parts_dims
    >>> parts_dims(np.ones((4, 3)), 1)[1], parts_dims(np.ones((4, 1)), 1)[1]
    (('component',), ())
    """
    return (np.squeeze(values, axis), ()) if values.shape[axis] == 1 else (values, ("component",))
