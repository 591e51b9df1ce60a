"""Whether a run fits into memory, asked before it starts."""

import os
from typing import Any

import jax
import numpy as np

from magjax.mesh import Mesh
from magjax.numerics.demag_kernel import memory_estimate

#: Fields of three components that a step holds at once beside the motion: the stages of a Runge–Kutta method, the state
#: before and after, fields and torques under way.
_STAGES = 10


def memory_needed(mesh: Mesh, dtype: Any, motion: Any, *, nonlocal_: bool) -> int:
    """An estimate of the bytes a run takes, beyond what the system itself already holds.

    - `mesh`: the mesh. `dtype`: the precision.
    - `motion`: the run's state, or its shapes.
    - `nonlocal_`: whether a demagnetising field acts.

    >>> import jax, jax.numpy as jnp, magjax as mj
    >>> from magjax.run.memory import memory_needed
    >>> mesh = mj.Mesh((100, 100, 1), 5e-9)
    >>> memory_needed(mesh, jnp.float32, jax.ShapeDtypeStruct((3, 1, 100, 100), jnp.float32), nonlocal_=False)
    1320000
    """
    size = np.dtype(dtype).itemsize
    held = sum(x.size * x.dtype.itemsize for x in jax.tree_util.tree_leaves(motion) if hasattr(x, "dtype"))
    convolution = memory_estimate(mesh, dtype) if nonlocal_ else 0
    return held + _STAGES * 3 * mesh.n_cells * size + convolution


def memory_available() -> int | None:
    """Bytes free on the device that computes; `None` where it does not tell.

    >>> from magjax.run.memory import memory_available
    >>> memory_available() > 1e6
    True
    """
    statistics = jax.devices()[0].memory_stats()
    if statistics and "bytes_limit" in statistics:
        return int(statistics["bytes_limit"]) - int(statistics.get("bytes_in_use", 0))
    return _of_host()


def check_memory(needed: int, available: int | None) -> None:
    """Refuse a run that cannot fit, before hours are spent on it.

    **Raises** `MemoryError` that says how much is needed and how much there is.

    >>> from magjax.run.memory import check_memory
    >>> check_memory(10**9, 2 * 10**9)
    """
    if available is not None and needed > available:
        raise MemoryError(
            f"The run needs about {_gib(needed)} of memory, but {_gib(available)} are free on "
            f"{jax.devices()[0].device_kind}; use single precision, fewer cells or a device with more memory."
        )


def _gib(count: int) -> str:
    return f"{count / 2**30:.3g} GiB"


def _of_host() -> int | None:
    """Memory the host could hand out, where its kernel says so, within the limits of a container."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            lines = dict(line.split(":", 1) for line in file)
        free = int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        try:
            return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        except (AttributeError, OSError, ValueError):
            return None
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:
            limit = file.read().strip()
        with open("/sys/fs/cgroup/memory.current", encoding="ascii") as file:
            used = int(file.read())
    except (OSError, ValueError):
        return free
    return free if limit == "max" else min(free, max(0, int(limit) - used))
