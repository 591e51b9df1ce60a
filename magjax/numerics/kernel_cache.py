"""A cache of float64 arrays on disk, for kernels that take seconds to compute."""

import contextlib
import hashlib
import logging
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs

logger = logging.getLogger(__name__)

# Quicker to compute than to be worth a file.
_MINIMUM_SECONDS = 0.2
# The least recently used files go when the cache grows beyond this many bytes.
_MAXIMUM_BYTES = 4 << 30


def remember(key: object, shape: tuple[int, ...], compute: Callable[[], np.ndarray]) -> np.ndarray:
    """The array that `compute` returns, from the cache when it is there.

    Any trouble with the cache costs time only: unreadable files are computed afresh, a directory that cannot be
    written is left alone, and both are logged. `MAGJAX_CACHE=0` switches the cache off, `MAGJAX_CACHE_DIR` moves it.

    **Arguments**

    - `key`: everything the array depends on; its `repr` must tell different arrays apart.
    - `shape`: shape a cached array must have.
    - `compute`: called without arguments when there is no such file.

    >>> import numpy as np
    >>> from magjax.numerics.kernel_cache import remember
    >>> remember(("example", 3), (3,), lambda: np.arange(3.0))
    array([0., 1., 2.])
    """
    if os.environ.get("MAGJAX_CACHE") == "0":
        return compute()
    path = directory() / f"demag-{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}.npz"
    cached = _read(path, shape)
    if cached is not None:
        return cached
    start = time.perf_counter()
    array = compute()
    if time.perf_counter() - start > _MINIMUM_SECONDS:
        _write(path, array)
    return array


def directory() -> Path:
    """Where the cache is: `MAGJAX_CACHE_DIR`, or the user's cache directory of this platform."""
    return Path(os.environ.get("MAGJAX_CACHE_DIR") or platformdirs.user_cache_dir("magjax"))


def _read(path: Path, shape: tuple[int, ...]) -> np.ndarray | None:
    try:
        # The archive's checksum finds files that were damaged or cut short.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            array = archive["array"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, NotImplementedError) as problem:
        logger.warning("Ignoring the damaged kernel cache file %s: %s", path, problem)
        return None
    if array.shape != shape or array.dtype != np.float64:
        logger.warning("Ignoring the kernel cache file %s: it holds %s%s.", path, array.dtype, array.shape)
        return None
    # Reading counts as use when old files make room for new ones.
    with contextlib.suppress(OSError):
        path.touch()
    return array


def _write(path: Path, array: np.ndarray) -> None:
    # Written beside and renamed, so that no other process ever reads half a file.
    draft = path.with_name(f"{path.name}.{os.getpid()}-{time.monotonic_ns()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft.open("wb") as file:
            np.savez(file, array=array)
        draft.replace(path)
        _make_room(path.parent)
    except OSError as problem:
        logger.warning("Could not keep the kernel in the cache directory %s: %s", path.parent, problem)
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    files = sorted(((p.stat().st_mtime, p.stat().st_size, p) for p in folder.glob("demag-*.npz")), reverse=True)
    total = 0
    for _, size, path in files:
        total += size
        if total > _MAXIMUM_BYTES:
            path.unlink(missing_ok=True)
