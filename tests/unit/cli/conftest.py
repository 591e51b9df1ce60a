"""Commands set up jax for a process of their own; in the tests' process that is undone."""

from collections.abc import Iterator

import jax
import pytest

_TOUCHED = (
    "jax_enable_x64",
    "jax_platforms",
    "jax_compilation_cache_dir",
    "jax_persistent_cache_min_compile_time_secs",
    "jax_persistent_cache_min_entry_size_bytes",
)


@pytest.fixture(autouse=True)
def _jax_as_it_was() -> Iterator[None]:
    before = {name: getattr(jax.config, name) for name in _TOUCHED}
    yield
    for name, value in before.items():
        jax.config.update(name, value)
