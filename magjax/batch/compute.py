"""The loop on the host: chunk after chunk, and what they come to."""

import dataclasses
import time
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from magjax.batch.design import Design
from magjax.batch.layouts import Members, Task
from magjax.batch.parameters import START
from magjax.batch.plan import Plan
from magjax.batch.program import Window, begin, go_on, hand_over
from magjax.batch.statistics.base import Joined
from magjax.batch.store import Store
from magjax.batch.tally import Tally
from magjax.results import Outcome
from magjax.run.interrupt import Interrupts
from magjax.run.progress import Progress

#: Saves that one call of the compiled program can take.
_SAVES = 256
#: Seconds that a call should take.
_SECONDS = 0.3


@dataclasses.dataclass(frozen=True, eq=False)
class Work:
    """All that is to be computed.

    - `task`: what is common. `design`: the points. `plan`: the chunks.
    - `starts`: `(replicas, 3, nz, ny, nx)`, or `None` where all start alike.
    - `times`: `(saves,)` since the start, s, in double precision.
    """

    task: Task
    design: Design
    plan: Plan
    starts: np.ndarray | None
    times: np.ndarray

    def members(self, chunk: int) -> Members:
        """Those of a chunk."""
        numbers, real = self.plan.numbers(chunk)
        points = numbers // self.design.replicas
        dtype = self.task.m0.dtype
        values = {name: jnp.asarray(value, dtype) for name, value in self.design.at(points).items()}
        if self.starts is not None:
            values[START] = jnp.asarray(self.starts[numbers % self.design.replicas], dtype)
        number = jnp.asarray(numbers.astype(np.uint32))
        return Members(values, number, jnp.asarray(points.astype(np.int32)), jnp.asarray(real))

    def window(self, first: int, count: int) -> Window:
        """The intervals before some saves."""
        dtype = self.task.m0.dtype
        before = np.concatenate([[0.0], self.times[:-1]])
        parts = [array[first : first + _SAVES] for array in (before, self.times - before)]
        begins, lengths = (jnp.asarray(np.pad(part, (0, _SAVES - len(part))), dtype) for part in parts)
        whole = (jnp.asarray(n, jnp.int32) for n in (first, min(count, _SAVES, len(self.times) - first)))
        return Window(begins, lengths, *whole)


def compute(work: Work, store: Store | None, progress: Progress) -> dict[str, Any]:
    """All chunks, computed or read back.

    **Returns** arrays by name, with `(points, replicas, …)` in front, and `joined`: what each statistic has to say.

    **Raises** `KeyboardInterrupt` after Ctrl-C, at the end of a chunk where there is a folder.
    """
    total, began, done, before = work.design.members, time.monotonic(), 0, 0
    sink = _Sink(work)
    with Interrupts() as wish:
        for chunk in range(work.plan.chunks):
            members = work.members(chunk)
            found = None if store is None else _read(work, members, store, chunk)
            real = int(np.sum(np.asarray(members.real)))
            if found is None:
                found = _computed(work, members, progress, wish, (done, before, real, began))
                if store is not None and found is not None:
                    store.write(chunk, found)
            else:
                before += real
            if found is not None:
                sink.take(chunk, found)
                done += real
                _show(progress, Tally(done, total, time.monotonic() - began, before))
            if wish.caught is not None and done < total:
                where = "pass resume=True to go on" if store else "give `out` to keep what is done"
                raise KeyboardInterrupt(f"The ensemble was interrupted after {done} of {total} members; {where}.")
    return sink.joined()


def _computed(work: Work, members: Members, progress: Progress, wish: Interrupts, stand: tuple) -> Any:
    """A chunk from its start to its end; `None` where Ctrl-C came in between."""
    layout, devices, task = work.plan.layout, work.plan.devices, work.task
    done, before, real, began = stand
    state = begin(layout, task, members, devices)
    saves, first, count = len(work.times), 0, 1
    while first < saves:
        start = time.monotonic()
        window = work.window(first, count)
        state = jax.block_until_ready(go_on(layout, task, members, state, window, devices))
        took, went = time.monotonic() - start, int(window.count)
        first += went
        count = int(np.clip(_SECONDS * went / max(took, 1e-9), 1, 4 * count))
        part = done + real * first / saves
        _show(progress, Tally(part, work.design.members, time.monotonic() - began, before))
        if wish.caught is not None and first < saves:
            return None
    return jax.device_get(hand_over(layout, task, members, state, devices))


def _show(progress: Any, tally: Tally) -> None:
    # A line asks for a part and a text, whatever stands behind them.
    progress.update(tally)


def _read(work: Work, members: Members, store: Store, chunk: int) -> Any:
    def whole(task: Task, members: Members) -> Any:
        layout, devices = work.plan.layout, work.plan.devices
        return hand_over(layout, task, members, begin(layout, task, members, devices), devices)

    if not store.chunk(chunk).is_file():
        return None
    found = store.read(chunk, eqx.filter_eval_shape(whole, work.task, members))
    return None if found is None else jax.device_get(found)


class _Sink:
    """Puts chunks together: rows at the place of their member, sums by adding whole numbers."""

    def __init__(self, work: Work):
        self.work = work
        self.rows: dict[str, Any] = {}
        self.sums: dict[str, Any] = {}

    def take(self, chunk: int, found: dict[str, Any]) -> None:
        """A chunk, with the axis of devices in front of every leaf."""
        numbers, real = self.work.plan.numbers(chunk)
        statistics = self.work.task.statistics
        rows = {name: value for name, value in found.items() if name != "states"}
        rows["states"] = {n: s for n, s in found["states"].items() if not statistics[n].summed}
        rows = jax.tree_util.tree_map(lambda x: np.asarray(x).reshape(-1, *x.shape[2:])[real], rows)
        if not self.rows:
            count = self.work.design.members
            self.rows = jax.tree_util.tree_map(lambda x: np.empty((count, *x.shape[1:]), x.dtype), rows)
        for mine, theirs in zip(*map(jax.tree_util.tree_leaves, (self.rows, rows)), strict=True):
            mine[numbers[real]] = theirs
        sums = {n: s for n, s in found["states"].items() if statistics[n].summed}
        sums = jax.tree_util.tree_map(lambda x: np.asarray(x).astype(np.int64).sum(0), sums)
        self.sums = jax.tree_util.tree_map(np.add, self.sums, sums) if self.sums else sums

    def joined(self) -> dict[str, Any]:
        """Everything by point and replica."""
        shape = (self.work.design.points, self.work.design.replicas)
        rows = jax.tree_util.tree_map(lambda x: x.reshape(*shape, *x.shape[1:]), self.rows)
        failed = rows["outcome"] != int(Outcome.SUCCESS)
        states = rows.pop("states") | self.sums
        return {**rows, "joined": {name: Joined(state, failed, self.work.times) for name, state in states.items()}}
