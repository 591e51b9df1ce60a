"""Whether the points of a scan or a sweep can be computed, asked before the first of them is."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from magjax.config.config import Config
from magjax.config.errors import ConfigError
from magjax.numerics.memory import memory_available
from magjax.run.memory import check_memory

#: So many points are made on trial; of more, as many at equal distances.
_MOST = 500


def attempt(settings: Sequence[Mapping[str, Any]], configs: Sequence[Config], folder: Path, precision: str) -> int:
    """Make what the points are given, without demagnetising kernels, and see that each fits into memory.

    - `settings`: what is set at each point, by key. `configs`: the points. `folder`: what file names in them are
      relative to. `precision`: "single" or "double", what will be computed in.

    **Returns** the bytes that the largest point needs, about.

    **Raises** `MemoryError` and `ConfigError` that name the point.

    >>> from pathlib import Path
    >>> from magjax.config import Config
    >>> from magjax.config.attempt import attempt
    >>> config = Config.model_validate({
    ...     "mesh": {"cells": [4, 2, 1], "cell_size": "5 nm"},
    ...     "material": {"Ms": "800 kA/m"},
    ...     "initial": {"texture": "uniform", "direction": "x"},
    ...     "stage": [{"kind": "minimize"}],
    ... })
    >>> attempt([{}], [config], Path(), "double")
    5376
    """
    dtype = np.dtype(np.float64 if precision == "double" else np.float32)
    free, largest = memory_available(), 0
    for i, (setting, config) in enumerate(zip(settings, configs, strict=True)):
        needed = config.memory(dtype)
        with point(i, setting):
            check_memory(needed, free)
        largest = max(largest, needed)
    stride = -(-len(configs) // _MOST)
    for i in range(0, len(configs), stride):
        with point(i, settings[i]):
            configs[i].without_demag().build(folder).attempt()
    return largest


@contextlib.contextmanager
def point(i: int, setting: Mapping[str, Any]) -> Iterator[None]:
    """Say of what goes wrong at which point it does; a single point without a setting needs no name.

    - `i`: its number, from 0 on. `setting`: its values by key.

    >>> from magjax.config.attempt import point
    >>> with point(2, {"mesh.cells": [4, 4, 1]}):
    ...     raise MemoryError("Too large.")
    Traceback (most recent call last):
    MemoryError: point 3 (mesh.cells = [4, 4, 1]): Too large.
    """
    label = f"point {i + 1} ({', '.join(f'{key} = {value}' for key, value in setting.items())})"
    try:
        yield
    except (ConfigError, MemoryError) as error:
        if not setting:
            raise
        if isinstance(error, ConfigError):
            raise ConfigError([f"{label}: {problem}" for problem in error.problems], error.path) from error
        raise MemoryError(f"{label}: {error}") from error
