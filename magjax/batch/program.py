"""The compiled programs of a chunk: begin, go on through some saves, hand over what came out."""

from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jax.sharding import PartitionSpec
from jaxtyping import Array

from magjax.batch.layouts import AbstractLayout, Members, Task
from magjax.batch.statistics.base import Frame, Moment
from magjax.results import Outcome
from magjax.solve.motion import Motion

#: Name of the axis over devices.
AXIS = "member"


class Progress(eqx.Module):
    """A chunk between two saves. `motion`: of its members. `states`: of the statistics, by name. `t`: s."""

    motion: Motion
    states: dict[str, Any]
    t: Array


class Window(eqx.Module):
    """The saves to go through: `begins` and `lengths` of the intervals before them, s; `first`, `count` of them."""

    begins: Array
    lengths: Array
    first: Array
    count: Array


def begin(layout: AbstractLayout, task: Task, members: Members, devices: Any) -> Progress:
    """A chunk at time 0.

    - `devices`: a `jax.sharding.Mesh` with the axis `member`, or `None` for one device.
    """
    return _begin((layout, devices), task, members)


def go_on(layout: AbstractLayout, task: Task, members: Members, progress: Progress, window: Window,
          devices: Any) -> Progress:  # fmt: skip
    """The chunk after the saves of a window."""
    return _go_on((layout, devices), task, members, progress, window)


def hand_over(layout: AbstractLayout, task: Task, members: Members, progress: Progress, devices: Any) -> dict[str, Any]:
    """Final spins, averages, outcomes and steps of each member, and the states of the statistics.

    Every leaf has the axis of devices in front.
    """
    return _hand_over((layout, devices), task, members, progress)


@eqx.filter_jit
def _begin(how: Any, task: Task, members: Members) -> Progress:
    def program(task: Task, members: Members) -> Progress:
        motion = how[0].start(task, members)
        zero = jnp.zeros((), task.m0.dtype)
        frame = Frame(members.point, members.real, task.points, task.saves)
        followed = how[0].follow(task, members, motion, zero)
        states = {name: s.start(followed[name], frame) for name, s in task.statistics.items()}
        # Without memory of having been Python numbers: one type of progress, so one compilation of what follows.
        return jax.tree_util.tree_map(
            lambda x: lax.convert_element_type(x, jnp.result_type(x)), Progress(motion, states, zero)
        )

    return _on_devices(program, how[1], task, (members,), ())


@eqx.filter_jit
def _go_on(how: Any, task: Task, members: Members, progress: Progress, window: Window) -> Progress:
    def program(task: Task, members: Members, progress: Progress, window: Window) -> Progress:
        def save(i: Array, progress: Progress) -> Progress:
            begins, length = window.begins[i], window.lengths[i]
            motion = how[0].interval(task, members, progress.motion, begins, length)
            now = begins + length
            good = members.real & (how[0].outcomes(motion) == int(Outcome.SUCCESS))
            frame = Frame(members.point, good, task.points, task.saves)
            moment = Moment(now, begins, window.first + i, frame)
            followed = how[0].follow(task, members, motion, now)
            states = {
                name: s.update(progress.states[name], followed[name], moment) for name, s in task.statistics.items()
            }
            return Progress(motion, states, now)

        return lax.fori_loop(0, window.count, save, progress)

    return _on_devices(program, how[1], task, (members,), (progress,), window)


@eqx.filter_jit
def _hand_over(how: Any, task: Task, members: Members, progress: Progress) -> dict[str, Any]:
    def program(task: Task, members: Members, progress: Progress) -> dict[str, Any]:
        layout, motion = how[0], progress.motion
        outcome = layout.outcomes(motion)
        failed = outcome != int(Outcome.SUCCESS)
        m, average = layout.spins(motion), layout.averages(task, members, motion)
        return {
            "m": jnp.where(failed.reshape(-1, *[1] * (m.ndim - 1)), jnp.nan, m),
            "average": jnp.where(failed[:, None], jnp.nan, average),
            "outcome": outcome,
            "steps": layout.steps(motion),
            "states": progress.states,
        }

    return _on_devices(program, how[1], task, (members,), (progress,))


def _on_devices(program: Any, devices: Any, task: Task, split: tuple, carried: tuple, *common: Any) -> Any:
    """Run a program on each device with its part of the members; what comes out has an axis of devices in front.

    - `task`, `common`: the same everywhere. `split`: along members. `carried`: what came out before.
    """
    fixed, static = eqx.partition((task, common), eqx.is_array)

    def local(fixed: Any, split: tuple, carried: tuple) -> Any:
        task, common = eqx.combine(fixed, static)
        carried = jax.tree_util.tree_map(lambda x: x[0], carried)
        return jax.tree_util.tree_map(lambda x: x[None], program(task, *split, *carried, *common))

    if devices is None:
        return local(fixed, split, carried)
    each, every = PartitionSpec(AXIS), PartitionSpec()
    run = partial(jax.shard_map, mesh=devices, in_specs=(every, each, each), out_specs=each, check_vma=False)
    return run(local)(fixed, split, carried)
