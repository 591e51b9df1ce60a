"""Threads of the host, and the memory they work in."""

import concurrent.futures
import functools
import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")


class Scratch:
    """Arrays by name, made when first asked for and used again afterwards; their content is arbitrary.

    >>> import numpy as np
    >>> from magjax.numerics.threads import Scratch
    >>> Scratch().get("block", (2, 3), np.float32).shape
    (2, 3)
    """

    def __init__(self) -> None:
        self._memory: dict[str, np.ndarray] = {}

    def get(self, name: str, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
        """The array of that name in this shape and type."""
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        memory = self._memory.get(name)
        if memory is None or memory.size < size:
            memory = self._memory[name] = np.empty(size, np.uint8)
        return memory[:size].view(dtype).reshape(shape)


@functools.cache
def thread_count() -> int:
    """Threads used on the host: `MAGJAX_THREADS`, or else the processors this process may run on.

    >>> from magjax.numerics.threads import thread_count
    >>> thread_count() >= 1
    True
    """
    given = os.environ.get("MAGJAX_THREADS", "")
    if given.isdigit() and int(given) > 0:
        return int(given)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(work: Callable[[T, Scratch], None], tasks: Iterable[T], scratches: list[Scratch]) -> None:
    """Do all tasks, one thread per scratch, the calling one included; whoever is free takes the next.

    >>> from magjax.numerics.threads import Scratch, in_threads
    >>> done = []
    >>> in_threads(lambda task, scratch: done.append(task), range(5), [Scratch(), Scratch()])
    >>> sorted(done)
    [0, 1, 2, 3, 4]
    """
    queue = iter(tasks)
    lock = threading.Lock()
    end = object()

    def serve(scratch: Scratch) -> None:
        while True:
            with lock:
                task = next(queue, end)
            if task is end:
                return
            work(task, scratch)  # type: ignore[arg-type]

    helpers = [_pool().submit(serve, scratch) for scratch in scratches[1:]]
    try:
        serve(scratches[0])
    finally:
        # A helper that has not begun has nothing left to do; waiting for it could mean waiting for another program.
        begun = [helper for helper in helpers if not helper.cancel()]
        concurrent.futures.wait(begun)
    for helper in begun:
        helper.result()


@functools.cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(thread_count(), thread_name_prefix="magjax")
