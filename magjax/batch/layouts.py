"""How members lie in memory: as the cells of one mesh, or mapped over a leading axis."""

import abc
from collections.abc import Mapping
from typing import Any, ClassVar

import diffrax
import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from magjax.batch.cells import as_cells
from magjax.batch.isolated import Isolated, have_failed
from magjax.batch.parameters import START, Place, as_start, places, replaced
from magjax.batch.statistics.base import PARTS, AbstractStatistic
from magjax.dynamics.base import AbstractDynamics
from magjax.dynamics.langevin import Langevin
from magjax.numerics.sphere import normalize
from magjax.results import Outcome
from magjax.solve.evolve import choose_scheme
from magjax.solve.loop import advance, start
from magjax.solve.motion import Clock, Motion, Scheme
from magjax.system import AbstractSystem


class Task(eqx.Module):
    """What is the same for all members.

    - `system`, `dynamics`, `solver`, `tolerance`, `dt`: as for `mj.evolve`. `t0`, `end`: start and length, s.
    - `m0`: the common start, or `None`. `statistics`: by name. `points`, `saves`: how many there are.
    """

    system: Any
    dynamics: AbstractDynamics
    solver: diffrax.AbstractSolver | None
    dt: Any
    t0: Array
    end: Array
    m0: Array
    statistics: dict[str, AbstractStatistic]
    tolerance: float = eqx.field(static=True)
    points: int = eqx.field(static=True)
    saves: int = eqx.field(static=True)

    @property
    def known(self) -> dict[str, Place]:
        """The parameters there are."""
        return places(self.system, self.dynamics)

    def scheme(self, system: AbstractSystem, dynamics: AbstractDynamics) -> Scheme:
        """Solver and step for a system."""
        return choose_scheme(
            system, self.m0.dtype, solver=self.solver, tolerance=self.tolerance, dt=self.dt, dynamics=dynamics,
            end=self.end, t0=self.t0)  # fmt: skip


class Members(eqx.Module):
    """What each member of a chunk has of its own; every array begins with the axis of members.

    - `values`: of parameters, by name; `m0` among them where starts differ.
    - `number`: which noise. `point`: where it belongs. `real`: False for those that only fill the chunk up.
    """

    values: dict[str, Array]
    number: Array
    point: Array
    real: Array


class AbstractLayout(eqx.Module):
    """A way to compute many members at once; a `Motion` of it is opaque to its users."""

    name: ClassVar[str]

    @abc.abstractmethod
    def start(self, task: Task, members: Members) -> Motion:
        """The motion at time 0."""

    @abc.abstractmethod
    def interval(self, task: Task, members: Members, motion: Motion, begins: Array, length: Array) -> Motion:
        """The motion a time `length` after `begins`, s since the start."""

    @abc.abstractmethod
    def outcomes(self, motion: Motion) -> Array:
        """How each member stands, `(n,)` codes."""

    @abc.abstractmethod
    def spins(self, motion: Motion) -> Array:
        """The spins of each member, `(n, 3, nz, ny, nx)`."""

    @abc.abstractmethod
    def averages(self, task: Task, members: Members, motion: Motion) -> Array:
        """⟨m⟩ of each member, `(n, 3)`."""

    @abc.abstractmethod
    def steps(self, motion: Motion) -> Array:
        """Steps tried for each member, `(n,)`."""

    def follow(self, task: Task, members: Members, motion: Motion, t: Array) -> dict[str, Array]:
        """What each statistic follows, `(n, c)` by its name; NaN for members that have failed.

        - `t`: s since the start.
        """
        averages = self.averages(task, members, motion)
        good = (self.outcomes(motion) == int(Outcome.SUCCESS))[:, None]
        found = {}
        for name, statistic in task.statistics.items():
            of = statistic.of
            values = _each(of, task, members, self.spins(motion), t) if callable(of) else averages[:, PARTS[of]]
            found[name] = jnp.where(good, values.reshape(values.shape[0], -1), jnp.nan)
        return found


