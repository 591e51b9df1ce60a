"""The loop on the host: chunk after chunk, rows and states to the recorder, checkpoints, and an ear for Ctrl-C."""

import dataclasses
import time
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.io import checkpoint
from magjax.results import Outcome
from magjax.run.chunk import ROWS, Problem, Pulse, Window, begin, host_rows, step_on
from magjax.run.folder import Folder
from magjax.run.identity import differences, digest, probe, same_state
from magjax.run.interrupt import Interrupts
from magjax.run.progress import Progress, Standing, si
from magjax.run.recorder import Recorder
from magjax.solve.motion import Motion

#: Seconds that a chunk should take: long against a call, short for a person who pressed Ctrl-C.
_CHUNK_SECONDS = 0.3
_FIRST_STEPS = 16


@dataclasses.dataclass(frozen=True)
class Schedule:
    """When rows and states are due.

    - `exact`: `(n,)` times since the start in the run's precision, s; the first is 0.
    - `shown`: the same as a person would write them.
    - `stride`: a state is saved every so many rows; 0 for none.

    >>> import numpy as np
    >>> from magjax.run.host import Schedule
    >>> Schedule.of(np.array([1e-12, 2e-12, 3e-12], np.float32), 2).shown.tolist()
    [0.0, 1e-12, 2e-12, 3e-12]
    """

    exact: np.ndarray
    shown: np.ndarray
    stride: int

    @classmethod
    def of(cls, saves: np.ndarray, stride: int) -> "Schedule":
        """The schedule with these saves after the start."""
        exact = np.concatenate([np.zeros(1, saves.dtype), saves])
        # The shortest decimals that name a float32; a float64 without the rounding of the sum it came from.
        brief = [str(t) if saves.dtype == np.float32 else f"{t:.13g}" for t in exact]
        return cls(exact, np.array([float(text) for text in brief]), stride)

    def pause_after(self, row: int) -> int:
        """The row before which a chunk that starts with `row` has to end."""
        last = min(row + ROWS, len(self.exact))
        if self.stride:
            last = min(last, -(-row // self.stride) * self.stride + 1)
        return last if row else 1

    def has_state(self, row: int) -> bool:
        """Whether a state is due at a row."""
        return bool(self.stride) and row % self.stride == 0

    def window(self, row: int, budget: int) -> Window:
        """How far the next chunk goes."""
        times = np.zeros(ROWS, self.exact.dtype)
        part = self.exact[row : row + ROWS]
        times[: len(part)] = part
        numbers = (row, self.pause_after(row), min(budget, 2**31 - 1))
        return Window(jnp.asarray(times), *(jnp.asarray(n, jnp.int32) for n in numbers))


class Checkpoints:
    """Writes and reads the checkpoint of a run.

    - `folder`: where; `None` writes nothing. `parts`: the run's identity. `stop`: the stop condition.
    - `start`: the state the run began with. `every`: seconds between checkpoints.

    >>> import magjax as mj
    >>> from magjax.run.host import Checkpoints
    >>> Checkpoints(None, {}, None, mj.textures.uniform(mj.Mesh((1, 1, 1), 5e-9), "x"), 30.0).due()
    False
    """

    def __init__(self, folder: Folder | None, parts: dict[str, str], stop: Any, start: Any, every: float):
        self.folder, self.parts, self.every = folder, parts, every
        self.stop, self.probe = digest(stop), probe(start)
        self._last = time.monotonic()

    def due(self) -> bool:
        """Whether it is time for the next one."""
        return self.folder is not None and time.monotonic() - self._last >= self.every

    def save(self, motion: Motion, schedule: Schedule) -> None:
        """Write the motion; what it holds depends on the run alone, not on clocks."""
        if self.folder is None:
            return
        rows = int(motion.next_save)
        about = {
            "parts": self.parts,
            "stop": self.stop,
            "probe": self.probe,
            "rows": rows,
            "t": schedule.shown[rows - 1],
        }
        checkpoint.save(self.folder.checkpoint, motion, about)
        self._last = time.monotonic()

    def load(self, problem: Problem, m0: Array, schedule: Schedule) -> tuple[Motion, int, float]:
        """The motion to go on from, its number of rows, and the time of the last one (s).

        **Raises** `ValueError` naming what differs if it belongs to another run; `FileFormatError` if it is damaged.
        """
        if self.folder is None:
            raise FileNotFoundError("A run without a folder has no checkpoint.")
        path = self.folder.checkpoint
        about = checkpoint.read_metadata(path)
        differing = differences(about["parts"], self.parts)
        if not same_state(about["probe"], self.probe):
            differing.append("the state m0")
        if differing:
            raise ValueError(
                f"The run in {str(self.folder.path)!r} cannot go on as this one: they differ in {', '.join(differing)};"
                " restore that, or begin a new run from its final state in another folder."
            )
        rows, t = int(about["rows"]), float(about["t"])
        if rows > len(schedule.shown) or abs(schedule.shown[rows - 1] - t) > 1e-9 * abs(t):
            raise ValueError(
                f"The run in {str(self.folder.path)!r} has saved up to {t:g} s, which is no save of this one: a run is "
                "extended from a multiple of `save_every`. Begin a new run from its final state in another folder."
            )
        motion, _ = checkpoint.load(path, eqx.filter_eval_shape(begin, problem, m0))
        if int(motion.outcome) == int(Outcome.STOPPED) and about["stop"] != self.stop:
            motion = eqx.tree_at(lambda s: s.outcome, motion, motion.outcome * 0)
        return motion, rows, t


@dataclasses.dataclass
class Host:
    """Drives a problem through its schedule.

    - `t0`: time at the start, s.
    - `seconds`: wall-clock time spent compiling, computing and writing.

    >>> import magjax as mj
    >>> spin = mj.System(mj.Mesh((1, 1, 1), 5e-9), Ms=8e5, energy=mj.Zeeman(B=(0, 0, 1.0)))
    >>> run = mj.simulate(spin, mj.textures.uniform(spin.mesh, "x"), 1e-12, save_every=1e-12, progress=False)
    >>> sorted(run.metadata["timings"])  # what a host measures
    ['compile', 'compute', 'total', 'write']
    """

    problem: Problem
    schedule: Schedule
    recorder: Recorder
    checkpoints: Checkpoints
    progress: Progress
    t0: float
    seconds: dict[str, float] = dataclasses.field(
        default_factory=lambda: {"compile": 0.0, "compute": 0.0, "write": 0.0}
    )

    def begin(self, m0: Array) -> Motion:
        """The motion of a new run."""
        start = time.monotonic()
        self.recorder.start()
        motion = begin(self.problem, m0)
        self.seconds["compile"] += time.monotonic() - start
        return motion

    def take_up(self, m0: Array) -> Motion:
        """The motion of the run in the folder, whose files are cut back to it."""
        motion, rows, t = self.checkpoints.load(self.problem, m0, self.schedule)
        # A run that has ended keeps the row that its stop condition left.
        self.recorder.go_on(rows, np.inf if self.has_ended(motion) else self.shown(t))
        self.progress.say(f"{self.progress.label}: going on from t = {si(self.shown(t), 's')}")
        return motion

    def drive(self, motion: Motion, wish: Interrupts) -> tuple[Motion, bool]:
        """Run to the end, a stop condition, a failure or a signal; also whether it was the signal."""
        if self.has_ended(motion):
            return motion, False
        began = time.monotonic()
        before = (float(motion.clock.high), int(motion.steps))
        row, size, compiled = int(motion.next_save), _FIRST_STEPS, False
        steps = before[1]
        while True:
            start = time.monotonic()
            window = self.schedule.window(row, steps + size)
            motion, rows, pulse = step_on((self.problem, window), motion)
            rows, pulse = jax.device_get((rows, pulse))
            took = time.monotonic() - start
            self.seconds["compute" if compiled else "compile"] += took
            if not compiled:
                # Neither the person nor the size of chunks should see the compiler's time as the run's.
                compiled, began = True, time.monotonic() - 1e-9
                before = (float(pulse.t), int(pulse.steps))
            elif int(pulse.steps) > steps:
                size = max(1, min(4 * size, int(_CHUNK_SECONDS * (int(pulse.steps) - steps) / max(took, 1e-9))))
            self._record(motion, rows, pulse, row)
            row, steps = int(pulse.rows), int(pulse.steps)
            self._show(pulse, time.monotonic() - began, before)
            ended = self.has_ended(motion)
            if ended or wish.caught is not None:
                self._checkpoint(motion)
                return motion, not ended
            # The first one makes sure that there is something to go on from.
            if self.checkpoints.due() or (row == 1 and steps == 0):
                self._checkpoint(motion)

    def shown(self, t: float) -> float:
        """The time of a row, s, from the time since the start."""
        return float(f"{self.t0 + t:.13g}") if self.t0 else float(t)

    def has_ended(self, motion: Motion) -> bool:
        """Whether there is nothing left to compute."""
        return int(motion.outcome) != int(Outcome.SUCCESS) or int(motion.next_save) >= len(self.schedule.exact)

    def _record(self, motion: Motion, rows: dict[str, Any], pulse: Pulse, row: int) -> None:
        start = time.monotonic()
        new = int(pulse.rows)
        times = self.schedule.shown[row:new]
        if bool(pulse.extra):
            times = np.append(times, float(f"{float(pulse.t):.9g}"))
        shown = np.array([self.shown(t) for t in times])
        self.recorder.rows(host_rows(self.problem, rows, shown))
        if new > row and self.schedule.has_state(new - 1) and not bool(pulse.extra):
            self.recorder.state(new - 1, float(shown[-1]), motion.m)
        self.seconds["write"] += time.monotonic() - start

    def _checkpoint(self, motion: Motion) -> None:
        start = time.monotonic()
        if int(motion.next_save):
            self.recorder.settle()
            self.checkpoints.save(motion, self.schedule)
        self.seconds["write"] += time.monotonic() - start

    def _show(self, pulse: Pulse, wall: float, before: tuple[float, int]) -> None:
        end = float(self.schedule.shown[-1])
        standing = Standing(
            float(pulse.t), end, int(pulse.steps), float(pulse.dt), float(pulse.torque), wall, before[0], before[1]
        )
        self.progress.update(standing)
