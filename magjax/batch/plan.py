"""How an ensemble is divided: which layout, which members together, how many at a time."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from magjax.batch.cells import can_be_cells
from magjax.batch.design import Design
from magjax.batch.layouts import AbstractLayout, Cells, Mapped, Task
from magjax.batch.parameters import START, replaced
from magjax.batch.program import AXIS
from magjax.drive import pace
from magjax.dynamics.langevin import Langevin
from magjax.numerics.memory import memory_available
from magjax.run.memory import memory_needed
from magjax.solve.langevin_scheme import longest_step

LayoutName = Literal["auto", "state", "vmap", "chunks"]
#: Members of one cell whose states, fields and noise stay in the cache of a core.
_CACHED = 2**15
#: Members of one cell that an accelerator takes at once, and members of any kind, memory permitting.
_AT_ONCE = 2**22
#: Copies of their numbers that statistics may hold while they are updated.
_OVERHEAD = 4
#: Stiffest over softest rate from which one step size for all costs more than sorting.
_WIDE = 4.0
#: Chunks are filled up to so many cells: what is left over by a processor's vectors is rounded differently.
_LANES = 64
#: Members of so many spins are not copied for that.
_LARGE = 1024
#: The part of the free memory to use.
_SHARE = 0.5


@dataclasses.dataclass(frozen=True)
class Plan:
    """A division into chunks.

    - `layout`: of the members in memory. `order`: `(members,)` their numbers in the order in which they are computed.
    - `size`: of a chunk. `devices`: a `jax.sharding.Mesh`, or `None` for one device.
    """

    layout: AbstractLayout
    order: np.ndarray
    size: int
    devices: Any

    @property
    def chunks(self) -> int:
        """How many there are."""
        return math.ceil(len(self.order) / self.size)

    def numbers(self, chunk: int) -> tuple[np.ndarray, np.ndarray]:
        """Member numbers of a chunk, the last one filled up with copies of a member; which of them are real."""
        part = self.order[chunk * self.size : (chunk + 1) * self.size]
        real = np.arange(self.size) < len(part)
        return np.concatenate([part, np.full(self.size - len(part), part[-1])]), real


def plan(task: Task, design: Design, layout: LayoutName, size: int | None) -> Plan:
    """Divide an ensemble.

    - `layout`, `size`: what the caller asks for; `"auto"` and `None` choose by what the members are and by memory.

    **Raises** `ValueError` for members of several cells, or cells that feel each other, to be put on one mesh.
    """
    if layout not in ("auto", "state", "vmap", "chunks"):
        raise ValueError(f"Argument `layout` must be 'auto', 'state', 'vmap' or 'chunks', but got {layout!r}.")
    cells = can_be_cells(task.system, task.dynamics)
    if layout == "state" and not cells:
        raise ValueError(
            "Argument `layout` must be 'vmap' or 'auto' here: 'state' puts members of one cell on one mesh, where "
            "nothing may couple them (exchange, demagnetisation) or depend on their place."
        )
    many = jax.device_count()
    devices = None if many == 1 else jax.sharding.Mesh(np.array(jax.devices()), (AXIS,))
    chosen = Cells() if cells and layout != "vmap" else Mapped()
    order = np.arange(design.members)
    controlled = task.dt is None
    if layout == "chunks" or (layout == "auto" and controlled and design.points > 1):
        rates = stiffness(task, design)
        wide = rates.max() > _WIDE * max(rates.min(), 1e-300)
        if layout == "chunks" or wide:
            order = np.argsort(np.repeat(rates, design.replicas), kind="stable")
    if size is not None and (isinstance(size, bool) or size != int(size) or size < 1):
        raise ValueError(f"Argument `chunk` must be a whole number ≥ 1, but got {size!r}.")
    wanted = int(size) if size is not None else _default_size(task, chosen, sorted_=bool(np.any(np.diff(order) < 0)))
    size_of_one = math.prod(task.system.state_shape) // 3
    # Copies of large members would cost more than the last bit is worth.
    grain = many * (_LANES // math.gcd(_LANES, size_of_one) if size_of_one < _LARGE else 1)
    return Plan(chosen, order, math.ceil(min(wanted, design.members) / grain) * grain, devices)


def right_step(task: Task, design: Design) -> float:
    """The step, s, in which neither fields nor noise turn a spin of any point by more than a tenth of a radian."""
    return float(np.nanmin(_over_points(task, design, _steps)))


def stiffness(task: Task, design: Design) -> np.ndarray:
    """The fastest rate of each point, rad/s, by which its steps are limited: `(points,)`."""
    return np.nan_to_num(_over_points(task, design, _rates))


def _default_size(task: Task, layout: AbstractLayout, *, sorted_: bool) -> int:
    each = memory_needed(task.system.mesh, task.m0.dtype, demag=task.system.has_nonlocal)
    itemsize = np.dtype(task.m0.dtype).itemsize
    each += sum(_OVERHEAD * itemsize * s.numbers(task.saves) for s in task.statistics.values())
    free = memory_available()
    fits = _AT_ONCE if free is None else max(1, int(_SHARE * free / each))
    on_host = jax.default_backend() == "cpu"
    best = _AT_ONCE if not on_host else (_CACHED if isinstance(layout, Cells) else max(1, _CACHED // 8))
    if sorted_:
        best = min(best, 2**12)
    if not isinstance(layout, Cells):
        best = max(1, best // max(1, task.system.mesh.n_cells // 16))
    return min(best, fits)


def _over_points(task: Task, design: Design, function: Any) -> np.ndarray:
    """A number for each point, from its system and dynamics; a few thousand points at a time."""
    batch = 4096
    found = []
    for first in range(0, design.points, batch):
        values = design.at(np.arange(first, min(first + batch, design.points)))
        varied = {name: jnp.asarray(v, task.m0.dtype) for name, v in values.items() if name != START}
        if not varied:
            return np.full(design.points, np.asarray(function(task, {})))
        found.append(np.asarray(_mapped(function, task, varied)))
    return np.concatenate(found)


@eqx.filter_jit
def _mapped(function: Any, task: Task, values: Mapping[str, Array]) -> Array:
    return jax.vmap(lambda each: function(task, each))(values)


def _steps(task: Task, values: Mapping[str, Array]) -> Array:
    system, dynamics = replaced(task.system, task.dynamics, task.known, values)
    if not isinstance(dynamics, Langevin):
        return jnp.asarray(jnp.inf)
    prepared = system.prepare(task.m0.dtype).starting_at(task.t0)
    # Neither past what a drive does, nor longer than spins can follow.
    return jnp.minimum(longest_step(prepared, dynamics, task.end), pace.longest_step((system, dynamics), task.m0.dtype))


def _rates(task: Task, values: Mapping[str, Array]) -> Array:
    system, _ = replaced(task.system, task.dynamics, task.known, values)
    return system.prepare(task.m0.dtype).fastest_rate()
