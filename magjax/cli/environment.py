"""The process that computes: its device, its precision, and the cache of compiled programs."""

import logging
import os
import warnings
from typing import Literal

Device = Literal["cpu", "gpu"]


def prepare(*, device: Device | None = None, precision: Literal["single", "double"] | None = None) -> str:
    """Set up jax for a command, before it makes its first array; the precision that it will compute in.

    - `device`: "cpu" or "gpu"; the fastest there is unless given.
    - `precision`: "single" or "double"; double on a CPU and single on a GPU unless given.

    **Raises** `ValueError` where there is no such device.
    """
    logging.getLogger("jax").setLevel(logging.ERROR)
    import jax

    if device is not None:
        jax.config.update("jax_platforms", {"cpu": "cpu", "gpu": "cuda"}[device])
    keep_programs()
    try:
        backend = jax.default_backend()
    # jax asserts that a platform it knows has a plugin.
    except (RuntimeError, AssertionError):
        advice = "for an NVIDIA GPU install magjax[cuda]"
        raise ValueError(f"Option `--device` must name a device that is there, but got {device!r}; {advice}.") from None
    chosen = precision or ("double" if backend == "cpu" else "single")
    jax.config.update("jax_enable_x64", chosen == "double")
    return chosen


def keep_programs() -> None:
    """Keep compiled programs on disk, so that the next start of a command finds them."""
    import jax

    from magjax.numerics.kernel_cache import directory

    # A cache that cannot be written costs time, and is not worth a word to a person who waits for a result.
    warnings.filterwarnings("ignore", message=".*persistent compilation cache.*")
    if not os.environ.get("JAX_COMPILATION_CACHE_DIR"):
        jax.config.update("jax_compilation_cache_dir", str(directory() / "xla"))
    # Small programs are most of the wait for a first result, so they are kept, too.
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
