"""How a run goes, for the person who waits: a live line on a terminal, a plain line now and then elsewhere."""

import dataclasses
import logging
import math
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

#: A plain line comes after this many seconds, or this part of the run, whichever is first.
_SECONDS, _PART = 10.0, 0.1
_PREFIXES = {-18: "a", -15: "f", -12: "p", -9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T"}


def si(value: float, unit: str, digits: int = 3) -> str:
    """A number with the prefix that makes it easy to read.

    >>> from magjax.run.progress import si
    >>> si(3.52e-10, "s"), si(0, "T"), si(1.25e4, "steps/s")
    ('352 ps', '0 T', '12.5 ksteps/s')
    """
    if not math.isfinite(value) or value == 0:
        return f"{value:g} {unit}"
    # The rounded number decides, so that 999.96 becomes 1 of the next prefix.
    exponent = math.floor(math.log10(float(f"{abs(value):.{digits - 1}e}")) / 3) * 3
    exponent = min(max(exponent, min(_PREFIXES)), max(_PREFIXES))
    return f"{value / 10.0**exponent:.{digits}g} {_PREFIXES[exponent]}{unit}"


def clock(seconds: float) -> str:
    """Wall-clock time.

    >>> from magjax.run.progress import clock
    >>> clock(75), clock(7322), clock(200000), clock(float("inf"))
    ('1:15', '2:02:02', '2 d 7:33:20', '–')
    """
    if not math.isfinite(seconds):
        return "–"
    minutes, s = divmod(round(seconds), 60)
    hours, m = divmod(minutes, 60)
    days, h = divmod(hours, 24)
    if not hours:
        return f"{m}:{s:02d}"
    return (f"{days} d " if days else "") + f"{h}:{m:02d}:{s:02d}"


@dataclasses.dataclass(frozen=True)
class Standing:
    """How far a run has come.

    - `t`: time since the start, s. `duration`: its end, s.
    - `steps`: so far. `dt`: the next one, s. `torque`: largest |m×B|, T.
    - `wall`: seconds since this process took up the run; `t_before`, `steps_before`: where it stood then.

    >>> from magjax.run.progress import Standing
    >>> str(Standing(t=5e-10, duration=1e-9, steps=1000, dt=5e-13, torque=0.012, wall=2.0))
    '500 ps of 1 ns, dt 500 fs, torque 12 mT, 500 steps/s, 250 ps/s, 0:02 left'
    """

    t: float
    duration: float
    steps: int
    dt: float
    torque: float
    wall: float
    t_before: float = 0.0
    steps_before: int = 0

    @property
    def part(self) -> float:
        """The part that is done, 0 to 1."""
        return min(1.0, self.t / self.duration)

    @property
    def speed(self) -> float:
        """Simulated seconds per second."""
        return (self.t - self.t_before) / self.wall if self.wall > 0 else 0.0

    @property
    def left(self) -> float:
        """Seconds to go."""
        return (self.duration - self.t) / self.speed if self.speed > 0 else math.inf

    def __str__(self) -> str:
        here = f"{si(self.t, 's')} of {si(self.duration, 's')}, dt {si(self.dt, 's')}, torque {si(self.torque, 'T')}"
        if self.speed <= 0:
            return here
        # Under a picosecond per second an hour is the unit that people plan in.
        speed = f"{si(self.speed, 's')}/s" if self.speed >= 1e-12 else f"{si(self.speed * 3600, 's')}/h"
        rate = (self.steps - self.steps_before) / self.wall
        return f"{here}, {rate:.3g} steps/s, {speed}, {clock(self.left)} left"


class Progress:
    """Shows standings while it is entered.

    - `label`: what is running.
    - `shown`: whether to show anything; the log gets its lines in any case.
    - `log`: where plain lines go as well.
    - `stream`: where to write; standard error unless given.

    >>> import io, logging
    >>> from magjax.run.progress import Progress, Standing
    >>> text = io.StringIO()
    >>> with Progress("sp4", shown=True, log=logging.getLogger("example"), stream=text) as progress:
    ...     progress.update(Standing(t=1e-10, duration=1e-9, steps=200, dt=5e-13, torque=0.012, wall=2.0))
    >>> text.getvalue()
    'sp4 10 %: 100 ps of 1 ns, dt 500 fs, torque 12 mT, 100 steps/s, 50 ps/s, 0:18 left\\n'
    """

    def __init__(self, label: str, *, shown: bool, log: logging.Logger, stream: TextIO | None = None):
        self.label = label
        self.shown = shown
        self.log = log
        self.stream = stream if stream is not None else sys.stderr
        self._live: tuple[Any, Callable[[Standing], None]] | None = None
        self._said = (-math.inf, 0.0)

    def __enter__(self) -> "Progress":
        if self.shown and self.stream.isatty():
            self._live = _live_line(self.label, self.stream)
            self._live[0].start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._live is not None:
            self._live[0].stop()

    def say(self, text: str) -> None:
        """One line of its own."""
        self.log.info(text)
        if not self.shown:
            return
        if self._live is not None:
            self._live[0].console.print(text, markup=False, highlight=False)
        else:
            self._write(text)

    def update(self, standing: Standing) -> None:
        """Show how things stand."""
        if self._live is not None:
            self._live[1](standing)
        when, part = self._said
        now = time.monotonic()
        if now - when < _SECONDS and standing.part - part < _PART:
            return
        self._said = (now, standing.part)
        line = f"{self.label} {standing.part:.0%}: {standing}".replace("%", " %", 1)
        self.log.info(line)
        if self.shown and self._live is None:
            self._write(line)

    def _write(self, line: str) -> None:
        self.stream.write(line + "\n")
        self.stream.flush()


def _live_line(label: str, stream: TextIO) -> tuple[Any, Callable[[Standing], None]]:
    """A bar with everything about it on one line, and the function that updates it."""
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = [
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        TextColumn("{task.fields[text]}"),
    ]
    bar = Bar(*columns, console=Console(file=stream), transient=False)
    task = bar.add_task(label, total=1.0, text="compiling …")
    return bar, lambda standing: bar.update(task, completed=standing.part, text=str(standing))
