"""Memory that is free, as the device or its host says."""

from magjax.numerics import memory


def test_memory_available_is_a_number_of_bytes_or_unknown() -> None:
    available = memory.memory_available()
    assert available is None or available > 2**20


def test_the_host_answers_within_the_limits_of_its_container() -> None:
    free = memory._of_host()
    assert free is None or 0 <= free < 2**50
