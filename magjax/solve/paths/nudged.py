"""Elastic bands and strings: states between two others that slide down until they lie on a way of least energy."""

from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
from jax import lax
from jaxtyping import Array

from magjax.numerics.sphere import largest_length, normalize
from magjax.solve.descent.implicit import relative_moment
from magjax.solve.descent.lbfgs import Memory
from magjax.solve.descent.line_search import Point, fall
from magjax.solve.descent.preconditioner import Preconditioner
from magjax.solve.paths.geodesic import distance, interpolated, upwind
from magjax.system import AbstractPrepared, AbstractSystem

#: Largest turn of any spin in one step, rad.
_MAX_TURN = 0.2
#: Longest step of any state, in mean distances between neighbours: those that overtake each other fold the band.
_MAX_STEP = 0.5
#: A force that has grown by this factor over the smallest one has outrun what is remembered of curvatures.
_GROWTH = 5.0


#: How states keep their distances: by springs, or by being laid out anew after each step.
Method = Literal["band", "string"]


class Band(eqx.Module):
    """A band or string under way.

    - `path`: `(n, …)` states. `energy`: `(n,)` over the largest Ms V, T, from the first state.
    - `force`: largest left, T. `steps`: so far.
    """

    path: Array
    energy: Array
    force: Array
    steps: Array


class _State(eqx.Module):
    band: Band
    point: Point
    memory: Memory
    best: Array


@eqx.filter_jit
def relaxed(
    system: AbstractSystem,
    path: Array,
    t: Array,
    limit: Array,
    spring: Array,
    climbing: Array,
    max_steps: Array,
    method: Method = "band",
) -> Band:
    """The band or string at rest: no state feels more than `limit` (T) across the path.

    Each state feels the energy's slope across the path and a spring along it; the highest, if it is `climbing`, the
    slope along the path turned upwards. States of a string have no springs: after each step they are laid out at equal
    distances on the shortest way through all. Limited-memory BFGS with short steps, preconditioned by exchange.

    - `path`: `(n, …)`. `spring`: T/rad, zero for a string.

    Source: P. F. Bessarab, V. M. Uzdin, H. Jónsson, Comput. Phys. Commun. 196, 335 (2015); A. V. Ivanov, V. M. Uzdin,
    H. Jónsson, Comput. Phys. Commun. 260, 107749 (2021); W. E, W. Ren, E. Vanden-Eijnden, J. Chem. Phys. 126, 164103
    (2007).
    """
    prepared = system.prepare(path.dtype).starting_at(t)
    inverse = jax.vmap(Preconditioner(prepared))

    def evaluate(m: Array) -> tuple[Point, Array]:
        whole = jnp.concatenate([path[:1], m, path[-1:]])
        energy, slope = landscape(system, prepared, whole, t)
        force = _nudged(whole, energy, slope[1:-1], spring, climbing)
        return Point(m, -force, largest_length(force)), energy

    def spacing(m: Array) -> Array:
        whole = jnp.concatenate([path[:1], m, path[-1:]])
        return jnp.mean(jax.vmap(distance)(whole[:-1], whole[1:]))

    def laid_out(m: Array) -> Array:
        if method == "band":
            return m
        return interpolated(jnp.concatenate([path[:1], m, path[-1:]]), path.shape[0])[1:-1]

    def running(s: _State) -> Array:
        return (s.point.torque > limit) & jnp.isfinite(s.point.torque) & (s.band.steps < max_steps)

    def body(s: _State) -> _State:
        point, memory = s.point, s.memory
        direction = memory.downhill(point, inverse)
        tiny = jnp.finfo(path.dtype).tiny
        size = jnp.sqrt(jnp.max(jnp.sum(direction * direction, axis=tuple(range(1, direction.ndim)))))
        longest = jnp.maximum(largest_length(direction) / _MAX_TURN, size / (_MAX_STEP * spacing(point.m)))
        step = direction * jnp.minimum(1, 1 / jnp.maximum(longest, tiny))
        new, energy = evaluate(laid_out(normalize(point.m + step)))
        lost = new.torque > _GROWTH * s.best
        memory = memory.with_pair(new.m - point.m, new.slope - point.slope, ~lost).forgotten(lost)
        best = jnp.where(lost, new.torque, jnp.minimum(s.best, new.torque))
        return _State(Band(path, energy, new.torque, s.band.steps + 1), new, memory, best)

    point, energy = evaluate(path[1:-1])
    start = Band(path, energy, point.torque, jnp.zeros((), jnp.int32))
    end = lax.while_loop(running, body, _State(start, point, Memory.empty(point.m), point.torque))
    whole = jnp.concatenate([path[:1], end.point.m, path[-1:]])
    return Band(whole, end.band.energy, end.point.torque, end.band.steps)


def landscape(system: AbstractSystem, prepared: AbstractPrepared, path: Array, t: Array) -> tuple[Array, Array]:
    """Energies over the largest Ms V, T, from the first state's on, and slopes of all states of a path, T."""
    weight = relative_moment(system, t, path.dtype)
    unit = jnp.max(system.magnetisation(t, path.dtype)) * system.mesh.cell_volume

    def each(m: Array) -> tuple[Array, Array]:
        return system.total_energy(m, t) / unit, -weight * fall(m, prepared.field(jnp.zeros((), m.dtype), m))

    energy, slope = lax.map(each, path, batch_size=None if jax.default_backend() == "cpu" else 16)
    return energy - energy[0], slope


def _nudged(path: Array, energy: Array, slope: Array, spring: Array, climbing: Array) -> Array:
    """The force on the inner states, T."""
    tau = upwind(path, energy)
    axes = tuple(range(1, path.ndim))
    along = jnp.sum(slope * tau, axis=axes, keepdims=True)
    lengths = jax.vmap(distance)(path[:-1], path[1:]).reshape(-1, *(1,) * (path.ndim - 1))
    top = jnp.argmax(energy[1:-1]).reshape((1,) * path.ndim)
    number = jnp.arange(path.shape[0] - 2).reshape(-1, *(1,) * (path.ndim - 1))
    climbs = climbing & (number == top)
    pull = jnp.where(climbs, 2 * along, along + spring * (lengths[1:] - lengths[:-1]))
    return pull * tau - slope


@eqx.filter_jit
def surveyed(system: AbstractSystem, path: Array, t: Array) -> tuple[Array, Array, Array, Array]:
    """A path's energies, T, distances, rad, the size of its slopes by state, T, and the largest of any spin, T."""
    prepared = system.prepare(path.dtype).starting_at(t)
    energy, slope = landscape(system, prepared, path, t)
    size = jnp.sqrt(jnp.sum(slope * slope, axis=tuple(range(1, path.ndim))))
    return energy, jax.vmap(distance)(path[:-1], path[1:]), size, largest_length(slope)
