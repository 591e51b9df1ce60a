"""How an ensemble goes, for the person who waits."""

import dataclasses
import math

from magjax.run.progress import clock


@dataclasses.dataclass(frozen=True)
class Tally:
    """How far an ensemble has come.

    - `done`, `total`: members, counted in parts as they go along. `wall`: seconds spent on those that are done now.
    - `before`: members that were done already.

    >>> from magjax.batch.tally import Tally
    >>> str(Tally(done=250.0, total=1000, wall=2.0))
    '250 of 1000 members, 125 members/s, 0:06 left'
    """

    done: float
    total: int
    wall: float
    before: float = 0.0

    @property
    def part(self) -> float:
        """The part that is done, 0 to 1."""
        return min(1.0, self.done / self.total)

    def __str__(self) -> str:
        here = f"{math.floor(self.done)} of {self.total} members"
        new = self.done - self.before
        if new <= 0 or self.wall <= 0:
            return here
        speed = new / self.wall
        return f"{here}, {speed:.3g} members/s, {clock((self.total - self.done) / speed)} left"
