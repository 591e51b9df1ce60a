"""Whether a run fits into memory, asked before it starts."""

import math
from typing import Any

import jax
import numpy as np

from magjax.mesh import Mesh
from magjax.numerics.demag_kernel import padded_cells, spectrum_shape

#: Fields of three components that a run holds at once: the state before and after a step, the stages of a Runge–Kutta
#: method, fields and torques under way, and the past that a multirate method remembers; just above the plans of XLA.
_FIELDS = 28


def memory_needed(mesh: Mesh, dtype: Any, *, demag: bool, sublattices: int = 0) -> int:
    """An estimate of the bytes a run takes, beyond what the system itself already holds.

    - `mesh`: the mesh. `dtype`: the precision. `demag`: whether a demagnetising field acts. `sublattices`: how many.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.run.memory import memory_needed
    >>> memory_needed(mj.Mesh((100, 100, 1), 5e-9), jnp.float32, demag=False)
    3360000
    """
    numbers = _FIELDS * 3 * mesh.n_cells * max(1, sublattices)
    if demag:
        px, py, pz = padded_cells(mesh)
        # The kernel in the run's precision, and the padded spectrum of the magnetisation twice.
        numbers += math.prod(spectrum_shape(mesh)) + 12 * (px // 2 + 1) * py * pz
    return numbers * np.dtype(dtype).itemsize


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
    gib = count / 2**30
    return f"{gib:,.0f} GiB" if gib >= 100 else f"{gib:.3g} GiB"
