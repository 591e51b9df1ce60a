"""Averages over the sample and over its regions."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array

from magjax.system import AbstractSystem, System


def average(t: Any, m: Array, system: AbstractSystem) -> Array:
    """Magnetisation of the whole sample over its saturation value, ⟨m⟩ = Σ Ms m / Σ Ms; shape `(3,)`.

    - `t`: time, s; of no influence. `m`: its unit vectors. `system`: the system, with or without sublattices.

    >>> import magjax as mj
    >>> from magjax.observe import average
    >>> mesh = mj.Mesh((2, 1, 1), 5e-9)
    >>> average(0.0, mj.textures.uniform(mesh, (0, 0, 1)), mj.System(mesh, Ms=8e5)).tolist()
    [0.0, 0.0, 1.0]
    """
    return system.average(m)


def average_in(region: str) -> Callable[[Any, Array, System], Array]:
    """The average ⟨m⟩ = Σ Ms m / Σ Ms over one region: a function of time, spins and system, for `observe=`.

    - `region`: a region's name.

    **Returns** a function whose value has shape `(3,)`. It raises `ValueError` for a system without that region.

    >>> import jax.numpy as jnp, magjax as mj
    >>> from magjax.observe import average_in
    >>> mesh = mj.Mesh((4, 1, 1), 5e-9)
    >>> halves = mj.Regions(mesh, {"left": mesh.centers()[0] < 10e-9}, background="right")
    >>> wire = mj.System(mesh, Ms={"left": 8e5, "right": 4e5}, regions=halves)
    >>> m = jnp.zeros((3, 1, 1, 4)).at[2, 0, 0].set(jnp.array([1.0, 1.0, -1.0, -1.0]))
    >>> [round(float(f(0.0, m, wire)[2]), 6) for f in (average_in("left"), average_in("right"))]
    [1.0, -1.0]
    """

    def observed(t: Any, m: Array, system: System) -> Array:
        if system.regions is None:
            raise ValueError(f"Argument `region` must be a region of the system, but it has none; got {region!r}.")
        weight = jnp.where(system.regions.mask(region), system.sample(t, m.dtype).Ms, 0)
        total = jnp.sum(weight)
        return jnp.sum(m * weight[None], axis=(1, 2, 3)) / jnp.where(total > 0, total, 1)

    return observed
