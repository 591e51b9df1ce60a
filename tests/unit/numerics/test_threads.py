import threading

import numpy as np
import pytest

from magjax.numerics.threads import Scratch, in_threads, thread_count


def test_every_task_is_done_once_whatever_the_number_of_threads():
    for count in (1, 2, 7):
        done = []
        in_threads(lambda task, scratch, done=done: done.append(task), range(50), [Scratch() for _ in range(count)])
        assert sorted(done) == list(range(50))


def test_no_two_threads_share_a_scratch():
    scratches = [Scratch() for _ in range(2)]
    users = {id(s): set() for s in scratches}
    in_threads(lambda _, s: users[id(s)].add(threading.get_ident()), range(200), scratches)
    assert all(len(threads) <= 1 for threads in users.values())


def test_an_error_in_any_thread_reaches_the_caller():
    def work(task, scratch):
        if task == 13:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_threads(work, range(20), [Scratch() for _ in range(2)])


def test_scratch_arrays_are_used_again_and_grow():
    scratch = Scratch()
    first = scratch.get("a", (4, 4), np.float64)
    assert np.shares_memory(first, scratch.get("a", (2, 8), np.float32))
    assert not np.shares_memory(first, scratch.get("b", (4, 4), np.float64))
    assert scratch.get("a", (100,), np.complex128).shape == (100,)


def test_the_environment_sets_the_number_of_threads(monkeypatch):
    thread_count.cache_clear()
    monkeypatch.setenv("MAGJAX_THREADS", "3")
    assert thread_count() == 3
    for nonsense in ("0", "many", "-1"):
        thread_count.cache_clear()
        monkeypatch.setenv("MAGJAX_THREADS", nonsense)
        assert thread_count() >= 1
    thread_count.cache_clear()
