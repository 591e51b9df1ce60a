"""Memory that is free, as the device or its host says."""

from magjax.numerics import memory


def test_memory_available_is_a_number_of_bytes_or_unknown() -> None:
    available = memory.memory_available()
    assert available is None or available > 2**20


def test_the_host_answers_within_the_limits_of_its_container() -> None:
    free = memory._of_host()
    assert free is None or 0 <= free < 2**50


def test_a_device_that_tells_is_believed(monkeypatch) -> None:
    class Device:
        def memory_stats(self):
            return {"bytes_limit": 100, "bytes_in_use": 40}

    monkeypatch.setattr(memory.jax, "devices", lambda: [Device()])
    assert memory.memory_available() == 60
