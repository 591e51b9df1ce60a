import logging
import os

import numpy as np
import pytest

from magjax.numerics import kernel_cache
from magjax.numerics.kernel_cache import directory, remember

ARRAY = np.arange(12.0).reshape(3, 4)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MAGJAX_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("MAGJAX_CACHE", raising=False)
    # Every array counts as slow to compute.
    monkeypatch.setattr(kernel_cache, "_MINIMUM_SECONDS", -1.0)
    return tmp_path / "cache"


class Counted:
    def __init__(self, array=ARRAY):
        self.array, self.calls = array, 0

    def __call__(self):
        self.calls += 1
        return self.array


def only_file(folder):
    (path,) = folder.glob("*")
    return path


def test_computes_once_and_reads_afterwards(folder):
    compute = Counted()
    for _ in range(3):
        np.testing.assert_array_equal(remember("key", (3, 4), compute), ARRAY)
    assert compute.calls == 1
    assert only_file(folder).suffix == ".npz"


def test_different_keys_do_not_meet():
    remember(("key", 1), (3, 4), Counted())
    other = Counted(ARRAY + 1)
    np.testing.assert_array_equal(remember(("key", 2), (3, 4), other), ARRAY + 1)
    assert other.calls == 1


def damage_cut(path):
    path.write_bytes(path.read_bytes()[:-40])


def damage_empty(path):
    path.write_bytes(b"")


def damage_text(path):
    path.write_text("not an archive")


def damage_flipped(path):
    content = bytearray(path.read_bytes())
    content[content.index(ARRAY.tobytes()) + 20] ^= 0xFF
    path.write_bytes(bytes(content))


def damage_other_name(path):
    with path.open("wb") as file:
        np.savez(file, other=ARRAY)


def damage_shape(path):
    with path.open("wb") as file:
        np.savez(file, array=ARRAY[:2])


def damage_dtype(path):
    with path.open("wb") as file:
        np.savez(file, array=ARRAY.astype(np.float32))


@pytest.mark.parametrize(
    "damage",
    [damage_cut, damage_empty, damage_text, damage_flipped, damage_other_name, damage_shape, damage_dtype],
)
def test_a_damaged_file_is_computed_afresh_replaced_and_logged(folder, damage, caplog):
    remember("key", (3, 4), Counted())
    damage(only_file(folder))
    compute = Counted()
    with caplog.at_level(logging.WARNING):
        np.testing.assert_array_equal(remember("key", (3, 4), compute), ARRAY)
    assert compute.calls == 1
    assert "Ignoring" in caplog.text
    again = Counted()
    np.testing.assert_array_equal(remember("key", (3, 4), again), ARRAY)
    assert again.calls == 0


def test_a_directory_that_cannot_be_made_costs_nothing_but_time(tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MAGJAX_CACHE_DIR", str(tmp_path / "file" / "below"))
    with caplog.at_level(logging.WARNING):
        np.testing.assert_array_equal(remember("key", (3, 4), Counted()), ARRAY)
    assert "Could not keep" in caplog.text


def test_a_failed_write_leaves_nothing_behind(folder, monkeypatch):
    def full(*args, **kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr(np, "savez", full)
    np.testing.assert_array_equal(remember("key", (3, 4), Counted()), ARRAY)
    assert list(folder.glob("*")) == []


def test_can_be_switched_off(folder, monkeypatch):
    monkeypatch.setenv("MAGJAX_CACHE", "0")
    remember("key", (3, 4), Counted())
    assert not folder.exists()


def test_quick_results_are_not_kept(folder, monkeypatch):
    monkeypatch.setattr(kernel_cache, "_MINIMUM_SECONDS", 60.0)
    remember("key", (3, 4), Counted())
    assert not folder.exists()


def test_the_least_recently_used_make_room(folder, monkeypatch):
    remember("old", (3, 4), Counted())
    size = only_file(folder).stat().st_size
    monkeypatch.setattr(kernel_cache, "_MAXIMUM_BYTES", 2 * size)
    os.utime(only_file(folder), (1, 1))
    remember("middle", (3, 4), Counted())
    for path in folder.glob("*"):
        if path.stat().st_mtime > 1:
            os.utime(path, (2, 2))
    # Reading the oldest makes it the newest.
    remember("old", (3, 4), Counted())
    remember("new", (3, 4), Counted())
    old, middle = Counted(), Counted()
    remember("old", (3, 4), old)
    remember("middle", (3, 4), middle)
    assert (old.calls, middle.calls) == (0, 1)


def test_the_directory_is_the_platforms_unless_told(monkeypatch, tmp_path):
    assert directory() == tmp_path / "cache"
    monkeypatch.delenv("MAGJAX_CACHE_DIR")
    assert "magjax" in str(directory())