class Cells(AbstractLayout):
    """Members of one cell side by side on a mesh: one loop over steps, and one step size for all of a chunk."""

    name: ClassVar[str] = "state"

    def start(self, task: Task, members: Members) -> Motion:
        """The motion at time 0, under way whatever single members do."""
        scheme, prepared = self._setting(task, members)
        count = members.number.shape[0]
        given = members.values.get(START)
        if given is None:
            m = jnp.broadcast_to(task.m0, (3, 1, 1, count))
        else:
            m = normalize(given.reshape(count, 3).T.reshape(3, 1, 1, count))
        return eqx.tree_at(
            lambda s: s.outcome, start(scheme, prepared, m), jnp.asarray(int(Outcome.SUCCESS), jnp.int32)
        )

    def interval(self, task: Task, members: Members, motion: Motion, begins: Array, length: Array) -> Motion:
        """One loop over the steps of all."""
        scheme, prepared = self._setting(task, members)
        return _advanced(scheme, prepared.starting_at(task.t0 + begins), motion, length)

    def outcomes(self, motion: Motion) -> Array:
        """Failed members are zero vectors; what befell the loop befell all."""
        return jnp.where(have_failed(motion.m).reshape(-1), int(Outcome.NOT_FINITE), motion.outcome)

    def spins(self, motion: Motion) -> Array:
        """Cell by cell."""
        return motion.m.reshape(3, -1).T.reshape(-1, 3, 1, 1, 1)

    def averages(self, task: Task, members: Members, motion: Motion) -> Array:
        """The spins themselves."""
        return motion.m.reshape(3, -1).T

    def steps(self, motion: Motion) -> Array:
        """The same for all."""
        return jnp.broadcast_to(motion.steps, (motion.m.shape[3],))

    def _setting(self, task: Task, members: Members) -> tuple[Scheme, Any]:
        count = members.number.shape[0]
        values = {name: value for name, value in members.values.items() if name != START}
        system, dynamics = as_cells(task.system, task.dynamics, task.known, values, count)
        if isinstance(dynamics, Langevin):
            dynamics = _numbered(dynamics, members.number.reshape(1, 1, 1, count))
        scheme = task.scheme(system, dynamics)
        solver: Any = Isolated(scheme.solver)
        return eqx.tree_at(lambda s: s.solver, scheme, solver), system.prepare(task.m0.dtype)


class Mapped(AbstractLayout):
    """Any members, each with its own loop and steps, mapped over by `jax.vmap`."""

    name: ClassVar[str] = "vmap"

    def start(self, task: Task, members: Members) -> Motion:
        """The motions at time 0."""

        def one(values: Mapping[str, Array], number: Array) -> Motion:
            scheme, prepared = self._setting(task, values, number)
            given = values.get(START)
            m = task.m0 if given is None else normalize(as_start(given, task.m0.shape))
            return start(scheme, prepared, m)

        return jax.vmap(one)(members.values, members.number)

    def interval(self, task: Task, members: Members, motion: Motion, begins: Array, length: Array) -> Motion:
        """A loop over steps for each, until the last has arrived."""

        def one(values: Mapping[str, Array], number: Array, motion: Motion) -> Motion:
            scheme, prepared = self._setting(task, values, number)
            return _advanced(scheme, prepared.starting_at(task.t0 + begins), motion, length)

        return jax.vmap(one)(members.values, members.number, motion)

    def outcomes(self, motion: Motion) -> Array:
        """Each its own."""
        return motion.outcome

    def spins(self, motion: Motion) -> Array:
        """As they are."""
        return motion.m

    def averages(self, task: Task, members: Members, motion: Motion) -> Array:
        """⟨m⟩ of each sample."""

        def one(values: Mapping[str, Array], m: Array) -> Array:
            return replaced(task.system, task.dynamics, task.known, values)[0].average(m)

        return jax.vmap(one)(members.values, motion.m)

    def steps(self, motion: Motion) -> Array:
        """Each its own."""
        return motion.steps

    def _setting(self, task: Task, values: Mapping[str, Array], number: Array) -> tuple[Scheme, Any]:
        system, dynamics = replaced(task.system, task.dynamics, task.known, values)
        if isinstance(dynamics, Langevin):
            dynamics = _numbered(dynamics, number)
        return task.scheme(system, dynamics), system.prepare(task.m0.dtype)


def _advanced(scheme: Scheme, prepared: Any, motion: Motion, length: Array) -> Motion:
    """One interval by a clock of its own, so that steps in late ones are no less exact."""
    zero = jnp.zeros_like(motion.clock.high)
    motion = eqx.tree_at(
        lambda s: (s.clock, s.next_save), motion, (Clock(zero, zero), jnp.zeros_like(motion.next_save))
    )
    motion, _ = advance(
        scheme, prepared, motion, length[None], saved={}, observe=lambda t, m: {}, stop=None, max_steps=None, kind="lax"
    )
    return motion


def _numbered(dynamics: Langevin, number: Array) -> Langevin:
    return eqx.tree_at(lambda d: d.replica, dynamics, dynamics.replica.astype(jnp.uint32) + number)


def _each(of: Any, task: Task, members: Members, m: Array, t: Array) -> Array:
    """A function of each member by itself."""

    def one(values: Mapping[str, Array], m: Array) -> Array:
        system, _ = replaced(task.system, task.dynamics, task.known, values)
        return jnp.asarray(of(task.t0 + t, m, system), m.dtype)

    return jax.vmap(one)(members.values, m)
