"""Ctrl-C and SIGTERM as a wish to stop soon, not as a sudden end."""

import signal
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from magjax.run.result import Run


class RunInterrupted(KeyboardInterrupt):
    """A run that was asked to stop, and did so in good order.

    It is a `KeyboardInterrupt`, so that a loop over runs ends, too.

    - `run`: the `Run` up to then, with the outcome `INTERRUPTED`. `signal`: what asked for it.
    """

    def __init__(self, message: str, run: "Run", number: signal.Signals):
        super().__init__(message)
        self.run = run
        self.signal = number


class Interrupts:
    """Within this context the first Ctrl-C or SIGTERM is only noted; a second one acts at once, as it would outside.

    - `caught`: the signal that came, or `None`.

    Outside the main thread, where Python handles no signals, nothing is ever noted.

    >>> import signal
    >>> from magjax.run.interrupt import Interrupts
    >>> with Interrupts() as wish:
    ...     signal.raise_signal(signal.SIGINT)
    ...     wish.caught.name
    'SIGINT'
    """

    def __init__(self) -> None:
        self.caught: signal.Signals | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Interrupts":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()

    def _note(self, number: int, _: FrameType | None) -> None:
        self.caught = signal.Signals(number)
        self._restore()

    def _restore(self) -> None:
        while self._before:
            number, handler = self._before.popitem()
            # Handlers that were not set from Python cannot be set again from there.
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
